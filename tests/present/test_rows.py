"""Long tables, written by arrays, against the writer of values one by one."""

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import islice

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet  # type: ignore[import-untyped]

from app.domain.arrays import MANY, Numbers, Picked
from app.domain.reports import Column, Kind, Report
from app.present import csv, json, matrix
from app.present.parquet import table

_LEAST, _MOST = -(2**63), 2**63 - 1
_EDGES = [0, *(s * 10**n + d for n in range(19) for s in (1, -1) for d in (-1, 0))]
INT64 = st.integers(_LEAST, _MOST) | st.sampled_from(_EDGES)
MILLIONTHS = st.integers(0, 999_999) | st.integers(0, 9_999_999) | INT64
OBJECTS: dict[Kind, st.SearchStrategy[object]] = {
    Kind.TEXT: st.text(max_size=8)
    | st.sampled_from(["=1", "a,b", 'say "x"', "ü%s", "\r\n"]),
    Kind.DATE: st.dates(),
    Kind.TIME: st.datetimes(timezones=st.just(UTC)),
    Kind.DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, places=3),
    Kind.TEXTS: st.lists(st.text(max_size=4), max_size=3),
    Kind.INTEGER: INT64,
}
Cells = Sequence[object]


def rows_at(count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.resize(np.arange(count), MANY + 7)


@st.composite
def numbers(draw: st.DrawFn, of: st.SearchStrategy[int]) -> Cells:
    """A long column of numbers, of which some may be missing."""
    some = draw(st.lists(of, min_size=1, max_size=12))
    counts = np.array(some, np.int64)[rows_at(len(some))]
    if draw(st.booleans()):
        return Numbers(counts)
    known = draw(st.lists(st.booleans(), min_size=1, max_size=9))
    return Numbers(counts, np.array(known)[rows_at(len(known))])


@st.composite
def picked(draw: st.DrawFn, kind: Kind) -> Cells:
    some = draw(st.lists(st.none() | OBJECTS[kind], min_size=1, max_size=12))
    return Picked(some, rows_at(len(some)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    columns = [Column("0", Kind.INTEGER, draw(numbers(INT64)))]
    columns += [
        Column(name, Kind.FRACTION, draw(numbers(MILLIONTHS))) for name in ("1", "=2")
    ]
    columns += [Column(f'"%s{kind}', kind, draw(picked(kind))) for kind in OBJECTS]
    columns.append(Column("list", Kind.TEXT, [*draw(picked(Kind.TEXT))]))
    return Report(draw(st.permutations(columns)), {})


def in_lists(report: Report) -> Report:
    """Return the same rows, to be written one by one."""
    return Report([Column(c.name, c.kind, [*c.values]) for c in report.columns], {})


WRITERS: dict[str, Callable[[Report], bytes]] = {
    "json": lambda report: b"".join(json.rows(report)),
    "csv": lambda report: b"".join(csv.rows(report)),
    "ndjson": lambda report: b"".join(json.lines(report)),
}
each_writer = pytest.mark.parametrize("written", WRITERS.values(), ids=[*WRITERS])


@each_writer
@settings(max_examples=40, deadline=None)
@given(report=reports())
def test_many_rows_are_written_like_few(
    written: Callable[[Report], bytes], report: Report
) -> None:
    assert written(report) == written(in_lists(report))


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(reports())
def test_many_rows_are_typed_like_few(report: Report) -> None:
    one, other = (
        parquet.read_table(BytesIO(table(each, None)))
        for each in (report, in_lists(report))
    )

    assert one.to_pydict() == other.to_pydict()


@pytest.mark.parametrize("kind", [Kind.INTEGER, Kind.FRACTION])
@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_of_every_length(kind: Kind, sign: int) -> None:
    edges = [sign * 10**n + d for n in range(19) for d in (-1, 0, 1)]
    counts = np.array([*edges, _MOST if sign > 0 else _LEAST], np.int64)

    for limit in range(1, len(counts) + 1):
        values = Numbers(np.resize(counts[:limit], MANY))
        report = Report([Column("n", kind, values)], {})
        assert WRITERS["json"](report) == WRITERS["json"](in_lists(report))


def long_report(rows: int) -> Report:
    """A series of a hundred periods of groups."""
    at = np.arange(rows)
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(100)]
    period, group = at * 100 // rows, at % 50
    return Report(
        [
            Column("period_start", Kind.DATE, Picked(days, period)),
            Column("status", Kind.TEXT, Picked(["final"] * 100, period)),
            Column("model", Kind.TEXT, Picked([f"a/m-{n}" for n in range(50)], group)),
            Column("volume", Kind.INTEGER, Numbers(at * 10**9, at % 7 > 0)),
            Column("share", Kind.FRACTION, Numbers(at % 1_000_001)),
        ],
        {},
    )


def test_arrays_are_used_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    report = long_report(MANY)
    want = WRITERS["json"](in_lists(report))
    monkeypatch.setattr("app.present.rows.plain", None)

    assert WRITERS["json"](report) == want


@pytest.mark.parametrize(
    "names",
    [["a\0b", "c"], ["x" * 5_000, *"abcdefgh"]],
    ids=["NUL", "one that is much longer"],
)
def test_texts_that_do_not_fit_are_written_one_by_one(names: list[str]) -> None:
    at = rows_at(len(names))
    columns = [
        Column("name", Kind.TEXT, Picked(names, at)),
        Column("volume", Kind.INTEGER, Numbers(at.astype(np.int64))),
    ]
    report = Report(columns, {})

    assert matrix.sheet(columns, [""] * 3, csv.WRITERS, "") is None
    for written in WRITERS.values():
        assert written(report) == written(in_lists(report))


def test_a_number_that_is_none_of_64_bits_is_written_all_the_same() -> None:
    counts = Numbers(np.arange(MANY))
    columns = [
        Column("volume", Kind.INTEGER, counts),
        Column("growth", Kind.FRACTION, [2**70] * MANY),
    ]

    assert WRITERS["csv"](Report(columns, {})).splitlines()[-1] == (
        f"{MANY - 1},{2**70 // 10**6}.{2**70 % 10**6:06d}".encode()
    )


def test_columns_of_unequal_length_are_no_table() -> None:
    columns = [
        Column("a", Kind.INTEGER, Numbers(np.arange(MANY))),
        Column("b", Kind.INTEGER, Numbers(np.arange(MANY - 1))),
    ]

    with pytest.raises(ValueError, match="broadcast"):
        WRITERS["json"](Report(columns, {}))


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("as_lists", [False, True], ids=["arrays", "lists"])
def test_what_is_held_grows_with_a_block_and_not_with_rows(
    form: str, *, as_lists: bool
) -> None:
    written = {"csv": csv.rows, "ndjson": json.lines}[form]
    held = []
    for rows in (10_000, 100_000):
        report = long_report(rows)
        report = in_lists(report) if as_lists else report
        size = 0
        tracemalloc.start()
        for block in written(report):
            size += len(block)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert size > 10 * 300_000
    assert held[1] < 1.3 * held[0]
    assert held[1] < 2_000_000


def test_blocks_are_neither_tiny_nor_huge() -> None:
    sizes = [len(block) for block in json.lines(long_report(100_000))]

    assert all(64_000 < size <= 256_000 for size in sizes[:-1])


@example(rows=1)
@given(st.integers(1, 3 * MANY))
@settings(max_examples=20, deadline=None)
def test_any_number_of_rows(rows: int) -> None:
    report = long_report(rows)

    lines = b"".join(json.lines(report)).splitlines()

    assert lines == b"".join(json.lines(in_lists(report))).splitlines()
    assert len(lines) == rows


def test_the_first_block_comes_before_the_last_is_made() -> None:
    (first,) = islice(json.lines(long_report(100_000)), 1)

    assert first.startswith(b'{"period_start":"2020-01-01","status":"final",')
    assert first.endswith(b"}\n")


def test_moments_and_prices_repeat_too() -> None:
    at = rows_at(2)
    when = datetime(2026, 4, 1, tzinfo=UTC)
    columns = [
        Column("read", Kind.TIME, Picked([when, None], at)),
        Column("price", Kind.DECIMAL, Picked([Decimal("0.1"), None], at)),
        Column("volume", Kind.INTEGER, Numbers(at.astype(np.int64))),
    ]

    text = WRITERS["csv"](Report(columns, {})).decode()

    assert text.split("\r\n")[1:3] == ["2026-04-01T00:00:00Z,0.1,0", ",,1"]
