"""`modelcensus ingest`: files, and an upstream over the wire."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.services import ingest, leases
from app.services.ingest import Job
from app.store.database import Database
from app.store.tables import RunRow
from tests.cli.conftest import Run
from tests.services import published
from tests.sources.upstream import KEY, FakeOpenRouter, Fault

NOW = datetime(2025, 1, 4, 2, tzinfo=UTC)
FIRST, SECOND = date(2025, 1, 1), date(2025, 1, 2)
READ = "2025-01-03T02:00:00Z"

DAYS = """\
date,model_permaslug,total_tokens
2025-01-01,acme/one,70
2025-01-01,other,30
2025-01-02,acme/one,80
"""
DATED = """\
date,model_permaslug,total_tokens,as_of
2025-01-01,acme/one,70,2025-01-02T02:00:00Z
2025-01-02,acme/one,80,2025-01-03T02:00:00Z
"""
TOLD = {FIRST: {"acme/one": 70, "other": 30}, SECOND: {"acme/one": 80}}

SetClock = Callable[[datetime], None]


@pytest.fixture
def record(small: Database, set_clock: SetClock) -> Database:
    published.begin(small, at=NOW)
    set_clock(NOW)
    return small


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenRouter]:
    """What the settings of this test say OpenRouter is."""
    with FakeOpenRouter() as fake:
        fake.as_of = NOW - timedelta(minutes=1)
        fake.days = {day: list(listed.items()) for day, listed in TOLD.items()}
        monkeypatch.setenv("MODELCENSUS_OPENROUTER_URL", fake.url)
        monkeypatch.setenv("MODELCENSUS_OPENROUTER_API_KEY", KEY)
        monkeypatch.setenv("MODELCENSUS_SOURCE_TIMEOUT", "PT1S")
        yield fake


def volumes(record: Database) -> dict[date, dict[str, int]]:
    return published.numbers(published.view(published.load(record)))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


# Files


def test_a_file_is_recorded_once(record: Database, run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "days.csv", DAYS)

    first = run("ingest", "--file", file, "--as-of", READ)
    again = run("ingest", "openrouter-tokens", "--file", file, "--as-of", READ)

    assert (first.code, first.err) == (0, [])
    assert first.out == [
        "run 1: published; 3 rows: 3 new, 0 changed, 0 same, 0 rejected"
    ]
    assert (again.code, again.err) == (0, [])
    assert again.out == [
        "run 2: unchanged; 3 rows: 0 new, 0 changed, 3 same, 0 rejected"
    ]
    assert volumes(record) == TOLD
    assert published.head(record) == 2


def test_a_file_that_tells_when_it_was_read_is_taken_reading_by_reading(
    record: Database, run: Run, tmp_path: Path
) -> None:
    ended = run("ingest", "--file", write(tmp_path / "days.csv", DATED))

    assert ended.code == 0
    assert ended.out == [
        "run 1: published; 1 rows: 1 new, 0 changed, 0 same, 0 rejected",
        "run 2: published; 1 rows: 1 new, 0 changed, 0 same, 0 rejected",
    ]
    days = published.view(published.load(record)).days
    assert {day: found.as_of.day for day, found in days.items()} == {
        FIRST: 2,
        SECOND: 3,
    }


def test_json_as_the_api_answers_is_read_too(
    record: Database, run: Run, tmp_path: Path
) -> None:
    wire = {
        "data": [
            {
                "date": "2025-01-01",
                "model_permaslug": "acme/one",
                "total_tokens": "9007199254740993",
            }
        ],
        "meta": {
            "as_of": READ,
            "version": "v1",
            "start_date": "2025-01-01",
            "end_date": "2025-01-01",
        },
    }

    ended = run("ingest", "--file", write(tmp_path / "days.json", json.dumps(wire)))

    assert ended.code == 0
    assert volumes(record) == {FIRST: {"acme/one": 2**53 + 1}}


@pytest.mark.parametrize(
    ("name", "text", "as_of", "reason"),
    [
        (
            "days.csv",
            DAYS,
            [],
            (
                "days.csv: as_of: the file does not tell it; pass --as-of. "
                "Nothing was read. Correct the file and try again."
            ),
        ),
        (
            "days.csv",
            DATED,
            ["--as-of", READ],
            (
                "days.csv: as_of: the file tells its own; leave out --as-of. "
                "Nothing was read. Correct the file and try again."
            ),
        ),
        (
            "days.csv",
            DAYS.replace("70", "-70"),
            ["--as-of", READ],
            (
                "days.csv: line 2: total_tokens '-70' is not a whole number from 0 to "
                "2**63 - 1 in plain digits. "
                "Nothing was read. Correct the file and try again."
            ),
        ),
        ("days.txt", DAYS, [], "days.txt: only .csv, .json"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    record: Database,
    run: Run,
    tmp_path: Path,
    name: str,
    text: str,
    as_of: list[str],
    reason: str,
) -> None:
    ended = run("ingest", "--file", write(tmp_path / name, text), *as_of)

    assert (ended.code, ended.out) == (1, [])
    (line,) = ended.err
    assert line.startswith(
        f"run 1: rejected; 0 rows: 0 new, 0 changed, 0 same, 0 rejected. {reason}"
    )
    assert published.head(record) == 1
    assert published.run_row(record, 1).source == f"file:{name}"


def test_a_file_whose_reader_was_killed_has_failed_by_the_next_one(
    record: Database, run: Run, tmp_path: Path
) -> None:
    file = write(tmp_path / "days.csv", DAYS)
    job = Job("file:days.csv", published.TOKENS, "cli")
    with record.write() as session:
        # By a clock that is ahead: as if it had only just begun.
        ingest.open_run(session, job, datetime(2999, 1, 1, tzinfo=UTC))

    ended = run("ingest", "--file", file, "--as-of", READ)

    assert ended.code == 0
    row = published.run_row(record, 1)
    assert (row.verdict, row.reason) == (
        "failed",
        "The process ended before the run did.",
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere.csv", "No such file or directory"), ("days.csv", "Is a directory")],
)
def test_a_file_that_is_not_there_is_no_run(
    record: Database, run: Run, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "days.csv").mkdir()

    ended = run("ingest", "--file", str(tmp_path / name), "--as-of", READ)

    assert (ended.code, ended.out) == (2, [])
    assert ended.err == [f"modelcensus: {name}: the file cannot be opened: {why}."]
    with record.read() as session:
        assert session.scalars(select(RunRow)).all() == []


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("as_of", ["yesterday", "2025-01-03", "2025-01-03T02:00:00"])
def test_a_moment_without_its_zone_is_wrong_usage(
    run: Run, tmp_path: Path, as_of: str
) -> None:
    file = write(tmp_path / "days.csv", DAYS)

    ended = run("ingest", "--file", file, "--as-of", as_of)

    assert (ended.code, ended.out) == (2, [])
    assert any("give a moment with its zone" in line for line in ended.err)


def test_a_moment_of_another_zone_is_understood(
    record: Database, run: Run, tmp_path: Path
) -> None:
    file = write(tmp_path / "days.csv", DAYS)

    assert (
        run("ingest", "--file", file, "--as-of", "2025-01-03T04:00:00+02:00").code == 0
    )

    read = datetime(2025, 1, 3, 2, tzinfo=UTC)
    days = published.view(published.load(record)).days
    assert {found.as_of for found in days.values()} == {read}


@pytest.mark.usefixtures("record")
def test_a_dataset_nobody_knows_is_told(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "days.csv", DAYS)

    ended = run("ingest", "openrouter-token", "--file", file, "--as-of", READ)

    assert ended.code == 1
    assert ended.err == [
        (
            "run 1: failed; 0 rows: 0 new, 0 changed, 0 same, 0 rejected. "
            "There is no dataset 'openrouter-token'. "
            "Did you mean openrouter-tokens? See /v1/datasets."
        )
    ]


def test_other_figures_of_the_same_moment_end_badly(
    record: Database, run: Run, tmp_path: Path
) -> None:
    run("ingest", "--file", write(tmp_path / "days.csv", DAYS), "--as-of", READ)
    other = write(tmp_path / "other.csv", DAYS.replace("70", "71"))

    ended = run("ingest", "--file", other, "--as-of", READ)

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        (
            "run 2: quarantined; 3 rows: 0 new, 0 changed, 1 same, 2 rejected. Other "
            "numbers as of the same moment, for 2025-01-01: these days were kept."
        )
    ]
    assert volumes(record) == TOLD


# The upstream


@pytest.mark.parametrize("name", ["openrouter-tokens", "openrouter-rankings"])
def test_the_upstream_is_read_with_the_key_of_the_environment(
    record: Database, run: Run, upstream: FakeOpenRouter, name: str
) -> None:
    ended = run("ingest", name)

    assert (ended.code, ended.err) == (0, [])
    assert ended.out == [
        "run 1: published; 3 rows: 3 new, 0 changed, 0 same, 0 rejected"
    ]
    assert volumes(record) == TOLD
    assert upstream.keys == [f"Bearer {KEY}"]
    assert published.run_row(record, 1).trigger == "cli"


@pytest.mark.usefixtures("record")
def test_the_dataset_asked_by_default_is_read_by_default(
    run: Run, upstream: FakeOpenRouter
) -> None:
    assert run("ingest").code == 0

    assert len(upstream.asked) == 1


def test_an_upstream_that_is_away_ends_badly(
    record: Database, run: Run, upstream: FakeOpenRouter
) -> None:
    upstream.fail(Fault.MISSING)

    ended = run("ingest")

    assert (ended.code, ended.out) == (1, [])
    (line,) = ended.err
    assert line.startswith(
        "run 1: failed; 0 rows: 0 new, 0 changed, 0 same, 0 rejected. "
        "openrouter-rankings: it answers 404"
    )
    assert published.head(record) == 1


def test_without_a_key_nothing_is_asked(
    record: Database,
    run: Run,
    upstream: FakeOpenRouter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MODELCENSUS_OPENROUTER_API_KEY")

    ended = run("ingest", "openrouter-rankings")

    assert ended.code == 1
    assert ended.err == [
        (
            "run 1: failed; 0 rows: 0 new, 0 changed, 0 same, 0 rejected. "
            "openrouter-rankings: MODELCENSUS_OPENROUTER_API_KEY is missing. Set it."
        )
    ]
    assert upstream.asked == []
    assert published.head(record) == 1


@pytest.mark.usefixtures("record")
def test_without_a_key_the_dataset_comes_from_the_exports(
    run: Run, upstream: FakeOpenRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELCENSUS_OPENROUTER_API_KEY")

    ended = run("ingest")

    # The clock stands before the first day that any export has.
    assert (ended.code, ended.err) == (0, [])
    assert ended.out == ["openrouter-tokens: there is nothing to read yet."]
    assert upstream.asked == []


def test_while_another_process_reads_nothing_is_asked(
    record: Database, run: Run, upstream: FakeOpenRouter
) -> None:
    leases.acquire(record, "openrouter-rankings", "another", NOW)

    ended = run("ingest")

    assert (ended.code, ended.out, ended.err) == (
        1,
        [],
        [
            "modelcensus: openrouter-rankings: another process reads it right now.",
        ],
    )
    assert upstream.asked == []


@pytest.mark.usefixtures("record")
def test_a_source_nobody_knows_is_told(run: Run) -> None:
    ended = run("ingest", "openrouter-ranking")

    assert (ended.code, ended.out) == (1, [])
    (line,) = ended.err
    assert line.startswith(
        "modelcensus: There is no source 'openrouter-ranking'. "
        "Did you mean openrouter-rankings?"
    )
