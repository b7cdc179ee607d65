"""How much unlisted volume models may have had, day by day."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.ceilings import Ceilings
from app.domain.periods import Window
from app.domain.snapshot import DatasetView
from tests.domain.examples import REMAINDER, Volumes, claim, law, registry, series, view

FIRST = date(2026, 3, 2)
MODELS = ("acme/one", "acme/two", "bolt/three", "bolt/unseen")
COLUMNS = (*map(series, MODELS[:3]), REMAINDER)
OTHER = 3


def at(offset: int) -> date:
    return FIRST + timedelta(days=offset)


VOLUMES = st.integers(0, 9) | st.sampled_from([2**53 + 1, 2**57, 2**58 - 1])
written = st.dictionaries(
    st.integers(0, 11).map(at),
    st.dictionaries(st.integers(0, OTHER), VOLUMES, min_size=1),
    max_size=10,
)
releases = st.dictionaries(st.sampled_from(MODELS), st.integers(-3, 14).map(at))
asked = st.sets(st.sampled_from(MODELS))


@st.composite
def periods(draw: st.DrawFn) -> list[Window]:
    """Draw windows that are ascending and apart, some of them beyond the data."""
    edges = draw(st.sets(st.integers(-4, 16), min_size=2, max_size=6))
    ascending = pairwise(sorted(edges))
    windows = [Window(at(first), at(last - 1)) for first, last in ascending]
    skipped = draw(st.integers(0, len(windows) - 1))
    return [w for n, w in enumerate(windows) if n != skipped or len(windows) == 1]


def by_hand(
    days: Volumes,
    released: dict[str, date],
    models: set[str],
    windows: Sequence[Window],
) -> list[int]:
    found = [0] * len(windows)
    for number, window in enumerate(windows):
        for day in window.days():
            listed = days.get(day, {})
            remainder = listed.get(OTHER, 0)
            of_models = [v for column, v in listed.items() if column != OTHER]
            unlisted = [
                m
                for m in models
                if m not in {MODELS[column] for column in listed if column != OTHER}
                and released.get(m, date.min) <= day
            ]
            # Where no model is listed, nothing says how small an unlisted one is.
            floor = min(of_models, default=remainder)
            found[number] += min(len(unlisted) * floor, remainder)
    return found


def dataset(days: Volumes, released: dict[str, date]) -> DatasetView:
    told = [claim(m, "released_on", day.isoformat()) for m, day in released.items()]
    return view(COLUMNS, days, registry(MODELS, *told))


@law
@given(written, releases, asked, periods())
def test_an_unlisted_model_had_at_most_the_smallest_listed_volume(
    days: Volumes, released: dict[str, date], models: set[str], windows: list[Window]
) -> None:
    ceilings = Ceilings(dataset(days, released), windows)

    assert ceilings.of(models).tolist() == by_hand(days, released, models, windows)


@law
@given(written, releases, asked, asked, periods())
def test_looking_up_many_at_once_changes_nothing(
    days: Volumes,
    released: dict[str, date],
    primed: set[str],
    models: set[str],
    windows: list[Window],
) -> None:
    ceilings = Ceilings(dataset(days, released), windows)
    ceilings.prime(primed)
    ceilings.prime(primed | models)

    assert ceilings.of(models).tolist() == by_hand(days, released, models, windows)


def test_a_row_of_many_models_has_at_most_the_remainder() -> None:
    days = {at(0): {0: 5, OTHER: 7}, at(1): {0: 5, 1: 5, OTHER: 7}}
    windows = [Window(at(0), at(0)), Window(at(1), at(1)), Window(at(0), at(1))]
    of = Ceilings(dataset(days, {}), windows[:2]).of

    assert of(["acme/one"]).tolist() == [0, 0]
    assert of(["acme/two"]).tolist() == [5, 0]
    assert of(["acme/two", "bolt/three"]).tolist() == [7, 5]
    assert Ceilings(dataset(days, {}), windows[2:]).of(["bolt/three"]).tolist() == [10]


def test_a_model_may_be_unlisted_from_the_day_of_its_release() -> None:
    days = {at(n): {0: 5, OTHER: 7} for n in range(4)}
    each_day = [Window(at(n), at(n)) for n in range(4)]

    ceilings = Ceilings(dataset(days, {"acme/two": at(2)}), each_day)

    assert ceilings.of(["acme/two"]).tolist() == [0, 0, 5, 5]


def test_many_models_times_a_great_volume_do_not_overflow() -> None:
    many = [f"acme/m{n}" for n in range(40)]
    listed = view([series("bolt/three"), REMAINDER], {FIRST: {0: 2**60, 1: 2**61 + 5}})

    ceilings = Ceilings(listed, [Window(FIRST, FIRST)])

    assert ceilings.of(many[:1]).tolist() == [2**60]
    assert ceilings.of(many[:2]).tolist() == [2**61]
    assert ceilings.of(many[:3]).tolist() == [2**61 + 5]
    assert ceilings.of(many).tolist() == [2**61 + 5]


def test_a_day_on_which_a_model_is_listed_with_zero_leaves_nothing_unlisted() -> None:
    days = {at(0): {0: 0, OTHER: 7}}

    of = Ceilings(dataset(days, {}), [Window(at(0), at(0))]).of

    assert of(["acme/two"]).tolist() == [0]


def test_without_a_remainder_nothing_is_unlisted() -> None:
    all_listed = view([series("acme/one")], {FIRST: {0: 5}}, registry(MODELS))

    ceilings = Ceilings(all_listed, [Window(FIRST, at(3))])

    assert ceilings.of(MODELS).tolist() == [0]


def test_without_data_nothing_is_unlisted() -> None:
    windows = [Window(at(0), at(3)), Window(at(5), at(6))]

    assert Ceilings(dataset({}, {}), windows).of(MODELS).tolist() == [0, 0]


def test_a_window_far_beyond_the_data_costs_no_more_than_the_data() -> None:
    days = {at(0): {0: 5, OTHER: 7}}
    ages = [Window(date(2, 1, 1), at(-1)), Window(at(0), date(9998, 12, 31))]

    tracemalloc.start()
    found = Ceilings(dataset(days, {}), ages).of(MODELS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.tolist() == [0, 7]
    assert most < 1_000_000


def test_models_listed_nowhere_may_have_been_released_long_ago() -> None:
    known = dataset({at(0): {0: 5, OTHER: 7}}, {"bolt/unseen": date(2020, 1, 1)})
    as_a_year = replace(
        known,
        registry=registry(MODELS, claim("bolt/unseen", "released_on", "2026")),
    )

    for asked_of in (known, as_a_year):
        ceilings = Ceilings(asked_of, [Window(at(0), at(0))])
        assert ceilings.of(["bolt/unseen"]).tolist() == [5]
