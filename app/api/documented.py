"""Endpoints that say the same thing in several formats, registered once."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import fastapi
from fastapi import APIRouter

from app.api.queries import Query
from app.api.urls import QUESTIONS
from app.present.formats import suffixes

_F = TypeVar("_F", bound=Callable[..., Any])


def _suffix(path: str) -> dict[str, Any]:
    known = suffixes(pictured=f"/v1{path}" in QUESTIONS)
    return {
        "name": "suffix",
        "in": "path",
        "required": True,
        "description": "Format of the same answer.",
        "schema": {"type": "string", "enum": sorted(s.lstrip(".") for s in known)},
        "example": "csv",
    }


def listed(
    router: APIRouter,
    path: str,
    model: Any,
    *,
    summary: str,
    about: str = "",
    pictured: type[Query] | None = None,
) -> Callable[[_F], _F]:
    """Register an endpoint whose answer has rows, with and without a suffix.

    Args:
        router: Where to register it.
        path: Path without a suffix.
        model: What the JSON answer looks like, for the reference.
        summary: What it answers, in a few words.
        about: What else there is to say.
        pictured: Query of the same answer as a figure, where it can be one.
    """

    def add(endpoint: _F) -> _F:
        name = _name(endpoint)
        router.get(
            path,
            operation_id=name,
            summary=summary,
            description=about,
            response_model=model,
        )(endpoint)
        router.get(
            f"{path}.{{suffix}}",
            operation_id=f"{name}As",
            summary=f"{summary}, in a format",
            description=about,
            response_model=model,
            openapi_extra={"parameters": [_suffix(path)]},
        )(endpoint if pictured is None else _asked_by(endpoint, pictured))
        return endpoint

    return add


def single(
    router: APIRouter, path: str, model: Any, *, summary: str
) -> Callable[[_F], _F]:
    """Register an endpoint about one thing; a path that ends in `.json` is the same."""

    def add(endpoint: _F) -> _F:
        name = _name(endpoint)
        router.get(path, operation_id=name, summary=summary, response_model=model)(
            endpoint
        )
        return endpoint

    return add


def _asked_by(endpoint: Callable[..., Any], query: type[Query]) -> Callable[..., Any]:
    """Return an endpoint that takes another query, and is the same."""

    async def asked(call: Any, query: Any) -> Any:
        return await endpoint(call, query)

    asked.__annotations__ = {**endpoint.__annotations__, "query": _of(query)}
    return asked


def _of(query: type[Query]) -> Any:
    return Annotated[query, fastapi.Query()]


def _name(endpoint: Callable[..., Any]) -> str:
    """Return the name of a function as clients in other languages would spell it."""
    first, *others = endpoint.__name__.split("_")
    return first + "".join(part.capitalize() for part in others)
