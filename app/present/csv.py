"""Rows as CSV (RFC 4180): UTF-8, CRLF, a header always, numbers plain.

Spreadsheets run a cell that begins like a formula, so such a text gets an apostrophe in
front; a name in the registry must not be able to do anything on a reader's machine.
"""

from collections.abc import Mapping

from app.domain.reports import Kind, Report
from app.present.cells import Writer, decimal, items, moment, plain, slot

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TO_QUOTE = frozenset('",\r\n')


def rows(report: Report) -> bytes:
    """Return the rows of a report; None is an empty cell."""
    slots = [slot(column, _WRITERS, "") for column in report.columns]
    lines = [",".join(_cell(column.name) for column in report.columns)]
    template = ",".join(how for how, _ in slots)
    lines += map(template.__mod__, zip(*(of for _, of in slots), strict=True))
    lines.append("")
    return "\r\n".join(lines).encode()


def _cell(text: object) -> str:
    plain = str(text)
    if plain.startswith(_FORMULA):
        plain = f"'{plain}"
    if _TO_QUOTE.isdisjoint(plain):
        return plain
    return '"' + plain.replace('"', '""') + '"'


_WRITERS: Mapping[Kind, Writer] = {
    Kind.TEXT: _cell,
    Kind.DATE: str,
    Kind.TIME: moment,
    Kind.INTEGER: str,
    Kind.FRACTION: decimal,
    Kind.DECIMAL: plain,
    Kind.TEXTS: lambda values: _cell(";".join(items(values))),
}
