"""Which days a question is about: every form of window, at the edges of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from app.domain.periods import Interval
from app.errors import BadParameterError, BadValueError, OutsideDataError
from app.services import rankings, share, volume, windows
from tests.services import asked
from tests.services.plain import Claim, Facts, ModelFact, Wish
from tests.services.plain_calendar import walk

# From a Thursday to a Wednesday.
FIRST, LAST = date(2026, 1, 8), date(2026, 3, 18)
MISSING = date(2026, 2, 11)


def facts(last_read: timedelta = timedelta(minutes=59)) -> Facts:
    """Days with one gap; the last one was read `last_read` after its end."""
    days = [day for day in walk(FIRST, LAST) if day != MISSING]
    ends = {d: datetime.combine(d, time(), UTC) + timedelta(days=1) for d in days}
    read = {day: end + timedelta(days=30) for day, end in ends.items()}
    read |= {
        date(2026, 3, n): ends[date(2026, 3, n)] + timedelta(days=2) for n in (16, 17)
    }
    read[LAST] = ends[LAST] + last_read
    return Facts(
        volumes={day: {"acme/one": 1} for day in days},
        read=read,
        models={
            "acme/one": ModelFact(
                "acme/one", "standard", (Claim("provider", "acme", "high"),)
            )
        },
        providers={"acme": (Claim("origin", "US", "high"),)},
    )


def told(about: Facts, wish: Wish) -> list[str]:
    """The window, each period with its status and days, and what is warned of."""
    view = asked.snapshot(about).datasets["tokens"]
    found = windows.resolve(view, asked.ask(wish))
    return [
        f"{found.window.first} {found.window.last}",
        *(
            f"{p.calendar.first} {p.calendar.last} {p.status} "
            f"{p.days}/{len(p.calendar)}"
            for p in found.periods
        ),
        *(warning.partition(":")[0] for warning in found.warnings),
    ]


CLAMPED, DROPPED = "window_clamped", "unfinished_period_excluded"
WINDOWS: Mapping[str, tuple[Wish, Sequence[str]]] = {
    "the last four weeks of complete days, by default": (
        Wish(),
        ["2026-02-18 2026-03-17", "2026-02-18 2026-03-17 provisional 28/28"],
    ),
    "days end at the last complete one": (
        Wish(window="2d", interval="day"),
        [
            "2026-03-16 2026-03-17",
            "2026-03-16 2026-03-16 provisional 1/1",
            "2026-03-17 2026-03-17 provisional 1/1",
        ],
    ),
    "weeks end with the last whole one": (
        Wish(window="2w", interval="week"),
        [
            "2026-03-02 2026-03-15",
            "2026-03-02 2026-03-08 final 7/7",
            "2026-03-09 2026-03-15 final 7/7",
        ],
    ),
    "months end with the last whole one": (
        Wish(window="1m", interval="month"),
        ["2026-02-01 2026-02-28", "2026-02-01 2026-02-28 partial 27/28"],
    ),
    "a window that begins before the data is cut there": (
        Wish(window="3m"),
        ["2026-01-08 2026-02-28", "2026-01-08 2026-02-28 partial 51/52", CLAMPED],
    ),
    "six months by default, the first cut by the edge of the data": (
        Wish(interval="month"),
        [
            "2026-01-08 2026-02-28",
            "2026-01-01 2026-01-31 partial 24/31",
            "2026-02-01 2026-02-28 partial 27/28",
            CLAMPED,
        ],
    ),
    "twelve weeks by default": (
        Wish(interval="week"),
        [
            "2026-01-08 2026-03-15",
            "2026-01-05 2026-01-11 partial 4/7",
            "2026-01-12 2026-01-18 final 7/7",
            "2026-01-19 2026-01-25 final 7/7",
            "2026-01-26 2026-02-01 final 7/7",
            "2026-02-02 2026-02-08 final 7/7",
            "2026-02-09 2026-02-15 partial 6/7",
            "2026-02-16 2026-02-22 final 7/7",
            "2026-02-23 2026-03-01 final 7/7",
            "2026-03-02 2026-03-08 final 7/7",
            "2026-03-09 2026-03-15 final 7/7",
            CLAMPED,
        ],
    ),
    "all by default for quarters, of which none has ended": (
        Wish(interval="quarter"),
        ["2026-01-08 2026-03-17", DROPPED],
    ),
    "an unfinished period that is asked for": (
        Wish(interval="quarter", include=True),
        ["2026-01-08 2026-03-18", "2026-01-01 2026-03-31 partial 68/90"],
    ),
    "not one whole year yet": (
        Wish(window="1y"),
        ["2026-01-08 2026-03-17", "2026-01-08 2026-03-17 partial 68/69", CLAMPED],
    ),
    "9999 years": (
        Wish(window="9999y", interval="year", include=True),
        [
            "2026-01-08 2026-03-18",
            "2026-01-01 2026-12-31 partial 68/365",
            CLAMPED,
        ],
    ),
    "the live day, if it is asked for": (
        Wish(window="1d", interval="day", include=True),
        [
            "2026-03-17 2026-03-18",
            "2026-03-17 2026-03-17 provisional 1/1",
            "2026-03-18 2026-03-18 partial 0/1",
        ],
    ),
    "explicit dates are never cut": (
        Wish(start=date(2025, 12, 30), end=date(2026, 1, 9)),
        ["2025-12-30 2026-01-09", "2025-12-30 2026-01-09 partial 2/11"],
    ),
    "periods before the data are missing": (
        Wish(start=date(2025, 12, 31), end=date(2026, 1, 11), interval="week"),
        [
            "2025-12-31 2026-01-11",
            "2025-12-29 2026-01-04 missing 0/7",
            "2026-01-05 2026-01-11 partial 4/7",
        ],
    ),
    "periods after the data are not there yet": (
        Wish(start=date(2026, 3, 16), end=date(2026, 5, 1), interval="month"),
        [
            "2026-03-16 2026-05-01",
            "2026-03-01 2026-03-31 partial 2/31",
            "2026-04-01 2026-04-30 not_yet 0/30",
            "2026-05-01 2026-05-31 not_yet 0/31",
        ],
    ),
    "the unfinished period at the end is dropped": (
        Wish(start=date(2026, 3, 9), end=date(2026, 3, 18), interval="week"),
        ["2026-03-09 2026-03-18", "2026-03-09 2026-03-15 final 7/7", DROPPED],
    ),
    "a live day at the end is dropped": (
        Wish(start=date(2026, 3, 17), end=LAST, interval="day"),
        [
            "2026-03-17 2026-03-18",
            "2026-03-17 2026-03-17 provisional 1/1",
            DROPPED,
        ],
    ),
    "a period that ended and has not all its days stays": (
        Wish(start=date(2026, 2, 10), end=date(2026, 2, 12), interval="day"),
        [
            "2026-02-10 2026-02-12",
            "2026-02-10 2026-02-10 final 1/1",
            "2026-02-11 2026-02-11 missing 0/1",
            "2026-02-12 2026-02-12 final 1/1",
        ],
    ),
    "a period cut by its window is partial": (
        Wish(start=date(2026, 1, 20), end=date(2026, 1, 27), interval="week"),
        [
            "2026-01-20 2026-01-27",
            "2026-01-19 2026-01-25 partial 6/7",
            "2026-01-26 2026-02-01 partial 2/7",
        ],
    ),
    "an open end leads to the last complete day": (
        Wish(start=date(2026, 3, 16), interval="day"),
        [
            "2026-03-16 2026-03-17",
            "2026-03-16 2026-03-16 provisional 1/1",
            "2026-03-17 2026-03-17 provisional 1/1",
        ],
    ),
    "an open end leads to the live day, if that is asked for": (
        Wish(start=date(2026, 3, 17), interval="day", include=True),
        [
            "2026-03-17 2026-03-18",
            "2026-03-17 2026-03-17 provisional 1/1",
            "2026-03-18 2026-03-18 partial 0/1",
        ],
    ),
    "a start on the live day": (
        Wish(start=LAST),
        ["2026-03-18 2026-03-18", "2026-03-18 2026-03-18 partial 0/1"],
    ),
    "an open start leads to the first day": (
        Wish(end=date(2026, 1, 9)),
        ["2026-01-08 2026-01-09", "2026-01-08 2026-01-09 final 2/2"],
    ),
    "a total in the middle of which a day is missing": (
        Wish(start=date(2026, 2, 10), end=date(2026, 2, 12)),
        ["2026-02-10 2026-02-12", "2026-02-10 2026-02-12 partial 2/3"],
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_is_cut_into_periods(name: str) -> None:
    wish, expected = WINDOWS[name]

    assert told(facts(), wish) == expected


def test_a_day_is_complete_an_hour_after_its_end() -> None:
    wish = Wish(window="1d", interval="day")

    assert told(facts(timedelta(minutes=59)), wish)[0] == "2026-03-17 2026-03-17"
    assert told(facts(timedelta(minutes=60)), wish)[0] == "2026-03-18 2026-03-18"


def test_a_dataset_whose_only_day_is_live_shows_that_day() -> None:
    days = facts()
    live = replace(days, volumes={LAST: days.volumes[LAST]})

    assert told(live, Wish()) == [
        "2026-03-18 2026-03-18",
        "2026-03-18 2026-03-18 partial 0/1",
        CLAMPED,
    ]


def refused(error: type[Exception], **asks: Any) -> Any:
    view = asked.snapshot(facts()).datasets["tokens"]
    with pytest.raises(error) as caught:
        windows.resolve(view, asked.ask(Wish(**asks)))
    return caught.value


def test_dates_wholly_before_the_data_are_refused_with_dates_that_work() -> None:
    error = refused(OutsideDataError, start=date(2025, 1, 1), end=date(2026, 1, 7))

    assert str(error) == (
        "tokens has data from 2026-01-08 to 2026-03-18; the dates asked for lie wholly "
        "outside."
    )
    assert error.fix == {"start_date": "2026-01-08", "end_date": "2026-03-18"}


def test_dates_wholly_after_the_data_are_refused() -> None:
    error = refused(OutsideDataError, start=date(2026, 3, 19), end=date(2026, 4, 1))

    assert [c.parameter for c in error.complaints] == ["start_date"]


def test_an_end_before_the_start_is_refused_with_the_two_turned_round() -> None:
    error = refused(BadValueError, start=date(2026, 2, 2), end=date(2026, 2, 1))

    assert error.fix == {"start_date": "2026-02-01", "end_date": "2026-02-02"}


def test_too_many_periods_are_refused() -> None:
    asks: dict[str, Any] = {"start": date(2026, 3, 1), "interval": "day"}
    most = date(2026, 3, 1) + timedelta(days=windows.MAX_PERIODS - 1)

    error = refused(BadValueError, end=most + timedelta(days=1), **asks)

    assert error.fix == {"interval": "total"}
    assert len(told(facts(), Wish(end=most, **asks))) == windows.MAX_PERIODS + 1


def test_a_release_without_days_is_refused() -> None:
    view = replace(asked.snapshot(facts()).datasets["tokens"], days={})

    with pytest.raises(OutsideDataError, match="no data in this release"):
        windows.resolve(view, asked.ask(Wish()))


def test_the_longest_window_there_is_can_be_asked_and_compared() -> None:
    snapshot = asked.snapshot(facts())
    longest = Wish(start=date(2, 1, 1), end=date(9998, 12, 31), compare=True)
    by_model = asked.ask(replace(longest, group_by=("model",)))

    rows = [
        *share.answer(snapshot, by_model, None).rows(),
        *volume.answer(snapshot, by_model, None).rows(),
        *rankings.answer(snapshot, by_model, None).rows(),
    ]

    assert {row["volume"] for row in rows} == {69}


def test_a_mean_of_days_needs_days() -> None:
    snapshot = asked.snapshot(facts())
    weekly = asked.ask(Wish(interval="week", smooth=7))

    with pytest.raises(BadParameterError) as caught:
        share.answer(snapshot, weekly, None)

    assert caught.value.fix == {"interval": str(Interval.DAY)}


def test_a_mean_of_days_needs_volumes_that_add_up() -> None:
    snapshot = asked.snapshot(replace(facts(), additive=False))
    daily = asked.ask(Wish(interval="day", smooth=7))

    with pytest.raises(BadParameterError) as caught:
        volume.answer(snapshot, daily, None)

    assert caught.value.fix == {"smooth": None}
