"""True answers, spoilt: no wrong number is published, and what is sound still is."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from starlette.testclient import TestClient

from app.domain.datasets import Run
from app.domain.periods import Window
from app.main import create_app
from app.services.snapshots import Snapshots
from app.store import queries
from app.store.database import Database
from app.store.dialect import stream_integers
from app.store.types import from_epoch_day
from tests.api.conftest import Clock, settings
from tests.house.tree import ROOT
from tests.services import published, spoiling
from tests.services.garbled import Garbled, answers, files
from tests.services.mutants import Wrong, every
from tests.services.published import TOKENS
from tests.services.reading import payloads
from tests.services.replayed import DAYS
from tests.services.spoiling import (
    FILE,
    KNOWN,
    NEW,
    NOW,
    Reading,
    SpoiltApi,
    SpoiltExports,
    to_csv,
    to_json,
    true_days,
)

WRONG = every()
SOME_WRONG = [w for w in WRONG if w.name.endswith("Sunday") or ", " not in w.name]
"""What export files are spoilt with: each way, on one day."""
ANSWERS, FILES = answers(), files()
RELEASES = 3
"""Of the record before: the registry, a directory, and six weeks."""
KINDS_OF_WRONG = list(dict.fromkeys(wrong.kind for wrong in WRONG))

Mutant = Wrong | Garbled
Some = TypeVar("Some", Wrong, Garbled)

Outcome = tuple[str, tuple[date, ...], tuple[date, ...], bool]
"""Verdict, new days that were published, days that are wrong, is the payload kept."""


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of six weeks, to copy."""
    folder = tmp_path_factory.mktemp("prepared")
    path = Path(shutil.copy(sqlite_template, folder / "census.db"))
    opened = Database(f"sqlite:///{path}")
    spoiling.prepare(opened, folder)
    opened.close()
    return path


@dataclass(frozen=True)
class Records:
    """Makes records, each as if nothing had been read yet."""

    path: Path
    folder: Path
    client: httpx2.Client

    @contextmanager
    def new(self) -> Iterator[Reading]:
        """Open a copy; the one before is gone."""
        copy = shutil.copy(self.path, self.folder / "census.db")
        opened = Database(f"sqlite:///{copy}")
        yield Reading(opened, self.client)
        opened.close()


@pytest.fixture
def records(prepared: Path, tmp_path: Path, client: httpx2.Client) -> Records:
    return Records(prepared, tmp_path, client)


@pytest.fixture
def api() -> Iterator[SpoiltApi]:
    with SpoiltApi() as fake:
        yield fake


@pytest.fixture
def exports() -> Iterator[SpoiltExports]:
    with SpoiltExports() as fake:
        yield fake


def outcome(database: Database, run: Run) -> Outcome:
    numbers = published_numbers(database)
    new = tuple(sorted(day for day in numbers if day > KNOWN))
    wrong = tuple(day for day, told in numbers.items() if told != DAYS[day])
    moved = published.head(database) != RELEASES
    assert moved == bool(new)
    return run.verdict, new, wrong, run.payload in payloads(database)


def published_numbers(database: Database) -> dict[date, dict[str, int]]:
    """Return what is published, straight from the tables: to load it takes longer."""
    found: dict[date, dict[str, int]] = {}
    with database.read() as session:
        keys = session.execute(queries.series_ids(TOKENS)).all()
        names = {n: key.partition(":")[2] or "other" for key, n in keys}
        every_day = Window(date.min, date.max)
        told = queries.current_observations(TOKENS, every_day)
        for chunk in stream_integers(session, told):
            for series, day, volume in chunk.tolist():
                found.setdefault(from_epoch_day(day), {})[names[series]] = volume
    return found


def expected(of: Sequence[Mutant]) -> dict[str, Outcome]:
    return {
        one.name: (one.verdict, tuple(sorted(one.good)), (), one.verdict != "failed")
        for one in of
    }


def counted(page: str) -> dict[str, tuple[int, int]]:
    """Return the table of a page: kind → answers, files."""
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    return {kind: (int(first), int(second)) for kind, first, second in rows}


def of_kind(of: Sequence[Some], kind: str) -> list[Some]:
    found = [one for one in of if one.kind == kind]
    assert found
    return found


def test_there_are_hundreds_and_the_page_counts_them() -> None:
    of_answers: list[Mutant] = [*WRONG, *ANSWERS]
    of_files: list[Mutant] = [*SOME_WRONG, *FILES]
    answers_ = Counter(one.kind for one in of_answers)
    files_ = Counter(one.kind for one in of_files)
    found = {kind: (answers_[kind], files_[kind]) for kind in answers_ | files_}

    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")

    assert counted(page) == found
    count = sum(map(sum, found.values()))
    assert count > 400
    assert f"\n{count} true answers and export files" in page
    names = [(type(one), one.kind, one.name) for one in of_answers]
    assert len(set(names)) == len(names)


def test_days_that_are_not_spoilt_are_published(
    records: Records,
    api: SpoiltApi,
    exports: SpoiltExports,
) -> None:
    api.body = to_json(true_days())
    exports.files[FILE] = to_csv(true_days())

    with records.new() as reading:
        answer = outcome(reading.database, reading.api(api))
    with records.new() as reading:
        file = outcome(reading.database, reading.export(exports))

    assert answer == file == ("published", tuple(sorted(NEW)), (), True)


@pytest.mark.parametrize("kind", KINDS_OF_WRONG)
def test_wrong_days_of_an_answer_are_held_and_sound_ones_published(
    records: Records, api: SpoiltApi, kind: str
) -> None:
    mutants = of_kind(WRONG, kind)
    found = {}

    for one in mutants:
        told = true_days()
        one.change(told)
        api.body = to_json(told)
        with records.new() as reading:
            found[one.name] = outcome(reading.database, reading.api(api))

    assert found == expected(mutants)


@pytest.mark.parametrize("kind", KINDS_OF_WRONG)
def test_wrong_days_of_a_file_are_held_and_sound_ones_published(
    records: Records, exports: SpoiltExports, kind: str
) -> None:
    mutants = of_kind(SOME_WRONG, kind)
    found = {}

    for one in mutants:
        told = true_days()
        one.change(told)
        exports.files[FILE] = to_csv(told)
        with records.new() as reading:
            run = reading.export(exports)
            found[one.name] = outcome(reading.database, run)

    assert found == expected(mutants)


@pytest.mark.parametrize("kind", list(dict.fromkeys(one.kind for one in ANSWERS)))
def test_a_garbled_answer_changes_nothing(
    records: Records, api: SpoiltApi, kind: str
) -> None:
    mutants = of_kind(ANSWERS, kind)
    found = {}

    for one in mutants:
        api.body = one.make()
        with records.new() as reading:
            found[one.name] = outcome(reading.database, reading.api(api))

    assert found == expected(mutants)


@pytest.mark.parametrize("kind", list(dict.fromkeys(one.kind for one in FILES)))
def test_a_garbled_file_changes_nothing(
    records: Records, exports: SpoiltExports, kind: str
) -> None:
    mutants = of_kind(FILES, kind)
    found = {}

    for one in mutants:
        body = one.make()
        exports.files[FILE] = body
        exports.told = one.manifest(body) if one.manifest else None
        with records.new() as reading:
            run = reading.export(exports)
            found[one.name] = outcome(reading.database, run)

    assert found == expected(mutants)


ASKED = (
    "/v1/share",
    "/v1/volume.csv?group_by=model&window=28d",
    "/v1/rankings",
    "/v1/status",
)
AWAY = {
    "cut": lambda: to_json(true_days())[:-1],
    "empty": lambda: to_json({}),
    "on another level": lambda: to_json(
        {day: {m: n // 2 for m, n in rows.items()} for day, rows in true_days().items()}
    ),
    "shifted": lambda: to_json(
        {day: dict(DAYS[day - timedelta(days=1)]) for day in true_days()}
    ),
}


@pytest.mark.parametrize("what", AWAY)
def test_answers_stay_the_same_to_the_byte(
    records: Records, api: SpoiltApi, what: str
) -> None:
    api.body = AWAY[what]()

    with records.new() as reading:
        before = answered(reading.database)
        run = reading.api(api)
        after = answered(reading.database)

    assert run.verdict == ("rejected" if what in {"cut", "empty"} else "quarantined")
    *numbers, status = ASKED
    assert {url: after[url] for url in numbers} == {url: before[url] for url in numbers}
    assert after[status] != before[status]


def answered(database: Database) -> dict[str, bytes]:
    """Return what a service says that has just begun to serve a record."""
    snapshots = Snapshots(database)
    snapshots.refresh()
    client = TestClient(create_app(settings(), snapshots, now=Clock(NOW)))
    replies = {url: client.get(url) for url in ASKED}
    assert {reply.status_code for reply in replies.values()} == {200}
    return {url: reply.content for url, reply in replies.items()}


@pytest.mark.parametrize("wrong", ["days exchanged", "dates shifted"])
def test_wrong_days_are_held_on_any_database(
    database: Database,
    tmp_path: Path,
    client: httpx2.Client,
    api: SpoiltApi,
    wrong: str,
) -> None:
    spoiling.prepare(database, tmp_path)
    one = of_kind(WRONG, wrong)[0]
    told = true_days()
    one.change(told)
    api.body = to_json(told)

    run = Reading(database, client).api(api)

    assert {one.name: outcome(database, run)} == expected([one])


def test_an_upstream_that_tells_nothing_for_a_hundred_readings(
    records: Records, api: SpoiltApi
) -> None:
    api.body = to_json({})

    with records.new() as reading:
        found = Counter(outcome(reading.database, reading.api(api)) for _ in range(100))

    assert found == {("rejected", (), (), True): 100}
