"""What was quoted once stands: no field of a stored answer changes its value."""

import csv
import io
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.pinning import Pin, ask, pins

PINS = pins()


def lost(was: Any, now: Any, where: str = "") -> list[str]:
    """Return where an answer does not say any more what it said."""
    if isinstance(was, dict) and isinstance(now, dict):
        return [
            found
            for name, value in was.items()
            for found in lost(value, now.get(name, "nothing"), f"{where}/{name}")
        ]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return [
            found
            for at, (one, other) in enumerate(zip(was, now, strict=True))
            for found in lost(one, other, f"{where}/{at}")
        ]
    # 1 is neither 1.0 nor true to those who read it.
    same = was == now and type(was) is type(now)
    return [] if same else [f"{where}: {was!r} is {now!r}"]


def lost_of_table(was: str, now: str) -> list[str]:
    """Return where a table differs; columns may only have been put after the last."""
    before, after = (list(csv.reader(io.StringIO(t))) for t in (was, now))
    width = len(before[0])
    return lost(before, [row[:width] for row in after])


@pytest.mark.parametrize("pin", PINS, ids=[pin["url"] for pin in PINS])
def test_a_pinned_answer_says_what_it_said(bundled: TestClient, pin: Pin) -> None:
    now = ask(bundled, pin["url"])

    assert now["status"] == pin["status"]
    if isinstance(pin["answer"], str):
        assert lost_of_table(pin["answer"], now["answer"]) == []
    else:
        assert lost(pin["answer"], now["answer"]) == []


def test_the_pins_ask_every_kind_of_question() -> None:
    urls = [pin["url"] for pin in PINS]
    paths = {url.partition("?")[0].removesuffix(".csv") for url in urls}
    asked = {path.removeprefix("/v1/").partition("/")[0] for path in paths}

    assert len(urls) == len(set(urls)) >= 50
    assert asked == {
        "annotations",
        "categories",
        "compare",
        "datasets",
        "families",
        "models",
        "origins",
        "providers",
        "rankings",
        "releases",
        "revisions",
        "share",
        "volume",
    }
    assert {url.partition("release=")[2][:1] for url in urls} == set("12345")


def test_a_field_may_be_added_but_none_may_be_changed_or_lost() -> None:
    was = {"data": [{"share": 0.5, "days": 1}], "meta": {"unit": "tokens"}}

    added = {"data": [{"share": 0.5, "days": 1, "new": 2}], "meta": was["meta"]}
    assert lost(was, {**added, "links": {}}) == []
    other = {"data": [{"share": 0.6, "days": 1.0}], "meta": {}}
    assert lost(was, other) == [
        "/data/0/share: 0.5 is 0.6",
        "/data/0/days: 1 is 1.0",
        "/meta/unit: 'tokens' is 'nothing'",
    ]
    assert lost([1], [1, 2]) == [": [1] is [1, 2]"]


def test_a_column_may_be_appended_but_none_may_be_moved() -> None:
    was = "a,b\r\n1,2\r\n"

    assert lost_of_table(was, "a,b,c\r\n1,2,3\r\n") == []
    assert lost_of_table(was, "a,c,b\r\n1,3,2\r\n") != []
    assert lost_of_table(was, "a,b\r\n1,2\r\n3,4\r\n") != []
