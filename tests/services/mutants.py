"""Ways in which the days that an upstream tells can be wrong while its answer is whole.

Each changes the days in place, and says which new days are still as they were.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from tests.services.replayed import DAY, DAYS
from tests.services.replayed import days as real
from tests.services.spoiling import KNOWN, NEW, SATURDAY, SUNDAY, Days

Change = Callable[[Days], object]

PUBLISHED = date(2026, 7, 20)
FACTORS = (0.1, 0.5, 0.7, 0.75, 1.3, 1.5, 2, 7, 10, 100)
LISTED = 50
NONE: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Wrong:
    """A mutant: what it does, and the new days that it leaves as they were."""

    kind: str
    name: str
    change: Change
    good: frozenset[date]
    verdict: str = "quarantined"


def every() -> list[Wrong]:
    """Return all mutants, each kind together."""
    kinds = (_scaled, _exchanged, _dropped, _repeated, _shifted, _charts, _misread)
    return [wrong for kind in kinds for wrong in kind()]


def _targets() -> Iterator[tuple[str, Callable[[Days], list[date]], frozenset[date]]]:
    """Yield which days are spoilt, and which new ones are then not."""
    yield "Sunday", lambda _: [SUNDAY], frozenset({SATURDAY})
    yield "both new days", lambda _: sorted(NEW), NONE
    yield "a published day", lambda _: [PUBLISHED], frozenset(NEW)
    yield "all days", sorted, NONE


def _on_each(kind: str, name: str, spoil: Callable[[Days, date], None]) -> list[Wrong]:
    def change(told: Days, those: Callable[[Days], list[date]]) -> None:
        for day in those(told):
            spoil(told, day)

    return [
        Wrong(kind, f"{name}, {target}", partial(change, those=those), good)
        for target, those, good in _targets()
    ]


def _scaled() -> Iterator[Wrong]:
    def scale(told: Days, day: date, factor: float) -> None:
        told[day] = {m: int(n * factor) for m, n in told[day].items()}

    for factor in FACTORS:
        spoil = partial(scale, factor=factor)
        yield from _on_each("totals scaled", f"times {factor}", spoil)


def _exchanged() -> Iterator[Wrong]:
    pairs = (
        (SATURDAY, SUNDAY),
        (KNOWN, SATURDAY),
        (KNOWN, SUNDAY),
        (date(2026, 7, 25), SATURDAY),
        (date(2026, 7, 26), SUNDAY),
        (date(2026, 7, 5), SUNDAY),
        (date(2026, 7, 20), date(2026, 7, 21)),
        (date(2026, 7, 6), date(2026, 7, 30)),
    )

    def swap(told: Days, one: date, two: date) -> None:
        told[one], told[two] = told[two], told[one]

    for one, two in pairs:
        change = partial(swap, one=one, two=two)
        good = frozenset(NEW - {one, two})
        yield Wrong("days exchanged", f"{one} and {two}", change, good)


def _ranked(rows: Mapping[str, int]) -> list[str]:
    return sorted(rows.keys() - {"other"}, key=lambda m: (-rows[m], m))


def _dropped() -> Iterator[Wrong]:
    lost: dict[str, Callable[[dict[str, int]], list[str]]] = {
        "the smallest model": lambda rows: _ranked(rows)[-1:],
        "the largest model": lambda rows: _ranked(rows)[:1],
        "the ten largest": lambda rows: _ranked(rows)[:10],
        "the second half": lambda rows: _ranked(rows)[25:],
        "other": lambda _: ["other"],
        "all but other": _ranked,
        "all but the largest": lambda rows: [*_ranked(rows)[1:], "other"],
    }

    def drop(told: Days, day: date, of: Callable[[dict[str, int]], list[str]]) -> None:
        for model in of(told[day]):
            del told[day][model]

    for name, of in lost.items():
        yield from _on_each("rows dropped", f"without {name}", partial(drop, of=of))


def _repeated() -> Iterator[Wrong]:
    copies = (
        ({SUNDAY: KNOWN}, SATURDAY),
        ({SUNDAY: SATURDAY}, SATURDAY),
        ({SUNDAY: date(2026, 7, 26)}, SATURDAY),
        ({SUNDAY: date(2026, 7, 10)}, SATURDAY),
        ({SATURDAY: KNOWN}, SUNDAY),
        ({SATURDAY: KNOWN, SUNDAY: KNOWN}, None),
        ({PUBLISHED: date(2026, 7, 13)}, None),
    )

    def copy(told: Days, of: dict[date, date]) -> None:
        for day, other in of.items():
            told[day] = dict(told[other])

    for of, left in copies:
        good = frozenset({left} if left else NEW - of.keys())
        name = ", ".join(f"{day} is {other}" for day, other in of.items())
        yield Wrong("a day repeated", name, partial(copy, of=of), good)


def _shifted() -> Iterator[Wrong]:
    def shift(told: Days, by: timedelta) -> None:
        for day in told:
            told[day] = dict(DAYS[day + by])

    def move(told: Days) -> None:
        told[SUNDAY] = told.pop(SATURDAY)

    for by in (-30, -7, -2, -1, 1, 7):
        change = partial(shift, by=timedelta(days=by))
        yield Wrong("dates shifted", f"by {by} days", change, NONE)
    yield Wrong("dates shifted", "Saturday is dated Sunday", move, NONE)


def _top(total: Counter[str], divisor: int) -> dict[str, int]:
    rest = total.pop("other", 0)
    largest = dict(sorted(total.items(), key=lambda row: (-row[1], row[0]))[:LISTED])
    rows = largest | {"other": rest + sum(total.values()) - sum(largest.values())}
    return {model: tokens // divisor for model, tokens in rows.items()}


def _sum(first: date, last: date, divisor: int = 1) -> dict[str, int]:
    total: Counter[str] = Counter()
    for rows in real(first, last).values():
        total.update(rows)
    return _top(total, divisor)


def _apps(day: date) -> dict[str, int]:
    total = sum(DAYS[day].values()) // 20
    rows = {f"app/{n}": total // (n + 1) for n in range(LISTED)}
    return rows | {"other": 2 * total}


def _providers(day: date) -> dict[str, int]:
    found: Counter[str] = Counter()
    for model, tokens in DAYS[day].items():
        found[f"{model.partition('/')[0]}/all" if "/" in model else model] += tokens
    return dict(found)


def _shuffled(day: date) -> dict[str, int]:
    models, volumes = list(DAYS[day]), list(DAYS[day].values())
    random.Random(day.toordinal()).shuffle(volumes)  # noqa: S311 - no secret
    return dict(zip(models, volumes, strict=True))


def _reversed(day: date) -> dict[str, int]:
    models = _ranked(DAYS[day])
    volumes = [DAYS[day][model] for model in reversed(models)]
    return dict(zip(models, volumes, strict=True)) | {"other": DAYS[day]["other"]}


def _charts() -> Iterator[Wrong]:
    charts: dict[str, Callable[[date], dict[str, int]]] = {
        "applications": _apps,
        "providers": _providers,
        "sums of the week": lambda day: _sum(day - 6 * DAY, day),
        "sums of the month": lambda day: _sum(day - 29 * DAY, day),
        "means of the week before": lambda day: _sum(day - 7 * DAY, day - DAY, 7),
        "means of a week ago": lambda day: _sum(day - 14 * DAY, day - 8 * DAY, 7),
        "means of the month": lambda day: _sum(day - 29 * DAY, day, 30),
        "two days in one": lambda day: _sum(day - DAY, day),
        "requests": lambda day: {m: n // 3_000 for m, n in DAYS[day].items()},
        "shuffled": _shuffled,
        "reversed": _reversed,
    }

    def replace(told: Days, day: date, by: Callable[[date], dict[str, int]]) -> None:
        told[day] = by(day)

    for name, by in charts.items():
        yield from _on_each("another chart", name, partial(replace, by=by))


def _misread() -> Iterator[Wrong]:
    ways: dict[str, Callable[[int, int], int]] = {
        "the low 32 bits": lambda _, n: n % 2**32,
        "the rank": lambda rank, _: LISTED + 1 - rank,
        "all alike": lambda _, __: 10**11,
        "millionths of all": lambda _, n: n // 10**7,
    }

    def misread(told: Days, day: date, way: Callable[[int, int], int]) -> None:
        rows = enumerate(told[day].items())
        told[day] = {model: way(rank, n) for rank, (model, n) in rows}

    for name, way in ways.items():
        yield from _on_each("volumes misread", name, partial(misread, way=way))
