"""The application behind the front: routes, failures, the reference."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager

from fastapi import Depends, FastAPI

from app.api import feeds, openapi, operation, pushes, questions, views
from app.api.agents import endpoint
from app.api.cache import Bounded, Clock, Present
from app.api.door import Door
from app.api.exports import Exports, files
from app.api.handlers import add_handlers, once_each
from app.api.pages import Page, router_of, serving
from app.api.problems import Problems
from app.api.replies import DENY_ALL
from app.api.short import Short
from app.drawing.pool import Pool
from app.present import json
from app.services.snapshots import Snapshots
from app.store.database import Database

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    public: str,
    snapshots: Snapshots,
    present: Present,
    now: Clock,
    *,
    limit: int,
    pages: Mapping[str, Page],
    seen: Mapping[str, views.See],
    record: Database,
    drawing: Pool,
    exports: Exports,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Return the application; it hands its replies to the front and sends nothing.

    Args:
        public: Where readers reach this service, without a slash at the end.
        snapshots: The releases in memory.
        present: What live answers depend on.
        now: The clock.
        limit: Bytes of answers that are kept for other spellings of one question.
        pages: Pages and files, by path.
        seen: What makes pages out of answers, by path.
        record: For what is not in memory, and for writing.
        drawing: Draws figures.
        exports: Makes files of whole releases.
        lifespan: What runs beside the answering.
    """
    app = FastAPI(
        title=openapi.TITLE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.draining = False
    app.state.pushes = pushes.Slots()
    app.state.door = Door(
        public, snapshots, present, now, Bounded(limit), record, drawing
    )
    app.state.exports = exports
    app.state.short = Short(app.state, questions.SHORT)
    for router in openapi.ROUTERS:
        app.include_router(router, dependencies=[Depends(once_each)])
    app.include_router(files, dependencies=[Depends(once_each)])
    app.include_router(operation.router)
    app.include_router(feeds.router)
    app.include_router(endpoint.router)
    app.include_router(router_of(pages))
    app.include_router(views.router_of(seen))

    document = serving(
        lambda: json.dumps(openapi.document(public)), "application/json", DENY_ALL
    )
    app.get("/openapi.json", include_in_schema=False)(document)
    add_handlers(
        app, Problems(public), public, [*pages, *_plain(seen), *_plain(_paths())]
    )
    return app


def _paths() -> Iterator[str]:
    for router in openapi.ROUTERS:
        for route in router.routes:
            yield getattr(route, "path", "")


def _plain(paths: Iterable[str]) -> Iterator[str]:
    """Yield those paths that have no part to fill in."""
    return (path for path in paths if path and "{" not in path)
