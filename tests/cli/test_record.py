"""`migrate` and `verify`: the state of the record, and how it is told."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store.database import Database
from tests.cli.conftest import Run
from tests.registry.bundled import USAGE
from tests.services import published

SetClock = Callable[[datetime], None]
Use = Callable[[str], Database]

ROWS = len(USAGE) + 14
COUNTS = (
    f"5 releases, {ROWS} observations, 2 payloads, {ROWS} observations derived again; "
    "digest "
)


# migrate


def test_a_new_record_is_made_and_filled_once(
    empty_url: str, use: Use, run: Run
) -> None:
    record = use(empty_url)

    ended = [run("migrate"), run("migrate")]

    assert [(e.code, e.out, e.err) for e in ended] == [
        (0, ["The record is up to date."], [])
    ] * 2
    assert published.head(record) == 5
    record.close()


def test_by_default_the_record_is_a_file_in_the_working_directory(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MODELCENSUS_DATABASE_URL", raising=False)

    assert run("migrate").code == 0

    assert (tmp_path / "modelcensus.db").exists()


def test_a_damaged_bundle_is_told_in_one_line(
    small: Database, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODELCENSUS_REGISTRY_DIR", str(tmp_path))

    ended = run("migrate")

    assert (ended.code, ended.out, ended.err) == (
        1,
        [],
        [
            (
                "modelcensus: The bundled file bundle.json cannot be read: "
                "install the package again."
            )
        ],
    )
    assert published.head(small) is None


# verify


@pytest.mark.usefixtures("bundled")
def test_the_bundle_verifies(run: Run) -> None:
    ended = run("verify")

    assert (ended.code, ended.err) == (0, [])
    (line,) = ended.out
    assert line.startswith(COUNTS)
    assert len(line) == len(COUNTS) + 64


FLIPS = {
    "an observation": (
        (
            "UPDATE observation SET volume = volume + 1 WHERE (period_start, series) "
            "= (SELECT max(period_start), min(series) FROM observation "
            "WHERE release_from = 4)"
        ),
        [
            "Release 4 is not what its digest says.",
            (
                "openrouter-tokens, 2026-08-21: "
                "the observations are not what the day says."
            ),
            "Run 3, 2026-08-21, {key}: not what the payload says.",
        ],
    ),
    "the summary of a release": (
        "UPDATE release SET summary = replace(summary, '14', '15') WHERE id = 2",
        ["Release 2 is not what its digest says."],
    ),
    "an attribution": (
        (
            "UPDATE attribution SET value = 'US' WHERE subject = 'deepseek' "
            "AND attribute = 'origin'"
        ),
        ["Release 1 is not what its digest says."],
    ),
}


@pytest.mark.parametrize("what", FLIPS)
def test_one_change_is_told_loudly(
    bundled: Database, run: Run, tmp_path: Path, what: str
) -> None:
    statement, told = FLIPS[what]
    with bundled.read() as session:
        first = session.scalar(
            text(
                "SELECT key FROM series WHERE id = "
                "(SELECT min(series) FROM observation WHERE release_from = 4)"
            )
        )
    problems = [problem.format(key=first) for problem in told]
    bundled.close()
    with closing(sqlite3.connect(tmp_path / "census.db")) as record:
        assert record.execute(statement).rowcount == 1
        record.commit()

    ended = run("verify")

    assert (ended.code, ended.err) == (1, problems)
    assert ended.out[0].startswith(COUNTS)


def test_one_flipped_bit_of_a_payload_is_told_loudly(
    bundled: Database, run: Run, tmp_path: Path
) -> None:
    bundled.close()
    with closing(sqlite3.connect(tmp_path / "census.db")) as record:
        digest, body = record.execute(
            "SELECT sha256, body FROM payload ORDER BY length(body) DESC"
        ).fetchone()
        flipped = bytes([*body[:-1], body[-1] ^ 1])
        record.execute(
            "UPDATE payload SET body = ? WHERE sha256 = ?", [flipped, digest]
        )
        record.commit()

    ended = run("verify")

    assert ended.code == 1
    assert ended.err[0] == f"Payload {digest[:12]} is not what its hash says."
    # The three readings of it cannot be derived again.
    assert [line.partition(" cannot")[0] for line in ended.err[1:]] == [
        f"The payload of run {number}" for number in (2, 3, 4)
    ]


# Records that cannot be read


@pytest.mark.usefixtures("small")
def test_a_record_without_a_release_is_told_in_one_line(run: Run) -> None:
    told = {name: run(name) for name in ("status", "verify")}

    assert {name: (e.code, e.out, e.err) for name, e in told.items()} == {
        "status": (
            2,
            [],
            ["modelcensus: No release has been loaded yet; try again shortly."],
        ),
        "verify": (
            1,
            [],
            [
                "modelcensus: The record holds no release: run `modelcensus migrate`.",
            ],
        ),
    }


@pytest.mark.parametrize(
    ("command", "code"), [("status", 2), ("verify", 1), ("ingest", 1)]
)
def test_a_record_that_is_not_there_is_told_and_not_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, code: int
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", "sqlite:///gone.db")

    ended = run(command)

    assert (ended.code, ended.out) == (code, [])
    assert ended.err == [
        "modelcensus: There is no record gone.db, or it cannot be opened."
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://example/census", "sqlite://", "nonsense"])
def test_a_database_of_another_kind_is_told_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", url)

    ended = run("status")

    assert (ended.code, ended.out, len(ended.err)) == (2, [], 1)
