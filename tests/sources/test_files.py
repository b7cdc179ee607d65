"""Files that an operator hands over."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.sources import files
from tests.sources.given import EXPORT, NOW, SAMPLE, answer, source

MODEL, REST = SeriesKind.MODEL, SeriesKind.REMAINDER
AS_OF = datetime(2026, 8, 22, tzinfo=UTC)
D1, D2, D3 = (date(2026, 8, n) for n in (1, 2, 3))
ADVICE = "Nothing was read. Correct the file and try again."
HEADER = "date,model_permaslug,total_tokens"
PLAIN = f"""{HEADER}
2026-08-02,acme/b:free,20
2026-08-02,other,3
2026-08-01,acme/a,10
"""
VINTAGES = f"""{HEADER},as_of
2026-08-03,acme/a,30,2026-08-09T00:00:00Z
2026-08-01,acme/a,10,2026-08-08T02:00:00+02:00
2026-08-02,acme/a,20,2026-08-08T00:00:00Z
2026-08-02,acme/a,21,2026-08-09T00:00:00Z
"""
CATEGORIES = """slug,name,tools_listed
data-analytics,"Data, Analytics",116
voice,Voice,0
"""

Given = Callable[[str | bytes], Payload]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Return a text as the file `given.csv`, loaded."""

    def _load(text: str | bytes) -> Payload:
        path = tmp_path / "given.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return files.load(path, NOW)

    return _load


def refusal(payload: Payload, as_of: datetime | None = AS_OF) -> str:
    with pytest.raises(SourceError) as caught:
        files.parse(payload, "tokens", as_of=as_of)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode() + b"\n",
        PLAIN.replace("acme/a", '"acme/a"').encode(),
    ],
    ids=["LF", "CRLF", "BOM", "empty line", "quoted"],
)
def test_a_plain_file_is_one_batch_as_of_what_is_passed(
    given: Given, text: bytes
) -> None:
    assert files.parse(given(text), "tokens", as_of=AS_OF) == [
        Batch(
            "tokens",
            Window(D1, D2),
            AS_OF,
            [
                Observation(D2, MODEL, "acme/b:free", 20),
                Observation(D2, REST, "other", 3),
                Observation(D1, MODEL, "acme/a", 10),
            ],
            [],
        )
    ]


def test_a_file_of_several_vintages_is_a_batch_for_each_the_oldest_first(
    given: Given,
) -> None:
    assert files.parse(given(VINTAGES), "tokens") == [
        Batch(
            "tokens",
            Window(D1, D2),
            datetime(2026, 8, 8, tzinfo=UTC),
            [
                Observation(D1, MODEL, "acme/a", 10),
                Observation(D2, MODEL, "acme/a", 20),
            ],
            [],
        ),
        Batch(
            "tokens",
            Window(D2, D3),
            datetime(2026, 8, 9, tzinfo=UTC),
            [
                Observation(D3, MODEL, "acme/a", 30),
                Observation(D2, MODEL, "acme/a", 21),
            ],
            [],
        ),
    ]


def test_an_export_is_read(given: Given) -> None:
    as_of = datetime(2026, 10, 1, 1, 46, tzinfo=UTC)
    loaded = given(EXPORT)
    payload = Payload(loaded.body, loaded.media_type, loaded.url, as_of)

    assert files.parse(payload, "tokens", as_of=as_of) == [
        Batch(
            "tokens",
            Window(date(2026, 9, 8), date(2026, 9, 30)),
            as_of,
            [
                Observation(
                    date(2026, 9, 30), MODEL, "stealth/space-bunny-alpha", 5331621827040
                ),
                Observation(date(2026, 9, 8), REST, "other", 1114824363473),
            ],
            [],
        )
    ]


def test_json_says_the_same_as_when_it_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "sample.JSON"
    path.write_bytes(SAMPLE)

    found = files.parse(files.load(path, NOW), "openrouter-tokens")

    assert found == source().parse(answer(SAMPLE))


def test_a_loaded_file_is_named_without_its_folder(given: Given) -> None:
    assert given(PLAIN) == Payload(PLAIN.encode(), "text/csv", "file:given.csv", NOW)


DIGITS = "is not a whole number from 0 to 2**63 - 1 in plain digits"
KNOWN = (
    "date,model_permaslug,total_tokens or "
    "date,model_permaslug,total_tokens,as_of or "
    "date,model_permaslug,rank,total_tokens,share_of_daily_tokens"
)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-08-01,acme/a,-1", f"line 2: total_tokens '-1' {DIGITS}"),
        ("2026-08-01,acme/a,", f"line 2: total_tokens '' {DIGITS}"),
        ("2026-08-01,acme/a,1_000", f"line 2: total_tokens '1_000' {DIGITS}"),
        ("2026-08-01,acme/a,1e3", f"line 2: total_tokens '1e3' {DIGITS}"),
        ("2026-08-01,acme/a,nan", f"line 2: total_tokens 'nan' {DIGITS}"),
        (
            "2026-08-01,acme/a,9223372036854775808",
            f"line 2: total_tokens '9223372036854775808' {DIGITS}",
        ),
        (
            "01.08.2026,acme/a,1",
            "line 2: date '01.08.2026' is not a day of the form YYYY-MM-DD",
        ),
        (
            "2026-08-01,acme,1",
            (
                "line 2: model_permaslug 'acme' is not a model such as author/model, "
                "nor 'other'"
            ),
        ),
        ("2026-08-01,acme/a", "line 2: has 2 values instead of 3"),
        ("2026-08-01,acme/a,1,2", "line 2: has 4 values instead of 3"),
        (
            "2026-08-01,acme/a,1\n\n2026-08-01,acme/a,1",
            "line 4: 2026-08-01 acme/a occurs twice",
        ),
        (
            "2024-12-31,acme/a,1",
            "line 2: 2024-12-31 is before 2025-01-01, the first day",
        ),
        (
            "2026-08-23,acme/a,1",
            "as_of: 2026-08-22T00:00:00Z is before the last day, 2026-08-23",
        ),
        ('2026-08-01,"acme/a,1', "line 2: not CSV: unexpected end of data"),
        (
            "2026-08-01,acme/a,x\n2026-08-01,b,1",
            (
                f"line 2: total_tokens 'x' {DIGITS}; line 3: model_permaslug 'b' "
                "is not a model such as author/model, nor 'other'"
            ),
        ),
    ],
)
def test_a_bad_line_is_named_and_the_file_rejected(
    given: Given, row: str, why: str
) -> None:
    assert refusal(given(f"{HEADER}\n{row}\n")) == f"given.csv: {why}. {ADVICE}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "",
            "last line: has no line end; the file may be cut off",
        ),
        (f"{HEADER}\n", "file: it holds no rows"),
        (
            "day,model,tokens\n2026-08-01,acme/a,1\n",
            f"line 1: the header is 'day,model,tokens' and not {KNOWN}",
        ),
        (PLAIN[:-1], "last line: has no line end; the file may be cut off"),
        (
            f"{HEADER}\n2026-08-01,acme/a,1\n".encode() + b"\xff\n",
            "after line 0: not UTF-8; save the file as CSV in UTF-8",
        ),
    ],
)
def test_a_file_that_is_no_table_of_rankings_is_rejected(
    given: Given, text: str | bytes, why: str
) -> None:
    assert refusal(given(text)) == f"given.csv: {why}. {ADVICE}"


def test_bytes_that_are_no_text_are_found_far_down(given: Given) -> None:
    rows = b"".join(f"2026-08-01,acme/m{n},1\n".encode() for n in range(2_000))

    why = refusal(given(f"{HEADER}\n".encode() + rows + b"\xff\n"))

    assert "not UTF-8; save the file as CSV in UTF-8" in why


def test_a_file_cut_anywhere_inside_a_line_is_rejected(given: Given) -> None:
    for end in range(len(PLAIN)):
        if PLAIN[end - 1] != "\n" or end == 0:
            assert "has no line end" in refusal(given(PLAIN[:end]))


def test_a_file_without_its_moment_needs_one(given: Given) -> None:
    assert refusal(given(PLAIN), None) == (
        f"given.csv: as_of: the file does not tell it; pass --as-of. {ADVICE}"
    )


def test_a_file_with_its_moment_takes_no_other(given: Given, tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    path.write_bytes(SAMPLE)
    why = f"as_of: the file tells its own; leave out --as-of. {ADVICE}"

    assert refusal(given(VINTAGES)) == f"given.csv: {why}"
    assert refusal(files.load(path, NOW)) == f"sample.json: {why}"


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("", "line 2: as_of '' is not a time such as 2026-05-25T02:00:00Z"),
        (
            "2026-08-09",
            "line 2: as_of '2026-08-09' is not a time such as 2026-05-25T02:00:00Z",
        ),
        (
            "2026-08-22T02:06:39Z",
            (
                "as_of: 2026-08-22T02:06:39Z is later than the clock here, "
                "2026-08-22T02:01:38Z"
            ),
        ),
    ],
)
def test_a_moment_that_cannot_be_is_rejected(
    given: Given, moment: str, why: str
) -> None:
    text = f"{HEADER},as_of\n2026-08-01,acme/a,1,{moment}\n"

    assert refusal(given(text), None) == f"given.csv: {why}. {ADVICE}"


def test_broken_json_is_rejected_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sample.json"
    path.write_bytes(SAMPLE[:-3])

    why = refusal(files.load(path, NOW), None)

    assert why.startswith("sample.json: body: not whole JSON: ")
    assert why.endswith(ADVICE)


def test_a_file_that_cannot_be_opened_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name, why in {
        "none.csv": "the file cannot be opened: No such file or directory.",
        "folder.csv": "the file cannot be opened: Is a directory.",
        "book.xlsx": "only .csv, .json, .ndjson, .jsonl, .parquet files can be read.",
    }.items():
        with pytest.raises(SourceError) as caught:
            files.load(tmp_path / name, NOW)
        assert str(caught.value) == f"{name}: {why}"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)

    with pytest.raises(SourceError) as caught:
        files.load(path, NOW)

    assert str(caught.value) == (
        "large.csv: the file is larger than 256 MB. Split it by day."
    )


def test_categories_are_one_batch_of_one_day(given: Given) -> None:
    kind = SeriesKind.CATEGORY

    assert files.parse_categories(given(CATEGORIES), "tools", day=D1, as_of=AS_OF) == [
        Batch(
            "tools",
            Window(D1, D1),
            AS_OF,
            [
                Observation(D1, kind, "data-analytics", 116),
                Observation(D1, kind, "voice", 0),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("voice,Voice,2", "line 4: voice occurs twice"),
        ("Voice,Voice,2", "line 4: slug should match pattern"),
        ("speech,,2", "line 4: name should have at least 1 character"),
        ("speech,Speech,-2", f"line 4: tools_listed '-2' {DIGITS}"),
        ("speech,2", "line 4: has 2 values instead of 3"),
    ],
)
def test_a_bad_category_is_rejected(given: Given, row: str, why: str) -> None:
    payload = given(f"{CATEGORIES}{row}\n")

    with pytest.raises(SourceError) as caught:
        files.parse_categories(payload, "tools", day=D1, as_of=AS_OF)

    assert str(caught.value).startswith(f"given.csv: {why}")
    assert str(caught.value).endswith(f". {ADVICE}")


@pytest.mark.parametrize(
    ("text", "day", "why"),
    [
        ("slug,name,tools_listed\n", D1, "file: it holds no rows"),
        (
            PLAIN,
            D1,
            f"line 1: the header is '{HEADER}' and not slug,name,tools_listed",
        ),
        (
            CATEGORIES,
            date(2026, 8, 23),
            "as_of: 2026-08-22T00:00:00Z is before the last day, 2026-08-23",
        ),
    ],
)
def test_categories_that_cannot_be_are_rejected(
    given: Given, text: str, day: date, why: str
) -> None:
    with pytest.raises(SourceError) as caught:
        files.parse_categories(given(text), "tools", day=day, as_of=AS_OF)

    assert str(caught.value) == f"given.csv: {why}. {ADVICE}"
