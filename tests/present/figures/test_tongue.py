"""Numbers and days in the forms of a language."""

from datetime import date

import pytest

from app.domain.periods import Window
from app.present.figures.tongue import tongue

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("millionths", "english", "german"),
    [
        (454_280, "45.4%", f"45,4{SPACE}%"),
        (0, "0%", f"0{SPACE}%"),
        (1_000_000, "100%", f"100{SPACE}%"),
        (3, "<0.1%", f"<0,1{SPACE}%"),
        (999_999, ">99.9%", f">99,9{SPACE}%"),
        (500, "<0.1%", f"<0,1{SPACE}%"),
        (999_500, ">99.9%", f">99,9{SPACE}%"),
        (999_400, "99.9%", f"99,9{SPACE}%"),
        (600, "0.1%", f"0,1{SPACE}%"),
        (12_345_678, "1,234.6%", f"1.234,6{SPACE}%"),
    ],
)
def test_shares_have_one_decimal_and_never_hide_what_there_is(
    millionths: int, english: str, german: str
) -> None:
    assert tongue("en").percent(millionths) == english
    assert tongue("de").percent(millionths) == german


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (999, "999"),
        (44_129_943_053_400, "44.1T"),
        (999_960_000_000, "1T"),
        (999_900_000_000, "999.9B"),
        (-999_960_000_000, "-1T"),
        (2**63 - 1, "9223372T"),
    ],
)
def test_volumes_are_short(number: int, told: str) -> None:
    assert tongue("en").amount(number) == told


def test_volumes_in_full_lose_no_digit() -> None:
    assert tongue("en").exact(2**63 - 1) == "9,223,372,036,854,775,807"
    assert tongue("de").exact(2**53 + 1) == "9.007.199.254.740.993"


@pytest.mark.parametrize(
    ("first", "last", "english", "german"),
    [
        ("2026-04-01", "2026-04-30", "April 2026", "April 2026"),
        ("2026-04-01", "2026-06-30", "Q2 2026", "Q2 2026"),
        ("2026-01-01", "2026-12-31", "2026", "2026"),
        ("2026-04-03", "2026-04-03", "3 Apr 2026", "3. Apr. 2026"),
    ],
)
def test_windows_are_called_by_their_names(
    first: str, last: str, english: str, german: str
) -> None:
    window = Window(date.fromisoformat(first), date.fromisoformat(last))

    assert tongue("en").span(window) == english
    assert tongue("de").span(window) == german


def test_days_of_other_englishes_are_theirs() -> None:
    assert tongue("en-US").day(date(2026, 4, 3)) == "Apr 3, 2026"


def test_a_growth_has_its_sign() -> None:
    grown = [tongue("en").growth(n) for n in (81_000, 501, 500, 0, -500, -81_000)]

    assert grown == ["+8.1%", "+0.1%", "0%", "0%", "0%", "-8.1%"]


def test_a_country_is_called_as_elsewhere_in_english() -> None:
    assert tongue("en-GB").country("HK", "Hong Kong") == "Hong Kong"
    assert tongue("fr").country("CN", "China") == "Chine"
    assert tongue("de").country("none", "Nowhere") == "Nowhere"
