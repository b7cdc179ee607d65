"""All that a release says, as tables: each observation as it was judged on its day."""

from dataclasses import replace

from app.domain.datasets import Dataset
from app.domain.snapshot import Snapshot
from app.services import exporting
from tests.api.small import REGISTRY, SECOND, TUESDAY

SLUG = "openrouter-tokens"


def moved(snapshot: Snapshot) -> Snapshot:
    """Return a release in which the lab behind `acme` moved to another country."""
    (claim,) = (
        a for a in REGISTRY.attributions if (a.subject, a.value) == ("acme", "US")
    )
    claims = [a for a in REGISTRY.attributions if a is not claim]
    claims.append(replace(claim, valid_to=TUESDAY))
    claims.append(replace(claim, value="FR", valid_from=TUESDAY))
    registry = replace(REGISTRY, attributions=tuple(claims))
    view = replace(snapshot.datasets[SLUG], registry=registry)
    return replace(snapshot, registry=registry, datasets={SLUG: view})


def test_an_observation_is_judged_as_of_its_day() -> None:
    rows = [*exporting.tables(moved(SECOND))["observations"].rows()]

    told = [
        (str(r["period_start"]), r["subject"], r["origin"], r["volume"]) for r in rows
    ]
    assert told == [
        ("2026-08-17", "acme/one", "US", 60),
        ("2026-08-17", "panda/two:free", "CN", 30),
        ("2026-08-17", "other", "unknown", 10),
        ("2026-08-18", "acme/one", "FR", 20),
        ("2026-08-18", "panda/two:free", "CN", 60),
        ("2026-08-18", "other", "unknown", 20),
    ]


def test_a_second_dataset_comes_after_the_first() -> None:
    view = SECOND.datasets[SLUG]
    dataset: Dataset = replace(view.dataset, slug="second", unit="requests")
    both = {SLUG: view, "second": replace(view, dataset=dataset)}

    rows = [*exporting.tables(replace(SECOND, datasets=both))["observations"].rows()]

    assert [(r["dataset"], r["unit"]) for r in rows] == [
        *[(SLUG, "tokens")] * 6,
        *[("second", "requests")] * 6,
    ]
    first, second = rows[:6], rows[6:]
    same = {"dataset": SLUG, "unit": "tokens"}
    assert [{**row, **same} for row in second] == first


def test_a_release_without_numbers_has_tables_without_rows() -> None:
    tables = exporting.tables(replace(SECOND, datasets={}))

    told = {name: len(tables[name]) for name in ("observations", "datasets", "models")}
    assert told == {"observations": 0, "datasets": 0, "models": 2}
