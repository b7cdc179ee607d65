"""Lists of things: searched, sorted, cut into pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.registry import Dimension
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.errors import BadValueError
from app.services import meta
from app.services.spelling import parameter

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of a list look like.

    Attributes:
        thing: What one of them is called.
        things: What they are called, in the plural.
        kinds: Column → what its values are, in published order.
        searched: Columns that `q` looks into.
        order: Column the list is sorted by unless asked otherwise.
    """

    thing: str
    things: str
    kinds: Mapping[str, Kind]
    searched: Sequence[str]
    order: str


def report(
    snapshot: Snapshot,
    ask: ListAsk,
    shape: Shape,
    rows: Sequence[Record],
    *,
    view: DatasetView | None = None,
    also: Sequence[tuple[str, str]] = (),
) -> Report:
    """Return one page of `rows`.

    Args:
        snapshot: The release they are of.
        ask: Search, order and page; its filters have been applied already.
        shape: What the rows look like.
        rows: All of them.
        view: The dataset whose numbers they carry.
        also: The parameters of the question that only this list has, spelt out.

    Returns:
        The page; `meta` says how many rows there are on all pages, `next_cursor` where
        the next page begins.

    Raises:
        BadValueError: `sort` names no column.
    """
    found = [row for row in rows if _matches(row, ask.q, shape.searched)]
    found = _sorted(found, ask.sort or shape.order, shape)
    page = found[ask.offset : ask.offset + ask.limit]
    after = ask.offset + len(page)
    things = shape.thing if len(found) == 1 else shape.things
    quote = (
        f"Model Census lists {len(found):,} {things} in release {snapshot.release.id}."
    )
    return Report(
        [Column(n, k, [row[n] for row in page]) for n, k in shape.kinds.items()],
        meta.for_list(snapshot, quote=quote, view=view, count=len(found)),
        [*also, *resolved(snapshot, ask, shape)],
        str(after) if after < len(found) else None,
    )


def resolved(snapshot: Snapshot, ask: ListAsk, shape: Shape) -> list[tuple[str, str]]:
    """Return the question spelt out, in canonical order."""
    found = [(str(d), parameter(ask.filters[d])) for d in Dimension if d in ask.filters]
    if ask.q is not None:
        found.append(("q", ask.q))
    found.append(("sort", ask.sort or shape.order))
    found.append(("limit", str(ask.limit)))
    found.append(("release", str(snapshot.release.id)))
    return found


def days(window: Window | None) -> list[tuple[str, str]]:
    """Return a window as parameters; an open end has none."""
    if window is None:
        return []
    ends = {"start_date": window.first, "end_date": window.last}
    return [(n, str(d)) for n, d in ends.items() if d not in {date.min, date.max}]


def _matches(row: Record, q: str | None, searched: Sequence[str]) -> bool:
    if q is None:
        return True
    wanted = q.casefold()
    return any(wanted in text.casefold() for c in searched for text in _texts(row[c]))


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else [str(v) for v in _many(value)]


def _many(value: Any) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _sorted(rows: Sequence[Record], sort: str, shape: Shape) -> list[Record]:
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column not in shape.kinds:
        raise BadValueError.of(
            "sort",
            sort,
            "no such column; put - before one to sort from the greatest",
            allowed=[*shape.kinds, *(f"-{name}" for name in shape.kinds)],
            fix=shape.order,
        )
    known = [row for row in rows if row[column] is not None]
    unknown = [row for row in rows if row[column] is None]
    first = next(iter(shape.kinds))
    # Stable: rows that are equal stay in the order of the first column.
    known.sort(key=_by(first))
    unknown.sort(key=_by(first))
    known.sort(key=_by(column), reverse=descending)
    return known + unknown


def _by(column: str) -> Callable[[Record], Any]:
    return lambda row: row[column]
