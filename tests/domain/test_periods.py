"""Calendar arithmetic, against the calendar of the standard library."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.periods import Interval, Span, Window, add_months, parse_date
from tests.domain.examples import law

CALENDAR = [
    Interval.DAY,
    Interval.WEEK,
    Interval.MONTH,
    Interval.QUARTER,
    Interval.YEAR,
]
DAY = timedelta(days=1)
FLOOR = date(2, 1, 1)
# The years that can be asked for.
DAYS = st.dates(FLOOR, date(9998, 12, 31)) | st.dates(
    date(2024, 1, 1), date(2027, 1, 9)
)
intervals = st.sampled_from(CALENDAR)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first = draw(DAYS)
    days = draw(st.integers(0, 800) | st.sampled_from([6, 27, 30, 89, 364, 365]))
    return Window(first, min(first + days * DAY, date(9998, 12, 31)))


def name_of(interval: Interval, day: date) -> object:
    """Return what two days of one period have in common."""
    match interval:
        case Interval.WEEK:
            return day.isocalendar()[:2]
        case Interval.MONTH:
            return day.year, day.month
        case Interval.QUARTER:
            return day.year, (day.month + 2) // 3
        case Interval.YEAR:
            return day.year
        case _:
            return day


@law
@given(intervals, DAYS)
def test_a_period_is_all_the_days_of_one_name(interval: Interval, day: date) -> None:
    first, last = interval.start(day), interval.end(day)

    assert first <= day <= last
    assert name_of(interval, first) == name_of(interval, day) == name_of(interval, last)
    assert name_of(interval, first - DAY) != name_of(interval, day)
    assert name_of(interval, last + DAY) != name_of(interval, day)


@law
@given(DAYS)
def test_the_total_of_a_day_is_that_day(day: date) -> None:
    assert Interval.TOTAL.start(day) == Interval.TOTAL.end(day) == day


@law
@given(intervals, windows())
def test_periods_tile_the_window(interval: Interval, window: Window) -> None:
    periods = window.periods(interval)

    assert window.first in periods[0]
    assert window.last in periods[-1]
    assert all(before.last + DAY == after.first for before, after in pairwise(periods))
    names = dict.fromkeys(name_of(interval, day) for day in window.days())
    assert [name_of(interval, p.first) for p in periods] == list(names)


@law
@given(windows())
def test_the_total_is_the_window_itself(window: Window) -> None:
    assert window.periods(Interval.TOTAL) == [window]


@law
@given(DAYS, st.integers(-24_000, 24_000))
def test_months_are_added_one_by_one(day: date, months: int) -> None:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if 1 <= year <= 9999:
        assert add_months(day, months) == date(year, month + 1, 1)
    else:
        with pytest.raises(ValueError, match="year"):
            add_months(day, months)


@law
@given(windows(), windows())
def test_windows_overlap_as_sets_of_days(one: Window, other: Window) -> None:
    days, others = set(one.days()), set(other.days())

    assert len(one) == len(days)
    assert all(day in one for day in days)
    assert one.first - DAY not in one
    assert one.last + DAY not in one
    both = one.overlap(other)
    assert set(both.days() if both else ()) == days & others


def test_overlapping_windows_share_their_days() -> None:
    one = Window(date(2026, 1, 1), date(2026, 1, 9))

    assert one.overlap(Window(date(2026, 1, 9), date(2026, 2, 1))) == Window(
        date(2026, 1, 9), date(2026, 1, 9)
    )
    assert one.overlap(Window(date(2026, 1, 10), date(2026, 2, 1))) is None


def test_a_window_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Window(date(2026, 1, 2), date(2026, 1, 1))


@law
@given(DAYS)
def test_each_spelling_of_a_date_names_its_days(day: date) -> None:
    year, month = f"{day.year:04}", f"{day.month:02}"
    quarter = (day.month + 2) // 3
    last_month = quarter * 3
    monday = day - day.weekday() * DAY
    iso_year, week, _ = day.isocalendar()

    assert parse_date(day.isoformat()) == Window(day, day)
    assert parse_date(f"{year}-{month}") == Window(
        day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    )
    assert parse_date(f"{year}-Q{quarter}") == Window(
        date(day.year, last_month - 2, 1),
        date(day.year, last_month, monthrange(day.year, last_month)[1]),
    )
    assert parse_date(year) == Window(date(day.year, 1, 1), date(day.year, 12, 31))
    if 2 <= iso_year <= 9998:
        assert parse_date(f"{iso_year:04}-W{week:02}") == Window(
            monday, monday + 6 * DAY
        )


def test_a_week_is_of_the_year_that_has_its_thursday() -> None:
    assert parse_date("2026-W01") == Window(date(2025, 12, 29), date(2026, 1, 4))
    assert parse_date("2026-W53") == Window(date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",
        "0001",
        "0001-12-31",
        "9999",
        "9999-W01",
        "2025-W53",
        "2026-W00",
        "2026-W54",
        "2026-W1",
        "2026-W01-1",
        "2026-Q0",
        "2026-Q5",
        "2026-Q01",
        "2026-00",
        "2026-13",
        "2026-1",
        "2026-02-29",
        "2026-02-30",
        "2026-04-31",
        "2026-01-00",
        "2026-01-1",
        "20260101",
        "2026-001",
        "26-01-01",
        "+2026",
        "-2026",
        "12026",
        " 2026",
        "2026\n",
        "2026-",
        "2026-w01",
        "2026-01-01T00:00",
        "2026/01/01",
        "\N{FULLWIDTH DIGIT TWO}026",
        "202\N{ARABIC-INDIC DIGIT SIX}-01-01",
        "2026-0\N{DEVANAGARI DIGIT ONE}",
        "2026-Q\N{SUPERSCRIPT ONE}",
        "2026\N{EN DASH}01",
        "today",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_date(text)


@law
@given(st.from_regex(r"[0-9]{4}(-[WQ]?[0-9]{1,2}(-[0-9]{1,2})?)?", fullmatch=True))
def test_a_text_like_a_date_is_read_or_refused(text: str) -> None:
    try:
        window = parse_date(text)
    except ValueError:
        return
    assert window.first.year in range(1, 9999)
    assert len(window) in {1, 7, 28, 29, 30, 31, 90, 91, 92, 365, 366}


@law
@given(windows())
def test_a_window_is_compared_with_what_comes_before(window: Window) -> None:
    before = window.previous()

    assert before.last == window.first - DAY
    kind = window.calendar_kind()
    if kind is None:
        assert len(before) == min(len(window), (window.first - date.min).days)
    else:
        assert before == Window(kind.start(before.last), kind.end(before.last))


@law
@given(intervals.filter(lambda i: i is not Interval.DAY), DAYS)
def test_a_calendar_unit_is_known_as_one(interval: Interval, day: date) -> None:
    unit = Window(interval.start(day), interval.end(day))

    assert unit.calendar_kind() is interval
    assert Window(unit.first, unit.last - DAY).calendar_kind() is None
    assert Window(unit.first + DAY, unit.last).calendar_kind() is None


@pytest.mark.parametrize(
    ("text", "previous"),
    [
        ("2026-01-01", "2025-12-31"),
        ("2026-W01", "2025-W52"),
        ("2026-03", "2026-02"),
        ("2026-Q1", "2025-Q4"),
        ("2025", "2024"),
    ],
)
def test_a_unit_is_compared_with_the_unit_before(text: str, previous: str) -> None:
    assert parse_date(text).previous() == parse_date(previous)


def test_a_window_longer_than_the_past_is_compared_with_all_of_it() -> None:
    window = Window(date(100, 1, 1), date(2026, 1, 1))

    assert window.previous() == Window(date.min, date(99, 12, 31))


UNITS = {"d": Interval.DAY, "w": Interval.WEEK, "m": Interval.MONTH, "y": Interval.YEAR}
COUNTS = st.integers(1, 40) | st.integers(1, 9999)


@law
@given(COUNTS, st.sampled_from("dwmy"))
def test_a_span_is_read_as_it_is_written(count: int, unit: str) -> None:
    span = Span.parse(f"{count}{unit}")

    assert span == Span(count, UNITS[unit])
    assert str(span) == f"{count}{unit}"


def test_all_is_a_span() -> None:
    span = Span.parse("all")
    window = Window(date(2026, 3, 30), date(2026, 8, 21))

    assert str(span) == "all"
    assert span.before(window.first, window.last) == window


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0d",
        "01d",
        "-1d",
        "12345d",
        "12",
        "d",
        "12 w",
        "12q",
        "ALL",
        "1D",
        "\N{ARABIC-INDIC DIGIT THREE}d",
        "7d\n",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a window"):
        Span.parse(text)


def first_of(unit: str, day: date) -> date:
    """Return the first day of a unit, without the code under test."""
    match unit:
        case "w":
            return day - day.weekday() * DAY
        case "m":
            return day.replace(day=1)
        case "y":
            return date(day.year, 1, 1)
        case _:
            return day


def window_before(count: int, unit: str, last: date) -> Window:
    """Walk back from `last`, unit by unit."""
    end = last
    while first_of(unit, end + DAY) != end + DAY:
        end -= DAY
    first = first_of(unit, end)
    for _ in range(count - 1):
        if first <= FLOOR:
            break
        first = first_of(unit, first - DAY)
    return Window(max(first, FLOOR), end)


@law
@given(COUNTS, st.sampled_from("dwmy"), DAYS.filter(lambda d: d.year > 2))
@example(13, "m", date(3, 12, 31))
@example(2, "y", date(3, 12, 31))
@example(9999, "y", date(2026, 8, 21))
@example(9999, "w", date(2026, 8, 21))
def test_a_span_ends_with_the_last_whole_unit(
    count: int, unit: str, last: date
) -> None:
    span = Span(count, UNITS[unit])

    assert span.before(last, last) == window_before(count, unit, last)
