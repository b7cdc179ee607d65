"""All that a release says, as tables: to be taken away whole.

Each observation bears the best judgement of its day; a question has bounds, a row of
this has not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.arrays import Ints, Numbers, Picked, Places
from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.registry import Dimension
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.services import catalog, evidence, listing, meta
from app.services.listing import Shape
from app.store import exported

_ALL = ListAsk(limit=10**9)
_JUDGED = (
    *(Dimension.ORIGIN, Dimension.PROVIDER, Dimension.LAB, Dimension.FAMILY),
    *(Dimension.BASE, Dimension.LICENSE, Dimension.WEIGHTS, Dimension.VARIANT),
)
_OF_SERIES = ("dataset", "unit", "kind", "subject", "category", *map(str, _JUDGED))

COLUMNS: Mapping[str, str] = {
    "kind": "What was counted: `model`, `remainder` (listed under no name), `category` "
    "or `app`; in tables of the registry and of releases, what sort it is.",
    "subject": "The model, category or app that was counted.",
    "period_start": "The day, or the first of the period, UTC.",
}
"""What columns mean here that answers do not have, or mean otherwise."""


def tables(snapshot: Snapshot) -> dict[str, Report]:
    """Return all tables of a release by their names, the observations first."""
    lists = {
        "models": catalog.models,
        "providers": catalog.providers,
        "origins": catalog.origins,
        "families": catalog.families,
        "categories": catalog.categories,
        "datasets": evidence.datasets,
        "releases": evidence.releases,
    }
    about = about_all(snapshot)
    found = {name: ask(snapshot, _ALL) for name, ask in lists.items()}
    return {
        "observations": Report(_observations(snapshot), about),
        **{name: Report(one.columns, about) for name, one in found.items()},
    }


def about_all(snapshot: Snapshot) -> meta.Meta:
    """Return what stands beside a whole release: whose numbers it holds."""
    release = snapshot.release
    quote = (
        f"All observations of release {release.id} of Model Census, with who made what "
        "by its best judgement of the day."
    )
    datasets = [
        {
            "dataset": view.dataset.slug,
            "license": view.dataset.license,
            "citation": meta.citation(snapshot, view),
            "caveats": list(view.dataset.caveats),
        }
        for view in snapshot.datasets.values()
    ]
    caveats = [
        code for each in snapshot.datasets.values() for code in each.dataset.caveats
    ]
    told = meta.for_list(snapshot, quote=quote)
    return {**told, "caveats": list(dict.fromkeys(caveats)), "datasets": datasets}


def _observations(snapshot: Snapshot) -> list[Column]:
    """Return the columns of all observations, by dataset, then day, then series."""
    parts = [_Part(view, view.span) for view in snapshot.datasets.values() if view.span]
    named: list[Sequence[object]] = []
    days: list[tuple[date, str]] = []
    names_at: list[Places] = []
    days_at: list[Places] = []
    volumes: list[Ints] = []
    for part in parts:
        names_at.append(part.names_at + len(named))
        days_at.append(part.days_at + len(days))
        volumes.append(part.volumes)
        named += part.names
        days += part.days
    nowhere, nothing = np.zeros(0, np.intp), np.zeros(0, np.int64)
    of_series = np.concatenate([nowhere, *names_at])
    of_day = np.concatenate([nowhere, *days_at])
    by_name = {
        name: Column(name, Kind.TEXT, Picked([row[at] for row in named], of_series))
        for at, name in enumerate(_OF_SERIES)
    }
    counts = Numbers(np.concatenate([nothing, *volumes]))
    return [
        by_name.pop("dataset"),
        Column("period_start", Kind.DATE, Picked([day for day, _ in days], of_day)),
        Column("status", Kind.TEXT, Picked([told for _, told in days], of_day)),
        *(by_name.pop(name) for name in ("kind", "subject", "category")),
        Column("volume", Kind.INTEGER, counts),
        *by_name.values(),
    ]


class _Part:
    """The observations of one dataset.

    Attributes:
        names: What is said of a series while no claim about it begins or ends.
        days: Each day of the dataset, and how settled it is.
        names_at: Where in `names` each observation is.
        days_at: Where in `days`.
        volumes: Its volume.
    """

    def __init__(self, view: DatasetView, span: Window) -> None:
        columns = range(len(view.series))
        is_there = view.cube.listed(span, columns)
        days, series = np.nonzero(is_there)
        self.volumes = view.cube.by_day(span, columns)[days, series]
        self.days = [
            (day, str(view.status(day)) if day in view.days else "")
            for day in span.days()
        ]
        self.days_at = days
        stretches = view.stretches(_JUDGED, span)
        self.names = [names for day, _ in stretches for names in _named(view, day)]
        firsts = [(part.first - span.first).days for _, part in stretches]
        stretch = np.searchsorted(firsts, days, side="right") - 1
        self.names_at = stretch * len(columns) + series


def _named(view: DatasetView, day: date) -> Iterator[list[Any]]:
    """Yield what is said of each series on a day, in the order of `_OF_SERIES`."""
    dataset = view.dataset
    for one in view.series:
        judged = [view.state(one, dimension, day).point for dimension in _JUDGED]
        identity = [str(one.kind), one.subject, one.category]
        yield [dataset.slug, dataset.unit, *identity, *judged]


# Files


@dataclass(frozen=True, slots=True)
class File:
    """A file that was made of a release."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    release: int
    url: str


_EXPORTS = Shape(
    "file",
    "files",
    {
        "name": Kind.TEXT,
        "media_type": Kind.TEXT,
        "bytes": Kind.INTEGER,
        "sha256": Kind.TEXT,
        "release": Kind.INTEGER,
        "url": Kind.TEXT,
    },
    searched=("name",),
    order="name",
)


def report(snapshot: Snapshot, files: Sequence[File], q: str | None) -> Report:
    """Return the files that were made of a release, one row each.

    Args:
        snapshot: The release.
        files: All of them.
        q: Text to look for in their names; None: all.
    """
    rows = [asdict(file) for file in files]
    found = listing.report(snapshot, ListAsk(q=q), _EXPORTS, rows)
    # The list has no other parameter, and is always of the newest release.
    return replace(found, resolved=[] if q is None else [("q", q)])


def sqlite(
    path: Path, reports: Mapping[str, Report], facts: Sequence[tuple[str, str]]
) -> None:
    """Write tables as a SQLite database: days and moments as text, lists joined.

    Args:
        path: Of the file, which is not there yet.
        reports: By the names of the tables.
        facts: What is to be known of them, for a table `read_me`.
    """
    told = {"what": "TEXT", "text": "TEXT"}, facts
    found = {name: _as_table(each) for name, each in reports.items()}
    exported.write(path, {"read_me": told, **found})


_TYPES: Mapping[Kind, str] = {
    Kind.INTEGER: "INTEGER",
    Kind.FRACTION: "REAL",
    Kind.DECIMAL: "REAL",
}
_PLAIN: Mapping[Kind, Callable[[Any], object]] = {
    Kind.DATE: str,
    Kind.TIME: meta.moment,
    Kind.DECIMAL: float,
    Kind.TEXTS: ";".join,
}


def _as_table(one: Report) -> exported.Table:
    columns = {c.name: _TYPES.get(c.kind, "TEXT") for c in one.columns}
    values = [map(_plain(c.kind), c.values) for c in one.columns]
    return columns, zip(*values, strict=True)


def _plain(kind: Kind) -> Callable[[Any], object]:
    plain = _PLAIN.get(kind)
    if plain is None:
        return lambda value: value
    return lambda value: None if value is None else plain(value)
