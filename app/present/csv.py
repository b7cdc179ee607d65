"""Rows as CSV (RFC 4180): UTF-8, CRLF, a header always, numbers plain.

Spreadsheets run a cell that begins like a formula, so such a text gets an apostrophe in
front; a name in the registry must not be able to do anything on a reader's machine.
"""

from collections.abc import Iterator, Mapping

from app.domain.reports import Kind, Report
from app.present.cells import Writer, decimal, items, moment, plain
from app.present.rows import Block, Layout, blocks

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_END = "\r\n"
_TO_QUOTE = frozenset('",\r\n')


def rows(report: Report) -> Iterator[Block]:
    """Yield the rows of a report, after a header; None is an empty cell."""
    yield (",".join(_cell(column.name) for column in report.columns) + _END).encode()
    commas = [","] * (len(report.columns) - 1)
    layout = Layout(["", *commas, _END], WRITERS, "")
    yield from blocks(report.columns, layout)


def _cell(text: object) -> str:
    plain = str(text)
    if plain.startswith(_FORMULA):
        plain = f"'{plain}"
    if _TO_QUOTE.isdisjoint(plain):
        return plain
    return '"' + plain.replace('"', '""') + '"'


WRITERS: Mapping[Kind, Writer] = {
    Kind.TEXT: _cell,
    Kind.DATE: str,
    Kind.TIME: moment,
    Kind.INTEGER: str,
    Kind.FRACTION: decimal,
    Kind.DECIMAL: plain,
    Kind.TEXTS: lambda values: _cell(";".join(items(values))),
}
