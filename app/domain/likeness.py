"""How like two days of rankings are: a few measures, none of which trusts a name."""

import math
from collections.abc import Mapping
from statistics import StatisticsError, correlation

from app.domain.registry import OTHER

Volumes = Mapping[str, int]
"""Model → volume of one day; `other` is the remainder."""

_FEWEST = 3


def by_base(day: Volumes) -> dict[str, int]:
    """Return a day with the variants of each base added up.

    A free variant that ends and a paid one that begins are one model to its users.
    """
    found: dict[str, int] = {}
    for model, volume in day.items():
        base = model.partition(":")[0]
        found[base] = found.get(base, 0) + volume
    return found


def drift(told: Volumes, known: Volumes) -> float:
    """Return half of all differences, as a fraction of what was known of this day."""
    return gap(told, known) / max(2 * sum(known.values()), 1)


def gap(day: Volumes, other: Volumes) -> int:
    """Return the sum of all differences of two days."""
    names = day.keys() | other.keys()
    return sum(abs(day.get(n, 0) - other.get(n, 0)) for n in names)


def distance(day: Volumes, other: Volumes) -> float:
    """Return half the L1 distance of the shares of two days: 0 alike, 1 disjoint."""
    mine, its = max(sum(day.values()), 1), max(sum(other.values()), 1)
    names = day.keys() | other.keys()
    return sum(abs(day.get(n, 0) / mine - other.get(n, 0) / its) for n in names) / 2


def step(day: Volumes, before: Volumes) -> float | None:
    """Return the ratio of the volumes of what both days list; None: there is none.

    A launch or a withdrawal, however large, does not count.
    """
    both = day.keys() & before.keys()
    its = sum(before[name] for name in both)
    mine = sum(day[name] for name in both)
    return mine / its if mine and its else None


def order(day: Volumes, other: Volumes) -> float:
    """Return the correlation of the logarithms of what both days list.

    1 if fewer than three names are listed on both, or all are equally large.
    """
    both = [n for n in day.keys() & other.keys() if day[n] and other[n]]
    if len(both) < _FEWEST:
        return 1.0
    try:
        return correlation(
            [math.log(day[n]) for n in both], [math.log(other[n]) for n in both]
        )
    except StatisticsError:
        return 1.0


def smallest(day: Volumes) -> int:
    """Return the smallest listed volume; 0 if there is none."""
    return min((volume for name, volume in day.items() if name != OTHER), default=0)
