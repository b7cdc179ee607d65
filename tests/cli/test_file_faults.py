"""Files that tell what cannot be: refused, recorded, and nothing published changes.

Faults 9, 10, 12 and 13: numbers that are none, the same twice, models that nobody
knows, and days that cannot be.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.store import work
from app.store.database import Database
from tests.api.gateway import opened
from tests.cli.conftest import Ended, Run
from tests.services import published
from tests.services.published import TOKENS

DAY, AS_OF = "2026-08-18", "2026-08-24T02:00:00Z"
GOOD = [("2026-08-17", "acme/one", "60"), ("2026-08-17", "other", "40")]

Row = Sequence[object]


@pytest.fixture
def record(small: Database, run: Run, tmp_path: Path) -> Database:
    """A record with one published day."""
    published.begin(small)
    assert ingest(run, tmp_path / "good.csv", GOOD).code == 0
    assert published.head(small) == 2
    return small


def ingest(run: Run, path: Path, rows: Sequence[Row]) -> Ended:
    names = ("date", "model_permaslug", "total_tokens")
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    if path.suffix == ".ndjson":
        lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines))
    return run("ingest", TOKENS, "--file", path, "--as-of", AS_OF)


REFUSED: dict[str, tuple[list[Row], str]] = {
    "negative": ([(DAY, "acme/one", "-1")], "total_tokens '-1' is not a whole number"),
    "not a number": ([(DAY, "acme/one", "NaN")], "'NaN' is not a whole number"),
    "infinity": ([(DAY, "acme/one", "Infinity")], "'Infinity' is not a whole number"),
    "beyond floats": ([(DAY, "acme/one", "1e400")], "'1e400' is not a whole number"),
    "underscores": ([(DAY, "acme/one", "1_000")], "'1_000' is not a whole number"),
    "other digits": ([(DAY, "acme/one", "\u0661")], r"'\u0661' is not a whole number"),
    "over int64": (
        [(DAY, "acme/one", str(2**63))],
        "'9223372036854775808' is not a whole number",
    ),
    "a row twice": (
        [(DAY, "acme/one", "1"), (DAY, "acme/one", "1")],
        f"{DAY} acme/one occurs twice",
    ),
    "a row twice with another number": (
        [(DAY, "acme/one", "1"), (DAY, "acme/one", "2")],
        f"{DAY} acme/one occurs twice",
    ),
    "no model": ([(DAY, "one", "1")], "'one' is not a model such as author/model"),
    "the future": ([("2026-08-25", "acme/one", "1")], "is before the last day"),
    "pre-history": ([("2024-12-31", "acme/one", "1")], "is before 2025-01-01"),
    "no day": ([("2026-02-30", "acme/one", "1")], "'2026-02-30' is not a day"),
    "seconds": ([("1787011200", "acme/one", "1")], "'1787011200' is not a day"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
def test_a_file_that_tells_what_cannot_be_changes_nothing(
    record: Database, run: Run, tmp_path: Path, suffix: str, what: str
) -> None:
    rows, why = REFUSED[what]
    before = published.told(published.load(record))

    ended = ingest(run, tmp_path / f"bad{suffix}", [*rows, (DAY, "bolt/two:free", 5)])

    assert (ended.code, len(ended.err)) == (1, 1)
    assert why in ended.err[0]
    assert published.told(published.load(record)) == before
    with record.read() as session:
        row = session.scalars(work.last_runs()).all()[0]
        assert (row.verdict, row.payload is not None) == ("rejected", True)


def test_a_key_that_is_there_twice_changes_nothing(
    record: Database, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "twice.ndjson"
    path.write_text(
        f'{{"date":"{DAY}","model_permaslug":"acme/one","total_tokens":1,'
        '"total_tokens":2}\n'
    )

    ended = run("ingest", TOKENS, "--file", path, "--as-of", AS_OF)

    assert ended.code == 1
    assert "the key 'total_tokens' occurs twice in one object" in ended.err[0]
    assert published.head(record) == 2


@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
def test_a_model_that_nobody_knows_is_taken_and_listed(
    record: Database, run: Run, tmp_path: Path, suffix: str
) -> None:
    rows = [(DAY, "acme/one", "60"), (DAY, "new/kid", "40")]

    ended = ingest(run, tmp_path / f"new{suffix}", rows)

    assert (ended.code, published.head(record)) == (0, 3)
    client = opened(record, "").client
    told = client.get("/v1/status").json()["data"]["datasets"]
    (status,) = (one for one in told if one["dataset"] == TOKENS)
    assert [m["model"] for m in status["unattributed_models"]] == ["new/kid"]
    shares = client.get(
        f"/v1/share?origin=US&start_date={DAY}&end_date={DAY}&dataset={TOKENS}"
    ).json()["data"]
    assert [(s["share"], s["share_low"], s["share_high"]) for s in shares] == [
        (0.6, 0.6, 1.0)
    ]
