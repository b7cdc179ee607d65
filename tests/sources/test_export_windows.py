"""Which of the nightly files are asked for."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.periods import Window
from tests.sources.exports import source
from tests.sources.given import window

DAY = timedelta(days=1)
OLDEST = date(2026, 9, 19)


def test_after_the_bundle_a_few_files_reach_yesterday() -> None:
    known = window("2026-03-30", "2026-08-21")

    assert source().windows(known, date(2026, 11, 24)) == [
        window("2026-08-21", "2026-09-18"),
        window("2026-08-29", "2026-09-26"),
        window("2026-09-27", "2026-10-25"),
        window("2026-10-26", "2026-11-23"),
    ]


def test_with_all_days_known_only_the_newest_file_is_read_again() -> None:
    known = window("2026-03-30", "2026-11-23")

    assert source().windows(known, date(2026, 11, 24)) == [
        window("2026-10-26", "2026-11-23")
    ]


def test_before_the_first_file_nothing_is_asked() -> None:
    assert source().windows(None, OLDEST - DAY) == []
    assert source().windows(None, OLDEST) == [window("2026-08-21", "2026-09-18")]


@given(
    st.none() | st.dates(date(2026, 8, 20), date(2027, 3, 1)),
    st.dates(OLDEST + DAY, date(2027, 3, 1)),
    st.sampled_from([0, 1]),
)
@settings(max_examples=200)
def test_whatever_files_are_named_after_no_day_is_left_out(
    known: date | None, today: date, late: int
) -> None:
    asked = source().windows(Window(date(2026, 3, 30), known) if known else None, today)
    # A file is named after its last day (0) or the day after it (1).
    newest = today - DAY + timedelta(days=late)
    covered = set()
    for one in asked:
        named = min(one.last + DAY, newest)
        last = named - timedelta(days=late)
        covered |= {last - timedelta(days=n) for n in range(30)}
        assert OLDEST <= named <= today
    first = max(known + DAY if known else OLDEST, date(2026, 8, 21))
    wanted = (first + timedelta(days=n) for n in range((today - first).days))

    assert set(wanted) <= covered
    assert asked == sorted(asked, key=lambda one: one.first)
    assert len(asked) <= 3 + max(0, (today - first).days) // 29
