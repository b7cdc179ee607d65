"""What has changed, what it rests on, and what to know about some days."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.documented import listed
from app.api.door import At, Call, Calling
from app.api.history_queries import (
    AnnotationsQuery,
    CompareQuery,
    EvidenceQuery,
    RankingsSinceQuery,
    RevisionsQuery,
    ShareSinceQuery,
    VolumeSinceQuery,
)
from app.api.questions import check_grain
from app.api.replies import Reply
from app.api.schemas import (
    Annotations,
    Comparison,
    Evidence,
    RankingsSince,
    Revisions,
    ShareSince,
    VolumeSince,
)
from app.domain.reports import Report
from app.errors import BadValueError
from app.services import evidence, side_by_side, since

router = APIRouter(prefix="/v1", tags=["evidence"])
comparing = APIRouter(prefix="/v1", tags=["questions"])

_SINCE = (
    "The same question, in the release that it was pinned to (`release`) and in the "
    "newest one: the rows whose numbers differ, each number then and now. Where "
    "`links.revisions` of an answer leads."
)

SinceQuery = ShareSinceQuery | VolumeSinceQuery | RankingsSinceQuery


@listed(
    comparing,
    "/compare",
    Comparison,
    summary="One question, asked of several datasets",
    about="Side by side, never added: each row says its dataset and its unit.",
)
async def get_compare(call: Calling, query: Annotated[CompareQuery, Query()]) -> Reply:
    def ask(at: At) -> Report:
        question = query.ask()
        datasets = query.datasets.slugs if query.datasets else ()
        for slug in datasets:
            check_grain(at, question, slug)
        return side_by_side.answer(query.of, at.snapshot, question, datasets, at.now)

    return await call.reply(query, ask)


@listed(
    router,
    "/revisions",
    Revisions,
    summary="What later releases changed, and why",
    about="Every published number or claim that is another than before, the newest "
    "first. A day that is new is no revision.",
)
async def get_revisions(
    call: Calling, query: Annotated[RevisionsQuery, Query()]
) -> Reply:
    def ask(at: At) -> Report:
        asked = query.ledger_ask(at.snapshot, at.offset, call.now)
        return call.past.revisions(at.snapshot, asked)

    return await call.reply(query, ask, aside=True)


@listed(
    router,
    "/revisions/share",
    ShareSince,
    summary="What has changed in a share since it was pinned",
    about=_SINCE,
)
async def get_share_revisions(
    call: Calling, query: Annotated[ShareSinceQuery, Query()]
) -> Reply:
    return await _since(call, query, "share")


@listed(
    router,
    "/revisions/volume",
    VolumeSince,
    summary="What has changed in a volume since it was pinned",
    about=_SINCE,
)
async def get_volume_revisions(
    call: Calling, query: Annotated[VolumeSinceQuery, Query()]
) -> Reply:
    return await _since(call, query, "volume")


@listed(
    router,
    "/revisions/rankings",
    RankingsSince,
    summary="What has changed in a ranking since it was pinned",
    about=_SINCE,
)
async def get_rankings_revisions(
    call: Calling, query: Annotated[RankingsSinceQuery, Query()]
) -> Reply:
    return await _since(call, query, "rankings")


async def _since(call: Call, query: SinceQuery, of: str) -> Reply:
    newest = call.newest
    if query.release is None and query.as_of is None:
        raise BadValueError.of(
            "release",
            "",
            "say which release the answer was pinned to",
            fix=str(newest.release.id),
        )
    return await call.reply(
        query,
        lambda at: since.answer(of, at.snapshot, newest, query.ask()),
        moving=True,
    )


@listed(
    router,
    "/datasets/{dataset}/evidence",
    Evidence,
    summary="Which readings the numbers come from",
    about="Day by day: when the source was read, and the SHA-256 of the bytes that "
    "were read then.",
)
async def get_evidence(
    call: Calling,
    query: Annotated[EvidenceQuery, Query()],
    dataset: Annotated[str, Path(description="Slug of the dataset.")],
) -> Reply:
    def ask(at: At) -> Report:
        listed_ = query.list_ask(at.offset)
        return call.past.evidence(at.snapshot, dataset, listed_, query.days())

    return await call.reply(query, ask, aside=True)


@listed(
    router,
    "/annotations",
    Annotations,
    summary="What to know about some days",
    about="Launches, variants that moved, breaks of method, incidents upstream.",
)
async def get_annotations(
    call: Calling, query: Annotated[AnnotationsQuery, Query()]
) -> Reply:
    return await call.reply(
        query,
        lambda at: evidence.annotations(
            at.snapshot, query.list_ask(at.offset), query.dataset, query.days()
        ),
    )
