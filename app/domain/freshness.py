"""How old a dataset is, judged by the clock: for live answers only.

See docs/method.md, section "Freshness".
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

# A publisher closes a day some time after midnight; the next reading follows.
_READ_AFTER = timedelta(hours=2)
_LATE_AFTER = timedelta(hours=6)
_STALE_AFTER = timedelta(hours=48)


class Freshness(StrEnum):
    """Whether the next day arrived when it was expected."""

    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"


@lru_cache(maxsize=256)
def next_update(through: date | None, cadence_hours: int | None) -> datetime | None:
    """Return when the day after `through` should be published.

    Args:
        through: Last complete day there is.
        cadence_hours: Hours between two publications; None: published once.

    Returns:
        A moment in UTC; None if no further day is expected, or none is there yet.
    """
    if through is None or cadence_hours is None:
        return None
    ended = datetime.combine(through, time(), UTC) + timedelta(days=1)
    return ended + timedelta(hours=cadence_hours) + _READ_AFTER


def freshness(expected: datetime | None, now: datetime) -> Freshness:
    """Return how late the next update is: 6 hours are late, 48 hours stale."""
    if expected is None or now < expected + _LATE_AFTER:
        return Freshness.FRESH
    return Freshness.LATE if now < expected + _STALE_AFTER else Freshness.STALE
