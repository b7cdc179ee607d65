"""True answers, spoilt: no wrong number is published, and what is sound still is."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from app.domain.datasets import Run
from app.domain.periods import Window
from app.store import queries
from app.store.database import Database
from app.store.dialect import stream_integers
from app.store.types import from_epoch_day
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

Outcome = tuple[str, list[date], list[date], bool]
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
    new = sorted(day for day in numbers if day > KNOWN)
    wrong = [day for day, told in numbers.items() if told != DAYS[day]]
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
        one.name: (one.verdict, sorted(one.good), [], one.verdict != "failed")
        for one in of
    }


def of_kind(of: Sequence[Some], kind: str) -> list[Some]:
    found = [one for one in of if one.kind == kind]
    assert found
    return found


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

    assert answer == file == ("published", sorted(NEW), [], True)


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
