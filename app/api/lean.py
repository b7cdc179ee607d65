"""Endpoints that read their query by its model alone.

The framework asks for each of some fifty parameters by name before it hands them to the
model, which then looks at them again: a good part of what a short answer takes. The
contract is the same, and still the framework's. What routers depend on is not asked
either, so the one thing they do, refuse what is given twice, is done here.
"""

from collections.abc import Callable, Coroutine
from inspect import signature
from typing import Any, get_args

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError

from app.api.door import Call
from app.api.problems import repeated
from app.api.queries import Query
from app.api.urls import pairs

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LeanRoute(APIRoute):
    """A route to an endpoint that takes a call and a query, and nothing else."""

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        endpoint, model = self.endpoint, _model(self.endpoint)

        async def handle(request: Request) -> Response:
            given = pairs(request.scope["query_string"])
            error = repeated(given)
            if error is not None:
                raise error
            try:
                query = model.model_validate(dict(given))
            except ValidationError as wrong:
                raise RequestValidationError(wrong.errors()) from wrong
            reply: Response = await endpoint(Call.of(request, given), query)
            return reply

        return handle


def _model(endpoint: Callable[..., Any]) -> type[Query]:
    call, query = signature(endpoint, eval_str=True).parameters.values()
    model = get_args(query.annotation)[0]
    assert (call.name, query.name) == ("call", "query")  # noqa: S101 # of ours
    assert issubclass(model, Query)  # noqa: S101 # of ours
    return model  # type: ignore[no-any-return] # as was just asserted
