"""What was published follows from what was read, and a change of either is told."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.observations import Payload
from app.services import ingest, rederive
from app.services.ingest import Job
from app.services.preparing import prepare
from app.sources import files
from app.store.database import Database
from tests.registry.bundled import FOLDER
from tests.services import published


@pytest.fixture
def bundled(database: Database) -> Database:
    prepare(database, Path(FOLDER), published.NOW)
    return database


def problems(database: Database) -> list[str]:
    with database.read() as session:
        return rederive.check(session, {})[1]


def test_the_bundle_follows_from_its_files(bundled: Database) -> None:
    with bundled.read() as session:
        looked_at, found = rederive.check(session, {})

    assert (looked_at, found) == (7_395 + 14, [])


CHANGES: dict[str, tuple[str, Callable[[list[str]], bool]]] = {
    "a volume": (
        (
            "UPDATE observation SET volume = volume + 1 WHERE release_from = 2 "
            "AND series = (SELECT min(series) FROM observation WHERE release_from = 2)"
        ),
        lambda told: len(told) == 1 and told[0].startswith("Run 1, 2026-10-10"),
    ),
    "the total of a day": (
        "UPDATE period SET total = total + 1 WHERE release_from = 2",
        lambda told: (
            told == ["Run 1, 2026-10-10: the day is not what the payload says."]
        ),
    ),
    "a payload that is gone": (
        "UPDATE run SET payload = NULL WHERE id = 1",
        lambda told: told == ["Run 1 has no payload to derive its numbers from."],
    ),
    "the moment of reading": (
        "UPDATE run SET as_of = started_at WHERE id = 2",
        lambda told: len(told) == 59 + 3_009,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_told(bundled: Database, what: str) -> None:
    statement, is_told = CHANGES[what]
    with bundled.write() as session:
        session.execute(text(statement))

    assert is_told(problems(bundled))


def test_a_source_that_is_not_known_any_more_is_told(bundled: Database) -> None:
    with bundled.write() as session:
        session.execute(text("UPDATE payload SET url = 'https://upstream.example/'"))

    assert len(problems(bundled)) == 4
    assert all("cannot be read again" in told for told in problems(bundled))


@pytest.mark.parametrize("told", [True, False])
def test_columns_are_read_again_with_or_without_their_moment(
    database: Database, *, told: bool
) -> None:
    published.begin(database)
    moment = published.moment(26)
    columns: dict[str, list[Any]] = {
        "date": [published.MONDAY, published.MONDAY],
        "model_permaslug": ["acme/one", "other"],
        "total_tokens": [70, 30],
    }
    out = BytesIO()
    also = {"as_of": [moment, moment]} if told else {}
    import_module("pyarrow.parquet").write_table(
        import_module("pyarrow").table(columns | also), out
    )
    body, kind = out.getvalue(), "application/vnd.apache.parquet"

    (run,) = ingest.take(
        database,
        lambda: Payload(body, kind, "file:days.parquet", published.NOW),
        partial(files.parse, dataset=published.TOKENS, as_of=None if told else moment),
        Job("file:days.parquet", published.TOKENS, "cli"),
        now=lambda: published.NOW,
    )

    assert run.verdict == "published"
    assert problems(database) == []
