"""Windows, periods and their status, walked day by day from the words of the method."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests.services.plain import Facts, Wish

DAY = timedelta(days=1)
DEFAULTS = {"total": "28d", "day": "90d", "week": "12w", "month": "6m"}
UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}


@dataclass(frozen=True)
class Cut:
    """A period: its calendar days from first to last, and those in the window."""

    first: date
    last: date
    days: tuple[date, ...]


def walk(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += DAY


def unit(day: date, interval: str) -> object:
    """Two days are in one period if this is the same of both."""
    return {
        "total": None,
        "day": day,
        "week": day.isocalendar()[:2],
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
    }[interval]


def whole(day: date, interval: str) -> Cut:
    """The calendar period around a day."""
    first = last = day
    while unit(first - DAY, interval) == unit(day, interval):
        first -= DAY
    while unit(last + DAY, interval) == unit(day, interval):
        last += DAY
    return Cut(first, last, tuple(walk(first, last)))


def day_status(facts: Facts, day: date) -> str | None:
    """None: the dataset does not have this day."""
    if day not in facts.volumes:
        return None
    ended = datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY
    if facts.additive and facts.read[day] - ended < timedelta(hours=1):
        return "live"
    if facts.revision_days == 0:
        return "final"
    if facts.read[day] - ended < timedelta(days=facts.revision_days):
        return "provisional"
    return "final"


def last_complete(facts: Facts) -> date | None:
    return max((d for d in facts.volumes if complete(facts, d)), default=None)


def complete(facts: Facts, day: date) -> bool:
    return day_status(facts, day) in {"provisional", "final"}


def has_all_days(facts: Facts, cut: Cut) -> bool:
    return all(d in cut.days and complete(facts, d) for d in walk(cut.first, cut.last))


def status(facts: Facts, cut: Cut) -> str:
    if cut.first > max(facts.volumes):
        return "not_yet"
    if not any(day in facts.volumes for day in cut.days):
        return "missing"
    if not has_all_days(facts, cut):
        return "partial"
    known = {day_status(facts, day) for day in cut.days}
    return "provisional" if "provisional" in known else "final"


def before(cut: Cut, interval: str) -> Cut:
    """The period that this one is compared with."""
    day_before = cut.first - DAY
    if interval != "total":
        return whole(day_before, interval)
    for kind in ("week", "month", "quarter", "year"):
        around = whole(cut.first, kind)
        if (around.first, around.last) == (cut.first, cut.last):
            return whole(day_before, kind)
    first = cut.first - ((cut.last - cut.first) + DAY)
    return Cut(first, day_before, tuple(walk(first, day_before)))


def window(facts: Facts, wish: Wish) -> tuple[date, date, bool]:
    """First day, last day, and whether a relative window was cut at the first day."""
    earliest, latest = min(facts.volumes), max(facts.volumes)
    done = last_complete(facts) or latest
    if wish.start or wish.end:
        first = wish.start or earliest
        end = latest if wish.include or done < first else done
        return first, wish.end or end, False
    text = wish.window or DEFAULTS.get(wish.interval, "all")
    if text == "all":
        return earliest, latest if wish.include else done, False
    first, last, cut = _relative(int(text[:-1]), UNITS[text[-1]], earliest, done)
    return first, latest if wish.include else last, cut


def _relative(
    count: int, interval: str, earliest: date, done: date
) -> tuple[date, date, bool]:
    last = done
    while unit(last, interval) == unit(last + DAY, interval):
        last -= DAY
    if last < earliest:
        return earliest, done, True
    first, left = last, count
    while left:
        first = whole(first, interval).first
        left -= 1
        if left and first <= earliest:
            return earliest, last, True
        first -= DAY if left else DAY * 0
    return max(first, earliest), last, first < earliest


def periods(facts: Facts, wish: Wish) -> list[Cut]:
    first, last, _ = window(facts, wish)
    found: dict[object, list[date]] = {}
    for day in walk(first, last):
        found.setdefault(unit(day, wish.interval), []).append(day)
    if wish.interval == "total":
        return [Cut(first, last, tuple(walk(first, last)))]
    cuts = []
    for days in found.values():
        around = whole(days[0], wish.interval)
        cuts.append(Cut(around.first, around.last, tuple(days)))
    done = last_complete(facts)
    begun = cuts[-1].first <= max(facts.volumes)
    unfinished = begun and (done is None or cuts[-1].last > done)
    return cuts[:-1] if unfinished and not wish.include else cuts
