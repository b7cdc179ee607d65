"""Rows as a workbook: numbers as numbers, dates as dates, and a sheet to read first.

A fraction is shown as a percentage. A spreadsheet holds integers up to 2**53 exactly; a
column with a larger one is text from top to bottom, for a sum that leaves out some of
its rows would look right. Texts are texts: none is run as a formula.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, cast

from app.domain.reports import Column, Kind, Report
from app.present import told
from app.present.cells import items
from app.present.told import About

_MILLION = 1_000_000
_EXACT = 2**53
_FIRST_YEAR = 1900
"""Before it, a spreadsheet has no days."""
_LONGEST = 32_767
"""Characters that a cell holds."""
_FORMATS = {
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIME: "yyyy-mm-dd hh:mm:ss",
    Kind.FRACTION: "0.00%",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "General",
}
_WIDTHS = {Kind.DATE: 11, Kind.TIME: 20, Kind.INTEGER: 20, Kind.TEXT: 18}
_NARROW, _WIDE = 12, 100
_AS_TEXT = " Text here: it has numbers beyond 2^53, which a spreadsheet would round."

_Write = Callable[[int, int, Any, Any], object]


def table(report: Report, about: About) -> bytes:
    """Return the rows of a report as a workbook; slow at first, like Parquet.

    Args:
        report: The rows, and what stands beside them.
        about: What else its second sheet tells.
    """
    # Megabytes that a process does without until somebody asks for them.
    import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415

    file = BytesIO()
    # Rows are written away one by one: the largest table takes no more than a small.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        # The same bytes at any time.
        published = datetime.fromisoformat(str(report.meta["published_at"]))
        book.set_properties(
            {
                "title": str(report.meta["quote"])[:255],
                "author": "Model Census",
                "created": published.replace(tzinfo=None),
            }
        )
        columns = [_Told.of(column) for column in report.columns]
        _data(book, columns)
        _read_me(book, report, about, columns)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Told:
    """A column as a spreadsheet can hold it."""

    name: str
    kind: Kind
    values: Sequence[Any]
    rounded: bool
    """Whether it would be rounded as numbers, and so is text."""

    @classmethod
    def of(cls, column: Column) -> "_Told":
        values = cast("Sequence[Any]", column.values)
        large = column.kind is Kind.INTEGER and any(
            value is not None and abs(value) > _EXACT for value in values
        )
        kind = Kind.TEXT if large else column.kind
        return cls(column.name, kind, values, rounded=large)


def _data(book: Any, columns: Sequence[_Told]) -> None:
    sheet = book.add_worksheet("Data")
    head = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    formats = {k: book.add_format({"num_format": f}) for k, f in _FORMATS.items()}
    for at, column in enumerate(columns):
        width = max(_WIDTHS.get(column.kind, _NARROW), len(column.name) + 2)
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, _text(column.name), head)
    count = len(columns[0].values) if columns else 0
    if count:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    writers = [(_writer(sheet, c.kind), formats.get(c.kind)) for c in columns]
    rows = zip(*(column.values for column in columns), strict=True)
    for row, values in enumerate(rows, 1):
        for at, value in enumerate(values):
            # No list at all, and an empty text, are empty cells.
            if value or value == 0:
                write, form = writers[at]
                write(row, at, value, form)


def _writer(sheet: Any, kind: Kind) -> _Write:
    read = _READ[kind]
    write: _Write = getattr(sheet, _METHODS.get(kind, "write_string"))
    if kind not in {Kind.DATE, Kind.TIME}:
        return lambda row, at, value, form: write(row, at, read(value), form)

    def day(row: int, at: int, value: date, form: Any) -> object:
        if value.year < _FIRST_YEAR:
            return sheet.write_string(row, at, str(value))
        return write(row, at, read(value), form)

    return day


def _text(value: object) -> str:
    text = str(value)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1]}…"
    # What looks like this would be taken for markup by the library.
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    return text


def _utc(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=None)


_READ: Mapping[Kind, Callable[[Any], object]] = {
    Kind.TEXT: _text,
    Kind.DATE: lambda day: day,
    Kind.TIME: _utc,
    Kind.INTEGER: int,
    Kind.FRACTION: lambda millionths: millionths / _MILLION,
    Kind.DECIMAL: float,
    Kind.TEXTS: lambda texts: _text(";".join(items(texts))),
}
_METHODS = {
    Kind.DATE: "write_datetime",
    Kind.TIME: "write_datetime",
    Kind.INTEGER: "write_number",
    Kind.FRACTION: "write_number",
    Kind.DECIMAL: "write_number",
}


def _read_me(book: Any, report: Report, about: About, columns: Sequence[_Told]) -> None:
    sheet = book.add_worksheet("Read me")
    head = book.add_format({"bold": True, "valign": "top"})
    folded = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26, head)
    sheet.set_column(1, 1, _WIDE, folded)
    for row, (label, text) in enumerate(_lines(report, about, columns)):
        sheet.write_string(row, 0, _text(label), head)
        sheet.write_string(row, 1, _text(text), folded)


def _lines(
    report: Report, about: About, columns: Sequence[_Told]
) -> Iterator[tuple[str, str]]:
    yield from told.facts(report, about)
    yield "Numbers", "Fractions are shown as percentages; their value is 0 to 1."
    for remark in told.remarks(report):
        yield "Keep in mind", remark
    yield "", ""
    yield "Column", "Meaning"
    for column in columns:
        more = _AS_TEXT if column.rounded else ""
        yield column.name, about.definition(column.name) + more
