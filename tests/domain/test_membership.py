"""Where a series may be, against every assignment of possible values."""

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.membership import Cells, Judgement, Row, judge
from app.domain.registry import Dimension
from app.domain.values import ANY, Values
from tests.domain.examples import UNIVERSE, law, members

DIMENSIONS = (Dimension.ORIGIN, Dimension.PROVIDER, Dimension.FAMILY)

named = st.sampled_from(UNIVERSE[:-1])
some_values = st.builds(Values, st.frozensets(named), negated=st.booleans())
filters = st.dictionaries(st.sampled_from(DIMENSIONS), some_values)
possible = st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, some_values.filter(bool)))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    dimensions = tuple(
        draw(st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2))
    )
    if not dimensions:
        return Row(draw(filters))
    cells = draw(st.frozensets(st.tuples(*[named] * len(dimensions)), max_size=4))
    return Row(draw(filters), dimensions, Cells(cells, negated=draw(st.booleans())))


Truth = Mapping[Dimension, str]


def truths(states: Mapping[Dimension, Values]) -> Iterator[Truth]:
    """Yield every choice of one possible value per dimension."""
    for chosen in product(*(sorted(members(v)) for v in states.values())):
        yield dict(zip(states, chosen, strict=True))


def passes(truth: Truth, wanted: Mapping[Dimension, Values]) -> bool:
    return all(truth[dimension] in values for dimension, values in wanted.items())


def is_in(truth: Truth, row: Row) -> bool:
    if not passes(truth, row.filters):
        return False
    cell = tuple(truth[dimension] for dimension in row.dimensions)
    return not row.dimensions or (cell in row.cells.cells) != row.cells.negated


def place(truth: Truth, row: Row, base: Mapping[Dimension, Values]) -> str:
    if not passes(truth, base):
        return "outside"
    return "row" if is_in(truth, row) else "base"


@law
@given(possible, rows(), filters)
def test_a_series_may_be_where_some_truth_puts_it(
    states: Mapping[Dimension, Values], row: Row, base: Mapping[Dimension, Values]
) -> None:
    places = {place(truth, row, base) for truth in truths(states)}

    judgement = judge(states, row, base)

    assert judgement == Judgement(
        in_row="row" in places, in_base="base" in places, outside="outside" in places
    )
    assert judgement.only_row == (places == {"row"})
    assert judgement.only_base == (places == {"base"})


@law
@given(st.frozensets(st.tuples(named, named)), st.booleans(), named, named)
def test_cells_are_a_set_of_cells(
    cells: frozenset[tuple[str, ...]],
    negated: bool,  # noqa: FBT001 - hypothesis passes by position
    one: str,
    other: str,
) -> None:
    chosen = Cells(cells, negated=negated)

    assert ((one, other) in chosen) == (((one, other) in cells) != negated)
    assert ((one, other) in ~chosen) != ((one, other) in chosen)


def test_finite_cells_may_leave_nothing_to_the_rest() -> None:
    both = [Values.of("a", "b"), Values.of("c")]
    all_of_them = Cells(frozenset({("a", "c"), ("b", "c")}))

    assert not all_of_them.reachable(both)
    assert Cells(frozenset({("a", "c")})).reachable(both)
    assert all_of_them.reachable([ANY, Values.of("c")])
    assert not all_of_them.reachable([ANY, Values()])


def has_cells(row: Row) -> bool:
    return row.cells.negated or bool(row.cells.cells)


@law
@example(
    Row({DIMENSIONS[0]: ~Values.of("a")}, DIMENSIONS[:1], ~Cells(frozenset({("a",)}))),
    DIMENSIONS[0],
    "a",
)
@given(rows().filter(has_cells), st.sampled_from(DIMENSIONS), st.sampled_from(UNIVERSE))
def test_a_row_tells_which_values_can_be_in_it(
    row: Row, dimension: Dimension, value: str
) -> None:
    # Filters of other dimensions are no matter of this one.
    own = {d: v for d, v in row.filters.items() if d is dimension}
    row = Row(own, row.dimensions, row.cells)
    states = {**dict.fromkeys(DIMENSIONS, ANY), dimension: Values.of(value)}

    can_be = any(is_in(truth, row) for truth in truths(states))

    # Cells that are left out are not looked at: too many values, never too few.
    exact = len(row.dimensions) != 1 or not row.cells.negated
    told = value in row.values(dimension)
    assert told == can_be if exact else told >= can_be
