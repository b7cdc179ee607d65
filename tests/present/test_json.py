"""Rows as JSON: exact, in order, and what any reader of JSON makes of them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.reports import Column, Kind, Report
from app.present.json import answer, dumps
from app.present.json import rows as pieces


def rows(report: Report) -> bytes:
    return b"".join(pieces(report))


_COLUMNS = [
    Column("name", Kind.TEXT, ['a "b"', None, "ü\n\0%s"]),
    Column("day", Kind.DATE, [date(2026, 4, 1), date(2026, 4, 1), None]),
    Column("read", Kind.TIME, [datetime(2026, 4, 1, 0, 27, 0, 9, UTC), None, None]),
    Column("volume", Kind.INTEGER, [2**63 - 1, 0, None]),
    Column("share", Kind.FRACTION, [454_280, -12_000, None]),
    Column("price", Kind.DECIMAL, [Decimal("1E+1"), Decimal("1E-7"), None]),
    Column("aliases", Kind.TEXTS, [["x", "ÿ"], [], None]),
]


def test_each_kind_is_written_in_its_way() -> None:
    assert rows(Report(_COLUMNS, {})).decode() == (
        '[{"name":"a \\"b\\"","day":"2026-04-01","read":"2026-04-01T00:27:00Z",'
        '"volume":9223372036854775807,"share":0.454280,"price":10,"aliases":["x","ÿ"]},'
        '{"name":null,"day":"2026-04-01","read":null,"volume":0,"share":-0.012000,'
        '"price":0.0000001,"aliases":[]},'
        '{"name":"ü\\n\\u0000%s","day":null,"read":null,"volume":null,"share":null,'
        '"price":null,"aliases":null}]'
    )


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0, "0.000000"),
        (999_999, "0.999999"),
        (1_000_000, "1.000000"),
        (-1, "-0.000001"),
    ],
)
def test_numbers_that_are_all_there_are_written_like_any(
    share: int, written: str
) -> None:
    columns = [
        Column("100 %s", Kind.INTEGER, [2**70, 0]),
        Column("share", Kind.FRACTION, [share, 454_280]),
    ]

    assert rows(Report(columns, {})).decode() == (
        f'[{{"100 %s":{2**70},"share":{written}}},{{"100 %s":0,"share":0.454280}}]'
    )


def test_no_rows_are_an_empty_array() -> None:
    assert rows(Report([Column("a", Kind.TEXT, [])], {})) == b"[]"
    assert rows(Report([], {})) == b"[]"


def test_an_answer_keeps_the_order_of_its_parts() -> None:
    assert answer([b"[", b"]"], {"b": 1, "a": None}, {"self": "ü"}) == (
        '{"data":[],"meta":{"b":1,"a":null},"links":{"self":"ü"}}'.encode()
    )


def test_fractions_in_an_item_have_six_decimals() -> None:
    assert dumps({"part": 0.9, "none": None, "list": [1.0]}) == (
        b'{"part":0.900000,"none":null,"list":[1.000000]}'
    )


def test_what_is_no_number_is_no_answer() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"part": float("nan")})


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(), st.integers(-(10**13), 10**13))))
def test_any_reader_reads_back_what_was_written(given: list[tuple[str, int]]) -> None:
    report = Report(
        [
            Column("text", Kind.TEXT, [text for text, _ in given]),
            Column("part", Kind.FRACTION, [part for _, part in given]),
        ],
        {},
    )

    read = json.loads(rows(report), parse_float=Decimal)

    assert read == [
        {"text": text, "part": Decimal(part).scaleb(-6)} for text, part in given
    ]
