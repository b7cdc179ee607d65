"""Rounding, against exact fractions; and rows of columns."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.reports import Column, Kind, Report, fraction, fractions
from tests.domain.examples import law

HUGE = st.integers(0, 2**200)
INT64 = st.integers(0, 2**62) | st.integers(0, 1000)
TIES = st.tuples(st.integers(0, 2**20), st.integers(1, 2**20)).map(
    # An odd number of half millionths.
    lambda pair: ((2 * pair[0] + 1) * pair[1], 2_000_000 * pair[1])
)
NEAR = st.tuples(TIES, st.integers(-1, 1)).map(
    lambda pair: (pair[0][0] + pair[1], pair[0][1])
)


@law
@given(HUGE, HUGE.filter(bool))
def test_a_fraction_is_rounded_exactly(numerator: int, denominator: int) -> None:
    exact = round(Fraction(numerator * 1_000_000, denominator))

    assert fraction(numerator, denominator) == exact


@law
@given(NEAR)
def test_a_tie_goes_to_the_even_millionth(pair: tuple[int, int]) -> None:
    numerator, denominator = pair
    with localcontext(prec=400, rounding=ROUND_HALF_EVEN):
        exact = int((Decimal(numerator) * 1_000_000 / denominator).to_integral_value())

    assert fraction(numerator, denominator) == exact


@law
@given(st.integers(-(2**70), 2**70), st.integers(1, 2**70))
def test_a_fall_is_rounded_as_a_rise(numerator: int, denominator: int) -> None:
    rounded = fraction(numerator, denominator)

    assert rounded == round(Fraction(numerator * 1_000_000, denominator))
    assert rounded is not None
    assert fraction(-numerator, denominator) == -rounded


@law
@given(st.lists(st.tuples(INT64, INT64) | TIES | NEAR, max_size=20))
@example([(2**62, 1), (2**62, 2**62), (2**62 - 1, 2**62), (0, 0), (5, 0), (0, 7)])
@example([(1, 2_000_000), (3, 2_000_000), (2**61 + 1, 2**61), (2**53 + 1, 2**53)])
def test_many_are_rounded_like_one(pairs: list[tuple[int, int]]) -> None:
    numerators = np.array([n for n, _ in pairs], np.int64)
    denominators = np.array([d for _, d in pairs], np.int64)

    few = fractions(numerators, denominators)
    many = fractions(np.tile(numerators, 24), np.tile(denominators, 24))

    exact = [round(Fraction(n * 1_000_000, d)) if d else None for n, d in pairs]
    assert few == exact
    assert many == exact * 24
    assert all(type(value) is int for value in many if value is not None)


@pytest.mark.parametrize(
    ("numerator", "denominator", "millionths"),
    [
        (1, 2_000_000, 0),
        (3, 2_000_000, 2),
        (5, 2_000_000, 2),
        (1, 3, 333_333),
        (2, 3, 666_667),
        (0, 3, 0),
        (3, 3, 1_000_000),
        (44_129_943_053_400, 97_142_542_677_421, 454_280),
        (1, 0, None),
        (0, 0, None),
    ],
)
def test_fractions_carry_six_decimals(
    numerator: int, denominator: int, millionths: int | None
) -> None:
    assert fraction(numerator, denominator) == millionths
    one = fractions(np.array([numerator]), np.array([denominator]))
    assert one == [millionths]


def test_a_report_is_read_row_by_row() -> None:
    origins = Column("origin", Kind.TEXT, ["CN", "FR", "US"])
    report = Report([origins, Column("share", Kind.FRACTION, [1, None, 0])], {})

    assert len(report) == 3
    assert list(report.rows()) == [
        {"origin": "CN", "share": 1},
        {"origin": "FR", "share": None},
        {"origin": "US", "share": 0},
    ]


def test_a_report_without_columns_has_no_rows() -> None:
    assert len(Report([], {})) == 0
    assert list(Report([], {}).rows()) == []


def test_columns_of_unequal_length_are_no_report() -> None:
    report = Report([Column("a", Kind.TEXT, ["x"]), Column("b", Kind.TEXT, [])], {})

    with pytest.raises(ValueError, match="shorter"):
        list(report.rows())
