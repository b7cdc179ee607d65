"""Volumes and bounds of rows, against every assignment of possible values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cube import Ints
from app.domain.membership import Cells, Row
from app.domain.registry import OTHER, Dimension, State
from app.domain.tally import Cap, Filters, SeriesClass, Tally
from app.domain.values import Values
from app.services.methods import share_bounds
from tests.domain.examples import UNIVERSE, law, members
from tests.domain.test_membership import passes, place, truths

DIMENSIONS = (Dimension.ORIGIN, Dimension.PROVIDER)

named = st.sampled_from(UNIVERSE[:-1])
some_values = st.builds(Values, st.frozensets(named), negated=st.booleans())
filters = st.dictionaries(st.sampled_from(DIMENSIONS), some_values)
VOLUMES = st.sampled_from([0, 1, 2, 3, 7, 2**53 + 1, 2**58])


@st.composite
def states(draw: st.DrawFn) -> State:
    possible = draw(
        some_values.filter(bool) | named.map(Values.of) | st.just(Values.all_but())
    )
    return State(draw(st.sampled_from(sorted(members(possible)))), possible)


@dataclass(frozen=True)
class Asked:
    """A question about a small registry, and a row of its answer."""

    tally: Tally
    cells: Cells

    @property
    def row(self) -> Row:
        tally = self.tally
        return Row(tally.numerator, tally.group_by, self.cells)


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    classes = draw(
        st.lists(
            st.builds(
                SeriesClass, st.booleans(), st.tuples(*[states()] * len(DIMENSIONS))
            ),
            max_size=6,
        )
    )
    volumes = draw(
        st.lists(
            st.tuples(VOLUMES, VOLUMES), min_size=len(classes), max_size=len(classes)
        )
    )
    group_by = tuple(draw(st.lists(st.sampled_from(DIMENSIONS), unique=True)))
    cells = Cells()
    if group_by:
        some = st.frozensets(st.tuples(*[named] * len(group_by)), max_size=4)
        cells = Cells(draw(some), negated=draw(st.booleans()))
    tally = Tally(
        DIMENSIONS,
        classes,
        np.array(volumes, np.int64).reshape(len(classes), 2),
        draw(filters),
        draw(filters),
        group_by,
    )
    return Asked(tally, cells)


def no_cap(_row: Row, _base: Filters) -> None:
    return None


def points(kind: SeriesClass) -> dict[Dimension, str]:
    return {d: s.point for d, s in zip(DIMENSIONS, kind.states, strict=True)}


def possible(kind: SeriesClass) -> dict[Dimension, Values]:
    return {d: s.possible for d, s in zip(DIMENSIONS, kind.states, strict=True)}


def places(tally: Tally, row: Row) -> list[set[str]]:
    """Return, per class, where some truth puts it."""
    return [
        {place(truth, row, tally.base) for truth in truths(possible(kind))}
        for kind in tally.classes
    ]


def shares(volumes: Sequence[int], where: Sequence[set[str]]) -> set[Fraction]:
    """Return the share of the row under every assignment that has a base."""
    found = set()
    for assignment in product(*where):
        row = sum(v for v, p in zip(volumes, assignment, strict=True) if p == "row")
        rest = sum(v for v, p in zip(volumes, assignment, strict=True) if p == "base")
        if row + rest:
            found.add(Fraction(row, row + rest))
    return found


def millionths(value: Fraction) -> int:
    """Round half to even."""
    return round(value * 1_000_000)


def extremes(
    volumes: Ints, where: Sequence[set[str]]
) -> tuple[list[int | None], list[int | None]]:
    every = [shares(period, where) for period in volumes.T.tolist()]
    return (
        [millionths(min(found)) if found else None for found in every],
        [millionths(max(found)) if found else None for found in every],
    )


@law
@given(questions())
def test_bounds_are_the_extremes_over_every_assignment(asked: Asked) -> None:
    bounds = asked.tally.bounds(asked.cells, no_cap)

    where = places(asked.tally, asked.row)
    assert share_bounds(bounds) == extremes(asked.tally.volumes, where)


@law
@given(questions())
def test_possible_volumes_are_sums_of_what_may_be(asked: Asked) -> None:
    where = places(asked.tally, asked.row)

    def volume(is_wanted: Callable[[set[str]], bool]) -> list[int]:
        rows = asked.tally.volumes.tolist()
        kept = [v for v, at in zip(rows, where, strict=True) if is_wanted(at)]
        return [sum(row[period] for row in kept) for period in range(2)]

    bounds = asked.tally.bounds(asked.cells, no_cap)

    assert bounds.only_row.tolist() == volume(lambda at: at == {"row"})
    assert bounds.may_row.tolist() == volume(lambda at: "row" in at)
    assert bounds.only_base.tolist() == volume(lambda at: at == {"base"})
    assert bounds.may_base.tolist() == volume(lambda at: "base" in at)


def total_of(tally: Tally, wanted: Callable[[SeriesClass], bool]) -> list[int]:
    return [
        sum(
            int(tally.volumes[n, period])
            for n, kind in enumerate(tally.classes)
            if wanted(kind)
        )
        for period in range(2)
    ]


@law
@given(questions())
def test_volumes_follow_the_best_judgement(asked: Asked) -> None:
    tally = asked.tally

    def in_base(kind: SeriesClass) -> bool:
        return passes(points(kind), tally.base)

    def in_row(kind: SeriesClass) -> bool:
        return place(points(kind), asked.row, tally.base) == "row"

    assert tally.total.tolist() == total_of(tally, in_base)
    assert tally.unlisted.tolist() == total_of(
        tally, lambda kind: kind.unlisted and in_base(kind)
    )
    assert tally.volume(asked.cells).tolist() == total_of(tally, in_row)


@law
@given(questions())
def test_cells_share_out_the_numerator(asked: Asked) -> None:
    tally = asked.tally
    whole = Row(tally.numerator)

    def cell(kind: SeriesClass) -> tuple[str, ...]:
        return tuple(points(kind)[d] for d in tally.group_by)

    def in_cell(kind: SeriesClass, wanted: tuple[str, ...]) -> bool:
        is_in = place(points(kind), whole, tally.base) == "row"
        return is_in and cell(kind) == wanted

    assert {c: v.tolist() for c, v in tally.cells.items()} == {
        wanted: total_of(tally, lambda kind: in_cell(kind, wanted))  # noqa: B023
        for wanted in map(cell, tally.classes)
        if any(in_cell(kind, wanted) for kind in tally.classes)
    }


@law
@given(questions())
def test_known_not_is_the_base_that_no_truth_puts_in_the_row(asked: Asked) -> None:
    tally = asked.tally

    def is_known_not(kind: SeriesClass) -> bool:
        in_base = passes(points(kind), tally.base)
        return in_base and "row" not in {
            place(truth, asked.row, tally.base) for truth in truths(possible(kind))
        }

    known_not = tally.known_not(asked.cells, no_cap)

    assert known_not.tolist() == total_of(tally, is_known_not)


@law
@given(questions())
def test_a_share_lies_within_its_bounds(asked: Asked) -> None:
    tally = asked.tally
    volume, total = tally.volume(asked.cells).tolist(), tally.total.tolist()
    bounds = share_bounds(tally.bounds(asked.cells, no_cap))

    for inside, whole, low, high in zip(volume, total, *bounds, strict=True):
        if whole:
            assert low is not None
            assert high is not None
            assert low <= millionths(Fraction(inside, whole)) <= high


MODELS = (Dimension.MODEL,)
LISTED = SeriesClass(unlisted=False, states=(State("acme/one", Values.of("acme/one")),))
UNLISTED = SeriesClass(unlisted=True, states=(State(OTHER, Values.of(OTHER)),))
ONE = Cells(frozenset({("acme/one",)}), negated=False)


def of_models(
    listed: int, unlisted: int, numerator: Mapping[Dimension, Values] | None = None
) -> Tally:
    volumes = np.array([[listed], [unlisted]], np.int64)
    return Tally(MODELS, [LISTED, UNLISTED], volumes, numerator or {}, {}, MODELS)


def cap_at(volume: int, *, row: bool = True) -> Callable[[Row, Filters], Cap]:
    """Models that are surely in the row, or surely not, can have had this much."""
    most, nothing = np.array([volume], np.int64), np.zeros(1, np.int64)
    of_row, of_base = (
        Cap(most, nothing, nothing, most),
        Cap(nothing, most, most, nothing),
    )
    return lambda _row, _base: of_row if row else of_base


def test_unlisted_volume_is_a_named_models_up_to_the_cap() -> None:
    bounds = of_models(60, 40).bounds(ONE, cap_at(25))

    assert bounds.only_row.tolist() == [60]
    assert bounds.may_row.tolist() == [85]
    assert bounds.only_base.tolist() == [15]
    assert bounds.may_base.tolist() == [40]
    assert share_bounds(bounds) == ([600_000], [850_000])


def test_a_cap_is_never_more_than_the_remainder() -> None:
    bounds = of_models(60, 40).bounds(ONE, cap_at(2**62))

    assert bounds.may_row.tolist() == [100]
    assert bounds.only_base.tolist() == [0]
    assert bounds.may_base.tolist() == [40]


def test_a_cap_takes_no_more_than_the_remainder_from_what_is_sure() -> None:
    tally = of_models(60, 40)
    most = np.array([2**62], np.int64)
    everywhere = Cap(most, most, most, most)

    of_others = tally.bounds(~ONE, lambda _row, _base: everywhere)

    assert of_others.only_row.tolist() == [0]
    assert of_others.may_base.tolist() == [100]
    assert tally.known_not(ONE, cap_at(2**62)).tolist() == [0]


def test_unlisted_volume_within_the_cap_is_not_known_not_to_be_a_models() -> None:
    tally = of_models(60, 40)

    assert tally.known_not(ONE, cap_at(25)).tolist() == [15]
    assert tally.known_not(ONE, no_cap).tolist() == [40]


def test_what_a_model_may_have_had_may_be_missing_from_the_others() -> None:
    but_one = {Dimension.MODEL: Values.all_but("acme/one")}

    bounds = of_models(60, 40, but_one).bounds(Cells(), cap_at(25, row=False))

    assert bounds.only_row.tolist() == [15]
    assert bounds.may_row.tolist() == [40]
    assert bounds.only_base.tolist() == [60]
    assert bounds.may_base.tolist() == [85]


def test_models_that_may_be_anywhere_take_from_what_is_sure_on_both_sides() -> None:
    most = np.array([25], np.int64)
    cap = Cap(most, most, most, most)

    of_one = of_models(60, 40).bounds(ONE, lambda _row, _base: cap)
    of_others = of_models(60, 40).bounds(~ONE, lambda _row, _base: cap)

    assert of_one.only_row.tolist() == of_others.only_base.tolist() == [60]
    assert of_one.may_row.tolist() == of_others.may_base.tolist() == [85]
    assert of_one.only_base.tolist() == of_others.only_row.tolist() == [15]
    assert of_one.may_base.tolist() == of_others.may_row.tolist() == [40]


def test_without_series_every_volume_is_zero() -> None:
    nothing = np.zeros((0, 2), np.int64)
    tally = Tally(DIMENSIONS, [], nothing, {}, {}, (Dimension.ORIGIN,))

    bounds = tally.bounds(Cells(), no_cap)

    assert tally.total.tolist() == tally.volume(Cells()).tolist() == [0, 0]
    assert share_bounds(bounds) == ([None, None], [None, None])
