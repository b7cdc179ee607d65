"""What one process counts as it answers: plain numbers, which cost it nothing."""

from dataclasses import dataclass, field
from datetime import datetime

CLASSES = 6


@dataclass(slots=True)
class Traffic:
    """What the front has sent: plain numbers, for it must not be slowed down.

    Attributes:
        hits: Answers from the cache.
        misses: Answers that had to be made first, and may be kept.
        sent: Replies by the first digit of their status.
    """

    hits: int = 0
    misses: int = 0
    sent: list[int] = field(default_factory=lambda: [0] * CLASSES)


@dataclass(slots=True)
class Refreshes:
    """How looking for a newer release went.

    Attributes:
        at: When it last went well.
        seconds: How long that took.
        failures: How often it did not go well.
    """

    at: datetime | None = None
    seconds: float = 0.0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """What one process has done, and what it holds in memory.

    Attributes:
        traffic: What it sent.
        refreshes: How it looked for releases.
        kept: Answers in its cache.
        kept_bytes: Memory that they take.
    """

    traffic: Traffic
    refreshes: Refreshes
    kept: int
    kept_bytes: int
