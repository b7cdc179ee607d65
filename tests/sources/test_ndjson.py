"""Files of JSON objects, a line each; and files of many rows."""

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.sources import files
from tests.sources.given import NOW

MODEL, REST = SeriesKind.MODEL, SeriesKind.REMAINDER
AS_OF = datetime(2026, 8, 22, tzinfo=UTC)
D1, D2 = date(2026, 8, 1), date(2026, 8, 2)
ADVICE = "Nothing was read. Correct the file and try again."
ROW = '{"date":"2026-08-01","model_permaslug":"acme/a","total_tokens":"10"}'
NAMES = "date,model_permaslug,total_tokens"
DIGITS = "is not a whole number from 0 to 2**63 - 1 in plain digits"


def given(text: str | bytes) -> Payload:
    body = text if isinstance(text, bytes) else text.encode()
    return Payload(body, "application/x-ndjson", "file:given.ndjson", NOW)


def refusal(text: str | bytes, as_of: datetime | None = AS_OF) -> str:
    with pytest.raises(SourceError) as caught:
        files.parse(given(text), "tokens", as_of=as_of)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".ndjson", ".jsonl", ".NDJSON"])
def test_lines_are_rows_in_any_order_of_keys(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"given{suffix}"
    path.write_text(
        f"{ROW}\r\n\n"
        '{"total_tokens": 9223372036854775807, "date": "2026-08-02", '
        '"model_permaslug": "other"}\n'
    )

    assert files.parse(files.load(path, NOW), "tokens", as_of=AS_OF) == [
        Batch(
            "tokens",
            Window(D1, D2),
            AS_OF,
            [
                Observation(D1, MODEL, "acme/a", 10),
                Observation(D2, REST, "other", 2**63 - 1),
            ],
            [],
        )
    ]


@pytest.mark.parametrize("first", [ROW, ROW.replace('"10"', "10")])
@pytest.mark.parametrize(
    "line",
    [
        ROW,
        ROW.replace('"10"', "10"),
        ROW.join([" \t", "\t\r"]).replace(",", " ,\t").replace(":", " : "),
        ROW.replace("acme/a", "acme\\/\\u0061"),
        ROW.replace("total", "\\u0074otal"),
        '{"total_tokens":"10","model_permaslug":"acme/a","date":"2026-08-01"}',
    ],
)
def test_however_a_line_is_spelt_it_says_the_same(first: str, line: str) -> None:
    line = line.replace("08-01", "08-02")

    (found,) = files.parse(given(f"{first}\n{line}\n"), "tokens", as_of=AS_OF)

    assert found.observations == [
        Observation(D1, MODEL, "acme/a", 10),
        Observation(D2, MODEL, "acme/a", 10),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (ROW.replace('"10"', "010"), "line 2: not JSON: Expecting ',' delimiter"),
        (ROW.replace("acme/a", "acmé/a"), r"line 2: model_permaslug 'acm\xe9/a' is"),
        (ROW.replace("acme/a", "acme/a\t"), "line 2: not JSON: Invalid control"),
        (f"{ROW}{ROW}", "line 2: not JSON: Extra data"),
    ],
)
def test_a_line_that_is_nearly_like_the_first_is_no_row(line: str, why: str) -> None:
    first = ROW.replace('"10"', "10")

    assert refusal(f"{first}\n{line}\n").startswith(f"given.ndjson: {why}")


def test_lines_may_tell_their_moment() -> None:
    told = ROW.replace("}", ',"as_of":"2026-08-08T00:00:00Z"}')
    later = told.replace("08-08T", "08-09T").replace("10", "11")

    first, second = files.parse(given(f"{later}\n{told}\n"), "tokens")

    assert (first.as_of.day, first.observations[0].volume) == (8, 10)
    assert (second.as_of.day, second.observations[0].volume) == (9, 11)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("-1", "'-1'"),
        ("9223372036854775808", "'9223372036854775808'"),
        ("1.0", "1.0"),
        ("1e400", "inf"),
        ("true", "True"),
        ("null", "None"),
        ("[1]", "a list"),
        ('"1_000"', "'1_000'"),
    ],
)
def test_nothing_else_is_a_volume(value: str, told: str) -> None:
    changed = ROW.replace('"10"', value)
    text = f"{ROW}\n{changed}\n"

    assert (
        refusal(text) == f"given.ndjson: line 2: total_tokens {told} {DIGITS}. {ADVICE}"
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2: not JSON: Expecting property name"),
        (ROW[:-1] + ',"date":"2026-08-01"}', "line 2: not JSON: the key 'date' occurs"),
        (ROW.replace('"10"', "NaN"), "line 2: not JSON: NaN is not a number"),
        ("[]", "line 2: is not an object"),
        (
            ROW[:-1] + ',"rank":1}',
            f"line 2: the keys are '{NAMES},rank' and not {NAMES}, or with as_of",
        ),
        (
            ROW[:-1] + ',"as_of":"2026-08-08T00:00:00Z"}',
            f"line 2: the keys are '{NAMES},as_of' and not {NAMES}, or with as_of",
        ),
        (
            ROW.replace('"acme/a"', "null"),
            "line 2: model_permaslug should be a valid string",
        ),
        (ROW.replace("-01", "-32"), "line 2: date '2026-08-32' is not a day"),
        (ROW, "line 2: 2026-08-01 acme/a occurs twice"),
    ],
)
def test_a_bad_line_is_named_and_the_file_rejected(line: str, why: str) -> None:
    assert refusal(f"{ROW}\n{line}\n").startswith(f"given.ndjson: {why}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "last line: has no line end; the file may be cut off"),
        (ROW, "last line: has no line end; the file may be cut off"),
        ("\n", f"line 1: the keys are '' and not {NAMES}, or with as_of"),
        ("{}\n", f"line 1: the keys are '' and not {NAMES}, or with as_of"),
    ],
)
def test_a_file_without_rows_is_rejected(text: str, why: str) -> None:
    assert refusal(text) == f"given.ndjson: {why}. {ADVICE}"


def test_a_file_without_its_moment_needs_one() -> None:
    assert "pass --as-of" in refusal(f"{ROW}\n", None)


def test_many_rows_of_a_day_are_taken_and_stay_small() -> None:
    lines = [
        f"{D1 - timedelta(days=n // 1_000)},acme/m{n % 1_000},{10**12 + n}\n"
        for n in range(20_000)
    ]
    body = f"{NAMES}\n{''.join(lines)}".encode()
    payload = Payload(body, "text/csv", "file:given.csv", NOW)
    files.parse(payload, "tokens", as_of=AS_OF)
    tracemalloc.start()

    (batch,) = files.parse(payload, "tokens", as_of=AS_OF)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(batch.observations) == 20_000
    assert batch.observations[19_999] == Observation(
        date(2026, 7, 13), MODEL, "acme/m999", 10**12 + 19_999
    )
    assert batch.observations[-2:] == list(batch.observations)[-2:]
    assert peak < 2_500_000  # 4,000,000 as objects


def test_repeats_are_found_far_apart_and_named_in_order() -> None:
    lines = [f"2026-08-01,acme/m{n},1\n" for n in range(300)]
    body = f"{NAMES}\n{''.join(lines)}{lines[7]}{lines[3]}".encode()
    payload = Payload(body, "text/csv", "file:given.csv", NOW)

    with pytest.raises(SourceError) as caught:
        files.parse(payload, "tokens", as_of=AS_OF)

    assert str(caught.value) == (
        "given.csv: line 302: 2026-08-01 acme/m7 occurs twice; "
        f"line 303: 2026-08-01 acme/m3 occurs twice. {ADVICE}"
    )
