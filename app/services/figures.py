"""Numbers and days in words: `45.4%`, `44.1 trillion`, `in April 2026`."""

from datetime import date
from typing import cast

from app.domain.periods import Interval, Window
from app.domain.reports import rounded

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ORDINALS = ("first", "second", "third", "fourth")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_THOUSAND_TENTHS = 10_000
_TENTH = 1_000
_WHOLE = 1_000_000


def amount(volume: object) -> str:
    """Return a volume in words: `44.1 trillion`, or exactly if it is small."""
    number = cast("int", volume)
    above = ""
    for scale, name in _SCALES:
        tenths = rounded(number * 10, scale)
        if number >= scale:
            # What rounds up to a thousand of its scale is one of the next.
            if above and tenths >= _THOUSAND_TENTHS:
                return f"1.0 {above}"
            return f"{tenths // 10:,}.{tenths % 10} {name}"
        above = name
    return f"{number:,}"


def percent(millionths: object) -> str:
    """Return a fraction in millionths as a percentage with one decimal.

    `0%` and `100%` are said of nothing and of all alone.
    """
    number = cast("int", millionths)
    tenths = rounded(number, _TENTH)
    if number in {0, _WHOLE}:
        return f"{number // 10_000}%"
    if tenths == 0:
        return "less than 0.1%"
    if tenths == _WHOLE // _TENTH and number < _WHOLE:
        return "more than 99.9%"
    return f"{tenths // 10:,}.{tenths % 10}%"


def span(low: object, high: object) -> str:
    """Return the bounds of a share in millionths: `45.4%–55.2%`."""  # noqa: RUF002
    tenths = [rounded(cast("int", end), _TENTH) for end in (low, high)]
    return "–".join(f"{end // 10}.{end % 10}%" for end in tenths)  # noqa: RUF001


def in_period(interval: Interval, window: Window) -> str:
    """Return when a period of a series is: a week is told by its Monday."""
    if interval is Interval.WEEK:
        return f"in the week of {_day(window.first)}"
    return during(window)


def as_of(day: date) -> str:
    """Return what a trailing window is told by: `as of 3 May 2026`."""
    return f"as of {_day(day)}"


def during(window: Window) -> str:
    """Return when: `in April 2026`, `on 3 May 2026`, `from 3 to 9 May 2026`."""
    first, last = window.first, window.last
    match window.calendar_kind():
        case Interval.MONTH:
            return f"in {_month(first)} {first.year}"
        case Interval.QUARTER:
            return f"in the {_ORDINALS[first.month // 3]} quarter of {first.year}"
        case Interval.YEAR:
            return f"in {first.year}"
        case _:
            pass
    if first == last:
        return f"on {_day(first)}"
    begun = _day(first)
    if first.year == last.year:
        begun = f"{first.day} {_month(first)}"
        begun = str(first.day) if first.month == last.month else begun
    return f"from {begun} to {_day(last)}"


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _day(day: date) -> str:
    return f"{day.day} {_month(day)} {day.year}"
