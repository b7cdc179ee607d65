"""URLs: the short ways there are for what is common give what the long ones give."""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.api.urls import canonical, pairs, spelt

_TEXTS = st.text(st.sampled_from("ab,-_.~:/=& %+;?#ü中\0\n\x7f\x85"), max_size=70)
_QUERIES = st.lists(st.tuples(_TEXTS, _TEXTS), max_size=5)


@settings(max_examples=200)
@given(st.binary(max_size=40))
@example(b"origin=CN&&start_date=2026-04&a=b=c&=&x")
@example(b"a=%43N&b=1+2&c=%zz")
@example("a=ü&b=;".encode("latin-1"))
def test_parameters_are_read_as_a_form_is(raw: bytes) -> None:
    text = raw.decode("latin-1")

    assert pairs(raw) == parse_qsl(text, keep_blank_values=True)


@settings(max_examples=200)
@given(_QUERIES)
def test_what_is_spelt_is_read_back(query: list[tuple[str, str]]) -> None:
    path, _, text = spelt("/v1/share", query).partition("?")

    assert path == "/v1/share"
    assert pairs(text.encode()) == query


@settings(max_examples=200)
@given(_QUERIES)
def test_the_one_spelling_is_escaped_whole(query: list[tuple[str, str]]) -> None:
    told = [
        (name, value if name == "group_by" else ",".join(sorted({*value.split(",")})))
        for name, value in query
    ]

    assert canonical(query) == urlencode(sorted(told), quote_via=quote)


@pytest.mark.parametrize(
    ("query", "one"),
    [
        ([("origin", "US,CN,US"), ("a", "1")], "a=1&origin=CN%2CUS"),
        ([("group_by", "origin,lab")], "group_by=origin%2Clab"),
        ([("model", "a/b:free"), ("x", "")], "model=a%2Fb%3Afree&x="),
        ([], ""),
    ],
)
def test_values_come_in_order_unless_their_order_counts(
    query: list[tuple[str, str]], one: str
) -> None:
    assert canonical(query) == one
