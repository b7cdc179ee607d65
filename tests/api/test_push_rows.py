"""Rows that cannot be pushed: refused by name, and nothing of it is written."""

import json
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.registry import Dimension
from app.services import keys, new_datasets
from app.services.declaring import Declaration
from app.services.keys import Scope
from app.store.database import Database
from tests.api.gateway import (
    CSV,
    DECLARED,
    FIRST,
    FORMS,
    JSON,
    NDJSON,
    NOW,
    ROWS,
    SECOND,
    Gateway,
    Row,
    as_csv,
    as_json,
    gateway,
    nothing_written,
    unreadable,
)
from tests.api.test_writes import refused


@pytest.fixture(scope="module")
def owner(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One for all of them: nothing of what they send is written."""
    path = tmp_path_factory.mktemp("refusing") / "census.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield gateway(database)
    database.close()


# Fault 9: numbers that are none

VOLUMES = {
    "negative": -1,
    "a fraction": 1.5,
    "a float": 60.0,
    "not a number": math.nan,
    "infinity": math.inf,
    "a truth": True,
    "nothing": None,
    "over int64": 2**63,
    "of 5,000 digits": "9" * 5000,
    "with underscores": "1_000",
    "with an exponent": "1e3",
    "of other digits": "\u0661\u0662",
    "with a sign": "+1",
    "with a space": " 1",
    "empty": "",
    "a list": [1],
}


@pytest.mark.parametrize("what", VOLUMES)
@pytest.mark.parametrize("media_type", [JSON, NDJSON])
def test_a_volume_that_is_none_is_refused_by_its_row(
    owner: Gateway, what: str, media_type: str
) -> None:
    rows: list[Row] = [*ROWS[:2], (FIRST, "bolt/three", VOLUMES[what])]

    told = unreadable(owner, owner.push(FORMS[media_type](rows), media_type))

    ((where, why),) = told
    assert where == ("observation 3" if media_type == JSON else "line 3")
    if what in {"not a number", "infinity"}:
        assert why.startswith("not JSON: ")
    else:
        assert why.startswith("volume ")
        assert why.endswith("is not a whole number from 0 to 2**63 - 1 in plain digits")


@pytest.mark.parametrize(
    "text",
    ["-1", "1.5", "NaN", "inf", "1e400", "1_000", "\u0661", str(2**63), "", '"1,000"'],
)
def test_a_volume_of_a_table_that_is_none_is_refused_by_its_line(
    owner: Gateway, text: str
) -> None:
    body = f"date,model,volume\n{FIRST},acme/one,60\n{FIRST},bolt/three,{text}\n"

    ((where, why),) = unreadable(owner, owner.push(body, CSV))

    assert (where, why.partition(" ")[0]) == ("line 3", "volume")


def test_a_number_beyond_any_float_is_refused_where_it_stands(owner: Gateway) -> None:
    body = as_json([(FIRST, "acme/one", 0)]).replace(": 0", ": 1e400")

    assert unreadable(owner, owner.push(body)) == [
        (
            "observation 1",
            "volume inf is not a whole number from 0 to 2**63 - 1 in plain digits",
        )
    ]


# Fault 10: the same thing twice


@pytest.mark.parametrize("media_type", FORMS)
def test_a_row_that_is_there_twice_is_refused(owner: Gateway, media_type: str) -> None:
    body = FORMS[media_type]([*ROWS, ROWS[0]])

    ((where, why),) = unreadable(owner, owner.push(body, media_type))

    at = {JSON: "observation 6", NDJSON: "line 6", CSV: "line 7"}
    assert (where, why) == (at[media_type], f"{FIRST} acme/one occurs twice")


@pytest.mark.parametrize("media_type", [JSON, NDJSON])
def test_a_key_that_is_there_twice_is_refused(owner: Gateway, media_type: str) -> None:
    body = FORMS[media_type](ROWS[:1]).replace('"volume"', '"volume": 1, "volume"')

    ((where, why),) = unreadable(owner, owner.push(body, media_type))

    assert where.endswith(" 1")
    assert why == "not JSON: the key 'volume' occurs twice in one object"


def test_a_second_list_of_observations_is_refused(owner: Gateway) -> None:
    body = as_json()[:-1] + ', "observations": []}'

    assert unreadable(owner, owner.push(body)) == [
        ("after observation 5", "not JSON: ] and } are missing")
    ]


# Fault 12: models that nobody knows are taken, names that are none are not


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "",
        "a/b/c",
        "acme/",
        "/one",
        "a b/c",
        "\u0430cme/one",
        "x" * 300,
        "OTHER",
    ],
)
def test_a_name_that_is_no_model_is_refused(owner: Gateway, name: str) -> None:
    ((where, why),) = unreadable(owner, owner.push(as_json([(FIRST, name, 1)])))

    assert where == "observation 1"
    assert why.startswith("model ")
    assert why.endswith("is not a model such as author/model, nor 'other'")


def test_a_name_that_is_reserved_is_refused(owner: Gateway) -> None:
    reply = owner.push(as_json([(FIRST, "unknown/model", 1)]))

    problem = refused(reply, 422, "unreadable-payload")
    assert "bear a name that is reserved" in problem["detail"]
    assert problem["detail"].endswith("Nothing was written.")
    nothing_written(owner)


# Fault 13: days that cannot be


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-10-17", f"2026-10-17 is outside {FIRST} to {SECOND}"),
        ("2026-10-20", f"2026-10-20 is outside {FIRST} to {SECOND}"),
        ("2027-01-01", f"2027-01-01 is outside {FIRST} to {SECOND}"),
        ("0001-01-01", f"0001-01-01 is outside {FIRST} to {SECOND}"),
        ("2026-02-30", "date '2026-02-30' is not a day of the form YYYY-MM-DD"),
        ("1760745600", "date '1760745600' is not a day of the form YYYY-MM-DD"),
        ("18.10.2026", "date '18.10.2026' is not a day of the form YYYY-MM-DD"),
        (
            f"{FIRST}T00:00:00",
            f"date '{FIRST}T00:00:00' is not a day of the form YYYY-MM-DD",
        ),
        (
            "\u0662026-10-18",
            r"date '\u0662026-10-18' is not a day of the form YYYY-MM-DD",
        ),
    ],
)
@pytest.mark.parametrize("media_type", FORMS)
def test_a_day_outside_of_what_was_told_is_refused(
    owner: Gateway, media_type: str, day: str, why: str
) -> None:
    body = FORMS[media_type]([(FIRST, "acme/one", 1), (day, "acme/one", 1)])

    where, told = unreadable(owner, owner.push(body, media_type))[0]

    at = {JSON: "observation 2", NDJSON: "line 2", CSV: "line 3"}
    assert (where, told) == (at[media_type], why)


# Bodies


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", ("body", 'it does not begin with {"observations": [')),
        (b"[]", ("body", 'it does not begin with {"observations": [')),
        (b'{"data":[]}', ("body", 'it does not begin with {"observations": [')),
        (b'{"observations":[]}', ("body", "it holds no observations")),
        (b'{"observations":[', ("observation 1", "not JSON: ")),
        (b'{"observations":[1]}', ("observation 1", "is not an object")),
        (b'{"observations":[{]}', ("observation 1", "not JSON: ")),
        (b'{"observations":[' + b"[" * 9_000, ("observation 1", "is nested too ")),
        (b'{"observations":[{},]}', ("observation 2", "not JSON: ")),
        (b'{"observations":[{}]', ("after observation 1", "not JSON: ")),
        (b'{"observations":[{}]} {}', ("after observation 1", "not JSON: ")),
        (b'{"observations":[{}],"a":1}', ("after observation 1", "not JSON: ")),
        (b'{"observations":[{"date":"\xff"}]}', ("observation 1", "the fields are ")),
        (b" " * 20_000 + b'{"observations":[]}', ("body", "it does not begin ")),
    ],
)
def test_json_of_another_form_is_refused(
    owner: Gateway, body: bytes, told: tuple[str, str]
) -> None:
    where, why = unreadable(owner, owner.push(body))[-1]

    assert where == told[0]
    assert why.startswith(told[1])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", ("last line", "has no line end")),
        (b"\n", ("body", "it holds no observations")),
        (b"{}", ("last line", "has no line end")),
        (b"[]\n", ("line 1", "is not an object")),
        (b"{}{}\n", ("line 1", "goes on after its object")),
        (b"\n{\n", ("line 2", "not JSON: ")),
        (b"{}\n", ("line 1", "the fields are none and not date,model,volume or ")),
    ],
)
def test_lines_of_another_form_are_refused(
    owner: Gateway, body: bytes, told: tuple[str, str]
) -> None:
    where, why = unreadable(owner, owner.push(body, NDJSON))[0]

    assert where == told[0]
    assert why.startswith(told[1])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", ("last line", "has no line end")),
        (b"date,model,volume\n", ("body", "it holds no observations")),
        (b"date;model;volume\n", ("line 1", "the header is 'date;model;volume'")),
        (b"date,model,volume,note\n", ("line 1", "the header is ")),
        (b"date,model,volume\n1\n", ("line 2", "has 1 values instead of 3")),
        (b"date,model,volume\n2026-10-18,a/b,1", ("last line", "has no line end")),
        (b"date,model,volume\n\xff\n", ("after line 0", "not UTF-8")),
    ],
)
def test_a_table_of_another_form_is_refused(
    owner: Gateway, body: bytes, told: tuple[str, str]
) -> None:
    where, why = unreadable(owner, owner.push(body, CSV))[0]

    assert where == told[0]
    assert why.startswith(told[1])


def test_a_field_that_there_is_not_is_named(owner: Gateway) -> None:
    rows = [{"date": FIRST, "model": "acme/one", "volume": 1, "colour": "red"}]

    assert unreadable(owner, owner.push(json.dumps({"observations": rows}))) == [
        ("observation 1", "'colour' is no field of an observation here")
    ]


def test_the_first_ten_faults_are_named_and_the_others_counted(
    owner: Gateway,
) -> None:
    reply = owner.push(as_json([(FIRST, f"acme/m{n}", -1) for n in range(12)]))

    told = unreadable(owner, reply)
    assert [where for where, _ in told] == [f"observation {n}" for n in range(1, 11)]
    assert "; and 2 more." in reply.json()["detail"]


def test_more_rows_of_a_day_than_any_gateway_has_are_refused(owner: Gateway) -> None:
    body = as_csv([(FIRST, f"acme/m{n}", 1) for n in range(5_001)])

    assert unreadable(owner, owner.push(body, CSV)) == [
        (FIRST, "has 5001 rows, more than 5000")
    ]


def test_more_than_can_be_added_up_is_refused_in_whole_sentences(
    owner: Gateway,
) -> None:
    body = as_csv([(day, "acme/one", 2**62) for day in (FIRST, SECOND)])

    detail = refused(owner.push(body, CSV), 422, "unreadable-payload")["detail"]

    assert detail.endswith(
        "above 2**62; sums would not be exact. Publish in a larger unit. "
        "Nothing was written."
    )


def test_categories_are_told_where_the_dataset_has_them(
    new_sqlite: Callable[[], str],
) -> None:
    database = Database(new_sqlite())
    owner = gateway(database)
    rows = [(FIRST, "acme/one", 1, "code"), (FIRST, "acme/one", 2, "code:review")]
    assert unreadable(owner, owner.push(as_json(rows))) == [
        (f"observation {n}", "'category' is no field of an observation here")
        for n in (1, 2)
    ]
    split = replace(
        DECLARED.dataset,
        slug="split",
        dimensions=(Dimension.MODEL, Dimension.CATEGORY),
        default_group=Dimension.MODEL,
    )
    new_datasets.add(
        owner.database, Declaration(split, "structure"), actor="Ann", now=NOW
    )
    key = keys.create(owner.database, "Gate", [Scope.INGEST], now=NOW, dataset="split")

    def push(*rows: Row) -> Any:
        return owner.push(as_json(rows), slug="split", key=key)

    assert push(*rows).json()["counts"]["new"] == 2
    told = owner.rows(
        f"/v1/volume?dataset=split&start_date={FIRST}&end_date={FIRST}"
        "&group_by=category"
    )
    assert {row["category"]: row["volume"] for row in told} == {
        "code": 1,
        "code:review": 2,
    }
    bad = push((FIRST, "acme/one", 1, "Code Review")).json()["errors"]
    assert bad[0]["message"] == (
        "category 'Code Review' is not a category such as programming or code:review"
    )
    database.close()
