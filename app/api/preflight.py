"""What may be sent to a path: the answer to OPTIONS, for browsers that ask first."""

from fastapi.routing import APIRoute

from app.api.agents import endpoint
from app.api.openapi import ROUTERS

_ROUTERS = *ROUTERS, endpoint.router
_ROUTES = [r for router in _ROUTERS for r in router.routes if isinstance(r, APIRoute)]


def methods(path: str) -> str:
    """Return the methods of a path, as in `Allow`; those of a page if it is none."""
    found: set[str] = set()
    for route in _ROUTES:
        if route.path_regex.match(path):
            found |= route.methods or set()
    if "GET" in found or not found:
        found |= {"GET", "HEAD"}
    return ", ".join([*sorted(found), "OPTIONS"])
