"""How late a dataset is, to the minute."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.freshness import freshness, next_update

EXPECTED = datetime(2026, 8, 24, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_next_day_is_expected_two_hours_after_it_has_ended() -> None:
    assert next_update(date(2026, 8, 22), 24) == EXPECTED


def test_a_weekly_publisher_has_a_week() -> None:
    assert next_update(date(2026, 8, 22), 168) == EXPECTED + timedelta(days=6)


@pytest.mark.parametrize(
    ("through", "cadence"), [(None, 24), (date(2026, 8, 22), None), (None, None)]
)
def test_nothing_is_expected_of_what_is_published_once_or_has_not_begun(
    through: date | None, cadence: int | None
) -> None:
    assert next_update(through, cadence) is None


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (-timedelta(days=400), "fresh"),
        (timedelta(0), "fresh"),
        (timedelta(hours=6) - MINUTE, "fresh"),
        (timedelta(hours=6), "late"),
        (timedelta(hours=48) - MINUTE, "late"),
        (timedelta(hours=48), "stale"),
        (timedelta(days=400), "stale"),
    ],
)
def test_six_hours_are_late_and_two_days_stale(after: timedelta, state: str) -> None:
    assert freshness(EXPECTED, EXPECTED + after) == state


def test_what_is_not_expected_is_never_late() -> None:
    assert freshness(None, EXPECTED + timedelta(days=400)) == "fresh"
