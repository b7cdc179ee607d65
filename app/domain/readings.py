"""What is read on schedule, and what of it waits: for live answers only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """A source that is read again and again.

    Attributes:
        source: Its name.
        dataset: Slug of what it feeds; None: it tells facts about models.
        every: How often it is read.
    """

    source: str
    dataset: str | None
    every: timedelta

    def is_overdue(self, last: datetime | None, now: datetime) -> bool:
        """Return whether nobody seems to read it: nothing came of its last two turns.

        Args:
            last: When its last run ended, well or not; None: it was never read.
            now: The present moment.
        """
        return last is None or now - last > 2 * self.every


@dataclass(frozen=True, slots=True)
class HeldDay:
    """A day that was read and not published: it waits for somebody's decision.

    Attributes:
        day: The day.
        run: Number of the run that read it.
        as_of: When the source says that it knew these numbers.
        checks_failed: Names of the checks that hold it.
    """

    day: date
    run: int
    as_of: datetime
    checks_failed: tuple[str, ...]
