"""How often the contract of daily rankings catches a distortion of a real day.

Every bundled day that has four weeks before it is distorted in each way, and judged on
a record that holds what came before. Nothing is left to chance, so the table in
`docs/reliability.md` is written here, and a test computes it again.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.domain.likeness import Volumes
from app.services.plausible import judge
from tests.services.replayed import ALL, DAY, DAYS, Told, background, days, until

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
FEWEST_BEFORE = 29
MONTH = 30
EVERY = 10
"""Payloads of a month are distorted from each tenth day: they overlap anyway."""

_HEADER = (
    "| Distortion | A new day held | A month of which 29 days are published | "
    "A month of new days |\n| --- | ---: | ---: | ---: |\n"
)
_TABLE = re.compile(r"^\| Distortion .*\n(\|.*\n)+", re.MULTILINE)

Distort = Callable[[date], Volumes]


def scaled(by: float) -> Distort:
    return lambda day: {name: int(volume * by) for name, volume in DAYS[day].items()}


def ranked(day: date) -> list[str]:
    """Return the models of a day, the largest first."""
    listed = DAYS[day].keys() - {"other"}
    return sorted(listed, key=lambda name: (-DAYS[day][name], name))


def one_tenth(day: date) -> Volumes:
    name = ranked(day)[day.toordinal() % 10]
    return {**DAYS[day], name: DAYS[day][name] // 10}


def swapped(day: date) -> Volumes:
    first, second = ranked(day)[:2]
    told = DAYS[day]
    return {**told, first: told[second], second: told[first]}


def shuffled(day: date, most: int = 10) -> Volumes:
    names = ranked(day)[:most]
    volumes = [DAYS[day][name] for name in names]
    random.Random(day.toordinal()).shuffle(volumes)
    return {**DAYS[day], **dict(zip(names, volumes, strict=True))}


def weekly_sum(day: date) -> Volumes:
    """Return the sums of the seven days that end with one, as a day of 50 models."""
    total: Counter[str] = Counter()
    for volumes in days(day - 6 * DAY, day).values():
        total.update(volumes)
    rest = total.pop("other")
    largest = dict(sorted(total.items(), key=lambda row: (-row[1], row[0]))[:50])
    return largest | {"other": rest + sum(total.values()) - sum(largest.values())}


def weekly_mean(day: date) -> Volumes:
    return {name: volume // 7 for name, volume in weekly_sum(day).items()}


DISTORTIONS: dict[str, Distort] = {
    "times 0.7": scaled(0.7),
    "times 0.8": scaled(0.8),
    "times 0.85": scaled(0.85),
    "times 1.2": scaled(1.2),
    "times 1.3": scaled(1.3),
    "one of the ten largest models divided by 10": one_tenth,
    "the two largest models swapped": swapped,
    "the ten largest models shuffled": shuffled,
    "all models shuffled": lambda day: shuffled(day, 50),
    "the mean of the week that ends with the day": weekly_mean,
    "the sum of that week": weekly_sum,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some payloads published nothing wrong."""

    caught: int
    tried: int

    def __str__(self) -> str:
        return f"{self.caught / self.tried:.0%} of {self.tried}"


def _is_caught(told: Told, known: Told) -> bool:
    held = judge(told, background(known))
    return all(day in held or told[day] == DAYS[day] for day in told)


def _rate(payloads: Iterator[tuple[Told, Told]]) -> Rate:
    found = [_is_caught(told, known) for told, known in payloads]
    return Rate(sum(found), len(found))


def _alone(distort: Distort) -> Iterator[tuple[Told, Told]]:
    for day in ALL[FEWEST_BEFORE:]:
        yield {day: distort(day)}, until(day - DAY)


def _month(distort: Distort, published: int) -> Iterator[tuple[Told, Told]]:
    first = FEWEST_BEFORE + MONTH - published
    for day in ALL[first::EVERY]:
        told = days(day - (MONTH - 1) * DAY, day)
        last = day - (MONTH - published) * DAY
        yield {one: distort(one) for one in told}, until(last)


def _exchanged() -> Iterator[tuple[Told, Told]]:
    for day in ALL[FEWEST_BEFORE:-1]:
        yield {day: DAYS[day + DAY], day + DAY: DAYS[day]}, until(day - DAY)


def rates(distort: Distort) -> tuple[Rate, Rate, Rate]:
    """Return how often nothing wrong is published.

    Of a new day alone; of a month distorted alike of which all days but the last are
    published; of a month distorted alike of which none is.
    """
    return (
        _rate(_alone(distort)),
        _rate(_month(distort, MONTH - 1)),
        _rate(_month(distort, 0)),
    )


def table() -> str:
    """Return the table as the page shows it."""
    lines = (
        f"| {name} | {' | '.join(map(str, rates(distort)))} |\n"
        for name, distort in DISTORTIONS.items()
    )
    exchanged = _rate(_exchanged())
    return f"{_HEADER}{''.join(lines)}| two new days exchanged | {exchanged} | | |\n"


def shown(page: str) -> str:
    """Return the table that a page shows; empty: none."""
    found = _TABLE.search(page)
    return found[0] if found else ""


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    new = table()
    PAGE.write_text(page.replace(shown(page), new), encoding="utf-8")
    print(new)


if __name__ == "__main__":
    main()
