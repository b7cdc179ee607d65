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

_ASKED = 200
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
    numbers, claims = await gather(*(visit.ask(url) for url in _ledgers(answer)))
    if not numbers.ok or not claims.ok:
        return _UNTOLD
    rows = [*numbers.json()["data"], *_of_all(claims.json()["data"])]
    rows.sort(key=lambda row: row["release"], reverse=True)
    return _before(answer, rows, f"{visit.public}/v1/revisions")


def _ledgers(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield where revised numbers of its dataset are told, and revised claims."""
    meta = answer["meta"]
    pinned = [("limit", str(_ASKED)), ("release", str(meta["release"]))]
    yield spelt("/v1/revisions", [("dataset", meta["dataset"]), *pinned])
    yield spelt("/v1/revisions", [("kind", "attribution,method"), *pinned])


def _of_all(rows: Iterable[Row]) -> list[Row]:
    """Return the revisions that concern every dataset."""
    return [row for row in rows if row["dataset"] is None]


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


def _before(answer: Mapping[str, Any], told: Sequence[Row], url: str) -> Changes:
    resolved = answer["meta"]["query"]["resolved"]
    first, last = resolved["start_date"], resolved["end_date"]
    touched = [row for row in told if _touches(row, first, last)]
    if not touched:
        said = (
            "Nothing that this answer rests on has been revised since it was published."
        )
        return Changes(said, more=url)
    heads = ("Release", "Published", "Why", "What")
    rows = list(_releases(touched))[:MOST]
    many = plain.counted(len(rows), "release")
    said = f"{many} revised what this answer rests on, the newest first."
    return Changes(said, heads, rows, url)


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
