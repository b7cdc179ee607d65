"""The questions: share, volume, rankings."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.documented import listed
from app.api.door import At, Calling
from app.api.lean import LeanRoute
from app.api.pictured import (
    PicturedRankingsQuery,
    PicturedShareQuery,
    PicturedVolumeQuery,
)
from app.api.queries import RankingsQuery, ShareQuery, VolumeQuery
from app.api.replies import Reply
from app.api.schemas import Rankings, Share, Volume
from app.api.short import Asking
from app.domain.periods import Interval
from app.domain.questions import Ask
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.errors import BadValueError
from app.services import rankings, share, volume

Answer = Callable[[Snapshot, Ask, datetime | None], Report]

router = APIRouter(prefix="/v1", tags=["questions"], route_class=LeanRoute)


@listed(
    router,
    "/share",
    Share,
    pictured=PicturedShareQuery,
    summary="Share of volume, over time, with bounds",
    about="Filters select the numerator, `within_…` narrows the base: "
    "`?origin=CN&weights=open` is open models from China, of everything; "
    "`?origin=CN&within_weights=open` is China, among open models. The true share "
    "lies between `share_low` and `share_high`.",
)
async def get_share(call: Calling, query: Annotated[ShareQuery, Query()]) -> Reply:
    return await call.reply(query, lambda at: _share(at, query))


@listed(
    router,
    "/volume",
    Volume,
    pictured=PicturedVolumeQuery,
    summary="Volume, over time, with bounds",
    about="Without a filter the groups of a period sum to its total, exactly.",
)
async def get_volume(call: Calling, query: Annotated[VolumeQuery, Query()]) -> Reply:
    return await call.reply(query, lambda at: _volume(at, query))


@listed(
    router,
    "/rankings",
    Rankings,
    pictured=PicturedRankingsQuery,
    summary="Who leads in one window",
    about="`top` picks the groups by volume, `sort` orders them. What is `unknown`, "
    "`other` or `rest` has no rank.",
)
async def get_rankings(
    call: Calling, query: Annotated[RankingsQuery, Query()]
) -> Reply:
    return await call.reply(query, lambda at: _rankings(at, query))


def _share(at: At, query: ShareQuery) -> Report:
    return _over_time(at, query.ask(), share.answer)


def _volume(at: At, query: VolumeQuery) -> Report:
    return _over_time(at, query.ask(), volume.answer)


def _rankings(at: At, query: RankingsQuery) -> Report:
    return rankings.answer(at.snapshot, query.ask(), at.now)


def _over_time(at: At, ask: Ask, answer: Answer) -> Report:
    check_grain(at, ask, ask.dataset)
    return answer(at.snapshot, ask, at.now)


SHORT: Mapping[str, Asking[Any]] = {"/v1/share": Asking(ShareQuery, _share)}
"""What may be answered without the framework, by path."""

_ORDER = tuple(Interval)


def check_grain(at: At, ask: Ask, dataset: str) -> None:
    """Refuse periods shorter than those a dataset has.

    Raises:
        BadValueError: They are shorter.
    """
    if ask.interval is Interval.TOTAL:
        return
    view = at.snapshot.datasets.get(dataset)
    if view is None or view.dataset.grain not in _ORDER:
        return
    grain = _ORDER.index(Interval(view.dataset.grain))
    if _ORDER.index(ask.interval) < grain:
        raise BadValueError.of(
            "interval",
            ask.interval,
            f"is finer than the grain of {dataset}, which is {_ORDER[grain]}",
            allowed=(Interval.TOTAL, *_ORDER[grain:]),
            fix=_ORDER[grain],
        )
