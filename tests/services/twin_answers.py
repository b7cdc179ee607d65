"""The rows of share, volume and rankings, as the twin computes them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from tests.services import plain_calendar as calendar
from tests.services.plain import OTHER, REST, UNKNOWN, Facts, Wish
from tests.services.plain_calendar import Cut
from tests.services.twin import Group, Twin, millionths

Row = dict[str, object]

NAMES = {
    ("origin", "CN"): "China",
    ("origin", "US"): "United States",
    ("origin", "FR"): "France",
    ("weights", "open"): "Open weights",
    ("weights", "closed"): "Closed weights",
}
RESERVED = {UNKNOWN: "Unknown", OTHER: "Not listed", REST: "Rest"}


def share(facts: Facts, wish: Wish) -> list[Row]:
    def numbers(twin: Twin, cut: Cut, group: Group) -> Row:
        volume, total = twin.volume(cut, group), twin.volume(cut, None)
        low, high = twin.share_bounds(cut, group)
        known = volume + twin.known_not(cut, group)
        return {
            "volume": volume,
            "total": total,
            "share": millionths(volume, total),
            "share_low": low,
            "share_high": high,
            "share_attributed": millionths(volume, known),
            "coverage": millionths(known, total),
        }

    return _series(Twin(facts, wish), numbers, _compared_share, _smooth_share)


def volume(facts: Facts, wish: Wish) -> list[Row]:
    def numbers(twin: Twin, cut: Cut, group: Group) -> Row:
        low, high = twin.volume_bounds(cut, group)
        mine = twin.volume(cut, group)
        row: Row = {"volume": mine, "volume_low": low, "volume_high": high}
        if {"model", "base"} & {*twin.group_by}:
            row["days_listed"] = sum(_is_listed(twin, d, group) for d in cut.days)
        return row

    return _series(Twin(facts, wish), numbers, _compared_volume, _smooth_volume)


Numbers = Callable[[Twin, Cut, Group], Row]


def _series(
    twin: Twin, numbers: Numbers, compared: Numbers, smooth: Numbers
) -> list[Row]:
    rows = []
    for cut in twin.periods:
        for group in twin.groups:
            row = _period(twin, cut) | _labels(twin, group)
            here = numbers(twin, cut, group)
            if not twin.measured(cut):
                here = dict.fromkeys(here)
            if twin.wish.compare:
                here |= compared(twin, cut, group)
            if twin.wish.smooth:
                here |= smooth(twin, cut, group)
            rows.append(row | here)
    return rows


def _period(twin: Twin, cut: Cut) -> Row:
    return {
        "period_start": cut.first,
        "period_end": cut.last,
        "status": calendar.status(twin.facts, cut),
        "days": sum(calendar.complete(twin.facts, day) for day in cut.days),
        "days_expected": (cut.last - cut.first).days + 1,
    }


def _labels(twin: Twin, group: Group) -> Row:
    found: Row = {}
    for dimension, value in zip(twin.group_by, group.label, strict=True):
        found[dimension] = value
        found[f"{dimension}_name"] = name(twin, dimension, value)
    return found


def name(twin: Twin, dimension: str, value: str) -> str:
    facts, last = twin.facts, calendar.window(twin.facts, twin.wish)[1]
    models = facts.models

    def claimed(claims: object) -> str | None:
        found = [c for c in claims if c.attribute == "name" and c.holds(last)]  # type: ignore[attr-defined]
        return found[0].value if found else None

    if value in RESERVED:
        return RESERVED[value]
    found: str | None = None
    if dimension == "model" and value in models:
        found = claimed(models[value].claims)
    if dimension == "base":
        mine = [m for m in models if models[m].base == value]
        mine.sort(key=lambda m: (models[m].variant != "standard", m))
        found = next(filter(None, (claimed(models[m].claims) for m in mine)), None)
    if dimension in {"provider", "lab"}:
        found = claimed(facts.providers.get(value, ()))
    if dimension == "category":
        found = facts.categories.get(value)
    return found or NAMES.get((dimension, value), value)


def _both_whole(twin: Twin, *cuts: Cut) -> bool:
    return all(calendar.has_all_days(twin.facts, cut) for cut in cuts)


def _compared_volume(twin: Twin, cut: Cut, group: Group) -> Row:
    before = calendar.before(cut, twin.wish.interval)
    now, then = twin.volume(cut, group), twin.volume(before, group)
    both = _both_whole(twin, cut, before)
    return {
        "previous": then if twin.measured(before) else None,
        "change": now - then if both else None,
        "growth": millionths(now - then, then) if both else None,
    }


def _compared_share(twin: Twin, cut: Cut, group: Group) -> Row:
    before = calendar.before(cut, twin.wish.interval)
    then, then_total = twin.volume(before, group), twin.volume(before, None)
    now, now_total = twin.volume(cut, group), twin.volume(cut, None)
    found: Row = {
        "previous": millionths(then, then_total),
        "change": None,
        "growth": None,
    }
    if now_total and then_total and _both_whole(twin, cut, before):
        was = millionths(then, then_total) or 0
        found["change"] = (millionths(now, now_total) or 0) - was
        if then:
            ratio = Fraction(now, now_total) / Fraction(then, then_total)
            found["growth"] = round((ratio - 1) * 10**6)
    return found


def _trailing(twin: Twin, cut: Cut) -> Cut:
    first = cut.last - timedelta(days=(twin.wish.smooth or 1) - 1)
    return Cut(first, cut.last, tuple(calendar.walk(first, cut.last)))


def _smooth_volume(twin: Twin, cut: Cut, group: Group) -> Row:
    last = _trailing(twin, cut)
    mean = Fraction(twin.volume(last, group), len(last.days))
    return {"volume_smooth": round(mean) if _both_whole(twin, last) else None}


def _smooth_share(twin: Twin, cut: Cut, group: Group) -> Row:
    last = _trailing(twin, cut)
    found = _smooth_volume(twin, cut, group)
    ratio = millionths(twin.volume(last, group), twin.volume(last, None))
    found["share_smooth"] = ratio if _both_whole(twin, last) else None
    return found


def rankings(facts: Facts, wish: Wish) -> list[Row]:
    twin = Twin(facts, wish, default="base")
    (cut,) = twin.periods
    if not twin.measured(cut):
        labels = _labels(twin, Group((UNKNOWN,) * len(twin.group_by), frozenset()))
        shape = _ranked(twin, cut, Group((), frozenset()), labels)
        return [shape | {k: None for k in shape if k not in _window(twin, cut)}]
    rows = [_ranked(twin, cut, g, _labels(twin, g)) for g in twin.groups]
    ranked = [r for r, g in zip(rows, twin.groups, strict=True) if not g.outside_top]
    last = [r for r, g in zip(rows, twin.groups, strict=True) if g.outside_top]
    key = {"volume": "volume", "growth": "growth", "trending": "trend"}[wish.sort]
    known = [r for r in ranked if r[key] is not None]
    known.sort(key=lambda r: -int(str(r[key])))
    ordered = known + [r for r in ranked if r[key] is None]
    for rank, row in enumerate(ordered, start=1):
        row["rank"] = rank
    return ordered + last


def _window(twin: Twin, cut: Cut) -> Row:
    period = _period(twin, cut)
    return {k: period[k] for k in ("period_start", "period_end", "status")}


def _ranked(twin: Twin, cut: Cut, group: Group, labels: Row) -> Row:
    volume, total = twin.volume(cut, group), twin.volume(cut, None)
    low, high = twin.share_bounds(cut, group)
    compared = _compared_volume(twin, cut, group)
    row: Row = {
        "rank": None,
        "previous_rank": _previous_rank(twin, cut, group),
        **labels,
        **_facts(twin, cut, group),
        "volume": volume,
        "share": millionths(volume, total),
        "share_low": low,
        "share_high": high,
        "change": compared["change"],
        "growth": compared["growth"],
        "days_listed": sum(_is_listed(twin, day, group) for day in cut.days),
        **_window(twin, cut),
    }
    if twin.wish.sort == "trending":
        row["trend"] = _trend(twin, cut, group)
    return row


def _previous_rank(twin: Twin, cut: Cut, group: Group) -> int | None:
    before = calendar.before(cut, "total")
    if not _both_whole(twin, cut, before) or group.outside_top:
        return None
    then = twin.by_cell(before)
    ranked = [c for c in then if not c or not set(c) <= {UNKNOWN, OTHER}]
    ranked.sort(key=lambda c: (-then[c], c))
    return ranked.index(group.label) + 1 if group.label in ranked else None


def _trend(twin: Twin, cut: Cut, group: Group) -> int | None:
    windows = [cut]
    for _ in range(3):
        windows.append(calendar.before(windows[-1], "total"))
    if not _both_whole(twin, *windows):
        return None
    before = sum(twin.volume(window, group) for window in windows[1:])
    return twin.volume(cut, group) - before // 3


def _facts(twin: Twin, cut: Cut, group: Group) -> Mapping[str, object]:
    """Provider, origin and weights, where all of the group have the same."""
    found: Row = {}
    for dimension in ("provider", "origin", "weights"):
        if dimension in twin.group_by:
            continue
        seen = {
            twin.point(series, day)[dimension]
            for day in twin.measured(cut)
            for series, volume in twin.facts.volumes[day].items()
            if volume and twin.has(group, twin.point(series, day))
        }
        known = dimension in twin.facts.dimensions and len(seen) == 1
        found[dimension] = seen.pop() if known else None
    return found


def _is_listed(twin: Twin, day: date, group: Group) -> bool:
    return any(
        series != OTHER and twin.has(group, twin.point(series, day))
        for series in twin.facts.volumes.get(day, ())
    )
