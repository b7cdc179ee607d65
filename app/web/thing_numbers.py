"""The numbers of a thing: its share with bounds, its rank, its charts."""

from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.web import explorer_answer, plain
from app.web.asking import Answer, Pairs, Visit
from app.web.explorer_answer import Headline
from app.web.plain import Row
from app.web.shown import Shown, late, shown
from app.web.thing import rows
from app.web.urls import spelt

_TOP = 100


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted of a thing.

    Attributes:
        headline: Its share of the last 28 days; None if there is none.
        said: The sentences: that of the share, and its rank.
        until: Days that recent volumes are of, as text; empty if there are none.
        charts: Its shares and volumes by week.
        answer: What the share was taken from.
        told: Whether all could be told.
    """

    headline: Headline | None
    said: Sequence[str]
    until: str
    charts: Sequence[Shown]
    answer: Mapping[str, Any]
    told: bool


async def numbers(
    visit: Visit,
    dimension: str,
    value: str,
    release: int,
    kinds: Sequence[str] = ("share", "volume"),
) -> Numbers:
    """Ask for the numbers of one value of a dimension, of one release.

    Args:
        visit: Asks.
        dimension: Such as `provider`.
        value: Its slug.
        release: Whose numbers.
        kinds: Of the charts.
    """
    pin = ("release", str(release))
    one = (dimension, value)
    ranked = (("group_by", dimension), ("top", str(_TOP)), pin)
    (share, share_told), (ranks, ranks_told), *charts = await gather(
        rows(visit, "/v1/share", one, pin),
        rows(visit, "/v1/rankings", *ranked),
        *(_chart(visit, kind, [one, ("interval", "week"), pin]) for kind in kinds),
    )
    scope, scope_told = await _scope(visit, share["meta"], pin)
    return Numbers(
        _headline(share, scope),
        list(_said(share, ranks, dimension, value)),
        _days(share["data"]),
        [chart for chart in charts if isinstance(chart, Shown)],
        share,
        told=share_told and ranks_told and scope_told and not any(map(late, charts)),
    )


def _headline(share: Mapping[str, Any], scope: str) -> Headline | None:
    if not share["data"]:
        return None
    found = explorer_answer.headline("share", share, scope)
    return found and replace(found, unit=f"of {scope}")


async def _chart(visit: Visit, kind: str, query: Pairs) -> Shown | Answer:
    found = await shown(visit, kind, query)
    if isinstance(found, Answer) or found.answer["data"]:
        return found
    return Answer(404, b"")


async def _scope(visit: Visit, meta: Row, pin: tuple[str, str]) -> tuple[str, bool]:
    if not meta:
        return "", True
    dataset, told = await rows(visit, f"/v1/datasets/{meta['dataset']}", pin)
    about = dataset["data"]
    return (about["scope"] if about else meta["unit"]), told


def _said(
    share: Mapping[str, Any], ranks: Mapping[str, Any], dimension: str, value: str
) -> Iterator[str]:
    if share["data"]:
        yield share["meta"]["quote"]
    for row in ranks["data"]:
        if row[dimension] == value and row["rank"] is not None:
            yield _rank(row, dimension)


def _rank(row: Row, dimension: str) -> str:
    group = {"origin": "countries", "provider": "providers"}.get(dimension, "models")
    before = row["previous_rank"]
    moved = {None: "", row["rank"]: ", as in the days before"}.get(
        before, f"; it was {before} in the days before"
    )
    days = plain.days(row["period_start"], row["period_end"])
    return f"Rank {row['rank']} among {group} by volume, {days}{moved}."


def _days(found: Sequence[Row]) -> str:
    if not found:
        return ""
    return plain.days(found[0]["period_start"], found[0]["period_end"])


def links(visit: Visit, item: str, dimension: str, value: str) -> list[tuple[str, str]]:
    """Return where else there is something about one value of a dimension.

    Args:
        visit: Whose page; if it is of a past release, so is what is linked.
        item: Path of its answer, without the slash it begins with.
        dimension: Such as `provider`.
        value: Its slug.
    """
    pins = list(visit.query)
    one = [(dimension, value), *pins]
    weekly = [(dimension, value), ("interval", "week"), *pins]
    return [
        ("Ask about its share", spelt("share", one)),
        ("Ask about its volume", spelt("volume", one)),
        # Countries are told of in their list alone.
        ("As JSON", spelt(item, one if dimension == "origin" else pins)),
        ("Weekly shares as CSV", spelt("v1/share.csv", weekly)),
        ("What was revised", spelt("v1/revisions", [(dimension, value)])),
        ("Notes on some days", spelt("v1/annotations", pins)),
    ]
