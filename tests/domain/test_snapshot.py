"""Volumes of a dataset, against sums day by day with each day's own claims."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.datasets import Day, Release, Status
from app.domain.observations import SeriesKind
from app.domain.periods import Interval, Window
from app.domain.registry import (
    ALWAYS,
    UNKNOWN,
    Attribution,
    Confidence,
    Dimension,
    State,
)
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.tally import SeriesClass
from app.domain.values import Values
from tests.domain.examples import (
    REMAINDER,
    Volumes,
    claim,
    law,
    model,
    read,
    registry,
    series,
    view,
)

FIRST = date(2026, 1, 26)
DAYS = 40


def at(offset: int) -> date:
    return FIRST + timedelta(days=offset)


MODELS = ("acme/one", "acme/one:free", "bolt/two")
COLUMNS = (*map(series, MODELS), REMAINDER)
ASKED = (Dimension.ORIGIN, Dimension.PROVIDER, Dimension.WEIGHTS, Dimension.BASE)

dimensions = st.lists(st.sampled_from(ASKED), unique=True).map(tuple)
volumes = st.dictionaries(
    st.integers(0, DAYS - 1).map(at),
    st.dictionaries(st.integers(0, len(COLUMNS) - 1), st.integers(0, 2**54)),
    max_size=12,
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first = draw(st.integers(-5, DAYS))
    return Window(at(first), at(first + draw(st.integers(0, DAYS))))


@st.composite
def claims(draw: st.DrawFn) -> Attribution:
    start = draw(st.integers(-3, DAYS).map(at) | st.just(ALWAYS))
    end = max(start, FIRST) + timedelta(days=draw(st.integers(1, DAYS)))
    return claim(
        draw(st.sampled_from([*MODELS, "acme", "bolt"])),
        draw(st.sampled_from([d.value for d in ASKED[:3]])),
        draw(st.sampled_from(["acme", "bolt", "open"])),
        confidence=draw(st.sampled_from([Confidence.HIGH, Confidence.LOW])),
        valid_from=start,
        valid_to=draw(st.sampled_from([None, end])),
    )


told = st.lists(
    claims(), max_size=8, unique_by=lambda a: (a.subject, a.attribute, a.valid_from)
)


def by_hand(
    asked: DatasetView,
    written: Volumes,
    spoken: Sequence[Dimension],
    periods: Sequence[Window],
) -> dict[SeriesClass, list[int]]:
    """Add up day by day what is not zero; a day takes the claims of that day."""
    found: dict[SeriesClass, list[int]] = defaultdict(lambda: [0] * len(periods))
    for day, listed in written.items():
        for column, volume in listed.items():
            one = asked.series[column]
            states = tuple(asked.state(one, d, day) for d in spoken)
            kind = SeriesClass(one is REMAINDER, states)
            for number, period in enumerate(periods):
                found[kind][number] += volume if day in period else 0
    return {kind: sums for kind, sums in found.items() if any(sums)}


def by_class(
    asked: DatasetView, spoken: tuple[Dimension, ...], periods: Sequence[Window]
) -> dict[SeriesClass, list[int]]:
    """Return what is not zero of the answer under test."""
    classes, sums = asked.volumes(spoken, periods)
    assert len(set(classes)) == len(classes)
    assert sums.shape == (len(classes), len(periods))
    return {k: v for k, v in zip(classes, sums.tolist(), strict=True) if any(v)}


@law
@given(volumes, told, dimensions, st.lists(windows(), min_size=1, max_size=4))
def test_each_day_takes_its_own_claims(
    written: Volumes,
    claimed: list[Attribution],
    spoken: tuple[Dimension, ...],
    periods: list[Window],
) -> None:
    asked = view(COLUMNS, written, registry(MODELS, *claimed))

    expected = by_hand(asked, written, spoken, periods)
    assert by_class(asked, spoken, periods) == expected
    # Once more, from classes that are kept.
    assert by_class(asked, spoken, periods) == expected


@law
@given(told, dimensions, windows())
def test_stretches_tile_a_window(
    claimed: list[Attribution], spoken: tuple[Dimension, ...], window: Window
) -> None:
    asked = view(COLUMNS, {}, registry(MODELS, *claimed))

    stretches = asked.stretches(spoken, window)

    assert [d for _, part in stretches for d in part.days()] == list(window.days())
    for start, part in stretches:
        for one in asked.series:
            for d in spoken:
                states = {asked.state(one, d, day) for day in part.days()}
                assert states == {asked.state(one, d, start)}


def test_a_claim_may_begin_within_a_period() -> None:
    known = registry(
        MODELS,
        claim("acme/one", "weights", "closed", valid_to=at(3)),
        claim("acme/one", "weights", "open", valid_from=at(3)),
    )
    asked = view(COLUMNS, {at(n): {0: 10**n} for n in range(6)}, known)

    found = by_class(asked, (Dimension.WEIGHTS,), [Window(at(1), at(4))])

    closed, opened = (State(v, Values.of(v)) for v in ("closed", "open"))
    assert found == {
        SeriesClass(unlisted=False, states=(closed,)): [110],
        SeriesClass(unlisted=False, states=(opened,)): [11_000],
    }


def test_a_claim_may_end_with_the_calendar() -> None:
    told_until = claim("acme/one", "weights", "open", valid_to=date.max)
    asked = view(COLUMNS, {FIRST: {0: 5}}, registry(MODELS, told_until))
    window = Window(FIRST, date.max)

    assert [part for _, part in asked.stretches((Dimension.WEIGHTS,), window)] == [
        Window(FIRST, date.max - timedelta(days=1)),
        Window(date.max, date.max),
    ]


def test_many_changes_of_claims_are_each_taken_up() -> None:
    changes = [
        claim("acme/one", "weights", value, valid_from=at(n), valid_to=at(n + 1))
        for n in range(100)
        for value in [("open", "closed")[n % 2]]
    ]
    written = {at(n): {0: n} for n in range(100)}
    asked = view(COLUMNS, written, registry(MODELS, *changes))
    periods = [Window(at(0), at(99))]

    spoken = (Dimension.WEIGHTS,)
    assert by_class(asked, spoken, periods) == by_hand(asked, written, spoken, periods)


def test_without_series_there_is_no_class() -> None:
    classes, sums = view([], {}).volumes((Dimension.ORIGIN,), [Window(FIRST, FIRST)])

    assert list(classes) == []
    assert sums.shape == (0, 1)


def test_a_series_of_a_category_is_of_that_category() -> None:
    asked = view([], {})
    tools = series("writing", SeriesKind.CATEGORY)
    model_in_one = series("acme/one", category="coding")

    def state(of: object) -> State:
        return asked.state(of, Dimension.CATEGORY, FIRST)  # type: ignore[arg-type]

    assert state(tools) == State("writing", Values.of("writing"))
    assert state(model_in_one) == State("coding", Values.of("coding"))
    assert state(series("acme/one")) == State(UNKNOWN, Values.of(UNKNOWN))


LIVE, PROVISIONAL, FINAL = (
    timedelta(minutes=5),
    timedelta(days=1),
    timedelta(days=30),
)
AFTERS = {
    LIVE: Status.PARTIAL,
    PROVISIONAL: Status.PROVISIONAL,
    FINAL: Status.FINAL,
}
known_days = st.dictionaries(
    st.integers(0, DAYS), st.sampled_from(sorted(AFTERS)), max_size=15
).map(lambda found: {at(n): read(at(n), found[n]) for n in sorted(found)})


@law
@given(known_days, windows())
def test_days_of_a_window_are_counted(days: dict[date, Day], window: Window) -> None:
    asked = view([], {}, days=days)

    inside = [day for day in days if day in window]
    statuses = [asked.status(day) for day in inside]
    assert asked.count(window) == (
        len(inside),
        len(inside) - statuses.count(Status.PARTIAL),
        statuses.count(Status.FINAL),
    )
    assert asked.known(window) == [days[day] for day in inside]


@law
@given(known_days)
def test_the_last_complete_day_was_read_after_its_end(days: dict[date, Day]) -> None:
    asked = view([], {}, days=days)

    complete = [day for day in days if asked.status(day) is not Status.PARTIAL]
    assert asked.last_complete == max(complete, default=None)
    assert asked.span == (Window(min(days), max(days)) if days else None)


@law
@given(known_days, windows())
def test_what_does_not_add_up_takes_its_last_day(
    days: dict[date, Day], window: Window
) -> None:
    stock = view([], {}, days=days, additive=False)

    inside = [day for day in days if day in window]
    last = Window(inside[-1], inside[-1]) if inside else window
    assert stock.measured(window) == last
    assert view([], {}, days=days).measured(window) == window


def test_a_count_of_stock_is_never_summed() -> None:
    stock = view(COLUMNS, {at(0): {0: 7}, at(2): {0: 5}}, additive=False)
    week = Window(at(0), at(6))

    found = by_class(stock, (), [stock.measured(week)])

    assert found == {SeriesClass(unlisted=False, states=()): [5]}


def test_columns_are_found_by_model() -> None:
    columns = [
        REMAINDER,
        series("acme/one", category="coding"),
        series("acme/one", category="writing"),
        series("bolt/two"),
        series("other", SeriesKind.REMAINDER, category="coding"),
        series("coding", SeriesKind.CATEGORY),
    ]
    asked = view(columns, {})

    assert asked.column_of == {"acme/one": 1, "bolt/two": 3}
    assert asked.remainders == (0, 4)


def test_a_release_date_that_is_a_month_begins_on_its_first_day() -> None:
    known = registry(
        MODELS,
        claim("acme/one", "released_on", "2026-02-11"),
        claim("bolt/two", "released_on", "2026-02"),
    )
    asked = view(COLUMNS, {}, known)

    assert asked.released("acme/one") == date(2026, 2, 11)
    assert asked.released("bolt/two") == date(2026, 2, 1)
    assert asked.released("acme/one:free") is None


def test_variants_are_found_by_base() -> None:
    known = registry(["acme/one", "bolt/two", "acme/one:free"])
    now = read(FIRST, timedelta(0)).as_of
    release = Release(1, now, "registry", "1", None, None, "", "")
    snapshot = Snapshot(release, known, {}, (release,))

    assert snapshot.bases == {
        "acme/one": (model("acme/one"), model("acme/one:free")),
        "bolt/two": (model("bolt/two"),),
    }


def test_weeks_are_summed_apart() -> None:
    asked = view(COLUMNS, {at(n): {0: 1, 3: 2} for n in range(14)})
    weeks = Window(at(0), at(13)).periods(Interval.WEEK)

    assert by_class(asked, (), weeks) == {
        SeriesClass(unlisted=False, states=()): [7, 7],
        SeriesClass(unlisted=True, states=()): [14, 14],
    }
