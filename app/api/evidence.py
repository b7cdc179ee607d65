"""The evidence: datasets, releases, and how the last readings went."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.documented import listed, single
from app.api.door import Calling
from app.api.parameters import release_number
from app.api.queries import ItemQuery, Nothing, PinnablePage
from app.api.replies import Reply
from app.api.schemas import Dataset, Datasets, Release, Releases, Status
from app.present.formats import Format
from app.services import evidence, status

router = APIRouter(prefix="/v1", tags=["evidence"])


@listed(router, "/datasets", Datasets, summary="All datasets")
async def get_datasets(call: Calling, query: Annotated[PinnablePage, Query()]) -> Reply:
    return await call.reply(
        query, lambda at: evidence.datasets(at.snapshot, query.list_ask(at.offset))
    )


@single(router, "/datasets/{dataset}", Dataset, summary="One dataset")
async def get_dataset(
    call: Calling,
    query: Annotated[ItemQuery, Query()],
    dataset: Annotated[str, Path(description="Slug of the dataset.")],
) -> Reply:
    slug = dataset.removesuffix(Format.JSON)
    return await call.reply(query, lambda at: evidence.dataset(at.snapshot, slug))


@listed(router, "/releases", Releases, summary="All releases, the newest first")
async def get_releases(call: Calling, query: Annotated[PinnablePage, Query()]) -> Reply:
    return await call.reply(
        query, lambda at: evidence.releases(at.snapshot, query.list_ask(at.offset))
    )


@single(router, "/releases/{id}", Release, summary="One release")
async def get_release(
    call: Calling,
    query: Annotated[ItemQuery, Query()],
    id: Annotated[str, Path(description="Number of the release.", examples=["5"])],  # noqa: A002 (its name in the contract)
) -> Reply:
    number = release_number(id.removesuffix(Format.JSON))
    return await call.reply(query, lambda at: evidence.release(at.snapshot, number))


@single(router, "/status", Status, summary="How fresh the data are, and what is wrong")
async def get_status(call: Calling, query: Annotated[Nothing, Query()]) -> Reply:
    return await call.reply(
        query,
        lambda at: status.status(at.snapshot, at.live(), call.readings),
        by_run=True,
    )


@single(router, "/status.json", Status, summary="The same, with a suffix")
async def get_status_json(call: Calling, query: Annotated[Nothing, Query()]) -> Reply:
    return await get_status(call, query)
