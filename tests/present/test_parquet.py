"""Rows as Parquet: exact where the type is, and the nearest double where it is not."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from pyarrow import ArrowInvalid, parquet  # type: ignore[import-untyped]

from app.domain.reports import Column, Kind, Report
from app.present.parquet import table

_WHEN = datetime(2026, 4, 1, 0, 27, 5, 9, UTC)
_COLUMNS = [
    Column("=name", Kind.TEXT, ['a "b"', None, "ü\n\0=1"]),
    Column("day", Kind.DATE, [date(2026, 4, 1), date(1, 1, 1), None]),
    Column("read", Kind.TIME, [_WHEN, None, None]),
    Column("volume", Kind.INTEGER, [2**63 - 1, -(2**63), None]),
    Column("share", Kind.FRACTION, [454_280, -12_000_001, None]),
    Column("price", Kind.DECIMAL, [Decimal("1E+1"), Decimal("0.1"), None]),
    Column("aliases", Kind.TEXTS, [["x", "ÿ"], (), None]),
]


def test_each_kind_has_its_type() -> None:
    read = parquet.read_table(BytesIO(table(Report(_COLUMNS, {}), None)))

    assert read.to_pydict() == {
        "=name": ['a "b"', None, "ü\n\0=1"],
        "day": [date(2026, 4, 1), date(1, 1, 1), None],
        "read": [_WHEN.replace(microsecond=0), None, None],
        "volume": [2**63 - 1, -(2**63), None],
        "share": [0.45428, -12.000001, None],
        "price": [10.0, 0.1, None],
        "aliases": [["x", "ÿ"], [], None],
    }


def test_columns_keep_their_types_without_values() -> None:
    full = parquet.read_schema(BytesIO(table(Report(_COLUMNS, {}), None)))
    bare = [Column(c.name, c.kind, []) for c in _COLUMNS]
    gaps = [Column(c.name, c.kind, [None]) for c in _COLUMNS]

    for columns in (bare, gaps):
        read = parquet.read_table(BytesIO(table(Report(columns, {}), None)))
        assert read.schema == full
        assert read.num_rows == len(columns[0].values)


def test_what_has_no_place_in_a_type_is_no_table() -> None:
    too_large = Report([Column("volume", Kind.INTEGER, [2**63])], {})

    with pytest.raises((OverflowError, ArrowInvalid)):
        table(too_large, None)


def test_what_is_told_stands_in_the_file() -> None:
    meta = {"quote": "ü", "release": 5, "license": None, "caveats": ["one"]}

    read = parquet.read_schema(BytesIO(table(Report(_COLUMNS, meta), "https://x.y")))

    assert read.metadata == {
        b"quote": "ü".encode(),
        b"release": b"5",
        b"permalink": b"https://x.y",
    }


def test_the_same_rows_are_the_same_bytes() -> None:
    report = Report(_COLUMNS, {"quote": "one"})

    assert table(report, None) == table(report, None)


def test_a_service_that_is_not_asked_for_it_does_without_its_library() -> None:
    code = "import app.main, app.cli, sys; print('pyarrow' in sys.modules)"

    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    assert run.stdout == "False\n"
