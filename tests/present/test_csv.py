"""Rows as CSV: RFC 4180, and nothing that a spreadsheet would run."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.reports import Column, Kind, Report
from app.present.csv import rows as blocks


def rows(report: Report) -> bytes:
    return b"".join(blocks(report))


def test_each_kind_is_written_in_its_way() -> None:
    report = Report(
        [
            Column("name", Kind.TEXT, ['say "hi", x', None, "two\r\nlines"]),
            Column("day", Kind.DATE, [date(2026, 4, 1), None, date(2026, 4, 2)]),
            Column("read", Kind.TIME, [datetime(2026, 4, 1, tzinfo=UTC), None, None]),
            Column("change", Kind.INTEGER, [-9_223_372_036_854_775_808, 0, None]),
            Column("growth", Kind.FRACTION, [-12_000, 1_000_000, None]),
            Column("price", Kind.DECIMAL, [Decimal("1E+1"), Decimal("1E-7"), None]),
            Column("aliases", Kind.TEXTS, [["a", "=b"], [], None]),
        ],
        {},
    )

    assert rows(report).decode() == (
        "name,day,read,change,growth,price,aliases\r\n"
        '"say ""hi"", x",2026-04-01,2026-04-01T00:00:00Z,-9223372036854775808,'
        "-0.012000,10,a;=b\r\n"
        ",,,0,1.000000,0.0000001,\r\n"
        '"two\r\nlines",2026-04-02,,,,,\r\n'
    )


def test_numbers_that_are_all_there_are_written_like_any() -> None:
    columns = [
        Column("100 %s", Kind.INTEGER, [2**70, 0]),
        Column("share", Kind.FRACTION, [999_999, 0]),
        Column("growth", Kind.FRACTION, [1_000_000, -12_000_001]),
    ]

    assert rows(Report(columns, {})).decode() == (
        f"100 %s,share,growth\r\n{2**70},0.999999,1.000000\r\n0,0.000000,-12.000001\r\n"
    )


def test_no_rows_are_a_header() -> None:
    columns = [Column("a", Kind.TEXT, []), Column("b", Kind.INTEGER, [])]

    assert rows(Report(columns, {})) == b"a,b\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_is_one_no_more(start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example";"x")'
    report = Report(
        [
            Column("name", Kind.TEXT, [text]),
            Column("aliases", Kind.TEXTS, [[text]]),
            Column(start + "group", Kind.INTEGER, [-5]),
        ],
        {},
    )

    header, row = list(csv.reader(io.StringIO(rows(report).decode(), newline="")))

    assert row == [f"'{text}", f"'{text}", "-5"]
    assert header[2] == f"'{start}group"


@settings(max_examples=100)
@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_any_reader_reads_back_what_was_written(texts: list[str]) -> None:
    report = Report([Column("a", Kind.TEXT, texts), Column("b", Kind.TEXT, texts)], {})

    read = list(csv.reader(io.StringIO(rows(report).decode(), newline="")))

    plain = [
        f"'{t}" if t.startswith(("=", "+", "-", "@", "\t", "\r")) else t for t in texts
    ]
    assert read == [["a", "b"], *([text, text] for text in plain)]
