"""Pages of one dataset: whose it is, what it covers, how fresh it is, how to get it."""

from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.domain.caveats import CAVEATS
from app.web import json_ld, plain
from app.web.asking import Answer, Made, Visit, is_pinned
from app.web.explorer_answer import Fact
from app.web.explorer_table import Cell, Column
from app.web.plain import Row
from app.web.shown import late, shown
from app.web.thing import Grid, Section, Thing, made, problem, rows
from app.web.urls import linked, spelt

_FRESH = {
    "fresh": "up to date",
    "late": "late: newer data were expected by now",
    "stale": "stale: newer data were expected long ago",
}
_MOST = 12
_UNSTATED = "LicenseRef-unstated"
_NAMES = {"origin": "a country", "weights": "open or closed weights"}


async def dataset(visit: Visit) -> Made:
    """Return the page of a dataset."""
    path = f"/v1/datasets/{visit.named['slug']}"
    asked = await visit.ask(spelt(path, visit.query))
    if not asked.ok:
        return problem(visit, "datasets", asked)
    answer = asked.json()
    about, meta = answer["data"], answer["meta"]
    slug, pin = about["slug"], ("release", str(meta["release"]))
    whole = [("dataset", slug), ("window", "all")]
    most = ("limit", "1000")
    chart, (status, status_told), *lists = await gather(
        shown(visit, "volume", [*whole, pin]),
        rows(visit, "/v1/status"),
        rows(visit, "/v1/releases", most, pin),
        rows(visit, "/v1/annotations", ("dataset", slug), most, pin),
    )
    (releases, releases_told), (notes, notes_told) = lists
    counted = not isinstance(chart, Answer)
    files = [visit.public + spelt("/v1/volume.csv", whole)] if counted else []
    state = {} if is_pinned(visit.query) else _state(status, slug)
    return made(
        visit,
        Thing(
            kind="datasets",
            path=f"datasets/{slug}",
            title=about["name"],
            lead=meta["quote"],
            meta=meta,
            sections=[
                Section("about", "About", list(_about(about))),
                Section("state", "How fresh it is", list(_fresh(about, state))),
                Section("caveats", "To bear in mind", (), _caveats(about)),
            ],
            charts=[] if isinstance(chart, Answer) else [chart],
            grids=[_notes(notes["data"]), _releases(releases["data"], about)],
            links=_links(slug, visit, counted=counted),
            data=[json_ld.dataset(visit.public, about, meta, files)],
            told=all((status_told, releases_told, notes_told, not late(chart))),
        ),
    )


def _state(status: Mapping[str, Any], slug: str) -> Row:
    if not status["data"]:
        return {}
    found = [each for each in status["data"]["datasets"] if each["dataset"] == slug]
    return found[0] if found else {}


def _about(about: Row) -> Iterator[Fact]:
    url = linked(about["url"])
    source = [("source", url)] if url else []
    yield Fact("Publisher", about["publisher"], source)
    yield Fact("Counts", f"{about['metric']}: {about['scope']}")
    yield Fact("Licence", _license(about["license"]))
    yield Fact("Citation", about["citation"])
    yield Fact(
        "Known by", plain.listed([plain.dimension(d) for d in about["dimensions"]])
    )
    if not about["additive"]:
        yield Fact("Days", "are not added up: a period takes its last day")
    if about["top_n"]:
        yield Fact("Listed", f"the {about['top_n']} largest of each {about['grain']}")
    yield Fact("Series", f"{about['series']:,}")


def _license(name: str) -> str:
    return "the publisher states none" if name == _UNSTATED else name


def _fresh(about: Row, state: Row) -> Iterator[Fact]:
    if about["first_day"] is None:
        yield Fact("Days", "none yet")
    else:
        reach = plain.days(about["first_day"], about["last_day"])
        yield Fact("Days", f"{plain.counted(about['days'], 'day')}, {reach}")
    yield Fact("Days that are missing", _gaps(about["gaps"]))
    if about["flagged"]:
        yield Fact("Days to be looked at", _some(about["flagged"]))
    if about["source_as_of"]:
        yield Fact("Last read", plain.moment(about["source_as_of"]))
    if about["revision_days"]:
        days = plain.counted(about["revision_days"], "day")
        yield Fact("Restated", f"figures may still change for {days} after a day")
    if state:
        yield from _standing(state)


def _standing(state: Row) -> Iterator[Fact]:
    yield Fact("State", _FRESH[state["freshness"]])
    if state["next_update_expected"]:
        yield Fact("Newer data", f"due {plain.moment(state['next_update_expected'])}")
    if state["last_run"]:
        run = state["last_run"]
        when = plain.moment(run["finished_at"] or run["started_at"])
        yield Fact("Last reading", f"{when}: {run['verdict']}")
    held = len(state["held_days"])
    if held:
        yield Fact("Waiting", f"{plain.counted(held, 'day')} for a person to decide")
    for name, covered in state["attribution_coverage"].items():
        told = f"{plain.percent(covered)} of recent volume"
        yield Fact(f"With {_NAMES.get(name, name)}", told)


def _gaps(gaps: Sequence[str]) -> str:
    return f"{len(gaps):,}: {_some(gaps)}" if gaps else "none"


def _some(days: Sequence[str]) -> str:
    shown = [plain.day(each) for each in days[:_MOST]]
    if len(days) > _MOST:
        shown.append(f"{len(days) - _MOST:,} more")
    return plain.listed(shown)


def _caveats(about: Row) -> list[str]:
    return [CAVEATS.get(code, code) for code in about["caveats"]]


def _releases(found: Sequence[Row], about: Row) -> Grid:
    numbers = set(about["releases"])
    columns = [
        Column(
            "Release",
            number=False,
            write=lambda row: Cell(str(row["id"]), path=f"v1/releases/{row['id']}"),
        ),
        Column(
            "Published",
            number=False,
            write=lambda row: Cell(plain.moment(row["published_at"])),
        ),
        Column("What", number=False, write=lambda row: Cell(row["summary"])),
    ]
    cells = [
        [column.write(row) for column in columns]
        for row in found
        if row["id"] in numbers
    ]
    caption = "Releases that the days of this dataset are from, the newest first"
    return Grid("releases", "Releases", caption, columns, cells, "There are none.")


def _notes(found: Sequence[Row]) -> Grid:
    columns = [
        Column(
            "Days",
            number=False,
            write=lambda row: Cell(plain.days(row["date_from"], row["date_to"])),
        ),
        Column(
            "Note",
            number=False,
            write=lambda row: Cell(row["text"], path=linked(row["url"])),
        ),
    ]
    cells = [[column.write(row) for column in columns] for row in found]
    caption = "What to know about some days, the earliest first"
    return Grid("notes", "Notes", caption, columns, cells, "There are none.")


def _links(slug: str, visit: Visit, *, counted: bool) -> list[tuple[str, str]]:
    pins = list(visit.query)
    of = [("dataset", slug), *pins]
    whole = [("dataset", slug), ("window", "all"), *pins]
    files = [
        (f"All days as {name}", spelt(f"v1/volume.{suffix}", whole))
        for suffix, (name, _) in json_ld.FILES.items()
    ]
    ask = [
        ("Ask about its shares", spelt("share", of)),
        ("Ask about its volumes", spelt("volume", of)),
    ]
    return [
        *(ask + files if counted else []),
        ("About it as JSON", spelt(f"v1/datasets/{slug}", pins)),
        ("Readings, day by day", spelt(f"v1/datasets/{slug}/evidence.csv", pins)),
        ("What was revised", spelt("v1/revisions", [("dataset", slug)])),
        ("Notes on some days", spelt("v1/annotations", of)),
    ]
