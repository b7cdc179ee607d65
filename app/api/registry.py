"""The registry: models, providers, origins, families, categories."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.documented import listed, single
from app.api.door import Calling
from app.api.queries import CategoriesQuery, ItemQuery, ModelsQuery
from app.api.replies import Reply
from app.api.schemas import (
    Categories,
    Families,
    Model,
    Models,
    Origins,
    Provider,
    Providers,
)
from app.present.formats import Format
from app.services import catalog

router = APIRouter(prefix="/v1", tags=["registry"])

ModelsAsk = Annotated[ModelsQuery, Query()]
CategoriesAsk = Annotated[CategoriesQuery, Query()]
ItemAsk = Annotated[ItemQuery, Query()]


@listed(router, "/models", Models, summary="All models")
async def get_models(call: Calling, query: ModelsAsk) -> Reply:
    return await call.reply(
        query, lambda at: catalog.models(at.snapshot, query.list_ask(at.offset))
    )


@single(router, "/models/{provider}/{model}", Model, summary="One model")
async def get_model(
    call: Calling,
    query: ItemAsk,
    provider: Annotated[str, Path(description="First part of the slug.")],
    model: Annotated[str, Path(description="Second part; may hold dots and colons.")],
) -> Reply:
    slug = f"{provider}/{model.removesuffix(Format.JSON)}"
    return await call.reply(query, lambda at: catalog.model(at.snapshot, slug))


@listed(router, "/providers", Providers, summary="All providers")
async def get_providers(call: Calling, query: ModelsAsk) -> Reply:
    return await call.reply(
        query, lambda at: catalog.providers(at.snapshot, query.list_ask(at.offset))
    )


@single(router, "/providers/{provider}", Provider, summary="One provider")
async def get_provider(
    call: Calling,
    query: ItemAsk,
    provider: Annotated[str, Path(description="Slug of the provider.")],
) -> Reply:
    slug = provider.removesuffix(Format.JSON)
    return await call.reply(query, lambda at: catalog.provider(at.snapshot, slug))


@listed(router, "/origins", Origins, summary="Countries, and who is there")
async def get_origins(call: Calling, query: ModelsAsk) -> Reply:
    return await call.reply(
        query, lambda at: catalog.origins(at.snapshot, query.list_ask(at.offset))
    )


@listed(router, "/families", Families, summary="Product lines")
async def get_families(call: Calling, query: ModelsAsk) -> Reply:
    return await call.reply(
        query, lambda at: catalog.families(at.snapshot, query.list_ask(at.offset))
    )


@listed(router, "/categories", Categories, summary="Use cases")
async def get_categories(call: Calling, query: CategoriesAsk) -> Reply:
    return await call.reply(
        query, lambda at: catalog.categories(at.snapshot, query.list_ask(at.offset))
    )
