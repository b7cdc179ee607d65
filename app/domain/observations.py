"""What a source tells us: a batch of observations, before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.domain.periods import Window

MAX_VOLUME = 2**63 - 1
MAX_TOTAL = 2**62  # int64 sums wrap silently; a dataset's total stays below this


class SeriesKind(StrEnum):
    """What a series counts."""

    MODEL = "model"
    REMAINDER = "remainder"
    APP = "app"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Observation:
    """The volume of one series in one period, as one source reports it."""

    day: date
    kind: SeriesKind
    subject: str
    """Permaslug of a model, slug of an app or a category, `other` for the remainder."""
    volume: int
    """In the dataset's unit, 0 to 2**63 - 1."""
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one payload says about one dataset as of one moment.

    A day inside `window` that has observations replaces that day as a whole; a day
    inside `window` that has none keeps what is known.
    """

    dataset: str
    window: Window
    as_of: datetime
    observations: Sequence[Observation]
    warnings: Sequence[str] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)
    """Subject → how the source writes it for people, where it says so."""
    sampled: bool = False
    """Whether the volumes are estimates from a sample."""
    scheme: str | None = None
    """Whose names the subjects are: a scheme of aliases; None: they are slugs."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Raw bytes as they were read, and where they came from."""

    body: bytes
    media_type: str
    url: str
    fetched_at: datetime
