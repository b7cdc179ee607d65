"""What must not grow with the record: memory of a question, rows of a refresh."""

import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.cube import Cube, Ints
from app.domain.datasets import Release
from app.domain.periods import Interval, Window
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.reports import Report
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.values import Values
from app.services import loading_numbers, share, volume
from app.services.snapshots import Snapshots
from app.store.database import Database
from app.store.dialect import close_rows, insert_many, unpacked
from app.store.tables import HeadRow, ObservationRow, PeriodRow
from tests.domain import examples
from tests.store import facts

FIRST = date(2020, 1, 1)
MODELS = [f"lab-{n % 7}/m-{n}" for n in range(40)]
LAYERS = ("code", "play", "work")
FEW, MANY = 320, 3_200

Answer = Callable[[Snapshot, Ask, datetime | None], Report]


def of_days(days: int) -> Snapshot:
    """A record that has so many days of 120 series."""
    series = tuple(
        examples.series(model, category=layer) for layer in LAYERS for model in MODELS
    )
    volumes = {
        FIRST + timedelta(days=n): {c: c * 7 + n % 5 for c in range(len(series))}
        for n in range(days)
    }
    cube = Cube.build(
        {day: examples.day_rows(of) for day, of in volumes.items()}, len(series)
    )
    claims = [examples.claim(m, "provider", m.partition("/")[0]) for m in MODELS]
    told = examples.registry(MODELS, *claims)
    registry = replace(told, providers={f"lab-{n}": 1 for n in range(7)})
    view = DatasetView(
        examples.dataset(top_n=None),
        series,
        {day: examples.read(day, timedelta(days=99)) for day in volumes},
        {},
        cube,
        registry,
        dict.fromkeys(LAYERS, ""),
    )
    published = datetime(2030, 1, 1, tzinfo=UTC)
    release = Release(1, published, "data", "1", "tokens", None, "", "")
    return Snapshot(release, registry, {"tokens": view}, (release,))


def peak(snapshot: Snapshot, answer: Answer, **asked: Any) -> int:
    """Return the most bytes that a question takes which was not asked before."""
    span = snapshot.datasets["tokens"].span
    assert span is not None

    def ask(first: date) -> None:
        window = Window(first, span.last)
        answer(snapshot, Ask("tokens", start=window, end=window, **asked), None)

    ask(span.first + timedelta(days=3))
    tracemalloc.start()
    ask(span.first + timedelta(days=1))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("answer", [share.answer, volume.answer])
@pytest.mark.parametrize(
    "asked",
    [
        {"numerator": {Dimension.PROVIDER: Values.of("lab-1")}},
        {"group_by": (Dimension.PROVIDER,)},
        {"group_by": (Dimension.CATEGORY,)},
    ],
)
def test_a_question_takes_no_more_memory_of_a_record_ten_times_as_long(
    answer: Answer, asked: dict[str, Any]
) -> None:
    few, many = of_days(FEW), of_days(MANY)

    asked = {"interval": Interval.TOTAL, **asked}
    small, large = peak(few, answer, **asked), peak(many, answer, **asked)

    # A byte for each day of one series more would already be too much.
    assert large - small < MANY - FEW


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        facts.populate(session)
    return database


def restate_tuesday(database: Database, number: int) -> None:
    """Publish a Tuesday on which series 1 has the number of the release."""
    with database.write() as session:
        session.add(
            facts.release(number, published_at=facts.NOON + timedelta(days=number))
        )
        session.get_one(HeadRow, 1).release = number
        session.flush()
        close_rows(session, ObservationRow, [(1, facts.TUESDAY)], number)
        told = {"series": 1, "release_from": number, "volume": number}
        insert_many(session, ObservationRow, [facts.observation(**told)])
        close_rows(session, PeriodRow, [("tokens", facts.TUESDAY)], number)
        insert_many(session, PeriodRow, [facts.period(facts.TUESDAY, number)])


def test_a_refresh_reads_only_rows_that_changed(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current.datasets["tokens"]
    restate_tuesday(filled, 3)
    read: list[str] = []

    def counted(*args: Any) -> Iterator[tuple[int, list[Ints]]]:
        for day, columns in unpacked(*args):
            read.append(f"{len(columns[0])} of {date(1970, 1, 1) + timedelta(day)}")
            yield day, columns

    monkeypatch.setattr(loading_numbers, "unpacked", counted)

    def note(row: PeriodRow, _: object) -> None:
        read.append(str(row.release_from))

    event.listen(PeriodRow, "load", note)
    try:
        snapshots.refresh()
    finally:
        event.remove(PeriodRow, "load", note)

    after = snapshots.current.datasets["tokens"]
    # Tuesday as it was and as it is, and what is listed on it.
    assert read == ["1", "3", f"1 of {facts.TUESDAY}"]
    assert after.series is before.series
    assert after.whole.sorter is before.whole.sorter
    assert after.cube.volumes([Window(facts.TUESDAY, facts.TUESDAY)]).tolist() == [
        [3, 0]
    ]


def test_readers_see_one_release_whole_while_another_comes_in(
    filled: Database,
) -> None:
    snapshots = Snapshots(filled)
    restate_tuesday(filled, 3)
    snapshots.refresh()
    tuesday = [Window(facts.TUESDAY, facts.TUESDAY)]
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()

    def read() -> None:
        ended = False
        while not ended:
            ended = stop.is_set()
            current = snapshots.current
            cube = current.datasets["tokens"].cube
            seen.add((current.release.id, int(cube.volumes(tuesday)[0, 0])))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(4, 9):
        restate_tuesday(filled, number)
        assert snapshots.refresh()
    stop.set()
    reader.join()

    assert len(seen) > 1
    assert all(number == value for number, value in seen)
