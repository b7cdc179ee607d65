"""The explorer as it is sent: questions in the URL, answers in words."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import contract
from app.services import figures
from app.store.database import Database
from app.web import explorer_answer, explorer_form, plain
from tests.api.conftest import PUBLIC
from tests.api.recorded import record
from tests.api.small import THIRD, Published

REGISTRY = Path(explorer_form.__file__).parents[1] / "registry"
LOOKS = {"theme", "lang", "width", "scale", "shape"}


def found(pattern: str, page: str) -> list[Any]:
    """Return what a pattern finds in a page, without the escapes of HTML."""
    return [
        html.unescape(each)
        if isinstance(each, str)
        else tuple(map(html.unescape, each))
        for each in re.findall(pattern, page, re.DOTALL)
    ]


def text(page: str) -> str:
    """Return what a reader reads."""
    bare = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())


def rows(page: str, at: int = 0) -> list[list[str]]:
    """Return the cells of a table, its head included."""
    table = re.findall(r"<table>(.*?)</table>", page, re.DOTALL)[at]
    return [
        [
            text(cell)
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


def copied(page: str, key: str) -> str:
    (value,) = found(rf'<textarea id="copy-{key}"[^>]*>\n(.*?)</textarea>', page)
    return str(value)


def parameters(kind: str) -> set[str]:
    """Return the parameters of a question, as the contract has them."""
    document = json.loads(contract())
    given = document["paths"][f"/v1/{kind}"]["get"]["parameters"]
    shared = document["components"].get("parameters", {})
    return {
        (shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each)["name"]
        for each in given
    }


def test_a_question_is_answered_in_words(bundled: TestClient) -> None:
    page = bundled.get("/share?origin=CN&start_date=2026-04&end_date=2026-04")
    said = text(page.text)

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (
        "Models from China-based labs: share of tokens on OpenRouter 45.4% China, 1 to "
        "30 April 2026." in said
    )
    assert (
        "Between 45.4% and 55.2%, because 9.8% of tokens on OpenRouter cannot be "
        "attributed." in said
    )
    assert (
        "Models from China-based labs handled 45.4% of tokens on OpenRouter in April "
        "2026 (bounds 45.4%–55.2%)." in said  # noqa: RUF001
    )
    assert rows(page.text) == [
        ["Country", "Share", "Bounds", "Volume"],
        ["China", "45.4%", "45.4% to 55.2%", "44.1 trillion"],
    ]
    assert found(r'<data value="(\d+)"', page.text) == ["44129943053400"]


def test_it_says_how_it_is_known(bundled: TestClient) -> None:
    said = text(
        bundled.get("/share?origin=CN&start_date=2026-04&end_date=2026-04").text
    )

    for told in (
        "Counted origin=CN, of all tokens",
        "Attributed 90.2% of all tokens",
        "Not listed by name 8.8 trillion tokens, known only as a sum",
        "Dataset OpenRouter daily rankings, CC-BY-4.0",
        "Read 11 October 2026, 00:27 UTC",
        "reach to 21 August 2026; stale: newer ones were due 23 August 2026, 02:00 UTC",
        "Release 5, published on 11 October 2026, 06:04 UTC",
        "Only the 50 largest models of a day are listed by name",
        "13 to 21 April 2026 openrouter/elephant-alpha",
    ):
        assert told in said, told


def test_a_series_is_shown_with_its_newest_periods_first(client: TestClient) -> None:
    page = client.get("/share?origin=CN&interval=day").text

    assert rows(page) == [
        ["Period", "Country", "Share", "Bounds", "Volume"],
        ["18 August 2026", "China", "60.0%", "60.0% to 80.0%", "60"],
        ["17 August 2026", "China", "30.0%", "30.0% to 40.0%", "30"],
    ]


def test_whatever_is_asked_for_has_its_column(client: TestClient) -> None:
    asked = "origin=CN&interval=day&compare=previous&smooth=7d"
    share, volume = (
        client.get(f"/share?{asked}").text,
        client.get(f"/volume?{asked}").text,
    )
    ranked = client.get("/rankings?sort=trending").text

    added = ["Before", "Change", "Smoothed", "Growth"]
    assert rows(share)[0] == ["Period", "Country", "Share", "Bounds", "Volume", *added]
    assert rows(volume)[0] == ["Period", "Country", "Volume", "Bounds", *added]
    assert rows(ranked)[0][-3:] == ["Volume", "Trend", "Growth"]
    assert rows(volume)[1][4:7] == ["30", "+30", "–"]  # noqa: RUF001


def test_a_long_answer_shows_its_first_rows_and_leads_to_all(
    bundled: TestClient,
) -> None:
    page = bundled.get("/volume?group_by=provider&interval=day&window=90d").text
    csv = bundled.get("/v1/volume.csv?group_by=provider&interval=day&window=90d").text

    assert len(rows(page)) == 51
    assert f"50 of {csv.count(chr(10)) - 1} rows, the newest first" in text(page)


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


@pytest.mark.parametrize(
    ("path", "status", "title", "better"),
    [
        ("/share?provider=acmee", 404, "Unknown name", "./share?provider=acme"),
        ("/share?origin=XX", 422, "Bad value", "./share"),
        ("/rankings?colour=red", 400, "Bad parameter", "./rankings"),
    ],
)
def test_a_problem_is_a_page_of_the_same_status(
    client: TestClient, path: str, status: int, title: str, better: str
) -> None:
    problem = client.get(f"/v1{path}").json()
    page = client.get(path)

    assert page.status_code == status == problem["status"]
    assert found("<h1>(.*?)</h1>", page.text) == [title]
    assert problem["detail"] in text(page.text)
    assert found(r'<a class="button primary" href="([^"]*)"', page.text) == [better]
    assert page.headers["cache-control"] == "no-store"
    assert client.get(better.removeprefix(".")).status_code == 200


def test_a_question_without_an_answer_says_so(client: TestClient) -> None:
    page = client.get("/share?category=code")

    assert page.status_code == client.get("/v1/share?category=code").status_code
    assert "category" in text(page.text)


def test_what_changed_since_it_was_pinned_is_told(
    client: TestClient, published: Published
) -> None:
    published.publish(THIRD)
    page = client.get("/share?origin=CN&release=2").text

    assert "1 row of this answer has changed since release 2 (now release 3)." in text(
        page
    )
    assert rows(page, 1) == [
        ["Period", "Country", "Then", "Now"],
        ["17 to 18 August 2026", "China", "45.0%", "50.0%"],
    ]


def test_what_changed_before_is_told_by_release(database: Database) -> None:
    made = record(database)
    quiet = made.get("/share").text
    made.restate()
    days = "start_date=2026-08-17&end_date=2026-08-17"
    page = made.get(f"/share?{days}").text
    later = made.get("/share?start_date=2026-08-18").text

    nothing = (
        "Nothing that this answer rests on has been revised since it was published."
    )
    assert nothing in text(quiet)
    assert "2 releases revised what this answer rests on, the newest first." in text(
        page
    )
    assert rows(page, 1) == [
        ["Release", "Published", "Why", "What"],
        ["4", "27 August 2026, 03:00 UTC", "who made what was judged anew", "1 claim"],
        [
            "3",
            "26 August 2026, 03:00 UTC",
            "the publisher restated its figures",
            "1 number of 17 August 2026",
        ],
    ]
    assert [row[0] for row in rows(later, 1)] == ["Release", "4"]


def test_what_is_not_there_is_not_zero(bundled: TestClient) -> None:
    days = "start_date=2026-08-21&end_date=2026-08-22&interval=day&incomplete=include"
    page = bundled.get(f"/share?origin=CN&{days}").text

    assert rows(page)[1:] == [
        ["22 August 2026", "China", "–", "–", "–", "not there yet"],  # noqa: RUF001
        [
            "21 August 2026",
            "China",
            "51.6%",
            "51.6% to 71.7%",
            "7.2 trillion",
            "provisional",
        ],
    ]
    assert "China, 21 August 2026 (may still be restated)." in text(page)


def test_a_page_without_its_record_is_shown_and_not_kept(client: TestClient) -> None:
    # The small census has no record to ask for revisions.
    page = client.get("/share?origin=CN")

    assert page.status_code == 200
    assert "What has changed cannot be told just now." in text(page.text)
    assert page.headers["cache-control"] == "no-store"


def test_what_is_copied_can_be_used(bundled: TestClient) -> None:
    path = "/share?origin=CN&interval=month&weights=open"
    page, answer = bundled.get(path).text, bundled.get(f"/v1{path}").json()
    meta = answer["meta"]

    assert copied(page, "live") == PUBLIC + path
    assert copied(page, "pinned") == answer["links"]["permalink"].replace("/v1/", "/")
    assert copied(page, "quote") == meta["quote"]
    assert copied(page, "citation") == meta["citation"]
    assert copied(page, "bibtex") == meta["bibtex"]
    assert copied(page, "api") == answer["links"]["self"]
    assert f'src="{PUBLIC}/embed/share?origin=CN&amp;' in copied(page, "embed")
    pinned = bundled.get(copied(page, "pinned").removeprefix(PUBLIC))
    assert pinned.status_code == 200
    assert rows(pinned.text) == rows(page)
    assert "release" not in copied(pinned.text, "live")


@pytest.mark.parametrize(
    "path",
    [
        "/volume?group_by=provider&window=7d&smooth=7d",
        "/rankings?sort=growth&within_origin=CN&top=3",
        "/share?as_of=2026-10-12&compare=previous&interval=week",
    ],
)
def test_a_permanent_link_shows_the_same(bundled: TestClient, path: str) -> None:
    page = bundled.get(path).text
    pinned = bundled.get(copied(page, "pinned").removeprefix(PUBLIC)).text

    assert "This is release 5, and stays as it is." in text(pinned)
    assert rows(pinned) == rows(page)
    assert copied(pinned, "quote") == copied(page, "quote")
    assert copied(pinned, "pinned") == copied(page, "pinned")


def test_every_link_leads_somewhere(bundled: TestClient) -> None:
    for path in ("/", "/volume?provider=deepseek", "/rankings", "/share?release=5"):
        page = bundled.get(path).text
        for link in set(found(r'(?:href|src|srcset|data-spec)="([^"#]*)', page)):
            local = link.removeprefix(PUBLIC)
            if local.startswith("http") or not local:
                continue
            reply = bundled.get("/" + local.removeprefix("./").removeprefix("/"))
            assert reply.status_code < 400, (path, link)


def test_a_card_shows_the_picture_of_the_answer(bundled: TestClient) -> None:
    page = bundled.get("/share?origin=CN")
    card = dict(
        found(r'<meta (?:property|name)="([^"]*)" content="([^"]*)"', page.text)
    )

    assert card["og:title"] == (
        "Models from China-based labs: share of tokens on OpenRouter"
    )
    assert card["og:image"].startswith(f"{PUBLIC}/v1/share.png?origin=CN&")
    assert card["twitter:card"] == "summary_large_image"
    assert card["description"] == copied(page.text, "quote")
    assert 'type="application/json+oembed"' in page.text
    assert "oembed?url=" in page.headers["link"]


def test_hostile_names_are_text(client: TestClient) -> None:
    page = client.get("/rankings?group_by=provider").text

    assert "<b>=1" not in page
    assert ["1", "–", 'Pan"da, <b>=1', "45.0%", "45.0% to 60.0%", "90", "–"] in rows(  # noqa: RUF001
        page
    )


def test_what_is_asked_is_text(client: TestClient) -> None:
    page = client.get("/share", params={"provider": '"><script>alert(1)</script>'})

    assert page.status_code == 404
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("name", ["datasets.json", "declared.json"])
def test_every_caveat_is_told_in_words(name: str) -> None:
    told = json.loads((REGISTRY / name).read_text())
    datasets: Sequence[Any] = told if isinstance(told, list) else [*told.values()]
    codes = {
        code for each in datasets if isinstance(each, dict) for code in each["caveats"]
    }

    assert codes
    assert codes <= set(explorer_answer.CAVEATS)


@pytest.mark.parametrize(
    "millionths",
    [0, 1, 499, 500, 501, 454_500, 455_500, 585_195, 999_499, 999_999, 10**6],
)
def test_shares_are_written_as_the_sentences_write_them(millionths: int) -> None:
    assert plain.percent(millionths / 10**6) == figures.percent(millionths)


@pytest.mark.parametrize(
    "volume",
    [0, 999_999, 10**6, 999_949_999, 999_950_000, 163_931_668_785_109, 2**62],
)
def test_volumes_are_written_as_the_sentences_write_them(volume: int) -> None:
    assert plain.amount(volume) == figures.amount(volume)
