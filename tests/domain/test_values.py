"""Sets of values, against sets over a small universe."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.values import ANY, Values
from tests.domain.examples import ELSE, UNIVERSE, law, members

values = st.builds(
    Values, st.frozensets(st.sampled_from(UNIVERSE[:-1])), negated=st.booleans()
)


@law
@given(values, values)
def test_values_are_sets(one: Values, other: Values) -> None:
    these, those = members(one), members(other)

    assert members(one & other) == these & those
    assert members(one | other) == these | those
    assert members(one - other) == these - those
    assert members(~one) == frozenset(UNIVERSE) - these
    assert bool(one) == bool(these)
    assert (one == other) == (these == those)


@law
@given(values, values)
def test_equal_values_are_one_key(one: Values, other: Values) -> None:
    assert len({one & other, other & one}) == 1
    assert len({~(one | other), ~one & ~other}) == 1


def test_any_holds_everything() -> None:
    assert members(ANY) == frozenset(UNIVERSE)
    assert not ~ANY


def test_values_are_named_by_what_they_hold_or_leave_out() -> None:
    assert members(Values.of("a", "b")) == {"a", "b"}
    assert members(Values.all_but("a", "b")) == {"c", ELSE}
    assert members(Values()) == frozenset()
