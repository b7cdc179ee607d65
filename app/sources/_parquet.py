"""Parquet, as one more form that a file of rankings comes in."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from app.sources._forms import AS_OF, COLUMNS, KNOWN, Form, Values, as_text, other_keys
from app.sources._values import Faults, shown

_MOST_ROWS = 10_000_000
_MOST_BYTES = 2_000_000_000
_PIECE = 65_536


def open_parquet(body: bytes, faults: Faults) -> Form:
    """Open Parquet: a date, a text and an integer column, and a moment if there is one.

    Raises:
        SourceError: It is not that, or larger than it can be; by `faults`.
    """
    # Only here: it takes longer to import than all the rest. It has no types.
    import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    refused = (pa.ArrowException, OSError)
    try:
        file = parquet.ParquetFile(BytesIO(body))
        _check_size(file.metadata, faults)
        header = file.schema_arrow.names
        if set(header) not in KNOWN or len(set(header)) < len(header):
            faults.refuse("file", other_keys(header))
    except refused as error:
        faults.refuse("file", f"not Parquet: {_first_line(error)}")
    told = AS_OF in header
    names = [*COLUMNS, AS_OF] if told else COLUMNS
    return Form("row", told, _cells(file, names, refused, faults))


def _check_size(metadata: Any, faults: Faults) -> None:
    groups = range(metadata.num_row_groups)
    size = sum(metadata.row_group(n).total_byte_size for n in groups)
    if metadata.num_rows > _MOST_ROWS or size > _MOST_BYTES:
        faults.refuse(
            "file",
            f"it holds more than {_MOST_ROWS // 1_000_000} million rows or "
            f"{_MOST_BYTES // 1_000_000_000} GB. Split it by day.",
        )


def _cells(
    file: Any,
    names: Sequence[str],
    refused: tuple[type[Exception], ...],
    faults: Faults,
) -> Iterator[tuple[int, Values]]:
    number = 0
    try:
        for piece in file.iter_batches(batch_size=_PIECE, columns=list(names)):
            columns = [piece.column(name).to_pylist() for name in names]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, [as_text(value) for value in values]
    except refused as error:
        faults.add(f"after row {number}", f"not Parquet: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return shown(str(error).partition("\n")[0])
