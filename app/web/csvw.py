"""What the columns of a CSV answer are, as CSV on the Web says it.

The contract of the API knows; this only says it in other words. An answer as CSV leads
here by its `Link: rel="describedby"`.
Source: https://www.w3.org/TR/tabular-metadata/
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.web import machine
from app.web.asking import Answer, Made, Visit
from app.web.urls import spelt

MEDIA_TYPE = "application/csvm+json"

Schema = Mapping[str, Any]

_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS = {"date": "date", "date-time": "datetime"}


async def described(visit: Visit) -> Made:
    """Return what describes the table that `/v1` has at the same path and query."""
    path = f"/v1/{visit.named['table']}"
    url = spelt(f"{path}.csv", visit.query)
    asked = await visit.ask(url)
    if not asked.ok:
        return machine.passed_on(asked)
    names = await _names(visit, path, asked)
    contract = (await visit.ask("/openapi.json")).json()
    known = _row(contract, path)
    told = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": visit.public + url,
        "dialect": {"encoding": "utf-8", "header": True},
        "tableSchema": {
            "columns": [_column(contract, name, known.get(name)) for name in names]
        },
    }
    body = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return Made(body, machine.POLICY, MEDIA_TYPE)


async def _names(visit: Visit, path: str, asked: Answer) -> list[str]:
    if asked.body:
        return next(csv.reader([asked.body.decode().partition("\r\n")[0]]))
    # A table that is written while it is sent: its rows are asked for another way.
    whole = await visit.ask(spelt(path, visit.query))
    return list(whole.json()["data"][0])


def _row(contract: Schema, path: str) -> Mapping[str, Schema]:
    """Return the fields of the rows of a path, which may have parts to fill in."""
    (operations,) = (
        operations
        for template, operations in contract["paths"].items()
        if re.fullmatch(_pattern(template), path)
    )
    content = operations["get"]["responses"]["200"]["content"]
    answer = _found(contract, content["application/json"]["schema"])
    rows = _found(contract, answer["properties"]["data"]["items"])
    fields: Mapping[str, Schema] = rows["properties"]
    return fields


def _pattern(template: str) -> str:
    return "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template)))


def _found(contract: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    found: Schema = contract["components"]["schemas"][name]
    return found


def _column(contract: Schema, name: str, schema: Schema | None) -> Schema:
    """Return a column; one that the contract does not know is named by its title."""
    if schema is None:
        return {"titles": name, "datatype": "number"}
    told = dict(_typed(contract, schema))
    if "description" in schema:
        told["dc:description"] = schema["description"]
    return {"name": name, "titles": name, **told}


def _typed(contract: Schema, schema: Schema) -> Iterator[tuple[str, Any]]:
    options = [_found(contract, each) for each in schema.get("anyOf", [schema])]
    values = [each for each in options if each.get("type") != "null"]
    kind = values[0]
    if kind.get("type") == "array":
        # It may be empty, and so need not be there.
        yield "separator", ";"
        yield "datatype", _datatype(kind["items"])
        return
    yield "datatype", _datatype(kind)
    if len(values) == len(options):
        yield "required", True


def _datatype(schema: Schema) -> str:
    text = _FORMATS.get(schema.get("format", ""), "string")
    return _TYPES.get(schema.get("type", ""), text)
