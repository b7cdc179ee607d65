"""The OpenAPI document of `/v1`: what is served, published and generated from."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from app import __version__

TITLE = "Model Census"


def document(public: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Return the document."""
    return get_openapi(
        title=TITLE, version=__version__, routes=routes, servers=[{"url": public}]
    )
