"""Lists of the registry: what a row says, and how rows are chosen, ordered and cut."""

from typing import Any

import pytest

from app.domain.questions import ListAsk
from app.domain.registry import Dimension
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.errors import BadValueError, UnknownError
from app.services import catalog
from tests.services import published
from tests.services.listed import LONG_AGO, MODELS, column, where
from tests.services.published import MONDAY, WEDNESDAY


@pytest.fixture
def snapshot(listed_snapshot: Snapshot) -> Snapshot:
    return listed_snapshot


# Models


def test_a_row_says_all_that_is_claimed_of_a_model_now(snapshot: Snapshot) -> None:
    rows = {row["slug"]: row for row in catalog.models(snapshot, ListAsk()).rows()}

    assert list(rows) == MODELS
    assert rows["acme/one"] == {
        "slug": "acme/one",
        "name": "One",
        "provider": "acme",
        "origin": "US",
        "weights": "closed",
        "license": None,
        "family": "one",
        "base": "acme/one",
        "variant": "standard",
        "released_on": None,
        "context_length": None,
        "hugging_face_id": "Acme/One-7B",
        "aliases": ["acme/eins", "acme/uno", "twice"],
        "first_seen": LONG_AGO,
        "last_seen": MONDAY,
        "volume_28d": 75,
        "price_prompt_usd_per_million": None,
        "price_completion_usd_per_million": None,
        "price_as_of": None,
    }
    assert rows["corp/x"] == {
        "slug": "corp/x",
        "name": "corp/x",
        "provider": "corp",
        "origin": "CN",
        "weights": "unknown",
        "license": "MIT",
        "family": "x",
        "base": "corp/x",
        "variant": "standard",
        "released_on": "2026-07",
        "context_length": 131_072,
        "hugging_face_id": None,
        "aliases": ["twice"],
        "first_seen": WEDNESDAY,
        "last_seen": WEDNESDAY,
        "volume_28d": 0,  # Wednesday had not ended when it was read
        "price_prompt_usd_per_million": None,
        "price_completion_usd_per_million": None,
        "price_as_of": None,
    }


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({"origin": "CN"}, ["corp/x"]),
        ({"origin": "CN,US"}, ["acme/one", "acme/one:free", "corp/x"]),
        ({"origin": "-CN"}, ["acme/one", "acme/one:free", "bolt/two", "stealth/ox"]),
        ({"origin": "unknown"}, ["bolt/two", "stealth/ox"]),
        ({"origin": "JP"}, []),
        ({"provider": "acme", "variant": "free"}, ["acme/one:free"]),
        ({"weights": "closed"}, ["acme/one", "acme/one:free"]),
        ({"weights": "open"}, []),
        ({"base": "acme/one"}, ["acme/one", "acme/one:free"]),
        ({"base": "Acme/One-7B"}, ["acme/one", "acme/one:free"]),
        ({"model": "acme/uno"}, ["acme/one"]),
        ({"family": "x"}, ["corp/x"]),
        ({"license": "MIT"}, ["corp/x"]),
        ({"lab": "-acme"}, ["bolt/two", "corp/x", "stealth/ox"]),
    ],
)
def test_filters_select_models(
    snapshot: Snapshot, filters: dict[str, str], slugs: list[str]
) -> None:
    report = catalog.models(snapshot, where(**filters))

    assert column(report, "slug") == slugs
    assert report.meta["count"] == len(slugs)


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        ({"provider": "acm"}, "acme"),
        ({"family": "two"}, None),
        ({"model": "acme/on"}, "acme/one"),
        ({"model": "twice"}, None),
        ({"variant": "fre"}, "free"),
    ],
)
def test_a_value_nobody_has_is_told(
    snapshot: Snapshot, filters: dict[str, str], meant: str | None
) -> None:
    with pytest.raises(UnknownError) as told:
        catalog.models(snapshot, where(**filters))

    (complaint,) = told.value.complaints
    assert (complaint.parameter, complaint.value) == next(iter(filters.items()))
    assert complaint.did_you_mean == meant


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("one", ["acme/one", "acme/one:free"]),
        ("UNO", ["acme/one"]),
        ("7b", ["acme/one", "acme/one:free"]),
        ("corp/", ["corp/x"]),
        ("", MODELS),
        ("nothing", []),
    ],
)
def test_a_search_looks_into_every_name(
    snapshot: Snapshot, q: str, slugs: list[str]
) -> None:
    assert column(catalog.models(snapshot, ListAsk(q=q)), "slug") == slugs


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("-slug", MODELS[::-1]),
        (
            "volume_28d",
            ["acme/one:free", "corp/x", "stealth/ox", "bolt/two", "acme/one"],
        ),
        (
            "-volume_28d",
            ["acme/one", "bolt/two", "acme/one:free", "corp/x", "stealth/ox"],
        ),
        # What is not known comes last, whichever way.
        ("family", ["acme/one", "acme/one:free", "corp/x", "bolt/two", "stealth/ox"]),
        ("-family", ["corp/x", "acme/one", "acme/one:free", "bolt/two", "stealth/ox"]),
    ],
)
def test_rows_are_sorted_by_any_column(
    snapshot: Snapshot, sort: str, slugs: list[str]
) -> None:
    assert column(catalog.models(snapshot, ListAsk(sort=sort)), "slug") == slugs


def test_a_column_nobody_has_is_no_order(snapshot: Snapshot) -> None:
    with pytest.raises(BadValueError) as told:
        catalog.models(snapshot, ListAsk(sort="-volume"))

    (complaint,) = told.value.complaints
    assert (complaint.parameter, complaint.did_you_mean) == ("sort", "-volume_28d")


def test_pages_cover_every_row_once(snapshot: Snapshot) -> None:
    pages = [
        catalog.models(snapshot, ListAsk(sort="-slug", limit=2, offset=offset))
        for offset in (0, 2, 4)
    ]

    reverse = MODELS[::-1]
    rows = [column(page, "slug") for page in pages]
    assert rows == [reverse[:2], reverse[2:4], reverse[4:]]
    assert [page.next_cursor for page in pages] == ["2", "4", None]
    assert [page.meta["count"] for page in pages] == [5, 5, 5]


def test_a_page_that_ends_with_the_list_is_the_last(snapshot: Snapshot) -> None:
    assert catalog.models(snapshot, ListAsk(limit=5)).next_cursor is None


def test_a_list_says_what_was_asked_and_where_it_comes_from(snapshot: Snapshot) -> None:
    ask = ListAsk({Dimension.ORIGIN: Values.all_but("CN")}, q="o", limit=2)

    report = catalog.models(snapshot, ask)

    assert report.resolved == [
        ("origin", "-CN"),
        ("q", "o"),
        ("sort", "slug"),
        ("limit", "2"),
        ("release", "3"),
    ]
    assert report.meta["quote"] == "Model Census lists 4 models in release 3."
    assert (report.meta["dataset"], report.meta["license"]) == (published.TOKENS, "CC0")


# One model


@pytest.mark.parametrize(
    ("name", "slug", "canonical"),
    [
        ("acme/one", "acme/one", None),
        ("acme/uno", "acme/one", "/v1/models/acme/one"),
        ("Acme/One-7B", "acme/one", "/v1/models/acme/one"),
        ("acme/one:free", "acme/one:free", None),
    ],
)
def test_a_model_is_found_by_any_of_its_names(
    snapshot: Snapshot, name: str, slug: str, canonical: str | None
) -> None:
    item = catalog.model(snapshot, name)

    assert (item.data["slug"], item.canonical) == (slug, canonical)


def test_a_model_shows_every_claim_about_it(snapshot: Snapshot) -> None:
    item = catalog.model(snapshot, "acme/one")

    found: Any = item.data["attributions"]
    assert [(c["attribute"], c["value"]) for c in found] == [
        ("family", "one"),
        ("name", "One"),
        ("provider", "acme"),
        ("weights", "open"),
        ("weights", "closed"),
    ]
    days = [(c["valid_from"], c["valid_to"]) for c in found[3:]]
    assert days == [(None, "2026-08-18"), ("2026-08-18", None)]
    assert (item.data["first_seen"], item.data["last_seen"]) == (
        "2026-07-18",
        "2026-08-17",
    )
    assert item.meta["quote"] == (
        "One is a model by Acme Labs, from the United States, with closed weights."
    )


@pytest.mark.parametrize("name", ["acme/onne", "acme"])
def test_a_model_nobody_knows_is_told(snapshot: Snapshot, name: str) -> None:
    with pytest.raises(UnknownError) as told:
        catalog.model(snapshot, name)

    assert "See /v1/models." in str(told.value)


def test_the_volume_of_28_days_ends_with_the_last_complete_day(
    snapshot: Snapshot,
) -> None:
    # Wednesday is live, so the last complete day is Monday; a month before is too old.
    rows = catalog.models(snapshot, ListAsk()).rows()

    assert {str(row["slug"]): row["volume_28d"] for row in rows} == {
        "acme/one": 75,
        "acme/one:free": 0,
        "bolt/two": 20,
        "corp/x": 0,
        "stealth/ox": 0,
    }
