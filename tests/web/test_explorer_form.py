"""The question as a form: its fields, what they offer, and where they lead."""

import json

import pytest
from starlette.testclient import TestClient

from app.main import contract
from app.web import explorer_form
from tests.api.conftest import PUBLIC
from tests.web.reading import copied, found, rows

LOOKS = {"theme", "lang", "width", "scale", "shape"}


def parameters(kind: str) -> set[str]:
    """Return the parameters of a question, as the contract has them."""
    document = json.loads(contract())
    given = document["paths"][f"/v1/{kind}"]["get"]["parameters"]
    shared = document["components"].get("parameters", {})
    return {
        (shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each)["name"]
        for each in given
    }


def test_empty_fields_are_no_part_of_the_question(client: TestClient) -> None:
    sent = client.get("/share?origin=+CN+&weights=&provider=&window=&start_date=").text
    clean = client.get("/share?origin=CN").text

    assert sent == clean
    assert found(r'<link rel="canonical" href="([^"]*)"', sent) == [
        f"{PUBLIC}/share?origin=CN"
    ]
    assert copied(sent, "live") == f"{PUBLIC}/share?origin=CN"


def test_the_first_page_is_the_share(client: TestClient) -> None:
    opening, share = client.get("/").text, client.get("/share").text

    assert "Which AI models are used" in opening
    assert rows(opening) == rows(share)
    assert copied(opening, "live") == f"{PUBLIC}/share"


def test_another_measure_takes_the_question_along(client: TestClient) -> None:
    page = client.get("/share?origin=CN&interval=day&within_weights=open").text
    (tabs,) = found(r'<ul class="tabs">(.*?)</ul>', page)

    assert found(r'href="([^"]*)"', tabs) == [
        "share?origin=CN&interval=day&within_weights=open",
        "volume?origin=CN&interval=day",
        "rankings?origin=CN&within_weights=open",
    ]
    assert all(
        client.get(f"/{path}").status_code == 200
        for path in found(r'href="([^"]*)"', tabs)
    )


def test_what_has_no_field_is_asked_on(client: TestClient) -> None:
    page = client.get("/share?origin=CN&within_variant=standard").text

    assert found(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page) == [
        ("within_variant", "standard")
    ]
    assert 'href="share?origin=CN">leave out' in page


@pytest.mark.parametrize("kind", list(explorer_form.NAMES))
def test_every_field_is_a_parameter(client: TestClient, kind: str) -> None:
    known = parameters(kind)
    page = client.get(f"/{kind}").text

    assert explorer_form.TAKES[kind] == known - LOOKS
    assert set(found(r'<(?:input|select) id="q-\w+" name="(\w+)"', page)) < known


def test_only_what_a_dataset_knows_is_asked(bundled: TestClient) -> None:
    page = bundled.get("/share?dataset=ai-tools-directory&within_origin=CN").text
    names = found(r'<(?:input|select) id="q-[^"]*" name="(\w+)"', page)

    assert "category" in names
    assert "within_origin" in names  # it was asked
    assert not {"origin", "weights", "provider", "model", "family"} & set(names)


@pytest.mark.parametrize("kind", list(explorer_form.NAMES))
def test_everything_offered_can_be_asked(client: TestClient, kind: str) -> None:
    page = client.get(f"/{kind}").text
    fields = found(r'<select id="q-\w+" name="(\w+)">(.*?)</select>', page)
    fields += [
        (name, options)
        for name, options in found(r'<datalist id="l-(\w+)">(.*?)</datalist>', page)
    ]
    offered = [
        (name, value)
        for name, options in fields
        for value in found(r'<option value="([^"]+)"', options)
    ]

    assert len(offered) > 15
    for name, value in offered:
        query = {name: value} | ({"interval": "day"} if name == "smooth" else {})
        assert client.get(f"/{kind}", params=query).status_code == 200, (name, value)
