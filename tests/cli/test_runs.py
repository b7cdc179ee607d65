"""What was read, and what becomes of days that are held: by command."""

from collections.abc import Iterator

import httpx2
import pytest

from app.services import declaring, quarantine
from app.store.database import Database
from tests.cli.conftest import Run
from tests.services import listing_reader, published, test_holding
from tests.services.listing_reader import ListReader
from tests.services.published import TOKENS
from tests.services.test_holding import BAD, LAST, TOLD, WRONG
from tests.sources.shelf import Shelf

WHY = ("--reason", "The publisher confirms it.", "--by", "A desk")
HELD = f"{BAD} (waits), 51 rows, total {sum(WRONG[BAD].values())}: total: "


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client() as opened:
        yield opened


@pytest.fixture
def held(small: Database) -> Database:
    """A record of twelve days, one of which run 1 holds."""
    published.begin(small)
    with small.write() as session:
        declaring.bind(session, TOKENS, quarantine.RANKINGS)
    test_holding.take(small, WRONG)
    return small


def test_runs_are_listed_newest_first(held: Database, run: Run) -> None:
    test_holding.take(held, TOLD, hours=3)

    ended = run("runs", "list")

    assert [" ".join(line.split()[:1] + line.split()[3:]) for line in ended.out] == [
        f"2 published test {TOKENS} 612 rows, 51 new, 0 changed, 0 rejected",
        f"1 quarantined test {TOKENS} 612 rows, 561 new, 0 changed, 51 rejected",
    ]
    assert len(run("runs", "list", "--limit", "1").out) == 1
    assert run("runs", "list", "--dataset", "other").out == []


@pytest.mark.usefixtures("held")
def test_what_waits_is_listed_with_its_reason(run: Run) -> None:
    (line,) = run("runs", "list", "--held").out

    assert line.startswith(f"run 1 {TOKENS} {HELD}0.5")
    assert run("runs", "list", "--held", "--dataset", "other").out == [
        "Nothing waits for a decision."
    ]


@pytest.mark.usefixtures("held")
def test_a_run_is_shown_with_its_checks_and_what_it_held(run: Run) -> None:
    ended = run("runs", "show", "1")

    assert ended.code == 0
    assert "  ok volumes: 612 observations looked at" in ended.out
    assert "  FAILED rankings: 12 days looked at, 1 held" in ended.out
    assert ended.out[-1].startswith(f"held {HELD}0.5")


def test_a_day_is_accepted_by_command(held: Database, run: Run) -> None:
    ended = run("runs", "accept", "1", "--day", str(BAD), *WHY)

    assert (ended.code, ended.out[1:]) == (0, [f"  accepted: {BAD}"])
    assert ended.out[0].split()[0:1] + ended.out[0].split()[3:4] == ["2", "published"]
    assert test_holding.numbers(held) == WRONG
    assert (
        "decided by A desk: The publisher confirms it." in run("runs", "show", "2").out
    )
    (line,) = [t for t in run("runs", "show", "1").out if t.startswith("held")]
    assert line.startswith(f"held {BAD} (accepted by run 2), 51 rows")
    assert run("runs", "list", "--held").out == ["Nothing waits for a decision."]


def test_a_day_is_rejected_by_command(held: Database, run: Run) -> None:
    before = test_holding.numbers(held)

    ended = run("runs", "reject", "1", *WHY)

    assert (ended.code, ended.out[1:]) == (0, [f"  rejected: {BAD}"])
    assert test_holding.numbers(held) == before
    assert run("runs", "list", "--held").out == ["Nothing waits for a decision."]


REFUSED = {
    "no such run": (("accept", "7"), "There is no run '7'."),
    "no such day": (("accept", "1", "--day", str(LAST)), "run 1 holds no such day"),
    "nothing to show": (("show", "7"), "There is no run '7'."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(
    held: Database, run: Run, case: str
) -> None:
    arguments, told = REFUSED[case]
    extra = () if arguments[0] == "show" else WHY

    ended = run("runs", *arguments, *extra)

    assert ended.code == 1
    assert told in " ".join(ended.err)
    assert test_holding.waiting(held) == [(1, BAD)]


def test_a_list_that_was_held_is_accepted_by_command(
    small: Database, run: Run, client: httpx2.Client
) -> None:
    published.begin(small)
    with Shelf() as shelf:
        lists = ListReader(small, shelf, client)
        lists.read(*listing_reader.many(20))
        held = lists.later().read(*listing_reader.many(3))
    number = str(held.id)
    (waiting,) = run("runs", "list", "--held").out
    assert waiting == f"run {number} openrouter-models (waits): {held.reason}"

    refused = run("runs", "accept", number, "--day", str(BAD), *WHY)
    ended = run("runs", "accept", number, *WHY)

    assert (refused.code, ended.code) == (1, 0)
    assert "this run read a list, no days" in refused.err[0]
    assert " openrouter-models - " in ended.out[0]
    assert (
        "decided by A desk: The publisher confirms it."
        in run("runs", "show", str(held.id + 1)).out
    )
    assert run("runs", "list", "--held").out == ["Nothing waits for a decision."]
