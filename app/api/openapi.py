"""The OpenAPI document of `/v1`: what is served, published and generated from."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.routing import BaseRoute

from app import __version__
from app.api import (
    evidence,
    examples,
    exports,
    history,
    pushes,
    questions,
    registry,
    writes,
)
from app.api.definitions import definition
from app.api.problems import MEDIA_TYPE
from app.api.schemas import Complaint, Problem
from app.api.urls import QUESTIONS
from app.present.formats import Format, suffixes

TITLE = "Model Census"
ROUTERS = (
    questions.router,
    history.comparing,
    registry.router,
    evidence.router,
    exports.router,
    history.router,
    writes.router,
    pushes.router,
)

_REF = "#/components/{}/{}"
_REFERRED = re.compile(r'"#/components/schemas/([^"]+)"')

_ABOUT = (
    "Which AI models, from which labs, in which countries, process how many tokens, "
    "and what share of the market that is. One request answers one question: "
    "`/v1/share?origin=CN`. Change the suffix (`.csv`, `.xlsx`, `.parquet`…), keep "
    "the question. Every share has bounds; every answer has a sentence to quote and "
    "the citation to print. An unknown parameter is an error, never ignored. Say *of "
    "tokens on OpenRouter*, never *of global usage*."
)
_TAGS = [
    {"name": "questions", "description": "Share, volume and rankings, over time."},
    {"name": "registry", "description": "Who made what, where, and how sure we are."},
    {"name": "evidence", "description": "What the numbers rest on, and their state."},
    {
        "name": "writes",
        "description": "With a key: what a person decides, and numbers of one's own.",
    },
]
_HEADERS: dict[str, str] = {
    "ETag": "Weak entity tag: changes when the answer does.",
    "Last-Modified": "When the release was published.",
    "Cache-Control": "Live answers: a minute, longer in shared caches. Pinned ones: a "
    "year, immutable.",
    "Content-Location": "With `as_of`: the same answer, pinned.",
    "Link": "`next` page of a list; `canonical` URL of what was asked for by an alias; "
    "what a CSV answer is `describedby`.",
    "Retry-After": "Seconds to wait.",
    "X-Request-ID": "What to quote when something fails.",
}
_OF_ANSWERS = (
    "ETag",
    "Last-Modified",
    "Cache-Control",
    "Content-Location",
    "Link",
    "X-Request-ID",
)
_OF_UNCHANGED = ("ETag", "Last-Modified", "Cache-Control", "X-Request-ID")
_FAILURES = {
    "400": (
        "BadRequest",
        "An unknown or repeated parameter, or two that exclude each other.",
    ),
    "404": ("NotFound", "No provider, model, dataset, release… of this name."),
    "422": ("BadValue", "A value that cannot be, or days wholly outside the data."),
    "500": ("Failed", "It failed here, and was logged."),
    "503": ("Unavailable", "Not to be had right now; see `Retry-After`."),
}
_OF_WRITES = {
    "401": ("Unauthorized", "No key, or one that is not known or was revoked."),
    "403": ("Forbidden", "The key does not allow this."),
    "408": ("TooSlow", "The body took too long to arrive."),
    "413": ("TooLarge", "The body is larger than any that makes sense."),
}
_OF_BODIES = {
    "415": ("UnsupportedMediaType", "The body is of a kind that is not read here."),
}
_JSON = Format.JSON.media_type
_BADGE = {
    "title": "Badge",
    "description": "Of `.badge.json` alone: one number, as shields.io reads it.",
    "type": "object",
    "properties": {
        "schemaVersion": {"const": 1, "type": "integer"},
        "label": {"type": "string"},
        "message": {"type": "string"},
        "color": {"type": "string"},
        "cacheSeconds": {"type": "integer"},
    },
    "required": ["schemaVersion", "label", "message", "color", "cacheSeconds"],
}
_ALL = _FAILURES | _OF_WRITES | _OF_BODIES


def document(public: str) -> dict[str, Any]:
    """Return the document; the same for the same code and `public`.

    Args:
        public: Where readers reach this service.
    """
    made = get_openapi(
        title=TITLE,
        version=__version__,
        summary="An open statistics service for AI-model usage.",
        description=_ABOUT,
        routes=_routes(),
        tags=_TAGS,
        servers=[{"url": public}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _with_examples(made, _routes())
    shown = examples.read()
    for path, method, operation in _operations(made):
        given = operation["responses"]
        operation["responses"] = (
            _responses(path, given) if method == "get" else _of_writes(operation)
        )
        name = operation["operationId"]
        if method == "get":
            examples.of_answers(operation, shown["answers"][name])
        else:
            operation["security"] = [{"key": []}]
            examples.of_writes(operation, shown["writes"][name])
    components = _components(made["components"]["schemas"], shown["problems"])
    made["components"] = {"parameters": _shared(made), **components}
    return made


def _routes() -> list[BaseRoute]:
    return [route for router in ROUTERS for route in router.routes]


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _responses(path: str, given: dict[str, Any]) -> dict[str, Any]:
    content = dict(given["200"]["content"])
    if path.endswith("{suffix}"):
        pictured = path.removesuffix(".{suffix}") in QUESTIONS
        content |= _formats(pictured=pictured)
        if pictured:
            either = [content[_JSON]["schema"], _BADGE]
            content[_JSON] = {"schema": {"anyOf": either}}
    found = {
        "200": {
            "description": "The answer.",
            "headers": _headers(_OF_ANSWERS),
            "content": content,
        },
        "304": {
            "description": "The caller has it already.",
            "headers": _headers(_OF_UNCHANGED),
        },
    }
    for status, (name, _) in _FAILURES.items():
        found[status] = {"$ref": _REF.format("responses", name)}
    return found


def _formats(*, pictured: bool) -> dict[str, Any]:
    """Return what an answer is sent as, beside what it always is."""
    found: dict[str, Any] = {}
    for form in suffixes(pictured=pictured):
        media = form.media_type.partition(";")[0]
        of = "object" if media.endswith("+json") else "string"
        found[media] = {} if form.binary else {"schema": {"type": of}}
    del found[_JSON]
    return dict(sorted(found.items()))


def _of_writes(operation: dict[str, Any]) -> dict[str, Any]:
    done = operation["responses"]["201"]["content"]
    # Where there is a choice, it can be wrong.
    several = len(operation["requestBody"]["content"]) > 1
    found = {
        "201": {"description": "Published.", "content": done},
        "200": {"description": "The record said so already.", "content": done},
    }
    failures = _FAILURES | _OF_WRITES | (_OF_BODIES if several else {})
    for status, (name, _) in failures.items():
        found[status] = {"$ref": _REF.format("responses", name)}
    return dict(sorted(found.items()))


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": _REF.format("headers", name)} for name in names}


def _shared(made: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of several operations, which then only refer to them."""
    given = [
        (operation["operationId"], parameter)
        for _, _, operation in _operations(made)
        for parameter in operation.get("parameters", ())
    ]
    times = Counter(json.dumps(parameter) for _, parameter in given)
    shared: dict[str, Any] = {}
    names: dict[str, str] = {}
    for operation_id, parameter in given:
        text, name = json.dumps(parameter), parameter["name"]
        if times[text] == 1:
            continue
        if text not in names:
            names[text] = f"{name}.{operation_id}" if name in shared else name
            shared[names[text]] = dict(parameter)
        parameter.clear()
        parameter["$ref"] = _REF.format("parameters", names[text])
    return shared


def _components(
    schemas: dict[str, Any], problems: list[dict[str, Any]]
) -> dict[str, Any]:
    known = dict(schemas)
    for model in (Complaint, Problem):
        schema = model.model_json_schema(ref_template=_REF.format("schemas", "{model}"))
        schema.pop("$defs", None)
        known[model.__name__] = schema
    answers = {n for n, s in known.items() if "links" in s.get("properties", {})}
    answers.add("Written")
    needed = sorted(_needed(known, answers | {Problem.__name__}))
    return {
        "schemas": {name: _plain(known[name]) for name in needed},
        "headers": {
            name: {"description": about, "schema": {"type": "string"}}
            for name, about in _HEADERS.items()
        },
        "responses": {
            name: _failure(status, about, problems)
            for status, (name, about) in _ALL.items()
        },
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    }


def _needed(known: dict[str, Any], names: set[str]) -> set[str]:
    """Return the schemas of these names and all that they refer to.

    The framework adds those of the types that parameters are read into.
    """
    found: set[str] = set()
    while names:
        found |= names
        texts = (json.dumps(known[name]) for name in names)
        names = {n for text in texts for n in _REFERRED.findall(text)} - found
    return found


def _failure(status: str, about: str, problems: list[dict[str, Any]]) -> dict[str, Any]:
    headers = ("Retry-After", "X-Request-ID") if status == "503" else ("X-Request-ID",)
    schema = {"$ref": _REF.format("schemas", "Problem")}
    return {
        "description": about,
        "headers": _headers(headers),
        "content": {
            MEDIA_TYPE: {"schema": schema, **examples.of_problems(status, problems)}
        },
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer without defaults: what is absent has no value."""
    fields = schema.get("properties", {})
    bare = {
        name: {k: v for k, v in field.items() if k not in {"default", "title"}}
        for name, field in fields.items()
    }
    for name, field in bare.items() if str(schema["title"]).endswith("Row") else ():
        about = definition(name, field.get("description"))
        if about is not None:
            field["description"] = about
    return {**schema, "properties": bare} if fields else schema


def _with_examples(made: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Add to each parameter the examples that its model has."""
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        fields = _fields(route)
        method = next(iter(made["paths"][route.path]))
        for parameter in made["paths"][route.path][method].get("parameters", ()):
            parameter["schema"].pop("title", None)
            field = fields.get(parameter["name"])
            if field is not None and field.examples:
                parameter["schema"]["examples"] = list(field.examples)


def _fields(route: APIRoute) -> dict[str, FieldInfo]:
    models = (field.field_info.annotation for field in route.dependant.query_params)
    return {
        name: field
        for model in models
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name, field in model.model_fields.items()
    }
