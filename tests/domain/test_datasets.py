"""When a day is settled, to the microsecond, and what a dataset says of itself."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.datasets import Dataset, Status
from app.domain.observations import SeriesKind
from app.domain.registry import Dimension
from tests.domain import examples

DAY = date(2026, 2, 28)
END = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def status(dataset: Dataset, after: timedelta) -> Status:
    return dataset.status(DAY, END + after)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(hours=-12), Status.PARTIAL),
        (timedelta(0), Status.PARTIAL),
        (timedelta(hours=1) - TICK, Status.PARTIAL),
        (timedelta(hours=1), Status.PROVISIONAL),
        (timedelta(days=30) - TICK, Status.PROVISIONAL),
        (timedelta(days=30), Status.FINAL),
        (timedelta(days=3000), Status.FINAL),
    ],
)
def test_a_day_is_settled_by_when_it_was_read(
    after: timedelta, expected: Status
) -> None:
    assert status(examples.dataset(revision_days=30), after) is expected


def test_a_day_that_is_never_restated_is_final_an_hour_after_its_end() -> None:
    hour, dataset = timedelta(hours=1), examples.dataset(revision_days=0)

    assert status(dataset, hour - TICK) is Status.PARTIAL
    assert status(dataset, hour) is Status.FINAL


@pytest.mark.parametrize(
    ("revision_days", "after", "expected"),
    [
        (0, timedelta(hours=-12), Status.FINAL),
        (0, timedelta(hours=1), Status.FINAL),
        (3, timedelta(hours=-12), Status.PROVISIONAL),
        (3, timedelta(days=3) - TICK, Status.PROVISIONAL),
        (3, timedelta(days=3), Status.FINAL),
    ],
)
def test_a_trailing_window_is_whole_whenever_it_is_read(
    revision_days: int, after: timedelta, expected: Status
) -> None:
    dataset = examples.dataset(additive=False, revision_days=revision_days)

    assert status(dataset, after) is expected


def test_numbers_from_a_sample_are_known_by_their_caveat() -> None:
    assert examples.dataset(caveats=("one", "sampled_traffic")).sampled
    assert not examples.dataset(caveats=("unsampled",)).sampled


def test_parts_of_a_million_are_not_what_is_counted() -> None:
    scaled = examples.dataset(unit="millionths of classified tokens")

    assert scaled.counted == "classified tokens"
    assert examples.dataset(unit="tokens").counted == "tokens"


def test_a_window_that_is_read_once_does_not_move() -> None:
    assert examples.dataset(additive=False, cadence_hours=24).trailing
    assert not examples.dataset(additive=False, cadence_hours=None).trailing
    assert not examples.dataset(additive=True, cadence_hours=24).trailing


@pytest.mark.parametrize(
    ("default_group", "kinds"),
    [
        (Dimension.ORIGIN, {SeriesKind.MODEL, SeriesKind.REMAINDER}),
        (Dimension.CATEGORY, {SeriesKind.CATEGORY}),
        (Dimension.APP, {SeriesKind.APP}),
    ],
)
def test_a_dataset_counts_one_kind_of_thing(
    default_group: Dimension, kinds: set[SeriesKind]
) -> None:
    assert examples.dataset(default_group=default_group).kinds == kinds
