"""From plain facts and questions to the app's own."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np

from app.domain.cube import Cube, DayRows
from app.domain.datasets import Dataset, Day, Release
from app.domain.observations import SeriesKind
from app.domain.periods import Interval, Span, Window
from app.domain.questions import Ask, Sort
from app.domain.registry import (
    ALWAYS,
    Attribution,
    Confidence,
    Dimension,
    Model,
    Registry,
    Subject,
)
from app.domain.snapshot import DatasetView, Series, Snapshot
from app.domain.values import Values
from tests.services.plain import OTHER, Claim, Facts, Some, Wish

PUBLISHED = datetime(2026, 10, 11, 6, tzinfo=UTC)


def snapshot(facts: Facts) -> Snapshot:
    """The release that says all this."""
    registry = _registry(facts)
    names = [OTHER, *facts.models, *facts.categories]
    seen = {series for listed in facts.volumes.values() for series in listed}
    columns = [name for name in names if name in seen]
    rows = {day: _rows(listed, columns) for day, listed in facts.volumes.items()}
    view = DatasetView(
        dataset=_dataset(facts),
        series=tuple(_series(facts, name) for name in columns),
        days={day: _day(facts, day) for day in sorted(facts.volumes)},
        floors={day: _floor(listed) for day, listed in facts.volumes.items()},
        cube=Cube.build(rows, len(columns)),
        registry=registry,
        categories=facts.categories,
    )
    release = Release(1, PUBLISHED, "data", "1", "tokens", None, "", "")
    return Snapshot(release, registry, {"tokens": view}, (release,))


def ask(wish: Wish) -> Ask:
    """The question, as the door would understand it."""
    return Ask(
        dataset="tokens",
        interval=Interval(wish.interval),
        start=_day_of(wish.start),
        end=_day_of(wish.end),
        span=Span.parse(wish.window) if wish.window else None,
        include_unfinished=wish.include,
        numerator={Dimension(d): _values(v) for d, v in wish.filters.items()},
        base={Dimension(d): _values(v) for d, v in wish.within.items()},
        group_by=None
        if wish.group_by is None
        else tuple(map(Dimension, wish.group_by)),
        top=wish.top,
        compare=wish.compare,
        smooth=wish.smooth,
        sort=Sort(wish.sort),
    )


def _day_of(day: date | None) -> Window | None:
    return None if day is None else Window(day, day)


def _values(some: Some) -> Values:
    return Values(some.values, negated=some.all_but)


def _registry(facts: Facts) -> Registry:
    claims = [
        _attribution(Subject.MODEL, slug, claim)
        for slug, model in facts.models.items()
        for claim in model.claims
    ]
    claims += [
        _attribution(Subject.PROVIDER, slug, claim)
        for slug, known in facts.providers.items()
        for claim in known
    ]
    # Names that a question may use even where no claim happens to say them.
    claims += [
        Attribution(Subject.PROVIDER, "nobody", a, v, Confidence.HIGH, "told")
        for a, values in (
            ("lab", ("acme", "bolt")),
            ("family", ("ace", "bee")),
            ("license", ("MIT", "proprietary")),
        )
        for v in values
    ]
    return Registry(
        providers=dict.fromkeys([*facts.providers, "nobody"], 1),
        models={s: Model(s, m.base, m.variant) for s, m in facts.models.items()},
        attributions=tuple(claims),
    )


def _attribution(kind: Subject, subject: str, claim: Claim) -> Attribution:
    return Attribution(
        kind=kind,
        subject=subject,
        attribute=claim.attribute,
        value=claim.value,
        confidence=Confidence(claim.sure),
        basis="told",
        alternatives=claim.also,
        valid_from=claim.begins or ALWAYS,
        valid_to=claim.ends,
    )


def _series(facts: Facts, name: str) -> Series:
    kind = SeriesKind.REMAINDER if name == OTHER else SeriesKind.MODEL
    if name in facts.categories:
        kind = SeriesKind.CATEGORY
    return Series(kind, name, None, 1)


def _rows(listed: Mapping[str, int], columns: list[str]) -> DayRows:
    at = [columns.index(name) for name in listed]
    return DayRows(np.array(at, np.intp), np.array([*listed.values()], np.int64))


def _floor(listed: Mapping[str, int]) -> int:
    return min((v for name, v in listed.items() if name != OTHER), default=0)


def _day(facts: Facts, day: date) -> Day:
    listed = facts.volumes[day]
    return Day(facts.read[day], sum(listed.values()), len(listed), False, 1, 1)


def _dataset(facts: Facts) -> Dataset:
    unit = "tools" if facts.categories else "tokens"
    return Dataset(
        slug="tokens",
        name="Tokens",
        publisher="OpenRouter",
        scope="tools in a directory of AI tools"
        if facts.categories
        else "tokens on OpenRouter",
        metric=unit,
        unit=unit,
        grain="day",
        license="CC-BY-4.0",
        citation="Source: OpenRouter, as of {as_of}.",
        url="https://openrouter.ai/rankings",
        dimensions=tuple(map(Dimension, facts.dimensions)),
        default_group=Dimension(facts.default_group),
        additive=facts.additive,
        scale=1,
        revision_days=facts.revision_days,
        top_n=None if facts.categories else 50,
        cadence_hours=None if facts.categories else 24,
        caveats=(),
    )


NOW = PUBLISHED + timedelta(days=1)
