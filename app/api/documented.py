"""Endpoints that say the same thing in several formats, registered once."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

from app.present.formats import SUFFIXES

_F = TypeVar("_F", bound=Callable[..., Any])

_SUFFIX = {
    "name": "suffix",
    "in": "path",
    "required": True,
    "description": "Format of the same answer.",
    "schema": {"type": "string", "enum": sorted(s.lstrip(".") for s in SUFFIXES)},
    "example": "csv",
}


def listed(
    router: APIRouter, path: str, model: Any, *, summary: str, about: str = ""
) -> Callable[[_F], _F]:
    """Register an endpoint whose answer has rows, with and without a suffix.

    Args:
        router: Where to register it.
        path: Path without a suffix.
        model: What the JSON answer looks like, for the reference.
        summary: What it answers, in a few words.
        about: What else there is to say.
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
            openapi_extra={"parameters": [_SUFFIX]},
        )(endpoint)
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


def _name(endpoint: Callable[..., Any]) -> str:
    """Return the name of a function as clients in other languages would spell it."""
    first, *others = endpoint.__name__.split("_")
    return first + "".join(part.capitalize() for part in others)
