"""Examples of the reference: what the bundled census answers to real questions."""

import json
from importlib.resources import files
from typing import Any

from app.present.formats import Format


def read() -> dict[str, Any]:
    """Return the examples.

    Returns:
        `answers` and `writes` by `operationId`, and `problems` in a list; each has the
        `url` that was asked, its `status`, the `body` that was sent if one was, and the
        `answer`: an object, or the text of a table.
    """
    text = (files("app.api") / "examples.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def of_answers(operation: dict[str, Any], found: dict[str, Any]) -> None:
    """Add the example of a question to the operation that answers it."""
    content = operation["responses"]["200"]["content"]
    media = _media_type(found["url"])
    content[media] = {
        **content[media],
        "examples": _one("answer", found["url"], found["answer"]),
    }


def _media_type(url: str) -> str:
    """Return what a question is answered in, as the document names it."""
    path = url.partition("?")[0]
    named = (form for form in Format if form.tabular and path.endswith(form))
    return next(named, Format.JSON).media_type.partition(";")[0]


def of_writes(operation: dict[str, Any], found: dict[str, Any]) -> None:
    """Add the example of a write: what is sent, and what comes back."""
    sent = operation["requestBody"]["content"]
    done = operation["responses"]["201"]["content"]
    for name, content in (("body", sent), ("answer", done)):
        shown = _one(name, f"POST {found['url']}", found[name])
        media = content["application/json"]
        content["application/json"] = {**media, "examples": shown}


def of_problems(status: str, problems: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the examples of the problems with a status, by the end of their type."""
    examples: dict[str, Any] = {}
    for found in problems:
        if found["status"] == int(status):
            code = found["answer"]["type"].rpartition("/")[2]
            asked = f"POST {found['url']}" if "body" in found else found["url"]
            examples |= _one(code, asked, found["answer"])
    return {"examples": examples} if examples else {}


def _one(name: str, summary: str, value: object) -> dict[str, Any]:
    return {name: {"summary": summary, "value": value}}
