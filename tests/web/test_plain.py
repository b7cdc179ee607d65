"""Numbers on pages are written as in the sentences beside them."""

import pytest

from app.services import figures
from app.web import plain


@pytest.mark.parametrize(
    "millionths",
    [0, 1, 499, 500, 501, 454_500, 455_500, 585_195, 999_499, 999_999, 10**6],
)
def test_shares_are_written_as_the_sentences_write_them(millionths: int) -> None:
    assert plain.percent(millionths / 10**6) == figures.percent(millionths)


@pytest.mark.parametrize(
    "volume",
    [0, 999_999, 10**6, 999_949_999, 999_950_000, 163_931_668_785_109, 2**62],
)
def test_volumes_are_written_as_the_sentences_write_them(volume: int) -> None:
    assert plain.amount(volume) == figures.amount(volume)
