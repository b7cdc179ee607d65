"""The days of a dataset, counted: anew, or from what was known of them."""

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import Calendar
from app.domain.datasets import Day, Status
from app.domain.periods import Window
from tests.domain.examples import dataset, law, read

FIRST = date(2026, 1, 1)
TOKENS = dataset(revision_days=3)
# Partial, provisional, and final.
AFTER = [timedelta(hours=hours) for hours in (-5, 2, 96)]


def days() -> st.SearchStrategy[dict[date, Day]]:
    offsets = st.dictionaries(st.integers(0, 9), st.sampled_from(AFTER))
    return offsets.map(
        lambda found: {
            day: read(day, after)
            for day, after in sorted(
                (FIRST + timedelta(days=n), after) for n, after in found.items()
            )
        }
    )


def told(calendar: Calendar, window: Window) -> tuple[object, ...]:
    ask = (calendar.count, calendar.known, calendar.read, calendar.last)
    return tuple(one(window) for one in ask)


def plain(days: Mapping[date, Day], window: Window) -> tuple[object, ...]:
    inside = [day for day in days if day in window]
    of = [TOKENS.status(day, days[day].as_of) for day in inside]
    moments = [days[day].as_of for day in inside]
    return (
        (
            len(of),
            sum(s is not Status.PARTIAL for s in of),
            sum(s is Status.FINAL for s in of),
        ),
        [days[day] for day in inside],
        (min(moments), max(moments)) if moments else None,
        inside[-1] if inside else None,
    )


@law
@given(days(), days(), st.integers(-1, 10), st.integers(0, 6))
def test_a_calendar_counts_its_days(
    before: dict[date, Day], after: dict[date, Day], first: int, length: int
) -> None:
    window = Window(
        FIRST + timedelta(days=first), FIRST + timedelta(days=first + length)
    )
    # Some days are the very same, as after a refresh.
    after |= {day: before[day] for day in after if day.day % 3 and day in before}
    known = Calendar.of(TOKENS, before)

    assert told(known, window) == plain(before, window)
    assert told(Calendar.of(TOKENS, after), window) == plain(after, window)
    assert told(known.moved(TOKENS, after), window) == plain(after, window)
