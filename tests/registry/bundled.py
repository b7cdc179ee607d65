"""The bundled files, read."""

import csv
import json
from typing import Any

from tests.house.tree import ROOT

FOLDER = ROOT / "app" / "registry"

Row = dict[str, str]


def table(name: str) -> list[Row]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


PROVIDERS = {row["slug"]: row for row in table("providers.csv")}
MODELS = {row["slug"]: row for row in table("models.csv")}
USAGE = table("openrouter-tokens.csv")
DATASETS: list[dict[str, Any]] = json.loads((FOLDER / "datasets.json").read_text())
DECLARED: list[dict[str, Any]] = json.loads((FOLDER / "declared.json").read_text())
BUNDLE: dict[str, Any] = json.loads((FOLDER / "bundle.json").read_text())
