"""Arrays that are looked at like sequences of values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.arrays import Numbers, Picked
from tests.domain.examples import law

_INT64 = st.integers(-(2**63), 2**63 - 1)


@law
@given(st.lists(st.none() | _INT64), st.slices(8))
def test_numbers_are_a_sequence(values: list[int | None], rows: slice) -> None:
    held = Numbers.of(values)

    assert held == values
    assert [*held] == values
    assert len(held) == len(values)
    assert held[rows] == values[rows]
    assert [held[at] for at in range(-len(values), len(values))] == values * 2
    assert {type(value) for value in held} <= {int, type(None)}
    assert Numbers.of(held) is held


def test_an_array_is_all_known() -> None:
    held = Numbers.of(np.array([1, 2]))

    assert held.known is None
    assert held == [1, 2]
    assert held != [1, None]


@pytest.mark.parametrize("at", [3, -4])
def test_there_is_nothing_outside(at: int) -> None:
    with pytest.raises(IndexError):
        _ = Numbers.of([1, 2, None])[at]


def test_what_is_no_int64_is_no_number() -> None:
    with pytest.raises(OverflowError):
        Numbers.of([2**63])


def test_what_is_picked_repeats() -> None:
    held = Picked(["a", None, "b"], np.array([0, 0, 2, 1]))

    assert [*held] == ["a", "a", "b", None]
    assert (held[2], held[-1], len(held)) == ("b", None, 4)
    assert held[1:3] == ["a", "b"]
