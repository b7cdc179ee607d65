"""The bundled usage and registry as plain facts, straight from their files."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

from tests.services.plain import Claim, Facts, ModelFact

FOLDER = Path(__file__).parents[2] / "app" / "registry"


@cache
def facts() -> Facts:
    volumes: dict[date, dict[str, int]] = {}
    read = {}
    for row in _rows("openrouter-tokens.csv"):
        day = date.fromisoformat(row["date"])
        volumes.setdefault(day, {})[row["model_permaslug"]] = int(row["total_tokens"])
        read[day] = datetime.fromisoformat(row["as_of"])
    providers = {row["slug"]: row for row in _rows("providers.csv")}
    hidden = {slug for slug, row in providers.items() if row["kind"] == "pseudo"}
    return Facts(
        volumes=volumes,
        read=read,
        models={
            row["slug"]: ModelFact(
                row["base"], row["variant"], tuple(_of_model(row, hidden))
            )
            for row in _rows("models.csv")
        },
        providers={s: tuple(_of_provider(row)) for s, row in providers.items()},
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of_provider(row: dict[str, str]) -> Iterator[Claim]:
    for attribute in ("name", "lab"):
        if row[attribute]:
            yield Claim(attribute, row[attribute], "high")
    if row["origin"]:
        also = tuple(row["alternatives"].split())
        yield Claim("origin", row["origin"], row["confidence"], also)


def _of_model(row: dict[str, str], hidden: set[str]) -> Iterator[Claim]:
    sure = "low" if row["provider"] in hidden else "high"
    yield Claim("provider", row["provider"], sure)
    if row["weights"]:
        yield Claim("weights", row["weights"], row["weights_confidence"])
    for attribute in ("name", "family", "license", "released_on"):
        if row[attribute]:
            yield Claim(attribute, row[attribute], "high")
