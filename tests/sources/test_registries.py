"""Lists that tell facts about models."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.domain.listings import ListedModel, Listing
from app.domain.observations import Payload
from app.errors import SourceError, UpstreamError
from app.sources.modelsdev import ModelsDev
from app.sources.openrouter_models import OpenRouterModels
from app.sources.source import RegistrySource
from tests.sources.shelf import Shelf
from tests.sources.upstream import Fault

NOW = datetime(2026, 8, 22, 2, tzinfo=UTC)
END = "Nothing of this list is used."
ENTRY = {
    "id": "acme/large-2",
    "canonical_slug": "acme/large-2-20260501",
    "hugging_face_id": "acme-lab/Large-2",
    "name": "Acme: Large 2",
    "created": 1764594642,
    "description": "…",
    "context_length": 131072,
    "architecture": {"modality": "text->text", "instruct_type": None},
    "pricing": {
        "prompt": "0.000000252",
        "completion": "0.000000378",
        "input_cache_read": "0.0000000252",
        "image": "0.1",
        "discount": 0,
    },
}
LIST: dict[str, Any] = {"data": [ENTRY]}
DEV_ENTRY = {
    "id": "acme/large-2",
    "name": "Large 2",
    "open_weights": True,
    "release_date": "2026-05-01",
    "cost": {"input": 0.2288},
    "limit": {"context": 128000, "output": 64000},
}
DEV: dict[str, Any] = {
    "another": {"models": {"broken": None}},
    "openrouter": {"id": "openrouter", "models": {"acme/large-2": DEV_ENTRY}},
}

Make = Callable[[str, float], RegistrySource]


def models(url: str = "http://127.0.0.1:9", seconds: float = 5) -> RegistrySource:
    return OpenRouterModels(
        url, lambda: NOW, timedelta(seconds=seconds), timedelta(days=1)
    )


def modelsdev(url: str = "http://127.0.0.1:9", seconds: float = 5) -> RegistrySource:
    return ModelsDev(url, lambda: NOW, timedelta(seconds=seconds), timedelta(days=1))


EACH = pytest.mark.parametrize(
    ("make", "path", "wire"),
    [(models, "/api/v1/models", LIST), (modelsdev, "/api.json", DEV)],
    ids=["openrouter-models", "modelsdev"],
)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as fake:
        yield fake


def payload(wire: object) -> Payload:
    body = wire if isinstance(wire, bytes) else json.dumps(wire).encode()
    return Payload(body, "application/json", "https://a.example/", NOW)


def listed(**changed: object) -> list[ListedModel]:
    """Return what is read of OpenRouter's list after a change of its entry."""
    return list(models().parse(payload({"data": [ENTRY | changed]})).models)


def dev_listed(**changed: object) -> list[ListedModel]:
    wire = deepcopy(DEV)
    entry = DEV_ENTRY | changed
    wire["openrouter"]["models"] = {entry["id"]: entry}
    return list(modelsdev().parse(payload(wire)).models)


def refusal(make: Make, wire: object) -> str:
    with pytest.raises(SourceError) as caught:
        make("http://127.0.0.1:9", 5).parse(payload(wire))
    return str(caught.value)


@EACH
def test_a_list_is_fetched_without_a_key_and_read(
    client: httpx2.Client, shelf: Shelf, make: Make, path: str, wire: object
) -> None:
    shelf.bodies[path] = json.dumps(wire).encode()
    ours = make(shelf.url, 5)

    fetched = ours.fetch(client)

    assert fetched == Payload(
        shelf.bodies[path], "application/json", shelf.url + path, NOW
    )
    assert (shelf.asked, shelf.keys) == ([path], [None])
    assert ours.every == timedelta(days=1)
    found = ours.parse(fetched)
    assert (found.source, found.as_of, len(found.models)) == (ours.name, NOW, 1)


@EACH
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SILENCE, Fault.PAGE, Fault.HUGE])
@pytest.mark.usefixtures("hurried")
def test_an_upstream_that_fails_is_given_up_in_time(
    client: httpx2.Client,
    shelf: Shelf,
    make: Make,
    path: str,
    wire: object,
    fault: Fault,
) -> None:
    shelf.bodies[path] = json.dumps(wire).encode()
    shelf.fail(fault)

    with pytest.raises(UpstreamError, match=make("", 1).name):
        make(shelf.url, 0.5).fetch(client)


@EACH
def test_a_truncated_list_is_rejected(make: Make, path: str, wire: object) -> None:
    assert path
    body = json.dumps(wire).encode()
    for end in range(0, len(body), 7):
        assert "body: not whole JSON" in refusal(make, body[:end])


@EACH
def test_a_list_that_could_fill_the_memory_is_not_parsed(
    make: Make, path: str, wire: object
) -> None:
    assert path
    assert wire
    for body in (b" " * 15_000_001, b"," * 800_001):
        assert "body: is larger than such a list can be" in refusal(make, body)


def test_the_list_of_openrouter_is_read() -> None:
    assert models().parse(payload(LIST)) == Listing(
        "openrouter-models",
        NOW,
        [
            ListedModel(
                slug="acme/large-2-20260501",
                name="Acme: Large 2",
                openrouter_id="acme/large-2",
                hugging_face_id="acme-lab/Large-2",
                context_length=131072,
                prices={
                    "price_prompt": "0.000000252",
                    "price_completion": "0.000000378",
                    "price_input_cache_read": "0.0000000252",
                },
            )
        ],
    )


@pytest.mark.parametrize(
    ("name", "canonical", "slug"),
    [
        ("acme/large-2:free", "acme/large-2-20260501", "acme/large-2-20260501:free"),
        ("acme/l:free", "acme/large-2-20260501:free", "acme/large-2-20260501:free"),
        ("acme/large-2", "acme/large-2-20260501", "acme/large-2-20260501"),
    ],
)
def test_the_variant_of_a_permaslug_is_that_of_the_id(
    name: str, canonical: str, slug: str
) -> None:
    (model,) = listed(id=name, canonical_slug=canonical)

    assert (model.slug, model.openrouter_id) == (slug, name)


def test_names_that_point_at_a_model_are_left_out() -> None:
    wire = {"data": [ENTRY, ENTRY | {"id": "~acme/large-latest"}]}

    found = models().parse(payload(wire))

    assert [m.openrouter_id for m in found.models] == ["acme/large-2"]
    assert found.warnings == ()


def test_one_canonical_slug_may_have_several_ids() -> None:
    wire = {"data": [ENTRY, ENTRY | {"id": "acme/large"}]}

    found = models().parse(payload(wire)).models

    assert {m.slug for m in found} == {"acme/large-2-20260501"}
    assert [m.openrouter_id for m in found] == ["acme/large-2", "acme/large"]


@pytest.mark.parametrize("value", [None, ""])
def test_a_repository_may_be_missing(value: str | None) -> None:
    (model,) = listed(hugging_face_id=value)

    assert model.hugging_face_id is None


@pytest.mark.parametrize(
    ("price", "found"),
    [
        ("0", {"price_prompt": "0"}),
        ("12.5", {"price_prompt": "12.5"}),
        ("-1", {}),
        ("-1.0", {}),
        (None, {}),
    ],
)
def test_a_router_has_no_price_and_a_free_model_has(
    price: str | None, found: dict[str, str]
) -> None:
    (model,) = listed(pricing={"prompt": price})

    assert model.prices == found


@pytest.mark.parametrize(
    "price", ["-2", "1e-7", "nan", "inf", "", " 1", "+1", "1.", ".5", "٣", 1, 0.5, []]
)
def test_nothing_else_is_a_price(price: object) -> None:
    why = refusal(models, {"data": [ENTRY | {"pricing": {"prompt": price}}]})

    assert why.startswith("openrouter-models: acme/large-2: prompt ")
    assert why.endswith(f" is not a price per token. {END}")


def test_names_are_cleaned_and_not_refused() -> None:
    (model,) = listed(name="  Acme\n\u202e Large\x00 " + "x" * 300)

    assert model.name == ("Acme Large " + "x" * 300)[:200]
    assert listed(name="\n")[0].name is None
    assert dev_listed(name="A\tB")[0].name == "A B"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"id": "large-2"}, "data.0.id: 'large-2' is not a model such as"),
        ({"id": "other"}, "data.0.id: 'other' is not a model such as author/model."),
        ({"id": None}, "data.0.id: should be a valid string"),
        ({"canonical_slug": "=a/b"}, "data.0.canonical_slug: '=a/b' is not a model"),
        ({"name": 1}, "data.0.name: should be a valid string"),
        (
            {"hugging_face_id": "a/b/c"},
            "data.0.hugging_face_id: 'a/b/c' is not a repository on Hugging Face",
        ),
        ({"created": -1}, "data.0.created: should be greater than or equal to 0"),
        ({"created": "1"}, "data.0.created: should be a valid integer"),
        ({"context_length": -1}, "data.0.context_length: should be greater than"),
        ({"context_length": 2**31}, "data.0.context_length: should be less than"),
        ({"context_length": 1.5}, "data.0.context_length: should be a valid integer"),
        ({"pricing": None}, "data.0.pricing: should be a valid dictionary"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(
    changed: dict[str, object], why: str
) -> None:
    assert refusal(models, {"data": [ENTRY | changed]}).startswith(
        f"openrouter-models: {why}"
    )


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        ({"data": [ENTRY, ENTRY]}, "entry 2: acme/large-2 occurs twice"),
        ({"data": []}, "data: should have at least 1 item"),
        ({"data": {}}, "data: should be a valid list"),
        ({}, "data: is missing"),
        ([], "body: is not an object"),
        (b'{"data":[],"data":[]}', "body: not whole JSON: the key 'data' occurs twice"),
    ],
)
def test_what_is_no_list_of_openrouter_is_rejected(wire: object, why: str) -> None:
    assert refusal(models, wire).startswith(f"openrouter-models: {why}")


def test_a_model_without_a_length_has_none() -> None:
    assert listed(context_length=None)[0].context_length is None
    assert listed(context_length=0)[0].context_length is None
    assert dev_listed(limit={"context": 0})[0].context_length is None
    assert dev_listed(limit={})[0].context_length is None


def test_only_the_names_of_openrouter_are_read_and_no_claim_about_weights() -> None:
    assert modelsdev().parse(payload(DEV)) == Listing(
        "modelsdev",
        NOW,
        [
            ListedModel(
                slug="acme/large-2",
                name="Large 2",
                openrouter_id="acme/large-2",
                released_on="2026-05-01",
                context_length=128000,
                weights=None,
            )
        ],
    )


def test_a_month_stays_a_month_and_a_date_may_be_missing() -> None:
    assert dev_listed(release_date="2026-05")[0].released_on == "2026-05"
    assert dev_listed(release_date=None)[0].released_on is None


def test_an_entry_that_points_at_a_model_is_left_out() -> None:
    assert dev_listed(id="~acme/large-latest") == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"id": "acme/large-3"}, "'acme/large-2': its id is 'acme/large-3'"),
        ({"release_date": "2026"}, ".release_date: '2026' is not a day or a month"),
        ({"release_date": "2026-13"}, ".release_date: '2026-13' is not a day or"),
        ({"release_date": "2026-02-30"}, ".release_date: '2026-02-30' is not a day"),
        ({"release_date": 2026}, ".release_date: should be a valid string"),
        ({"limit": None}, ".limit: is not an object"),
        ({"limit": {"context": -1}}, ".limit.context: should be greater than"),
        ({"name": []}, ".name: should be a valid string"),
    ],
)
def test_a_dev_entry_that_cannot_be_is_refused(
    changed: dict[str, object], why: str
) -> None:
    wire = deepcopy(DEV)
    wire["openrouter"]["models"]["acme/large-2"] = DEV_ENTRY | changed
    where = "openrouter.models.acme/large-2" if why.startswith(".") else ""

    assert refusal(modelsdev, wire).startswith(f"modelsdev: {where}{why}")


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        ({}, "openrouter: is missing"),
        ({"openrouter": {}}, "openrouter.models: is missing"),
        ({"openrouter": {"models": {}}}, "openrouter.models: "),
        ({"openrouter": {"models": []}}, "openrouter.models: "),
        ([], "body: is not an object"),
    ],
)
def test_what_is_no_list_of_models_dev_is_rejected(wire: object, why: str) -> None:
    assert refusal(modelsdev, wire).startswith(f"modelsdev: {why}")
