"""Numbers and dates in the forms of languages."""

from datetime import date

import pytest
from babel import localedata

from app.domain.periods import Window
from app.present.figures.tongue import tongue
from app.web.plain import NOTHING
from app.web.words import Words


def spaced(text: str) -> str:
    """Return a text with plain spaces for those of typography."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("fraction", "said"),
    [
        (None, NOTHING),
        (0.0, "0%"),
        (0.000001, "<0.1%"),
        (0.0005, "<0.1%"),
        (0.000501, "0.1%"),
        (0.45428, "45.4%"),
        (0.9995, ">99.9%"),
        (0.999999, ">99.9%"),
        (1.0, "100%"),
    ],
)
def test_nothing_and_all_are_exactly_that(fraction: float | None, said: str) -> None:
    assert Words("en").share(fraction) == said


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        (None, NOTHING),
        (0, "0"),
        (999_999, "999,999"),
        (1_000_000, "1 million"),
        (999_949_999, "999.9 million"),
        (999_950_000, "1 billion"),
        (-999_950_000, "-1 billion"),
        (44_129_943_053_400, "44.1 trillion"),
        (2**63 - 1, "9,223,372,036,854,775,807"),
    ],
)
def test_large_volumes_have_a_word(volume: int | None, said: str) -> None:
    assert Words("en").volume(volume) == said


def test_growth_has_its_sign() -> None:
    words = Words("en")
    said = [words.growth(ratio) for ratio in (None, 0.0, 0.248142, -0.03316, 51.101266)]

    assert said == [NOTHING, "0.0%", "+24.8%", "-3.3%", "+5,110.1%"]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-04-01", "2026-04-30", "April 2026"),
        ("2026-04-01", "2026-06-30", "Q2 2026"),
        ("2026-01-01", "2026-12-31", "2026"),
        ("2026-04-01", "2026-04-01", "1 Apr 2026"),
        ("2026-04-01", "2026-05-31", "1 Apr – 31 May 2026"),  # noqa: RUF001
        ("2026-02-01", "2026-04-30", "1 Feb – 30 Apr 2026"),  # noqa: RUF001
        ("2025-12-01", "2026-02-28", "1 Dec 2025 – 28 Feb 2026"),  # noqa: RUF001
        ("2026-04-02", "2026-04-30", "2–30 Apr 2026"),  # noqa: RUF001
    ],
)
def test_whole_periods_have_a_name(start: str, end: str, said: str) -> None:
    row = {"period_start": start, "period_end": end}

    assert spaced(Words("en").period(row)) == said


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("de", "45,4 % 44,1 Billionen April 2026"),
        ("fr", "45,4 % 44,1 billions avril 2026"),
        ("ja", "45.4% 44.1兆 2026年4月"),
        ("pt-BR", "45,4% 44,1 trilhões abril de 2026"),
        ("tr", "%45,4 44,1 trilyon Nisan 2026"),
        ("xx", "45.4% 44.1 trillion April 2026"),
        ("", "45.4% 44.1 trillion April 2026"),
    ],
)
def test_each_language_has_its_forms(lang: str, said: str) -> None:
    words = Words(lang)
    row = {"period_start": "2026-04-01", "period_end": "2026-04-30"}
    found = words.share(0.45428), words.volume(44_129_943_053_400), words.period(row)

    assert spaced(" ".join(found)) == said


@pytest.mark.parametrize("lang", ["en", "de", "fr", "ja", "pt-BR", "tr"])
def test_pictures_have_the_same_forms(lang: str) -> None:
    words, picture = Words(lang), tongue(lang)
    edges = (0, 1, 499, 500, 501, 1_500, 2_500, 454_280, 999_499, 999_500, 10**6)
    spans = (
        ("2026-04-01", "2026-04-30"),
        ("2026-04-01", "2026-06-30"),
        ("2026-01-01", "2026-12-31"),
        ("2026-04-03", "2026-04-03"),
        ("2025-12-29", "2026-01-04"),
    )
    rows = [{"period_start": first, "period_end": last} for first, last in spans]
    windows = [Window(*map(date.fromisoformat, span)) for span in spans]

    assert [words.share(n / 10**6) for n in edges] == list(map(picture.percent, edges))
    assert [words.period(row) for row in rows] == list(map(picture.span, windows))


def test_any_language_can_be_written() -> None:
    row = {"period_start": "2026-04-01", "period_end": "2026-06-30"}
    for name in localedata.locale_identifiers()[::5]:
        words = Words(name.replace("_", "-"))

        assert all((words.share(0.5), words.volume(10**12), words.period(row)))
