"""What an agent is told: rows with what must be said beside them, or what to do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.api.urls import spelt
from app.api.views import Ask

Arguments = Mapping[str, Any]

MOST_ROWS = 200
"""Rows of one result: an agent reads them all, and pays for each."""

_OK = 200
_BESIDE = (
    "unit",
    "dataset",
    "release",
    "data_through",
    "freshness",
    "numerator",
    "base",
    "count",
    "caveats",
    "warnings",
)
"""What else is told of an answer, where it says so."""


class Refused(Exception):  # noqa: N818 (told to the caller, not raised on)
    """There is no result; the text says what to do."""


def told(
    found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]] | None
) -> dict[str, Any]:
    """Return what a tool found: first what to quote, then the rows.

    Args:
        found: An answer of the API.
        rows: Its rows; None if they are not asked for.
    """
    meta, links = found["meta"], found["links"]
    beside = {n: meta[n] for n in _BESIDE if meta.get(n) is not None}
    result = {
        "quote": meta["quote"],
        "citation": meta["citation"],
        "permalink": links["permalink"],
        **beside,
    }
    return result if rows is None else {**result, "data": list(rows)}


async def answer(ask: Ask, path: str, arguments: Arguments) -> dict[str, Any]:
    """Return what the API answers.

    Args:
        ask: Asks it.
        path: Path of the question.
        arguments: Its parameters; a list is written with commas.

    Raises:
        Refused: It does not answer.
    """
    status, body = await ask(spelt(path, _query(arguments)))
    found: dict[str, Any] = json.loads(body)
    if status != _OK:
        raise Refused(_advice(found, path))
    return found


def with_rows(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with its rows.

    Raises:
        Refused: It has too many.
    """
    links, rows = found["links"], found["data"]
    if len(rows) > MOST_ROWS:
        raise Refused(
            f"This has {len(rows)} rows, more than the {MOST_ROWS} of one result. Ask "
            "for a coarser interval, a shorter window or a smaller top, or read all "
            f"of them from {links['csv']}"
        )
    return told(found, rows)


def _query(arguments: Arguments) -> list[tuple[str, str]]:
    return [(k, _text(v)) for k, v in arguments.items() if v is not None]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def _advice(problem: Mapping[str, Any], path: str) -> str:
    text = f"{problem['title']}. {problem['detail']}"
    better = urlsplit(problem.get("try_url", ""))
    if better.path.endswith(path):
        works = json.dumps(dict(parse_qsl(better.query)), ensure_ascii=False)
        text += f" These arguments work: {works}"
    return text
