"""Settings of the property tests, and small worlds to try them on."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings

from app.domain.cube import Cube, DayRows
from app.domain.datasets import Dataset, Day
from app.domain.observations import SeriesKind
from app.domain.registry import (
    Attribution,
    Confidence,
    Dimension,
    Model,
    Registry,
    Subject,
)
from app.domain.snapshot import DatasetView, Series
from app.domain.values import Values

# A machine that is busy with other things must not fail a law.
law = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

ELSE = "something else"
"""Stands for all the values that no example names."""
UNIVERSE = ("a", "b", "c", ELSE)

Volumes = Mapping[date, Mapping[int, int]]
"""Day → column → volume: a cube as one would write it down by hand."""


def members(values: Values) -> frozenset[str]:
    """Return `values` as a set over the universe."""
    return frozenset(value for value in UNIVERSE if value in values)


def day_rows(volumes: Mapping[int, int]) -> DayRows:
    return DayRows(
        np.array(list(volumes), np.intp), np.array(list(volumes.values()), np.int64)
    )


def cube(volumes: Volumes, width: int) -> Cube:
    return Cube.build({day: day_rows(v) for day, v in volumes.items()}, width)


def model(slug: str) -> Model:
    base, _, variant = slug.partition(":")
    return Model(slug, base, variant or "standard")


def claim(subject: str, attribute: str, value: str, **other: Any) -> Attribution:
    """Return a claim about a model (`acme/one`) or a provider (`acme`)."""
    values: dict[str, Any] = {
        "kind": Subject.MODEL if "/" in subject else Subject.PROVIDER,
        "confidence": Confidence.HIGH,
        "basis": "told",
    }
    return Attribution(
        subject=subject, attribute=attribute, value=value, **values | other
    )


def registry(models: Iterable[str], *claims: Attribution) -> Registry:
    return Registry({}, {slug: model(slug) for slug in models}, claims)


def dataset(**other: Any) -> Dataset:
    values: dict[str, Any] = {
        "slug": "tokens",
        "name": "Tokens",
        "publisher": "Acme",
        "scope": "tokens at Acme",
        "metric": "tokens",
        "unit": "tokens",
        "grain": "day",
        "license": "CC0",
        "citation": "Acme, as of {as_of}",
        "url": "https://example.org",
        "dimensions": tuple(Dimension),
        "default_group": Dimension.ORIGIN,
        "additive": True,
        "scale": 1,
        "revision_days": 30,
        "top_n": 50,
        "cadence_hours": 24,
        "caveats": (),
    }
    return Dataset(**values | other)


def read(day: date, after: timedelta, **other: Any) -> Day:
    """Return a day that was read some time after its end."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    values: dict[str, Any] = {
        "total": 0,
        "rows": 0,
        "flagged": False,
        "since": 1,
        "run": 1,
    }
    return Day(as_of=end + after, **values | other)


def series(subject: str, kind: SeriesKind = SeriesKind.MODEL, **other: Any) -> Series:
    return Series(
        **{"kind": kind, "subject": subject, "category": None, "since": 1, **other}
    )


REMAINDER = series("other", SeriesKind.REMAINDER)


def view(
    columns: Iterable[Series],
    volumes: Volumes,
    known: Registry | None = None,
    *,
    days: Mapping[date, Day] | None = None,
    **other: Any,
) -> DatasetView:
    """Return a dataset whose floors follow from what its days list."""
    columns = tuple(columns)
    models = {n for n, s in enumerate(columns) if s.kind is SeriesKind.MODEL}
    listed = {
        day: [volume for column, volume in found.items() if column in models]
        for day, found in sorted(volumes.items())
    }
    settled = {day: read(day, timedelta(days=99)) for day in sorted(volumes)}
    return DatasetView(
        dataset(**other),
        columns,
        settled if days is None else days,
        {day: min(found) for day, found in listed.items() if found},
        cube(volumes, len(columns)),
        known or registry(s.subject for s in columns if s.kind is SeriesKind.MODEL),
    )
