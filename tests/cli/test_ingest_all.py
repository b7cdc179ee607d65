"""`modelcensus ingest --all`, and the bar of what takes long."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from app.services import leases
from app.store.database import Database
from tests.cli.conftest import Run
from tests.house.tree import ROOT
from tests.services import published
from tests.services.listing_reader import MODELS, many
from tests.sources.shelf import Shelf
from tests.sources.upstream import KEY, FakeOpenRouter

NOW = datetime(2026, 10, 7, 3, tzinfo=UTC)
LISTED = "run 2: published; 2 rows: 2 new, 0 changed, 0 same, 0 rejected"
NONE = "0 rows: 0 new, 0 changed, 0 same, 0 rejected"


@pytest.fixture
def record(small: Database, set_clock: Callable[[datetime], None]) -> Database:
    published.begin(small, at=NOW)
    set_clock(NOW)
    return small


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """All that the settings of this test read, of which only a list of models is."""
    with Shelf() as fake:
        fake.bodies[MODELS] = json.dumps({"data": many(2, prompt="1")}).encode()
        for name in ("OPENROUTER", "MODELSDEV", "HUGGINGFACE"):
            monkeypatch.setenv(f"MODELCENSUS_{name}_URL", fake.url)
        yield fake


@pytest.mark.usefixtures("shelf")
def test_all_that_is_read_on_schedule_is_read_whatever_fails(
    record: Database, run: Run
) -> None:
    leases.acquire(record, "huggingface", "another", NOW)

    ended = run("ingest", "--all")

    no_file = "the file of 2026-09-19 or 2026-09-18 is not published there."
    absent = "it answers 404: there is nothing at this address."
    assert ended.code == 1
    assert ended.out == [
        "huggingface: another process reads it right now.",
        f"openrouter-models: {LISTED}",
    ]
    assert ended.err == [
        f"openrouter-exports: run 1: failed; {NONE}. openrouter-exports: {no_file}",
        f"modelsdev: run 3: failed; {NONE}. modelsdev: {absent}",
    ]


@pytest.mark.usefixtures("record", "shelf")
def test_a_list_of_models_is_read_by_its_name(run: Run) -> None:
    first, again = (run("ingest", "openrouter-models") for _ in range(2))

    assert (first.code, again.code) == (0, 0)
    assert first.out == [
        "run 1: published; 2 rows: 2 new, 0 changed, 0 same, 0 rejected"
    ]
    assert again.out == [
        "run 2: unchanged; 2 rows: 0 new, 0 changed, 2 same, 0 rejected"
    ]


@pytest.mark.parametrize(
    "more", [["openrouter-models"], ["--file", "days.csv"]], ids=["name", "file"]
)
def test_all_goes_with_no_other_wish(run: Run, more: list[str]) -> None:
    ended = run("ingest", "--all", *more)

    assert (ended.code, ended.out) == (2, [])
    assert "names no source and no file" in " ".join(ended.err)


# The bar


class Slow(FakeOpenRouter):
    """Answers after more than a second."""

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        time.sleep(1.5)
        return super().answer(path, key)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(
    record: Database, *, terminal: bool
) -> None:
    del record
    with Slow() as upstream:
        upstream.as_of = datetime.now(UTC).replace(microsecond=0)
        yesterday = upstream.as_of.date() - timedelta(days=1)
        for day in (date(2025, 1, 1), date(2026, 6, 1), yesterday):
            upstream.days[day] = [("acme/one", 7)]
        settings = {
            "MODELCENSUS_OPENROUTER_URL": upstream.url,
            "MODELCENSUS_OPENROUTER_API_KEY": KEY,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
        }
        shown = _stderr_of("ingest", settings, terminal=terminal)

    assert ("openrouter-rankings \x1b[" in shown, "━" in shown) == (terminal, terminal)


def _stderr_of(command: str, settings: dict[str, str], *, terminal: bool) -> str:
    ours, theirs = pty.openpty() if terminal else os.pipe()
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-m", "app", command],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        check=False,
        timeout=60,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        shown = _read(reader.fileno())
    assert ended.returncode == 0, shown
    return shown


def _read(ours: int) -> str:
    found = b""
    try:
        while part := os.read(ours, 4096):
            found += part
    except OSError:
        pass  # how a terminal that was left ends
    return found.decode()
