"""A small census to list: four makers, five models, three days, in one record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.domain.questions import ListAsk
from app.domain.registry import Alias, Dimension
from app.domain.reports import Report
from app.domain.values import Values
from app.services.curate import Category, Edit
from app.store.database import Database
from tests.domain import examples
from tests.domain.examples import claim
from tests.services import published
from tests.services.published import MONDAY, TUESDAY, WEDNESDAY, batch, moment

LONG_AGO = MONDAY - timedelta(days=30)
MODELS = ["acme/one", "acme/one:free", "bolt/two", "corp/x", "stealth/ox"]

REGISTRY = Edit(
    providers=["acme", "bolt", "corp", "stealth", "idle"],
    models=[examples.model(slug) for slug in MODELS],
    claims=[
        claim("acme", "name", "Acme Labs"),
        claim("acme", "organisation", "Acme Inc."),
        claim("acme", "lab", "acme"),
        claim("acme", "origin", "US", evidence="https://example.org/acme"),
        claim(
            *("corp", "origin", "CN"),
            basis="Founded there, moved since.",
            confidence="disputed",
            alternatives=("SG",),
        ),
        claim("idle", "origin", "FR"),
        claim("stealth", "kind", "pseudo"),
        *(claim(slug, "provider", slug.partition("/")[0]) for slug in MODELS[:4]),
        claim("stealth/ox", "provider", "stealth", confidence="low"),
        claim("acme/one", "name", "One"),
        claim("acme/one", "weights", "open", valid_to=TUESDAY),
        claim("acme/one", "weights", "closed", valid_from=TUESDAY),
        claim("acme/one:free", "weights", "closed"),
        claim("acme/one", "family", "one"),
        claim("acme/one:free", "family", "one"),
        claim("corp/x", "family", "x"),
        claim("corp/x", "license", "MIT"),
        claim("corp/x", "released_on", "2026-07"),
        claim("corp/x", "context_length", "131072"),
    ],
    aliases=[
        Alias("openrouter", "acme/uno", "acme/one"),
        Alias("openrouter", "acme/eins", "acme/one"),
        Alias("huggingface", "Acme/One-7B", "acme/one", "base"),
        Alias("openrouter", "twice", "acme/one"),
        Alias("huggingface", "twice", "corp/x"),
    ],
    datasets=[
        published.DATASET,
        replace(
            examples.dataset(slug="tools", name="Tools"),
            unit="tools",
            cadence_hours=None,
        ),
    ],
    categories=[
        Category("tools", "code", "Coding"),
        Category("tools", "audio", "Audio"),
    ],
)


def fill(database: Database) -> None:
    """Publish three releases: the registry, three days, and one of them restated."""
    published.apply(database, REGISTRY, "The registry.")
    published.take(
        database,
        batch(
            moment(30),
            {
                LONG_AGO: {"acme/one": 1000},
                MONDAY: {"acme/one": 70, "bolt/two": 20, "other": 10},
                WEDNESDAY: {"corp/x": 30, "acme/one:free": 5, "stealth/ox": 15},
            },
        ),
        # The last day had not ended yet, and Tuesday was never told.
        batch(moment(31), {MONDAY: {"acme/one": 75, "bolt/two": 20, "other": 10}}),
    )


def where(**filters: str) -> ListAsk:
    """Ask for `origin="CN,US"` or, with a sign, for `origin="-CN"`."""
    return ListAsk({Dimension(name): _values(text) for name, text in filters.items()})


def _values(text: str) -> Values:
    if text.startswith("-"):
        return Values.all_but(*text[1:].split(",-"))
    return Values.of(*text.split(","))


def column(report: Report, name: str) -> list[Any]:
    return [row[name] for row in report.rows()]
