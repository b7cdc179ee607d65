"""Rows as Parquet: typed columns, and in the file what a reader must know of them.

Dates are `date32`, moments `timestamp[us, UTC]` to the second like everywhere, volumes
and counts `int64`, texts dictionaries, lists of texts `list<string>`. Fractions and
prices are the doubles nearest to what the other formats write out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.domain.arrays import Numbers, Picked
from app.domain.reports import Column, Kind, Report

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

_MILLION = 1_000_000
_EXACT = 2**53
"""Integers up to here are doubles, and so divided without being rounded first."""
# What stands beside the rows elsewhere, as far as it is one text or number.
_TOLD = (
    "quote",
    "citation",
    "unit",
    "api_version",
    "method_version",
    "dataset",
    "license",
    "source_as_of",
    "release",
    "published_at",
)


def table(report: Report, permalink: str | None) -> bytes:
    """Return the rows of a report as a file; slow at first, for it loads its library.

    Args:
        report: The rows, and what stands beside them.
        permalink: Where the same answer is found for good, if it can be pinned.
    """
    # Tens of megabytes that a process does without until somebody asks for them.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    told = {name: str(report.meta[name]) for name in _TOLD if report.meta.get(name)}
    if permalink is not None:
        told["permalink"] = permalink
    fields = [pa.field(c.name, _type(pa, c.kind)) for c in report.columns]
    arrays = [
        _array(pa, column, field.type)
        for column, field in zip(report.columns, fields, strict=True)
    ]
    file = BytesIO()
    made = pa.Table.from_arrays(arrays, schema=pa.schema(fields, told))
    parquet.write_table(made, file, compression="zstd")
    return file.getvalue()


def _type(pa: Any, kind: Kind) -> "pa.DataType":
    types: Mapping[Kind, Any] = {
        Kind.TEXT: pa.dictionary(pa.int32(), pa.string()),
        Kind.DATE: pa.date32(),
        Kind.TIME: pa.timestamp("us", "UTC"),
        Kind.INTEGER: pa.int64(),
        Kind.FRACTION: pa.float64(),
        Kind.DECIMAL: pa.float64(),
        Kind.TEXTS: pa.list_(pa.string()),
    }
    return types[kind]


def _array(pa: Any, column: Column, of: Any) -> "pa.Array":
    values = column.values
    if isinstance(values, Picked):
        few = Column(column.name, column.kind, values.values)
        return _array(pa, few, of).take(pa.array(values.at))
    if isinstance(values, Numbers):
        gaps = None if values.known is None else ~values.known
        if column.kind is Kind.INTEGER:
            return pa.array(values.counts, of, mask=gaps)
        if np.abs(values.counts).view(np.uint64).max(initial=0) <= _EXACT:
            return pa.array(values.counts / _MILLION, of, mask=gaps)
    read = _READ.get(column.kind)
    if read is not None:
        values = [None if value is None else read(value) for value in values]
    if column.kind is Kind.TEXT:
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, of)


def _second(when: object) -> datetime:
    return cast("datetime", when).replace(microsecond=0)


_READ: Mapping[Kind, Callable[[Any], object]] = {
    Kind.TIME: _second,
    # Division of two integers is rounded once: it is the double nearest to the text.
    Kind.FRACTION: lambda millionths: millionths / _MILLION,
    Kind.DECIMAL: lambda price: float(cast("Decimal", price)),
    Kind.TEXT: str,
    Kind.TEXTS: lambda texts: [str(text) for text in texts],
}
