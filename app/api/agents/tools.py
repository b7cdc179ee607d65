"""The tools that agents have: few, made by hand, each a question of `/v1`.

Their parameters are those of the API, described once, there.
"""

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.api.agents.told import Arguments, Refused, answer, told, with_rows
from app.api.queries import LIST, ModelsQuery, RankingsQuery, ShareQuery, VolumeQuery
from app.api.views import Ask

Schema = dict[str, Any]
Told = dict[str, Any]

_QUESTIONS: Mapping[str, type[BaseModel]] = {
    "share": ShareQuery,
    "volume": VolumeQuery,
    "rankings": RankingsQuery,
}
_FEW, _MOST_USED = 10, "-volume_28d"


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    Attributes:
        name: What it is called by.
        title: What people read.
        about: What it does, and when to take it.
        parameters: JSON schema of its arguments.
        run: Asks the API; raises `Refused` if there is no result.
    """

    name: str
    title: str
    about: str
    parameters: Schema
    run: Callable[[Ask, Arguments], Awaitable[Told]]


INSTRUCTIONS = (
    "Model Census measures which language models are used: tokens that a public router "
    "of models processed, by origin of the lab, open or closed weights, provider, "
    "family, model, day by day. Shares are fractions from 0 to 1, with bounds: what is "
    "not attributed yet may belong anywhere, so the true share lies between share_low "
    "and share_high. Numbers are of the traffic named in `base` and `caveats`, not of "
    "all AI use; say so. When you publish a number, take the `quote` and add the "
    "`citation` and the `permalink`, which answers the same for ever. Start with "
    "`coverage` if you do not know what there is, with `find_model` for slugs."
)

_VALUES = (
    "origin takes ISO codes of countries (CN, US, FR), weights takes open or closed, "
    f"others take slugs. {LIST} Dates may be days, months (2026-04), weeks (2026-W15), "
    "quarters (2026-Q2) or years, both ends included."
)


def tools() -> tuple[Tool, ...]:
    """Return every tool."""
    return (
        Tool(
            "share",
            "Share of use",
            "Share of all use that some models have, with bounds, over time if "
            "`interval` is given. Filters such as origin select whose share; "
            "within_… narrow what it is a share of. Without a filter: the share of "
            f"each origin. {_VALUES}",
            _of_question(ShareQuery),
            _asking("share"),
        ),
        Tool(
            "volume",
            "Volume of use",
            "How much was used (tokens, for the default dataset), with bounds, by day "
            "unless `interval` says otherwise. Mind the rows: a year of days by ten "
            f"groups is too much, so ask for weeks or months. {_VALUES}",
            _of_question(VolumeQuery),
            _asking("volume"),
        ),
        Tool(
            "rankings",
            "Rankings",
            "Who leads in one window of time: models, or what `group_by` names, with "
            f"volume, share, growth and rank before. {_VALUES}",
            _of_question(RankingsQuery),
            _asking("rankings"),
        ),
        Tool(
            "find_model",
            "Find a model",
            "Find models by a part of their name or slug: who made them, where, open "
            "or closed, context, price, volume of the last 28 days. `count` is how "
            "many there are.",
            _of_models(),
            _find_model,
        ),
        Tool(
            "coverage",
            "What is known",
            "Which datasets there are, which days and dimensions each covers, how "
            "fresh it is, its gaps, and which fraction of it is attributed. With "
            "`dataset`: more of that one.",
            _object(_COVERAGE),
            _coverage,
        ),
        Tool(
            "quote",
            "A sentence to quote",
            "One sentence that states the answer to a question, ready to print, with "
            "its citation and permalink, and no rows.",
            _object(_QUOTE),
            _quote,
        ),
    )


def _asking(kind: str) -> Callable[[Ask, Arguments], Awaitable[Told]]:
    async def run(ask: Ask, arguments: Arguments) -> Told:
        return with_rows(await answer(ask, f"/v1/{kind}", arguments))

    return run


async def _find_model(ask: Ask, arguments: Arguments) -> Told:
    asked = {"limit": _FEW, "sort": _MOST_USED, **arguments}
    return with_rows(await answer(ask, "/v1/models", asked))


async def _coverage(ask: Ask, arguments: Arguments) -> Told:
    """Return datasets, each with how it stands right now."""
    _only(arguments, "dataset")
    status = (await answer(ask, "/v1/status", {}))["data"]
    standing = {one["dataset"]: one for one in status["datasets"]}
    slug, path = arguments.get("dataset"), "/v1/datasets"
    if slug is not None:
        _known("dataset", slug, standing)
        path += f"/{slug}"
    found = await answer(ask, path, {"release": status["release"]})
    rows = found["data"] if slug is None else [found["data"]]
    return told(found, [row | _standing(standing[row["slug"]]) for row in rows])


def _standing(one: Mapping[str, Any]) -> dict[str, Any]:
    names = "freshness", "next_update_expected", "gaps", "attribution_coverage"
    return {name: one[name] for name in names}


async def _quote(ask: Ask, arguments: Arguments) -> Told:
    _only(arguments, "question", "arguments")
    kind, asked = arguments.get("question", "share"), arguments.get("arguments", {})
    _known("question", kind, _QUESTIONS)
    if not isinstance(asked, Mapping):
        raise Refused('arguments is an object, such as {"origin": "CN"}.')
    return told(await answer(ask, f"/v1/{kind}", asked), None)


def _only(arguments: Arguments, *names: str) -> None:
    others = sorted(set(arguments) - set(names))
    if others:
        takes = " and ".join(names)
        raise Refused(f"{', '.join(others)}: no such argument; this takes {takes}.")


def _known(name: str, value: object, known: Iterable[str]) -> None:
    if value not in tuple(known):
        raise Refused(f"{name}: {value!r} is not one of {', '.join(known)}.")


# What they take


def _of_question(query: type[BaseModel]) -> Schema:
    return _object(_fields(query, without={"shape"}))


def _of_models() -> Schema:
    fields = _fields(ModelsQuery, without={"cursor"})
    fields["limit"]["description"] = f"Most models to return. Default: {_FEW}."
    fields["sort"]["description"] += f" Default: {_MOST_USED}."
    return _object(fields)


_COVERAGE: Mapping[str, Schema] = {
    "dataset": {
        "type": "string",
        "description": "Slug of one dataset. Default: all.",
        "examples": ["openrouter-tokens"],
    }
}
_QUOTE: Mapping[str, Schema] = {
    "question": {
        "type": "string",
        "enum": list(_QUESTIONS),
        "description": "Which question. Default: share.",
    },
    "arguments": {
        "type": "object",
        "description": "What the tool of that question takes.",
        "examples": [{"origin": "CN", "start_date": "2026-04", "end_date": "2026-04"}],
    },
}


def _object(fields: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(fields), "additionalProperties": False}


def _fields(query: type[BaseModel], without: Container[str]) -> dict[str, Schema]:
    found = query.model_json_schema()["properties"]
    return {n: _field(schema) for n, schema in found.items() if n not in without}


def _field(schema: Schema) -> Schema:
    """Return how a parameter is described, without what is said once for all."""
    kept = {k: v for k, v in schema.items() if k not in {"title", "default"}}
    return {**kept, "description": kept["description"].removesuffix(f" {LIST}")}
