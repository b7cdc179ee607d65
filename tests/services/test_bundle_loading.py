"""The bundle is loaded once and whole, or not at all."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import col

from app.errors import RecordError
from app.services import bundle, declaring
from app.services.curate import Edit
from app.services.verify import verify
from app.store import queries
from app.store.database import Database
from app.store.dialect import table_of
from app.store.operational import ContractRow
from app.store.tables import PayloadRow, ProviderRow, ReleaseRow, RunRow
from tests.house.tree import ROOT
from tests.registry.bundled import BUNDLE, FOLDER
from tests.services import published

RELEASES = BUNDLE["releases"]


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


def test_it_is_loaded_once(database: Database) -> None:
    assert bundle.load(database, FOLDER)
    before = rows_in(database)

    assert not bundle.load(database, FOLDER)

    assert rows_in(database) == before


def test_old_records_learn_the_contracts_of_the_bundle(database: Database) -> None:
    bundle.load(database, FOLDER)
    slugs = ("openrouter-tokens", "ai-tools-directory")
    tokens, tools = (col(ContractRow.dataset) == slug for slug in slugs)
    with database.write() as session:
        session.execute(delete(ContractRow).where(tokens))
        session.execute(update(ContractRow).where(tools).values(name="steady"))

    assert not bundle.load(database, FOLDER)

    with database.read() as session:
        found = [declaring.contract_of(session, slug) for slug in slugs]
    assert found == ["rankings", "steady"]


def test_a_record_without_the_bundle_is_left_alone(database: Database) -> None:
    published.apply(database, Edit(providers=["acme"]))

    assert not bundle.load(database, FOLDER)

    with database.read() as session:
        assert declaring.contract_of(session, "openrouter-tokens") is None


LOAD = """
import sys
from pathlib import Path
from app.services import bundle, declaring
from app.services.curate import Edit
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
