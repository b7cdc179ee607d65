"""The contract of steady numbers: a day is about as large as the days before it.

For datasets that are pushed, or read from a warehouse: nothing is known of them but
their own past.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from statistics import median

from app.domain.likeness import Volumes
from app.services.neighbours import Fault
from app.services.plausible import Background

_DAYS = 7
_FEWEST = 4
_TOTAL = 4.0
_ROWS = 3.0


def judge(
    told: Mapping[date, Volumes], background: Background
) -> dict[date, list[Fault]]:
    """Return the days of a batch to hold, each with every reason.

    A new day is held when its total is less than a quarter or more than four times the
    median of the seven nearest days before it, or when it lists less than a third of
    the usual number of series. With fewer than four days before it nothing is. A day
    that is published is held when it would move as far from what was published.
    """
    good, days = dict(background.known), sorted(background.known)
    found = {}
    for day, volumes in sorted(told.items()):
        at = bisect_left(days, day)
        before = [good[other] for other in days[max(at - _DAYS, 0) : at]]
        if day in background.known:
            faults = _faults(volumes, [good[day]])
        else:
            faults = _faults(volumes, before) if len(before) >= _FEWEST else []
        if faults:
            found[day] = faults
        elif day not in good:
            good[day] = volumes
            days.insert(at, day)
    return found


def _faults(told: Volumes, before: list[Volumes]) -> list[Fault]:
    found = []
    usual = median(sum(day.values()) for day in before)
    total = sum(told.values())
    if not usual / _TOTAL <= total <= usual * _TOTAL:
        found.append(Fault("total", f"{total} in all, usually {usual:.0f}"))
    rows = median(len(day) for day in before)
    if len(told) < rows / _ROWS:
        found.append(Fault("rows", f"{len(told)} series, usually {rows:.0f}"))
    return found
