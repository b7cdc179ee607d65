"""Pages of all providers, models, countries and datasets: searched, sorted, paged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.web import json_ld, plain, templating
from app.web.asking import PINS, Made, Pairs, View, Visit
from app.web.explorer_table import Column
from app.web.json_ld import JsonLd
from app.web.thing import KINDS, POLICY, problem, root, rows
from app.web.thing_lists import COLUMNS
from app.web.urls import spelt

_USED = "-volume_28d"
_OF_A_PAGE = PINS | {"q", "sort", "cursor", "limit"}
_FILES = ("csv", "xlsx", "zip", "ndjson", "parquet", "json")
_ABOUT = {
    "providers": "Who develops and releases models, and where they are.",
    "models": "Each model that was listed, by the name its source has for it.",
    "origins": "Countries where the labs behind models have their seats.",
    "datasets": "Whose numbers these are. Numbers of two datasets are never added.",
}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, which sorts by it.

    Attributes:
        column: The column.
        path: Of the list in the order of the column.
        order: `ascending`, `descending`, or nothing if it is not sorted by it.
    """

    column: Column
    path: str
    order: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that selects, and the path of the list without it."""

    name: str
    value: str
    path: str


def listing(kind: str) -> View:
    """Return what makes the page of a list.

    Args:
        kind: One of `KINDS`.
    """

    async def view(visit: Visit) -> Made:
        query = _ordered(kind, visit.query)
        asked = await visit.ask(spelt(f"/v1/{kind}", query))
        if not asked.ok:
            # What it suggests must not have an order that nobody asked for.
            again = await visit.ask(spelt(f"/v1/{kind}", visit.query))
            return problem(visit, kind, asked if again.ok else again)
        answer = asked.json()
        meta = answer["meta"]
        days, told = await _days(visit, meta)
        columns = COLUMNS[kind]
        values = {
            "root": root(visit),
            "section": kind,
            "kind": kind,
            "title": KINDS[kind],
            "about": _ABOUT[kind],
            "url": f"{visit.public}/{kind}",
            "meta": meta,
            "searched": dict(query).get("q", ""),
            "hidden": [pair for pair in visit.query if pair[0] not in {"q", "cursor"}],
            "filters": list(_filters(kind, visit.query)),
            "heads": list(_heads(kind, query)),
            "rows": [
                [column.write(row) for column in columns.values()]
                for row in answer["data"]
            ],
            "caption": _caption(kind, answer, days),
            "next": _next(kind, answer["links"].get("next")),
            "first": _path(kind, visit.query, "cursor") if _paged(query) else "",
            "files": [(name, spelt(f"v1/{kind}.{name}", query)) for name in _FILES],
            "data": [json_ld.written(each) for each in _data(kind, visit, answer)],
        }
        body = templating.page("thing_list.html", values)
        link = ("link", f'<{visit.public}/{kind}>; rel="canonical"')
        return Made(body, POLICY, headers=[link], kept=told)

    return view


def _ordered(kind: str, query: Pairs) -> Pairs:
    """Return a query with the order that readers expect, if it names none."""
    if kind == "datasets" or {"sort", "cursor"} & {name for name, _ in query}:
        return query
    return [*query, ("sort", _USED)]


def _paged(query: Pairs) -> bool:
    return any(name == "cursor" for name, _ in query)


def _path(kind: str, query: Pairs, *without: str, **more: str) -> str:
    left = {*without, *more}
    kept = [pair for pair in query if pair[0] not in left]
    return spelt(kind, [*kept, *more.items()])


def _filters(kind: str, query: Pairs) -> Iterator[Filter]:
    for name, value in query:
        if name not in _OF_A_PAGE:
            path = _path(kind, query, name, "cursor")
            yield Filter(plain.dimension(name), value, path)


def _heads(kind: str, query: Pairs) -> Iterator[Head]:
    by = dict(query).get("sort", "")
    for name, column in COLUMNS[kind].items():
        falls = column.number
        order = ""
        if by.removeprefix("-") == name:
            order = "descending" if by.startswith("-") else "ascending"
            falls = not by.startswith("-")
        sort = f"-{name}" if falls else name
        yield Head(column, _path(kind, query, "cursor", sort=sort), order)


async def _days(visit: Visit, meta: Any) -> tuple[str, bool]:
    """Return the last of the days that recent volumes are of."""
    if meta["dataset"] is None:
        return "", True
    pin = ("release", str(meta["release"]))
    dataset, told = await rows(visit, f"/v1/datasets/{meta['dataset']}", pin)
    through = dataset["data"]["data_through"] if dataset["data"] else None
    return (plain.day(through) if through else ""), told


def _caption(kind: str, answer: Any, days: str) -> str:
    shown, count = len(answer["data"]), answer["meta"]["count"]
    of = KINDS[kind].lower()
    told = f"{count:,} {of}" if shown == count else f"{shown:,} of {count:,} {of}"
    told = f"{told} in release {answer['meta']['release']}"
    return f"{told}; tokens of the 28 days to {days}" if days else told


def _next(kind: str, url: str | None) -> str:
    if url is None:
        return ""
    return spelt(kind, parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _data(kind: str, visit: Visit, answer: Any) -> Sequence[JsonLd]:
    if kind != "datasets":
        return [json_ld.crumbs([(KINDS[kind], f"{visit.public}/{kind}")])]
    return [json_ld.catalog(visit.public, answer["data"])]
