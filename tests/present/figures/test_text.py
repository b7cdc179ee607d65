"""Text fits where it is put, and holds nothing that does something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.present.figures.text import SLACK, clean, cut, thousandths, width, wrapped


@given(st.text(max_size=60), st.floats(20, 400), st.floats(8, 30))
def test_what_is_cut_fits_or_is_an_ellipsis(
    text: str, room: float, size: float
) -> None:
    shown = cut(text, room, size)

    assert width(shown, size) <= room or shown == "…"
    assert shown == text or shown.endswith("…")


@given(st.text(max_size=80), st.floats(30, 400), st.integers(1, 4))
def test_lines_fit_and_are_few(text: str, room: float, most: int) -> None:
    lines = wrapped(text, room, 12, most=most)

    assert len(lines) <= most
    assert all(width(line, 12) <= room or line == "…" for line in lines)


@given(st.text())
def test_what_is_clean_is_one_line_that_can_be_printed(text: str) -> None:
    shown = clean(text)

    assert shown.isprintable()
    assert len(shown) <= 401
    assert clean(shown) == shown or len(text) > 400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\r\n lines\t", "two lines"),
        ("nul\0 \x1b[1m \u202eback \ud800", "nul [1m back"),
        ("中国 café", "中国 café"),
    ],
)
def test_text_is_cleaned(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_widths_are_those_of_the_font() -> None:
    assert thousandths("AVAST 45.4%") == 667 * 4 + 611 + 278 * 2 + 556 * 3 + 889
    assert width("AVAST", 10) == thousandths("AVAST") / 100 * SLACK
    assert width("i", 10, bold=True) > width("i", 10)
    assert thousandths("中") == 1000
    assert thousandths("e\N{COMBINING ACUTE ACCENT}") == 556


def test_a_text_is_wrapped_at_its_words() -> None:
    assert wrapped("one two three four", 66, 12, most=3) == ["one two", "three four"]
    assert wrapped("one two three four", 66, 12, most=1) == ["one two…"]
    assert wrapped("", 60, 12, most=2) == []
