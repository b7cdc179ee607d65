"""What is believed of the rows of a warehouse, and which days are asked for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.observations import Payload
from app.domain.periods import Window
from app.errors import SourceError
from app.sources.warehouse import EARLIEST
from tests.sources.databases import ALL, BOUND, NOW, ROLL_UP, warehouse
from tests.sources.given import window

TODAY = date(2026, 8, 22)
END = "Nothing of this answer is used."


def payload(*rows: str, first: str = "2026-08-01", last: str = "2026-08-21") -> Payload:
    body = "".join(f"{row}\n" for row in rows).encode()
    url = f"warehouse:warehouse-gateway?start_date={first}&end_date={last}"
    return Payload(body, "application/x-ndjson", url, NOW)


def row(**values: object) -> str:
    cells = {"period": '"2026-08-20"', "model": '"acme/a"', "volume": '"10"'}
    cells |= {name: str(value) for name, value in values.items()}
    return "{" + ",".join(f'"{name}":{value}' for name, value in cells.items()) + "}"


def refusal(read: Payload) -> str:
    with pytest.raises(SourceError) as caught:
        warehouse().parse(read)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (row(volume=10), "row 1: 10 is not a whole number from 0 to 2**63 - 1"),
        (row(volume='"1_0"'), "row 1: '1_0' is not a whole number"),
        (row(volume="NaN"), "row 1: NaN is not a number"),
        (row(volume='"9223372036854775808"'), "row 1: '9223372036854775808' is not a"),
        (row(period="null"), "row 1: None is not a day of the form YYYY-MM-DD"),
        (row(model='"large"'), "row 1: 'large' is not a model such as author/model"),
        (row(model="null"), "row 1: 'None' is not a model such as author/model"),
        (row(category="null"), "row 1: None is not a category such as programming"),
        (row(category='"=a"'), "row 1: '=a' is not a category such as programming"),
        (row(period='"2019-12-31"'), "row 1: 2019-12-31 is outside 2026-08-01 to"),
        (row(period='"2026-08-22"'), "row 1: 2026-08-22 is outside 2026-08-01 to"),
        (f"{row()}\n{row()}", "row 2: 2026-08-20 acme/a occurs twice"),
        ("[]", "row 1: is not an object"),
        ("{", "row 1: Expecting property name"),
    ],
)
def test_a_row_that_cannot_be_is_rejected(line: str, why: str) -> None:
    assert refusal(payload(line)).startswith(f"warehouse-gateway: {why}")


def test_one_model_may_have_rows_of_several_categories() -> None:
    read = payload(row(category='"chat"'), row(category='"code:review"'))
    again = payload(row(category='"chat"'), row(category='"chat"'))

    (batch,) = warehouse().parse(read)

    assert [o.category for o in batch.observations] == ["chat", "code:review"]
    assert "2026-08-20 acme/a in chat occurs twice" in refusal(again)


def test_a_query_without_rows_is_rejected() -> None:
    assert refusal(payload()) == f"warehouse-gateway: query: returns no rows. {END}"


def test_an_answer_to_an_unknown_question_is_rejected() -> None:
    read = payload(row())
    other = Payload(read.body, read.media_type, "warehouse:x", NOW)

    assert "does not say which days were asked for" in refusal(other)


def test_rows_before_there_can_be_any_are_rejected() -> None:
    early = payload(row(period='"2019-12-31"'), first=str(EARLIEST))

    assert "row 1: 2019-12-31 is outside 2020-01-01 to" in refusal(early)


def test_days_are_asked_for_again_only_where_the_query_can() -> None:
    known = window("2024-03-01", "2026-08-10")

    assert warehouse(query=ROLL_UP).windows(known, TODAY) == [ALL]
    assert warehouse(query=BOUND).windows(None, TODAY) == [ALL]
    assert warehouse(query=BOUND).windows(known, TODAY) == [
        window("2026-07-10", "2026-08-21")
    ]
    assert warehouse(query=BOUND).windows(None, EARLIEST) == []


@given(st.dates(date(2019, 1, 1)), st.dates(EARLIEST + timedelta(days=1)))
def test_no_window_leaves_what_there_can_be(last: date, today: date) -> None:
    for query in (ROLL_UP, BOUND):
        for asked in warehouse(query=query).windows(Window(last, last), today):
            assert EARLIEST <= asked.first <= asked.last < today
