"""Numbers, dates and states in plain English, as the sentences of `/v1` have them."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.domain.reports import rounded

Row = Mapping[str, Any]

NOTHING = "–"  # noqa: RUF001 (the dash of an empty cell)

_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_DIMENSIONS = {
    "origin": "country",
    "base": "model",
    "model": "model variant",
    "license": "licence",
}
_THOUSAND, _MILLION = 10**3, 10**6
_FILTER = re.compile(r"(\w+)=(\S+?)(?=, |$)")
_CALENDAR = {"month": "{:%B %Y}", "year": "{:%Y}"}


def percent(fraction: float | None) -> str:
    """Return a fraction as a percentage; `0%` and `100%` are exactly that."""
    if fraction is None:
        return NOTHING
    if fraction in {0, 1}:
        return f"{fraction:.0%}"
    tenths = rounded(round(fraction * _MILLION), _THOUSAND)
    if tenths == 0:
        return "less than 0.1%"
    if tenths == _THOUSAND and fraction < 1:
        return "more than 99.9%"
    return f"{tenths / 10:,.1f}%"


def growth(ratio: float | None) -> str:
    """Return a ratio of growth as a percentage with its sign."""
    return NOTHING if ratio is None else f"{_tenths(ratio)}%"


def points(difference: float | None) -> str:
    """Return the difference of two fractions in percentage points."""
    if difference is None:
        return NOTHING
    return f"{_tenths(difference)} pp"


def _tenths(fraction: float) -> str:
    """Return a fraction in hundredths, with a sign and one decimal."""
    tenths = rounded(round(fraction * _MILLION), _THOUSAND)
    return f"{tenths / 10:+,.1f}".replace("-", "\N{MINUS SIGN}")


def amount(volume: int | None) -> str:
    """Return a volume, rounded if it is large: `44.1 trillion`."""
    if volume is None:
        return NOTHING
    size, sign = abs(volume), "\N{MINUS SIGN}" if volume < 0 else ""
    above = ""
    for scale, name in _SCALES:
        if size >= scale:
            tenths = rounded(size * 10, scale)
            # What rounds up to a thousand of its scale is one of the next.
            if above and tenths >= 10 * _THOUSAND:
                return f"{sign}1.0 {above}"
            return f"{sign}{tenths // 10:,}.{tenths % 10} {name}"
        above = name
    return f"{sign}{size:,}"


def signed(change: int | None) -> str:
    """Return a difference of volumes with its sign."""
    if change is None:
        return NOTHING
    return f"+{amount(change)}" if change > 0 else amount(change)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number of things: `1 day`, `2 days`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence: `a, b and c`."""
    if len(parts) < 2:  # noqa: PLR2004 (there is nothing to join)
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def dimension(name: str) -> str:
    """Return what readers call a dimension."""
    return _DIMENSIONS.get(name, name)


def chosen(filters: str) -> str:
    """Return filters as readers name them, and what has none as it is.

    Args:
        filters: As `/v1` spells them: `all tokens`, `origin=-CN, weights=open`.
    """
    return _FILTER.sub(lambda each: _chosen(each[1], each[2].split(",")), filters)


def _chosen(name: str, values: Sequence[str]) -> str:
    without = all(value.startswith("-") for value in values)
    told = " or ".join(
        value.removeprefix("-") if without else value for value in values
    )
    named = dimension(name)
    return f"any {named} but {told}" if without else f"{named} {told}"


def day(text: str) -> str:
    """Return an ISO date as `1 April 2026`."""
    return _day(date.fromisoformat(text))


def moment(text: str) -> str:
    """Return an RFC 3339 moment as `1 April 2026, 09:30 UTC`."""
    when = datetime.fromisoformat(text).astimezone(UTC)
    return f"{_day(when.date())}, {when:%H:%M} UTC"


def days(first: str, last: str) -> str:
    """Return the days from one to another: `1 to 30 April 2026`."""
    a, b = date.fromisoformat(first), date.fromisoformat(last)
    if a == b:
        return _day(a)
    if (a.year, a.month) == (b.year, b.month):
        return f"{a.day} to {_day(b)}"
    return (
        f"{a.day} {a:%B} to {_day(b)}"
        if a.year == b.year
        else f"{_day(a)} to {_day(b)}"
    )


def period(row: Row, interval: str) -> str:
    """Return the period of a row, as long as `interval` says."""
    first = date.fromisoformat(row["period_start"])
    if interval in _CALENDAR:
        return _CALENDAR[interval].format(first)
    if interval == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    return days(row["period_start"], row["period_end"])


def status(row: Row) -> str:
    """Return what is to be known of the period of a row; nothing if it is final."""
    match row["status"]:
        case "partial" if "days" in row:
            return f"{row['days']} of {counted(row['days_expected'], 'day')}"
        case "provisional":
            return "provisional"
        case "missing":
            return "no data"
        case "not_yet":
            return "not there yet"
        case "final":
            return ""
        case other:
            return str(other)


def _day(when: date) -> str:
    return f"{when.day} {when:%B} {when.year}"
