"""Numbers as a sentence says them."""

import pytest

from app.services.figures import amount, percent


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        (0, "0"),
        (1_234, "1,234"),
        (949_999, "949,999"),
        (1_000_000, "1.0 million"),
        (999_949_999, "999.9 million"),
        (999_950_001, "1.0 billion"),
        (44_129_943_053_400, "44.1 trillion"),
        (1_234_500_000_000_000, "1,234.5 trillion"),
        (2**62, "4,611,686.0 trillion"),
    ],
)
def test_an_amount_has_one_decimal_of_its_scale(volume: int, told: str) -> None:
    assert amount(volume) == told


@pytest.mark.parametrize(
    ("millionths", "told"),
    [
        (0, "0%"),
        (1, "less than 0.1%"),
        (500, "less than 0.1%"),
        (501, "0.1%"),
        (454_280, "45.4%"),
        (454_500, "45.4%"),
        (455_500, "45.6%"),
        (999_499, "99.9%"),
        (999_999, "more than 99.9%"),
        (1_000_000, "100%"),
        (51_101_000, "5,110.1%"),
    ],
)
def test_a_percentage_is_rounded_to_a_tenth_half_to_even(
    millionths: int, told: str
) -> None:
    assert percent(millionths) == told
