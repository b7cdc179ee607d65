"""The bundled days of usage as a source would tell them, for tests of what is held."""

import csv
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

from app.domain.observations import Batch
from tests.registry.bundled import FOLDER
from tests.services import published

Volumes = Mapping[str, int]


@cache
def days() -> dict[date, dict[str, int]]:
    """Return every bundled day: model, or `other` → tokens."""
    found: dict[date, dict[str, int]] = defaultdict(dict)
    with (FOLDER / "openrouter-tokens.csv").open() as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["date"])
            found[day][row["model_permaslug"]] = int(row["total_tokens"])
    return dict(sorted(found.items()))


def some(first: date, count: int) -> dict[date, dict[str, int]]:
    """Return `count` days from `first` on."""
    chosen = (first + timedelta(days=n) for n in range(count))
    return {day: dict(days()[day]) for day in chosen}


def scaled(day: Volumes, factor: float) -> dict[str, int]:
    """Return a day whose every volume is multiplied."""
    return {name: int(volume * factor) for name, volume in day.items()}


def after(day: date, hours: float = 2) -> datetime:
    """Return a moment some hours after the end of a day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(days=1, hours=hours)


def read(told: Mapping[date, Volumes], hours: float = 2) -> Batch:
    """Return what a source says that is read some hours after the last of its days."""
    return published.batch(after(max(told), hours), told)


def without(
    told: Mapping[date, Volumes], gone: Collection[date]
) -> dict[date, Volumes]:
    """Return the days but some of them."""
    return {day: volumes for day, volumes in told.items() if day not in gone}
