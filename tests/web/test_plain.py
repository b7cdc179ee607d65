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


def test_growth_and_points_are_rounded_as_all_fractions_are() -> None:
    edges = (0.0005, 0.0015, 0.0, -0.0004, -0.0015, 12.3456)

    assert list(map(plain.growth, edges)) == [
        "+0.0%",
        "+0.2%",
        "+0.0%",
        "+0.0%",
        "\N{MINUS SIGN}0.2%",
        "+1,234.6%",
    ]
    assert plain.points(-0.0015) == "\N{MINUS SIGN}0.2 pp"


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ("all tokens", "all tokens"),
        ("origin=CN", "country CN"),
        ("tokens with origin=-CN,-US", "tokens with any country but CN or US"),
        (
            "provider=deepseek,openai, weights=open",
            "provider deepseek or openai, weights open",
        ),
        ("model=deepseek/r1:free", "model variant deepseek/r1:free"),
    ],
)
def test_filters_are_named_as_readers_name_them(filters: str, told: str) -> None:
    assert plain.chosen(filters) == told
