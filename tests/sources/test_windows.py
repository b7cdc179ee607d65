"""Which days are asked for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.periods import Window
from tests.sources.given import (
    source,
    window,
)

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def test_nothing_known_asks_for_all_there_can_be() -> None:
    assert source().windows(None, date(2026, 8, 22)) == [
        window("2025-01-01", "2026-01-01"),
        window("2026-01-02", "2026-08-21"),
    ]


def test_what_is_known_is_read_again_for_a_month_and_backwards_to_the_start() -> None:
    known = window("2026-03-30", "2026-08-21")

    assert source().windows(known, date(2026, 10, 12)) == [
        window("2026-07-21", "2026-10-11"),
        window("2025-03-30", "2026-03-30"),
        window("2025-01-01", "2025-03-29"),
    ]


def test_with_all_days_known_only_the_last_month_is_read_again() -> None:
    known = window("2025-01-01", "2026-08-21")

    assert source().windows(known, date(2026, 8, 22)) == [
        window("2026-07-21", "2026-08-21")
    ]


@pytest.mark.parametrize("today", [date(2020, 2, 2), FIRST])
def test_before_the_first_day_is_over_nothing_is_asked(today: date) -> None:
    assert source().windows(None, today) == []
    assert source().windows(window("2026-01-01", "2026-01-02"), today) == []


DAYS = st.dates(FIRST, date(2030, 12, 31))


@given(st.none() | st.tuples(DAYS, DAYS), DAYS)
def test_windows_are_short_and_grow_what_is_known_without_a_hole(
    ends: tuple[date, date] | None, today: date
) -> None:
    known = Window(min(ends), max(ends)) if ends else None
    windows = source().windows(known, today)
    have = known
    for asked in windows:
        assert len(asked) <= 366
        assert asked.first >= FIRST
        assert asked.last < today
        assert (
            have is None
            or (asked.first <= have.last + DAY and asked.last >= have.first - DAY)
            or have.first > today - DAY
        )
        have = (
            Window(min(have.first, asked.first), max(have.last, asked.last))
            if have
            else asked
        )
    if today > FIRST:
        assert have
        assert have.first == FIRST
        assert have.last >= today - DAY
