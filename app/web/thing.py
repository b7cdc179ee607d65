"""The page of one thing: its parts, and how they become a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.web import plain, templating
from app.web.asking import Answer, Made, Visit, is_pinned
from app.web.embed_code import Figure
from app.web.explorer_answer import Fact, Headline
from app.web.explorer_table import Cell, Column
from app.web.json_ld import JsonLd, crumbs, written
from app.web.plain import Row
from app.web.shown import Drawing, Shown
from app.web.urls import spelt

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; style-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)
"""Policy of these pages: their own pictures and forms, and no script."""

KINDS: Mapping[str, str] = {
    "providers": "Providers",
    "models": "Models",
    "origins": "Countries",
    "datasets": "Datasets",
}
"""Kinds of things that have pages: path and name."""

PAGES: Mapping[str, str] = {
    "provider": "providers",
    "lab": "providers",
    "model": "models",
    "base": "models",
    "origin": "origins",
}
"""By dimension, the path that its things have their pages below."""

_ROOMS = {
    "(max-width: 399px)": 360,
    "(max-width: 559px)": 480,
    "(max-width: 959px)": 720,
}
_ALONE, _BESIDE = 1040, 520
"""Pixels of a picture where there is more room: alone, or beside another."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a heading of its own.

    Attributes:
        key: Name of its place in the page.
        title: Heading.
        caption: What it shows, and when.
        columns: In order.
        rows: The cells of each row; paths are without the way to `/`.
        empty: What is said if there are no rows.
        more: Names and paths of where there is more.
    """

    key: str
    title: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    more: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Facts under a heading; their links are whole, or without the way to `/`."""

    key: str
    title: str
    facts: Sequence[Fact]
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """What a page of a thing shows.

    Attributes:
        kind: One of `KINDS`.
        path: Its one path, without the slash it begins with.
        title: Its name.
        lead: What it is, in a sentence.
        meta: Of the answer that tells of it.
        sections: Facts, the most important first.
        headline: Its number, if it has one.
        said: Sentences about that number.
        charts: Pictures.
        grids: Tables.
        links: Names and paths of where else to go.
        data: Structured data about it.
        told: Whether all of it could be told; if not, it may be in a moment.
    """

    kind: str
    path: str
    title: str
    lead: str
    meta: Row
    sections: Sequence[Section]
    headline: Headline | None = None
    said: Sequence[str] = ()
    charts: Sequence[Shown] = ()
    grids: Sequence[Grid] = ()
    links: Sequence[tuple[str, str]] = ()
    data: Sequence[JsonLd] = field(default=())
    told: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as it is shown: its drawings, of which the first that fits is taken."""

    figure: Figure
    drawings: Sequence[Drawing]


def _pictures(charts: Sequence[Shown]) -> list[Picture]:
    rooms = {**_ROOMS, "": _ALONE if len(charts) == 1 else _BESIDE}
    return [Picture(chart.figure, chart.drawings(rooms)) for chart in charts]


def root(visit: Visit) -> str:
    """Return the way from a page to `/`."""
    return "../" * (visit.path.count("/") - 1) or "./"


def made(visit: Visit, thing: Thing) -> Made:
    """Return the page of a thing."""
    url = visit.public + spelt(f"/{thing.path}", ())
    way = [(KINDS[thing.kind], f"{visit.public}/{thing.kind}"), (thing.title, url)]
    values = {
        "root": root(visit),
        "section": thing.kind,
        "thing": thing,
        "pictures": _pictures(thing.charts),
        "kind_name": KINDS[thing.kind],
        "url": url,
        "pinned": is_pinned(visit.query),
        "published": plain.moment(thing.meta["published_at"]),
        "data": [written(each) for each in (crumbs(way), *thing.data)],
    }
    body = templating.page("thing.html", values)
    link = ("link", f'<{url}>; rel="canonical"')
    return Made(body, POLICY, headers=[link], kept=thing.told)


def problem(visit: Visit, kind: str, asked: Answer) -> Made:
    """Return a page that says what is wrong, and what may have been meant."""
    told = asked.json()
    better = str(told.get("try_url", "")).removeprefix(f"{visit.public}/v1/")
    known = better.partition("?")[0].partition("/")[0] in KINDS
    values = {
        "root": root(visit),
        "section": kind,
        "kind": kind,
        "kind_name": KINDS[kind],
        "problem": told,
        "better": root(visit) + better if known else "",
        "written": f"{visit.public}/{better}",
    }
    body = templating.page("thing_problem.html", values)
    return Made(body, POLICY, status=asked.status, headers=asked.later)


async def rows(
    visit: Visit, path: str, *query: tuple[str, str]
) -> tuple[Mapping[str, Any], bool]:
    """Ask for what a page can do without.

    Returns:
        The answer, with no rows if there is none, and whether it may come later.
    """
    asked = await visit.ask(spelt(path, query))
    if asked.ok:
        answer: Mapping[str, Any] = asked.json()
        return answer, True
    return {"data": [], "meta": {}}, not asked.later
