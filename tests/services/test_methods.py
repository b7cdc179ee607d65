"""A formula may change: what was published before keeps the one it was computed by."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest

from app.domain.cube import Ints
from app.domain.membership import Cells
from app.domain.periods import Interval, Span
from app.domain.questions import Ask, ListAsk
from app.domain.registry import Dimension
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.domain.tally import Bounds, CapOf, Tally
from app.errors import RecordError
from app.present import json
from app.services import methods, rankings, share, volume
from app.services.methods import METHODS, Method
from app.services.past import Past
from app.services.preparing import prepare
from app.services.revisions import LedgerAsk
from app.services.verify import verify
from app.store.database import Database
from tests.domain import examples
from tests.registry.bundled import FOLDER
from tests.services import published
from tests.services.published import MONDAY, NOW, TUESDAY, batch, moment

ANSWERS = {"share": share.answer, "volume": volume.answer, "rankings": rankings.answer}
LATER = NOW + timedelta(days=1)


def down(numerator: int, denominator: int) -> int | None:
    return numerator * 1_000_000 // denominator if denominator else None


def all_down(numerators: Ints, denominators: Ints) -> list[int | None]:
    return list(map(down, numerators.tolist(), denominators.tolist()))


def wide(tally: Tally, cells: Cells, _: CapOf) -> Bounds:
    nothing = tally.volume(cells) * 0
    return Bounds(nothing, tally.total, nothing, tally.total)


def certain(bounds: Bounds) -> tuple[list[int | None], list[int | None]]:
    return [777] * len(bounds.only_row), [888] * len(bounds.only_row)


OTHER = {
    "fraction": Method("Rounded down.", fraction=down),
    "fractions": Method("Rounded down.", fractions=all_down),
    "bounds": Method("Anything goes.", bounds=wide),
    "share_bounds": Method("Nothing is sure.", share_bounds=certain),
    "mean": Method("Means are rounded up.", mean=lambda total, n: -(-total // n)),
}
"""What a second version may change, one formula in each."""


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let this version of the code know a second method."""

    def know(name: str) -> None:
        monkeypatch.setitem(METHODS, "2", OTHER[name])

    return know


@pytest.fixture
def record(database: Database) -> Database:
    """Three releases: a registry, two days, and the first of them restated."""
    published.begin(database)
    days = {MONDAY: {"acme/one": 2, "other": 1}, TUESDAY: {"acme/one": 2, "other": 5}}
    published.take(
        database,
        batch(moment(26), days),
        batch(moment(50), {MONDAY: {"acme/one": 3, "bolt/two:free": 6, "other": 2}}),
    )
    return database


def ask_of(snapshot: Snapshot, kind: str) -> Report:
    return ANSWERS[kind](
        snapshot,
        Ask(
            published.TOKENS,
            Interval.TOTAL if kind == "rankings" else Interval.DAY,
            span=Span.parse("1d" if kind == "rankings" else "all"),
            group_by=(Dimension.PROVIDER,),
            compare=kind != "rankings",
            smooth=None if kind == "rankings" else 2,
        ),
        None,
    )


def quoted(database: Database, release: int) -> list[bytes]:
    """Return the bytes of three answers of a release."""
    then = published.load(database, release)
    found = [ask_of(then, kind) for kind in ANSWERS]
    return [b"".join(json.rows(report)) + json.dumps(report.meta) for report in found]


def cells(report: Report, names: set[str]) -> dict[str, list[object]]:
    return {c.name: list(c.values) for c in report.columns if c.name in names}


@pytest.mark.parametrize("changed", OTHER)
def test_a_new_method_changes_no_release_before_it(
    record: Database, second: Callable[[str], None], changed: str
) -> None:
    before = {number: quoted(record, number) for number in (2, 3)}

    second(changed)
    prepare(record, FOLDER, LATER)

    now = published.load(record)
    assert (now.release.id, now.release.kind) == (4, "method")
    assert {number: quoted(record, number) for number in (2, 3)} == before
    # Of the newest release, the changed formula changes some answer.
    assert now.release.method_version == "2"
    numbers = {
        kind: (
            b"".join(json.rows(ask_of(published.load(record, 3), kind))),
            b"".join(json.rows(answer)),
        )
        for kind in ANSWERS
        for answer in [ask_of(now, kind)]
    }
    assert {kind for kind, (was, is_now) in numbers.items() if was != is_now} == {
        "fraction": {"share", "volume", "rankings"},
        "fractions": {"share"},
        "bounds": {"share", "volume", "rankings"},
        "share_bounds": {"share", "rankings"},
        "mean": {"share", "volume"},
    }[changed]


def test_a_new_method_is_one_release_that_says_what_it_changes(
    record: Database, second: Callable[[str], None]
) -> None:
    second("fractions")
    prepare(record, FOLDER, LATER)
    prepare(record, FOLDER, LATER + timedelta(days=1))

    now = published.load(record)
    release = now.releases[-1]
    assert [r.method_version for r in now.releases] == ["1", "1", "1", "2"]
    assert (release.published_at, release.summary) == (LATER, "Rounded down.")
    report = Past(record).revisions(now, LedgerAsk(3, 4, ListAsk()))
    assert list(report.rows()) == [
        {
            "release": 4,
            "published_at": LATER,
            "kind": "method",
            "dataset": None,
            "period_start": None,
            "period_end": None,
            "subject_kind": None,
            "subject": None,
            "attribute": "method_version",
            "old_value": "1",
            "new_value": "2",
            "change": None,
            "growth": None,
            "reason": "Rounded down.",
        }
    ]
    found = verify(record)
    assert (found.releases, found.problems) == (4, ())
    # 6 of 11 is 545,455 to the nearest.
    shares = cells(ask_of(now, "share"), {"period_start", "provider", "share"})
    monday = [
        (who, part)
        for day, who, part in zip(*shares.values(), strict=True)
        if day == MONDAY
    ]
    assert monday == [("bolt", 545_454), ("acme", 272_727), ("unknown", 181_818)]


def test_methods_that_were_skipped_are_told_together(
    record: Database, second: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    second("mean")
    monkeypatch.setitem(METHODS, "3", OTHER["bounds"])

    prepare(record, FOLDER, LATER)

    release = published.load(record).release
    assert release.method_version == "3"
    assert release.summary == "Means are rounded up. Anything goes."


def test_numbers_keep_their_method_until_a_release_changes_it(
    record: Database, second: Callable[[str], None]
) -> None:
    second("fraction")
    moved = examples.claim("acme", "origin", "CN")
    published.take_one(
        record, batch(moment(51), {TUESDAY: {"acme/one": 3, "other": 5}})
    )
    prepare(record, FOLDER, LATER)
    published.apply(record, published.claims(moved), at=LATER)

    now = published.load(record)
    assert [(r.kind, r.method_version) for r in now.releases[3:]] == [
        ("data", "1"),
        ("method", "2"),
        ("registry", "2"),
    ]


def test_a_record_that_is_new_begins_with_the_newest_method(
    database: Database, second: Callable[[str], None]
) -> None:
    second("fraction")

    prepare(database, FOLDER, LATER)

    releases = published.load(database).releases
    assert {r.method_version for r in releases} == {"2"}
    assert "method" not in {r.kind for r in releases}


def test_of_several_that_start_one_publishes_the_method(
    record: Database, second: Callable[[str], None]
) -> None:
    second("bounds")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: prepare(record, FOLDER, LATER), range(4)))

    assert published.head(record) == 4


def test_an_earlier_version_of_the_code_does_not_guess_a_method(
    record: Database, second: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    second("bounds")
    prepare(record, FOLDER, LATER)
    monkeypatch.delitem(METHODS, "2")

    told = "Release 4 is computed by method 2, .* up to 1: install the later version"
    with pytest.raises(RecordError, match=told):
        ask_of(published.load(record), "share")
    with pytest.raises(RecordError, match=told):
        prepare(record, FOLDER, LATER)
    # What was published before is answered as ever.
    assert ask_of(published.load(record, 3), "share").meta["method_version"] == "1"


def test_the_formulas_of_the_page_are_those_of_the_newest_method() -> None:
    page = (FOLDER.parent.parent / "docs" / "method.md").read_text()

    assert f"`method_version` {methods.newest()}" in " ".join(page.split())
    assert list(METHODS) == [str(n) for n in range(1, len(METHODS) + 1)]


def test_a_mean_is_rounded_half_to_even() -> None:
    mean = METHODS["1"].mean

    assert [mean(total, 2) for total in (1, 3, 5, 6)] == [0, 2, 2, 3]
    assert METHODS["1"].fractions(np.array([1]), np.array([3])) == [333_333]
