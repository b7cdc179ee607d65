"""What is not believed in an answer of the rankings API."""

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import SourceError
from tests.sources.given import (
    SAMPLE,
    TWO_DAYS,
    Wire,
    answer,
    changed,
    drop,
    set_meta,
    set_row,
    source,
    window,
)

NAME = "openrouter-rankings"
END = "Nothing of this answer is used."


@pytest.mark.parametrize("percent", range(100))
def test_a_truncated_answer_is_rejected(percent: int) -> None:
    body = TWO_DAYS[: len(TWO_DAYS) * percent // 100]

    with pytest.raises(SourceError, match="body: not whole JSON: "):
        source().parse(answer(body, first="2026-08-20", last="2026-08-21"))


DIGITS = "is not a whole number from 0 to 2**63 - 1 in plain digits"
FORM = "is not a day of the form YYYY-MM-DD"
TIME = "is not a time such as 2026-05-25T02:00:00Z"
MODEL = "is not a model such as author/model, nor 'other'"
OWL = {
    "date": "2026-05-24",
    "model_permaslug": "openrouter/owl-alpha",
    "total_tokens": "1",
}
REJECTED: list[tuple[str, Callable[[Wire], object], str]] = [
    ("empty", lambda w: w.update(data=[]), "data: is empty"),
    ("no data", drop("data"), "data: is missing"),
    ("no meta", drop("meta"), "meta: is missing"),
    ("no as_of", drop("meta", "as_of"), "meta.as_of: is missing"),
    ("no version", drop("meta", "version"), "meta.version: is missing"),
    ("no tokens", drop("data", 1, "total_tokens"), "row 2: total_tokens is missing"),
    ("no date", drop("data", 1, "date"), "row 2: date is missing"),
    (
        "no model",
        drop("data", 1, "model_permaslug"),
        "row 2: model_permaslug is missing",
    ),
    (
        "an object of rows",
        lambda w: w.update(data={}),
        "data: should be a valid list",
    ),
    (
        "a list for a row",
        lambda w: w["data"].insert(1, []),
        "row 2: is not an object",
    ),
    (
        "another version",
        set_meta(version="v2"),
        "meta.version: should be 'v1'",
    ),
    ("tokens as a number", set_row(total_tokens=5), f"row 2: total_tokens 5 {DIGITS}"),
    (
        "tokens as a list",
        set_row(total_tokens=[5]),
        f"row 2: total_tokens a list {DIGITS}",
    ),
    (
        "no tokens but null",
        set_row(total_tokens=None),
        f"row 2: total_tokens None {DIGITS}",
    ),
    (
        "a model as a number",
        set_row(model_permaslug=1),
        "row 2: model_permaslug should be a valid string",
    ),
    (
        "a model without an author",
        set_row(model_permaslug="owl"),
        f"row 2: model_permaslug 'owl' {MODEL}",
    ),
    (
        "a model with a formula",
        set_row(model_permaslug="=a/b"),
        f"row 2: model_permaslug '=a/b' {MODEL}",
    ),
    (
        "a model with markup",
        set_row(model_permaslug="a/<b>"),
        f"row 2: model_permaslug 'a/<b>' {MODEL}",
    ),
    (
        "a model with a line end",
        set_row(model_permaslug="a/b\n"),
        f"row 2: model_permaslug 'a/b\\n' {MODEL}",
    ),
    (
        "a model in other letters",
        set_row(model_permaslug="a/ƀ"),
        f"row 2: model_permaslug 'a/\\u0180' {MODEL}",
    ),
    (
        "a long model",
        set_row(model_permaslug="a/" + "b" * 199),
        f"row 2: model_permaslug 'a/{'b' * 97} {MODEL}",
    ),
    (
        "no model at all",
        set_row(model_permaslug=""),
        f"row 2: model_permaslug '' {MODEL}",
    ),
    ("30 February", set_row(date="2026-02-30"), f"row 2: date '2026-02-30' {FORM}"),
    ("a short date", set_row(date="2026-5-24"), f"row 2: date '2026-5-24' {FORM}"),
    ("a date and time", set_row(date="20260524"), f"row 2: date '20260524' {FORM}"),
    ("seconds", set_row(date=1779580800), f"row 2: date 1779580800 {FORM}"),
    (
        "another day",
        set_row(date="2026-05-23"),
        "row 2: 2026-05-23 is outside 2026-05-24 to 2026-05-24",
    ),
    (
        "a day twice",
        lambda w: w["data"].append(OWL),
        "row 5: 2026-05-24 openrouter/owl-alpha occurs twice",
    ),
    (
        "too many rows",
        lambda w: w["data"].extend(
            OWL | {"model_permaslug": f"a/m{n}"} for n in range(48)
        ),
        "2026-05-24: has 52 rows, more than 51",
    ),
    (
        "a window that was moved",
        set_meta(start_date="2026-05-23"),
        (
            "meta: answers for 2026-05-23 to 2026-05-24 "
            "instead of 2026-05-24 to 2026-05-24"
        ),
    ),
    (
        "a window that is longer",
        set_meta(end_date="2026-05-25"),
        (
            "meta: answers for 2026-05-24 to 2026-05-25 "
            "instead of 2026-05-24 to 2026-05-24"
        ),
    ),
    (
        "a time without a zone",
        set_meta(as_of="2026-05-25T02:00:00"),
        f"meta.as_of: '2026-05-25T02:00:00' {TIME}",
    ),
    (
        "a time that is none",
        set_meta(as_of="2026-05-25T25:00:00Z"),
        f"meta.as_of: '2026-05-25T25:00:00Z' {TIME}",
    ),
    (
        "a time out of range",
        set_meta(as_of="0001-01-01T00:00:00+09:00"),
        f"meta.as_of: '0001-01-01T00:00:00+09:00' {TIME}",
    ),
    (
        "a time before the day",
        set_meta(as_of="2026-05-23T23:59:59Z"),
        "as_of: 2026-05-23T23:59:59Z is before the last day, 2026-05-24",
    ),
    (
        "a time to come",
        set_meta(as_of="2026-08-22T02:06:39Z"),
        (
            "as_of: 2026-08-22T02:06:39Z is later than the clock here, "
            "2026-08-22T02:01:38Z"
        ),
    ),
]


@pytest.mark.parametrize(
    ("change", "why"),
    [case[1:] for case in REJECTED],
    ids=[case[0] for case in REJECTED],
)
def test_what_cannot_be_believed_is_rejected(
    change: Callable[[Wire], object], why: str
) -> None:
    with pytest.raises(SourceError) as caught:
        source().parse(answer(changed(change)))

    assert str(caught.value) == f"{NAME}: {why}. {END}"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            b'"version":"v1"',
            b'"version":"v1","version":"v1"',
            "the key 'version' occurs twice in one object",
        ),
        (
            b'"total_tokens":"92818103241"',
            b'"total_tokens":"92818103241","total_tokens":"1"',
            "the key 'total_tokens' occurs twice in one object",
        ),
        (b'"595090081549"', b"NaN", "NaN is not a number"),
        (b'"595090081549"', b"-Infinity", "-Infinity is not a number"),
        (b'"595090081549"', b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_json_that_others_would_let_pass_is_rejected(
    old: bytes, new: bytes, why: str
) -> None:
    assert old in SAMPLE

    with pytest.raises(SourceError) as caught:
        source().parse(answer(SAMPLE.replace(old, new)))

    assert str(caught.value) == f"{NAME}: body: not whole JSON: {why}. {END}"


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"null", b"[]", b"1", b"<html>", b"1" * 5000]
)
def test_what_is_no_answer_at_all_is_rejected(body: bytes) -> None:
    with pytest.raises(SourceError):
        source().parse(answer(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[' + b"{}," * 200_000,
        b'{"data":"' + "\N{GRINNING FACE}".encode() + b" " * 15_000_000,
        b"[" * 15_000_000,
    ],
    ids=["values", "bytes", "depth"],
)
def test_more_than_there_can_be_is_rejected_before_it_fills_the_memory(
    body: bytes,
) -> None:
    tracemalloc.start()

    with pytest.raises(SourceError) as caught:
        source().parse(answer(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert str(caught.value) == (
        f"{NAME}: body: holds more than a year of days can. {END}"
    )
    assert peak < 1_000_000


def test_the_most_that_is_looked_at_takes_little_memory() -> None:
    body = b'{"data":["' + "\N{GRINNING FACE}".encode() + b" " * 5_000_000 + b'"]}'
    tracemalloc.start()

    with pytest.raises(SourceError, match=r"^openrouter-rankings: row 1: is not an"):
        source().parse(answer(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 50_000_000


def test_a_whole_year_is_read() -> None:
    rows = [
        OWL | {"date": f"{day}", "model_permaslug": f"{'a' * 50}/m{n}"}
        for day in window("2025-01-01", "2026-01-01").days()
        for n in range(51)
    ]
    wire = changed(set_meta(start_date="2025-01-01", end_date="2026-01-01"))

    (batch,) = source().parse(
        answer(wire | {"data": rows}, first="2025-01-01", last="2026-01-01")
    )

    assert len(batch.observations) == 366 * 51


def test_many_keys_with_one_twice_are_rejected_quickly() -> None:
    keys = ",".join(f'"k{n}":0' for n in range(100_000))

    with pytest.raises(SourceError, match="the key 'k99999' occurs twice"):
        source().parse(answer(f'{{{keys},"k99999":0}}'.encode()))


@pytest.mark.parametrize(
    "query",
    ["", "start_date=2026-05-24", "start_date=x&end_date=y", "end_date=2026-05-24"],
)
def test_an_answer_to_an_unknown_question_is_rejected(query: str) -> None:
    payload = answer(SAMPLE)
    url = payload.url.partition("?")[0] + "?" + query
    unknown = type(payload)(payload.body, payload.media_type, url, payload.fetched_at)

    with pytest.raises(SourceError, match="does not say which days were asked for"):
        source().parse(unknown)


def test_five_faults_are_named_and_the_others_counted() -> None:
    def _all(wire: Wire) -> None:
        wire["data"] = [OWL | {"total_tokens": "-1"}] * 7

    with pytest.raises(SourceError) as caught:
        source().parse(answer(changed(_all)))

    named = "; ".join(f"row {n}: total_tokens '-1' {DIGITS}" for n in range(1, 6))
    assert str(caught.value) == f"{NAME}: {named}; and 2 more. {END}"


NUMBERS = st.one_of(
    st.integers(max_value=-1).map(str),
    st.integers(min_value=2**63).map(str),
    st.floats().map(str),
    st.integers(0).map("{:_}".format).filter(lambda text: "_" in text),
    st.integers(0).map("{:,}".format).filter(lambda text: "," in text),
    st.text().filter(lambda text: not text.isascii() or not text.isdigit()),
    st.text(st.characters(categories=["Nd"], min_codepoint=128), min_size=1),
    st.sampled_from(["", " 1", "1 ", "+1", "-0", "1e3", "1e400", "0x1", "1.0", "1\n"]),
    st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers()),
)


@given(NUMBERS)
@settings(max_examples=200)
def test_nothing_else_is_taken_for_a_volume(value: object) -> None:
    with pytest.raises(SourceError):
        source().parse(answer(changed(set_row(total_tokens=value))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
PLACES = [
    ("data",),
    ("meta",),
    ("data", 0),
    *(("data", 0, key) for key in OWL),
    *(("meta", key) for key in json.loads(SAMPLE)["meta"]),
]


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=200)
def test_a_value_of_another_kind_is_rejected_anywhere(
    place: tuple[str | int, ...], value: Any
) -> None:
    wire = changed(lambda _: None)
    part: Any = wire
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value

    with pytest.raises(SourceError):
        source().parse(answer(wire))
