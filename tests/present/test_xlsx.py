"""Workbooks: what a spreadsheet would round, run or refuse is text."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pytest

from app.domain.arrays import Numbers
from app.domain.reports import Column, Kind, Report
from app.present.told import About
from app.present.xlsx import table

META = {"quote": "Q.", "release": 5, "published_at": "2026-10-11T06:04:00Z"}
ABOUT = About("share", "https://x.y", "https://x.y/v1/share", {"n": "Number."})


def read(*columns: Column) -> Any:
    return openpyxl.load_workbook(BytesIO(table(Report(columns, META), ABOUT)))


def cells(kind: Kind, values: Any) -> list[Any]:
    sheet = read(Column("n", kind, values))["Data"]
    return [row[0].value for row in sheet.iter_rows(min_row=2)]


def test_integers_are_exact_as_far_as_a_spreadsheet_is() -> None:
    assert cells(Kind.INTEGER, [2**53, -(2**53), None, 0]) == [2**53, -(2**53), None, 0]


def test_a_column_with_a_larger_integer_is_text_and_says_so() -> None:
    numbers = Numbers(np.array([2**53 + 1, 7]), None)
    book = read(Column("n", Kind.INTEGER, numbers))

    shown = [(c.value, c.data_type) for (c,) in book["Data"].iter_rows(min_row=2)]
    told = {row[0].value: row[1].value for row in book["Read me"].iter_rows()}
    assert shown == [("9007199254740993", "s"), ("7", "s")]
    assert told["n"].startswith("Number. Text here: it has numbers beyond 2^53")


def test_fractions_are_the_doubles_nearest_to_them() -> None:
    assert cells(Kind.FRACTION, [454280, 0, 1_000_000, -12_000, 333_333]) == [
        0.45428,
        0,
        1,
        -0.012,
        0.333333,
    ]


def test_prices_are_numbers() -> None:
    assert cells(Kind.DECIMAL, [None, Decimal("0.252")]) == [None, 0.252]


def test_moments_are_in_utc_to_the_second() -> None:
    when = datetime(2026, 10, 11, 0, 27, 5, 999_999, UTC)

    assert cells(Kind.TIME, [when]) == [datetime(2026, 10, 11, 0, 27, 5)]  # noqa: DTZ001 (spreadsheets have no zones)


def test_days_that_a_spreadsheet_has_not_are_text() -> None:
    days = [date(1899, 12, 31), date(1900, 1, 1), date(9999, 12, 31)]

    first, *others = cells(Kind.DATE, days)

    assert first == "1899-12-31"
    assert [each.date() for each in others] == days[1:]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "+1",
        "-1",
        "{=1}",
        "https://x.y",
        "mailto:a",
        "0012",
        "true",
        ' a & <b> "c" ',
        "naïve 模型 🎉",
        "a\nb\tc",
    ],
)
def test_texts_are_texts(text: str) -> None:
    book = read(Column("n", Kind.TEXT, [text]))

    cell = book["Data"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_markup_of_the_format_is_text() -> None:
    text = "<r><t>a</t></r>"

    assert cells(Kind.TEXT, [text, "<r></x></r>"]) == [f"{text} ", "<r></x></r> "]


def test_a_text_too_long_for_a_cell_is_cut_and_shows_it() -> None:
    (cell,) = cells(Kind.TEXT, ["x" * 40_000])

    assert cell == "x" * 32_766 + "…"


def test_lists_are_joined() -> None:
    assert cells(Kind.TEXTS, [["a", "b"], ["=c"]]) == ["a;b", "=c"]


def test_it_bears_the_moment_of_the_release() -> None:
    properties = read(Column("n", Kind.INTEGER, [1])).properties

    assert properties.created == datetime(2026, 10, 11, 6, 4)  # noqa: DTZ001 (spreadsheets have no zones)
    assert properties.modified == properties.created
