"""The bundle becomes the same five releases in every database and on every machine."""

import json
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain.questions import ListAsk
from app.domain.registry import Confidence, Dimension, Subject
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.errors import RecordError
from app.services import bundle, catalog, share
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store import queries
from app.store.database import Database
from app.store.dialect import table_of
from app.store.tables import PayloadRow, ProviderRow, ReleaseRow, RunRow
from tests.conftest import KINDS
from tests.house.tree import ROOT
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


def rows_in(database: Database) -> int:
    with database.read() as session:
        counts = (
            select(func.count()).select_from(table_of(row))
            for row in (ReleaseRow, ProviderRow, RunRow, PayloadRow)
        )
        return sum(session.scalars(count).one() for count in counts)


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


def test_a_model_of_the_bundle_is_found_by_each_name(snapshot: Snapshot) -> None:
    names = {
        row["openrouter_id"]: slug
        for slug, row in MODELS.items()
        if row["openrouter_id"]
    }

    found = {name: catalog.model(snapshot, name).data["slug"] for name in names}

    assert len(found) > 400
    assert {n: slug for n, slug in found.items() if names[n] != slug} == {}


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
    assert accepted == [["2026-04-08"], ["2026-08-21"], []]
    raw = (FOLDER / "openrouter-tokens.csv").read_bytes()
    assert {run.payload for run in runs} == {sha256(raw).hexdigest()}


# Loading


def test_it_is_loaded_once(loaded: Database) -> None:
    before = rows_in(loaded)

    assert not bundle.load(loaded, FOLDER)

    assert rows_in(loaded) == before


LOAD = """
import sys
from pathlib import Path
from app.services import bundle
from app.store.database import Database

database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(bundle.load(database, Path(sys.argv[2])))
"""


def test_of_two_processes_that_start_together_one_loads(database_url: str) -> None:
    both = [
        subprocess.Popen(  # noqa: S603 # our own interpreter
            [sys.executable, "-c", LOAD, database_url, str(FOLDER)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"

    for one in both:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()

    told = sorted(one.communicate(timeout=60)[0].splitlines()[-1] for one in both)

    assert told == ["False", "True"]
    opened = Database(database_url)
    assert verify(opened).releases == 5
    opened.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def replace_in(old: str, new: str) -> Callable[[Path], None]:
    def _replace(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return _replace


DAMAGE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "usage is missing": ("openrouter-tokens.csv", Path.unlink),
    "usage is cut": ("openrouter-tokens.csv", cut),
    "a volume is negative": ("openrouter-tokens.csv", replace_in(",7", ",-7")),
    "a day is told twice": (
        "openrouter-tokens.csv",
        replace_in("2026-03-31,", "2026-03-30,"),
    ),
    "a vintage is missing": (
        "openrouter-tokens.csv",
        lambda path: path.write_text(
            "\n".join(
                line
                for line in path.read_text().splitlines()
                if "2026-10-11T00:27" not in line
            )
            + "\n"
        ),
    ),
    "the plan is cut": ("bundle.json", cut),
    "the plan has no such moment": (
        "bundle.json",
        replace_in("2026-10-11T06:04:00Z", "yesterday"),
    ),
    "the plan repeats a release": (
        "bundle.json",
        lambda path: path.write_text(
            json.dumps(BUNDLE | {"releases": [*RELEASES, RELEASES[-1]]})
        ),
    ),
    "providers are missing": ("providers.csv", Path.unlink),
    "providers lack a column": ("providers.csv", replace_in("origin", "seat")),
    "there is no such country": ("providers.csv", replace_in(",US,", ",XX,")),
    "there is no such confidence": ("models.csv", replace_in(",medium,", ",sure,")),
    "datasets are no text": (
        "datasets.json",
        lambda path: path.write_bytes(b"\xff\xfe[]"),
    ),
    "categories are empty": ("categories.csv", lambda path: path.write_text("")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_bundle_writes_nothing(
    database: Database, elsewhere: Path, damage: str
) -> None:
    name, change = DAMAGE[damage]
    change(elsewhere / name)

    with pytest.raises(RecordError, match="install the package again"):
        bundle.load(database, elsewhere)

    assert rows_in(database) == 0
    with database.read() as session:
        assert session.scalars(queries.head()).one() is None


def test_a_bundle_that_was_mended_is_loaded(
    database: Database, elsewhere: Path
) -> None:
    path = elsewhere / "openrouter-tokens.csv"
    whole = path.read_bytes()
    cut(path)
    with pytest.raises(RecordError):
        bundle.load(database, elsewhere)

    path.write_bytes(whole)

    assert bundle.load(database, elsewhere)
    assert published.load(database).release.published_at == datetime(
        2026, 10, 11, 6, 4, tzinfo=UTC
    )
