"""When a day is settled, to the microsecond."""

from datetime import date, timedelta

import pytest

from app.domain.datasets import Status
from tests.domain.examples import read

DAY = date(2026, 2, 28)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("after", "status"),
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
def test_a_day_is_settled_by_when_it_was_read(after: timedelta, status: Status) -> None:
    assert read(DAY, after).status(DAY, 30) is status


def test_a_day_that_is_never_restated_is_final_an_hour_after_its_end() -> None:
    hour = timedelta(hours=1)

    assert read(DAY, hour - TICK).status(DAY, 0) is Status.PARTIAL
    assert read(DAY, hour).status(DAY, 0) is Status.FINAL
