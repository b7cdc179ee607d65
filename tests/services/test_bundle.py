"""The bundle becomes the same five releases in every database and on every machine."""

import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from app.domain.questions import ListAsk
from app.domain.registry import Confidence, Dimension, Subject
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.services import bundle, catalog, share
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store.database import Database
from tests.conftest import KINDS
from tests.registry.bundled import BUNDLE, FOLDER, MODELS, PROVIDERS, USAGE, table
from tests.services import asked, published
from tests.services.plain import Some, Wish

RELEASES = BUNDLE["releases"]


@pytest.fixture(scope="module")
def loaded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    path = tmp_path_factory.mktemp("bundle") / "census.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    assert bundle.load(opened, FOLDER)
    return opened


@pytest.fixture(scope="module")
def snapshot(loaded: Database) -> Snapshot:
    snapshots = Snapshots(loaded)
    snapshots.refresh()
    return snapshots.current


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the bundle's folder, as another machine has it."""
    return Path(shutil.copytree(FOLDER, tmp_path / "other" / "place"))


# The releases


def test_the_releases_are_those_of_the_plan(snapshot: Snapshot) -> None:
    assert [
        (r.id, r.kind, r.dataset, r.published_at, r.summary) for r in snapshot.releases
    ] == [
        (
            number,
            planned["kind"],
            planned.get("dataset"),
            datetime.fromisoformat(planned["published_at"]),
            planned["summary"],
        )
        for number, planned in enumerate(RELEASES, start=1)
    ]
    assert len(RELEASES) == 5


def test_every_database_and_machine_has_the_same_digests(
    snapshot: Snapshot, elsewhere: Path, request: pytest.FixtureRequest
) -> None:
    opened = Database(request.getfixturevalue(f"new_{KINDS[-1]}")())

    bundle.load(opened, elsewhere)

    there = published.load(opened)
    assert [r.digest for r in there.releases] == [r.digest for r in snapshot.releases]
    assert len({r.digest for r in there.releases}) == 5
    assert [r.published_at for r in there.releases] == [
        r.published_at for r in snapshot.releases
    ]
    opened.close()


def test_the_bundle_verifies(loaded: Database) -> None:
    found = verify(loaded)

    assert found.problems == ()
    assert (found.releases, found.observations) == (5, len(USAGE) + 14)


# What they say


def test_every_day_is_what_the_file_says(snapshot: Snapshot) -> None:
    told: dict[date, dict[str, int]] = defaultdict(dict)
    read = {}
    for row in USAGE:
        day = date.fromisoformat(row["date"])
        told[day][row["model_permaslug"]] = int(row["total_tokens"])
        read[day] = datetime.fromisoformat(row["as_of"])

    view = published.view(snapshot)

    assert published.numbers(view) == told
    assert {day: found.as_of for day, found in view.days.items()} == read
    assert len(view.days) == 145
    assert not any(day.flagged for day in view.days.values())


def test_each_vintage_is_a_release_of_its_days(loaded: Database) -> None:
    found = [
        published.view(published.load(loaded, number)).span for number in (2, 3, 4, 5)
    ]

    assert found[0] is None
    assert [(str(span.first), str(span.last)) for span in found[1:] if span] == [
        ("2026-05-25", "2026-07-22"),
        ("2026-05-25", "2026-08-21"),
        ("2026-03-30", "2026-08-21"),
    ]


def test_the_directory_is_a_dataset_of_its_own(snapshot: Snapshot) -> None:
    view = snapshot.datasets["ai-tools-directory"]

    assert published.numbers(view) == {
        date(2026, 10, 10): {
            row["slug"]: int(row["tools_listed"]) for row in table("categories.csv")
        }
    }
    assert view.categories == {r["slug"]: r["name"] for r in table("categories.csv")}
    assert view.dataset.unit == "tools"


def test_claims_are_those_of_the_files(snapshot: Snapshot) -> None:
    registry = snapshot.registry
    origins = {
        c.subject: (c.value, c.confidence, list(c.alternatives), c.basis)
        for c in registry.attributions
        if c.kind is Subject.PROVIDER and c.attribute == "origin"
    }
    weights = {
        c.subject: (c.value, c.confidence, c.basis)
        for c in registry.attributions
        if c.kind is Subject.MODEL and c.attribute == "weights"
    }

    assert origins == {
        slug: (
            row["origin"],
            Confidence(row["confidence"]),
            row["alternatives"].split(),
            row["basis"],
        )
        for slug, row in PROVIDERS.items()
        if row["origin"]
    }
    assert weights == {
        slug: (
            row["weights"],
            Confidence(row["weights_confidence"]),
            row["weights_basis"],
        )
        for slug, row in MODELS.items()
        if row["weights"]
    }
    assert set(registry.models) == set(MODELS)
    assert set(registry.providers) == set(PROVIDERS)
    assert all(c.basis for c in registry.attributions)


def test_china_had_45_percent_of_april(snapshot: Snapshot) -> None:
    china = Some(frozenset({"CN"}))
    april = Wish(
        start=date(2026, 4, 1), end=date(2026, 4, 30), filters={"origin": china}
    )
    ask = replace(asked.ask(april), dataset=published.TOKENS)

    (row,) = share.answer(snapshot, ask, None).rows()

    figures = ("volume", "total", "share", "share_low", "share_high")
    assert [row[name] for name in figures] == [
        44_129_943_053_400,
        97_142_542_677_421,
        454_280,
        454_280,
        551_861,
    ]


def test_the_registry_of_the_bundle_is_listed(snapshot: Snapshot) -> None:
    counts = [
        listing(snapshot, ListAsk(limit=1)).meta["count"]
        for listing in (catalog.models, catalog.providers, catalog.categories)
    ]
    china = ListAsk({Dimension.ORIGIN: Values.of("CN")}, sort="-volume_28d", limit=1000)

    rows = list(catalog.providers(snapshot, china).rows())

    assert counts == [len(MODELS), len(PROVIDERS), 14]
    origins = {slug for slug, row in PROVIDERS.items() if row["origin"] == "CN"}
    assert {str(row["slug"]) for row in rows} == origins
    volumes = [int(str(row["volume_28d"])) for row in rows]
    assert volumes == sorted(volumes, reverse=True)
    last = {row["date"] for row in USAGE if row["date"] >= "2026-07-25"}
    assert len(last) == 28
    assert sum(volumes) == sum(
        int(row["total_tokens"])
        for row in USAGE
        if row["date"] in last and row["model_permaslug"].split("/")[0] in origins
    )


def test_models_of_the_bundle_are_found_by_their_other_names(
    snapshot: Snapshot,
) -> None:
    slugs = {*MODELS, *(row["base"] for row in MODELS.values())}
    bases = {
        row["openrouter_id"]: row["base"]
        for row in MODELS.values()
        if row["openrouter_id"] and row["openrouter_id"] not in slugs
    }

    found = {name: catalog.model(snapshot, name).data["base"] for name in bases}

    assert found == bases
    assert len(found) > 150


def test_runs_say_what_was_read_and_what_was_accepted(snapshot: Snapshot) -> None:
    runs = snapshot.runs[published.TOKENS]

    assert [(r.trigger, r.verdict, r.counts["in"], r.counts["new"]) for r in runs] == [
        ("bundle", "published", 56 * 51, 56 * 51),
        ("bundle", "published", 30 * 51, 30 * 51),
        ("bundle", "published", 59 * 51, 59 * 51),
    ]
    accepted = [
        [str(c["detail"])[:10] for c in run.checks if c["name"] == "accepted"]
        for run in runs
    ]
    assert accepted == [["2026-04-03", "2026-04-08"], [], []]
    raw = (FOLDER / "openrouter-tokens.csv").read_bytes()
    assert {run.payload for run in runs} == {sha256(raw).hexdigest()}
