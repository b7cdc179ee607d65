"""Every failure of the application becomes a problem, with a URL that works."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.problems import PathError, Problems, of_http, of_validation, repeated
from app.api.replies import EXCHANGE, Exchange, Reply
from app.api.urls import mended, pairs, spelt
from app.api.views import asked_inside
from app.errors import AppError, EstimateError

_MOST_TRIALS = 3
_OK = 200
_MENDABLE = {400, 404, 422}
_VERSION = "/v1/"
_VOLUME = "/v1/volume"


def add_handlers(
    app: FastAPI, problems: Problems, public: str, paths: Sequence[str]
) -> None:
    """Make every expected failure of `app` a problem; the front sees to the others.

    Args:
        app: The application.
        problems: Makes the replies.
        public: Where readers reach this service.
        paths: Those that may have been meant by one that there is not.
    """

    async def answer(request: Request, error: AppError) -> Reply:
        exchange: Exchange = request.scope[EXCHANGE]
        better = _better(request, error) if error.status in _MENDABLE else None
        if exchange.trial:
            exchange.better = better
            better = None
        works = await _working(request, better) if better else None
        return problems.reply(error, f"{public}{works}" if works else None)

    @app.exception_handler(AppError)
    async def expected(request: Request, error: AppError) -> Reply:
        return await answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Reply:
        return await answer(request, of_validation(error))

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Reply:
        return await answer(request, of_http(error, request.scope["path"], paths))


async def once_each(request: Request) -> None:
    """Refuse parameters that are given more than once.

    Raises:
        BadParameterError: There are some.
    """
    error = repeated(pairs(request.scope["query_string"]))
    if error is not None:
        raise error


def _better(request: Request, error: AppError) -> str | None:
    """Return the URL, without its host, that the failure itself suggests.

    None for a write: no page to read is what its sender meant.
    """
    if request.method != "GET":
        return None
    query = pairs(request.scope["query_string"])
    path: str = request.scope["path"]
    if isinstance(error, PathError):
        near = error.near
        return spelt(near, query) if near else None
    if isinstance(error, EstimateError) and path == _VOLUME:
        return spelt(f"{_VERSION}{error.instead}", query)
    if error.fix is None:
        return None
    return mended(path, query, error.fix, _collection(request))


def _collection(request: Request) -> str | None:
    """Return the path of the list that the thing asked for would be in."""
    if not request.path_params.keys() - {"suffix"}:
        return None
    path: str = request.scope["path"]
    return _VERSION + path.removeprefix(_VERSION).partition("/")[0]


async def _working(request: Request, better: str) -> str | None:
    """Return the suggested URL, or the next one it leads to, that really works."""
    tried = better
    for _ in range(_MOST_TRIALS):
        exchange = await asked_inside(request, tried, trial=True)
        if exchange.reply is not None and exchange.reply.status_code == _OK:
            return tried
        if exchange.better is None:
            break
        tried = exchange.better
    bare = better.partition("?")[0]
    exchange = await asked_inside(request, bare, trial=True)
    worked = exchange.reply is not None and exchange.reply.status_code == _OK
    return bare if worked else None
