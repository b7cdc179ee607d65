"""Files of columns."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.sources import files
from tests.sources.given import NOW

# Without types of its own.
pa: Any = import_module("pyarrow")
pq: Any = import_module("pyarrow.parquet")

MODEL, REST = SeriesKind.MODEL, SeriesKind.REMAINDER
AS_OF = datetime(2026, 8, 22, tzinfo=UTC)
D1, D2 = date(2026, 8, 1), date(2026, 8, 2)
ADVICE = "Nothing was read. Correct the file and try again."
NAMES = "date,model_permaslug,total_tokens"
COLUMNS: Mapping[str, list[Any]] = {
    "date": [D1, D2],
    "model_permaslug": ["acme/a", "other"],
    "total_tokens": [10, 2**63 - 1],
}


def written(columns: Mapping[str, Any], **options: Any) -> bytes:
    out = BytesIO()
    pq.write_table(pa.table(dict(columns)), out, **options)
    return out.getvalue()


def payload(body: bytes) -> Payload:
    return Payload(body, "application/vnd.apache.parquet", "file:given.parquet", NOW)


def refusal(body: bytes, as_of: datetime | None = AS_OF) -> str:
    with pytest.raises(SourceError) as caught:
        files.parse(payload(body), "tokens", as_of=as_of)
    return str(caught.value)


EXPECTED = Batch(
    "tokens",
    Window(D1, D2),
    AS_OF,
    [
        Observation(D1, MODEL, "acme/a", 10),
        Observation(D2, REST, "other", 2**63 - 1),
    ],
    [],
)


def test_a_file_is_loaded_and_read(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    path.write_bytes(written(COLUMNS))

    assert files.parse(files.load(path, NOW), "tokens", as_of=AS_OF) == [EXPECTED]


@pytest.mark.parametrize(
    "changed",
    [
        {"date": ["2026-08-01", "2026-08-02"]},
        {"total_tokens": ["10", "9223372036854775807"]},
        {"total_tokens": pa.array([10, 2**63 - 1], pa.uint64())},
        {"model_permaslug": pa.array(["acme/a", "other"]).dictionary_encode()},
        {"model_permaslug": pa.array(["acme/a", "other"], pa.large_string())},
    ],
    ids=["dates as text", "texts", "unsigned", "dictionary", "large texts"],
)
def test_what_means_the_same_is_read_the_same(changed: dict[str, Any]) -> None:
    body = written({**COLUMNS, **changed})

    assert files.parse(payload(body), "tokens", as_of=AS_OF) == [EXPECTED]


def test_columns_may_stand_in_any_order_and_tell_their_moment() -> None:
    moments = [AS_OF, AS_OF - timedelta(hours=1)]
    body = written({"as_of": moments, **dict(reversed([*COLUMNS.items()]))})

    first, second = files.parse(payload(body), "tokens")

    assert (first.as_of, list(first.observations)) == (
        moments[1],
        [EXPECTED.observations[1]],
    )
    assert (second.as_of, list(second.observations)) == (
        moments[0],
        [EXPECTED.observations[0]],
    )


def test_rows_are_counted_through_all_groups_and_pieces() -> None:
    count = 70_000
    columns = {
        "date": [D1] * count,
        "model_permaslug": [f"acme/m{n}" for n in range(count - 1)] + ["acme/m0"],
        "total_tokens": list(range(count)),
    }
    body = written(columns, row_group_size=30_000)

    assert refusal(body) == (
        f"given.parquet: row 70000: 2026-08-01 acme/m0 occurs twice. {ADVICE}"
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"total_tokens": [10, -1]}, "row 2: total_tokens '-1' is not a whole"),
        ({"total_tokens": [10, None]}, "row 2: total_tokens None is not a whole"),
        ({"total_tokens": [10.0, 1.0]}, "row 1: total_tokens 10.0 is not a whole"),
        ({"total_tokens": [True, False]}, "row 1: total_tokens True is not a whole"),
        (
            {"total_tokens": pa.array([10, 2**63], pa.uint64())},
            "row 2: total_tokens '9223372036854775808' is not a whole",
        ),
        ({"date": [D1, None]}, "row 2: date None is not a day"),
        (
            {"date": [datetime(2026, 8, 1), datetime(2026, 8, 2)]},  # noqa: DTZ001
            "row 1: date '2026-08-01T00:00:00' is not a day",
        ),
        ({"model_permaslug": ["acme/a", None]}, "row 2: model_permaslug should be a"),
        ({"model_permaslug": ["acme/a", "b"]}, "row 2: model_permaslug 'b' is not"),
    ],
)
def test_a_value_that_cannot_be_is_named(changed: dict[str, Any], why: str) -> None:
    assert refusal(written({**COLUMNS, **changed})).startswith(f"given.parquet: {why}")


def test_a_moment_without_a_zone_is_refused() -> None:
    body = written({**COLUMNS, "as_of": [datetime(2026, 8, 22)] * 2})  # noqa: DTZ001

    assert refusal(body, None).startswith(
        "given.parquet: row 1: as_of '2026-08-22T00:00:00' is not a time"
    )


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"date": [D1], "model_permaslug": ["a/b"]}, "date,model_permaslug"),
        ({**COLUMNS, "rank": [1, 2]}, f"{NAMES},rank"),
    ],
)
def test_other_columns_are_refused(columns: dict[str, Any], shown: str) -> None:
    assert refusal(written(columns)) == (
        f"given.parquet: file: the keys are '{shown}' and not {NAMES}, or with as_of. "
        + ADVICE
    )


def test_a_file_without_rows_is_rejected() -> None:
    empty = pa.schema(
        {
            "date": pa.date32(),
            "model_permaslug": pa.string(),
            "total_tokens": pa.int64(),
        }
    ).empty_table()
    out = BytesIO()
    pq.write_table(empty, out)

    assert refusal(out.getvalue()) == f"given.parquet: file: it holds no rows. {ADVICE}"


def test_a_file_cut_anywhere_is_rejected() -> None:
    body = written(COLUMNS)
    for end in range(0, len(body), 13):
        assert "file: not Parquet: " in refusal(body[:end])
    assert "file: not Parquet: " in refusal(b"no such thing")


def test_more_rows_than_can_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sources._parquet._MOST_ROWS", 1)

    assert "more than 0 million rows or 2 GB. Split it by day" in refusal(
        written(COLUMNS)
    )


def test_a_page_that_is_damaged_is_rejected() -> None:
    body = bytearray(written(COLUMNS, compression="zstd"))
    body[10:30] = bytes(20)

    assert "not Parquet: " in refusal(bytes(body))
