"""What later releases changed in an answer, or in the numbers behind it."""

from asyncio import gather
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.web import plain
from app.web.asking import Visit
from app.web.explorer_answer import groups
from app.web.plain import Row
from app.web.urls import spelt

MOST = 10
"""Rows that a page shows."""

_LOOKED_AT = 20  # releases
_ASKED = 1_000  # revisions of one release
_LARGE = 20_000  # numbers; such a release is told by its summary
_WHY = {
    "restatement": "the publisher restated its figures",
    "correction": "a person decided which of two readings is right",
    "attribution": "who made what was judged anew",
    "method": "a formula changed",
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed.

    Attributes:
        said: The sentence.
        heads: Columns of the table.
        rows: Its cells; no rows: no table.
        more: Where all of it is.
        told: Whether it could be told; if not, it may be in a moment.
    """

    said: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    more: str = ""
    told: bool = True


_NOTHING = "Nothing that this answer rests on was revised lately."
_UNTOLD = Changes("What has changed cannot be told just now.", told=False)


async def changes(visit: Visit, kind: str, answer: Mapping[str, Any]) -> Changes:
    """Return what has changed: since its release, if an answer names one; else before.

    Args:
        visit: Asks.
        kind: `share`, `volume` or `rankings`.
        answer: What `/v1` said.
    """
    if "freshness" not in answer["meta"]:
        url = answer["links"]["revisions"]
        asked = await visit.ask(url.removeprefix(visit.public))
        return _since(kind, asked.json(), url) if asked.ok else _UNTOLD
    return await _before(visit, answer)


def _since(kind: str, told: Mapping[str, Any], url: str) -> Changes:
    measure = "volume" if kind == "volume" else "share"
    write = plain.amount if measure == "volume" else plain.percent
    dimensions = groups(told)
    heads = [
        "Period",
        *(plain.dimension(d).capitalize() for d in dimensions),
        "Then",
        "Now",
    ]
    rows = [
        [
            plain.days(row["period_start"], row["period_end"]),
            *(str(row[f"{d}_name"]) for d in dimensions),
            write(row[f"{measure}_then"]),
            write(row[f"{measure}_now"]),
        ]
        for row in told["data"][:MOST]
    ]
    return Changes(told["meta"]["quote"], heads, rows, url)


async def _before(visit: Visit, answer: Mapping[str, Any]) -> Changes:
    """Return which of the last releases revised what an answer rests on.

    Revisions are asked for release by release: what a release did not change costs
    nothing, however long the record is.
    """
    revising = await _revising(visit, answer["meta"])
    if revising is None:
        return _UNTOLD
    known = [release for release in revising if _size(release) <= _LARGE]
    pinned = ("release", str(answer["meta"]["release"]))
    asked = await gather(
        *(visit.ask(spelt("/v1/revisions", [*_just(r), pinned])) for r in known)
    )
    if not all(each.ok for each in asked):
        return _UNTOLD
    rows = [row for each in asked for row in _touching(answer, each.json()["data"])]
    told = list(_releases(rows))
    told += [_summary(release) for release in revising if _size(release) > _LARGE]
    url = f"{visit.public}/v1/revisions"
    if not told:
        return Changes(_NOTHING, more=url)
    many = plain.counted(len({line[0] for line in told}), "release")
    said = f"{many} revised what this answer rests on, the newest first."
    told.sort(key=lambda line: int(line[0]), reverse=True)
    return Changes(said, ("Release", "Published", "Why", "What"), told, url)


async def _revising(visit: Visit, meta: Mapping[str, Any]) -> list[Row] | None:
    """Return those of the last releases that revised a dataset, or claims.

    None if that cannot be told.
    """
    query = [("limit", str(_LOOKED_AT)), ("release", str(meta["release"]))]
    listed = await visit.ask(spelt("/v1/releases", query))
    if not listed.ok:
        return None
    asked = await gather(
        *(
            visit.ask(spelt(f"/v1/releases/{row['id']}", query[1:]))
            for row in listed.json()["data"]
            if row["dataset"] in {None, meta["dataset"]}
        )
    )
    if not all(each.ok for each in asked):
        return None
    found = (each.json()["data"] for each in asked)
    return [each for each in found if _revises(each, meta["dataset"])][:MOST]


def _revises(release: Row, dataset: str) -> bool:
    changed = release["changes"]
    days = changed.get("days", {}).get(dataset, {})
    claims = changed.get("claims", {}).get("closed", 0)
    return bool(days.get("restated") or claims or release["kind"] == "method")


def _size(release: Row) -> int:
    """Return how many numbers a release opened and closed."""
    counts = release["changes"].get("observations", {})
    return int(counts.get("opened", 0)) + int(counts.get("closed", 0))


def _just(release: Row) -> list[tuple[str, str]]:
    """Return the parameters that ask for the revisions of one release."""
    when = release["published_at"]
    return [("since", when), ("until", when), ("limit", str(_ASKED))]


def _summary(release: Row) -> list[str]:
    when = plain.moment(release["published_at"])
    return [str(release["id"]), when, "a large part was revised", release["summary"]]


def _touching(answer: Mapping[str, Any], rows: Iterable[Row]) -> list[Row]:
    """Return the revisions of the days and of the dataset of an answer."""
    meta = answer["meta"]
    resolved = meta["query"]["resolved"]
    first, last = resolved["start_date"], resolved["end_date"]
    return [
        row
        for row in rows
        if row["dataset"] in {None, meta["dataset"]} and _touches(row, first, last)
    ]


def _touches(row: Row, first: str, last: str) -> bool:
    """Tell whether a revision is of days of a window, or of who made what."""
    if row["period_start"] is None:
        return True
    return bool(row["period_start"] <= last and row["period_end"] >= first)


def _releases(rows: Iterable[Row]) -> Iterator[list[str]]:
    for (release, why), some in groupby(rows, lambda r: (r["release"], r["kind"])):
        found = list(some)
        yield [
            str(release),
            plain.moment(found[0]["published_at"]),
            _WHY.get(why, why),
            _what(found),
        ]


def _what(rows: Sequence[Row]) -> str:
    days = sorted({row["period_start"] for row in rows if row["period_start"]})
    if not days:
        return plain.counted(len(rows), "claim")
    return f"{plain.counted(len(rows), 'number')} of {plain.days(days[0], days[-1])}"
