"""URLs: the short ways there are for what is common give what the long ones give."""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.api.urls import canonical, pairs, spelt

_TEXTS = st.text(st.sampled_from("ab,-_.~:/=& %+;?#ü中\0\n\x7f\x85"), max_size=70)
_NAMES = st.sampled_from(["origin", "q", "group_by"]) | _TEXTS
_QUERIES = st.lists(st.tuples(_NAMES, _TEXTS), max_size=5)


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
        (name, ",".join(sorted({*value.split(",")})) if name == "origin" else value)
        for name, value in query
    ]

    assert canonical(query) == urlencode(sorted(told), quote_via=quote)


@pytest.mark.parametrize(
    ("query", "one"),
    [
        ([("origin", "US,CN,US"), ("a", "1")], "a=1&origin=CN%2CUS"),
        ([("within_lab", "b,a"), ("kind", "b,a")], "kind=a%2Cb&within_lab=a%2Cb"),
        ([("group_by", "origin,lab")], "group_by=origin%2Clab"),
        ([("q", "gpt,gpt"), ("dataset", "b,a,b")], "dataset=b%2Ca%2Cb&q=gpt%2Cgpt"),
        ([("model", "a/b:free"), ("x", "")], "model=a%2Fb%3Afree&x="),
        ([], ""),
    ],
)
def test_values_come_in_order_unless_their_order_counts(
    query: list[tuple[str, str]], one: str
) -> None:
    assert canonical(query) == one
