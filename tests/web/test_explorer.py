"""The explorer as it is sent: answers in words, numbers and problems."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.domain import caveats
from tests.web.reading import found, rows, text

REGISTRY = Path(caveats.__file__).parents[1] / "registry"


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


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/volume?group_by=none", "100 tokens All tokens, 18 August 2026. "),
        (
            "/share?weights=open,closed&group_by=none&window=all",
            "85.0% Weights closed or open, 17 to 18 August 2026. Between 85.0% ",
        ),
        (
            "/volume?origin=US",
            "20 tokens United States, 18 August 2026. Between 20 and 40, because ",
        ),
        (
            "/share?group_by=model&window=1d",
            "60.0% panda/two:free, 18 August 2026. Nothing that could not be ",
        ),
    ],
)
def test_the_first_number_says_how_sure_it_is(
    client: TestClient, path: str, said: str
) -> None:
    assert said in text(client.get(path).text)


def test_it_says_how_it_is_known(bundled: TestClient) -> None:
    said = text(
        bundled.get("/share?origin=CN&start_date=2026-04&end_date=2026-04").text
    )

    for told in (
        "Counted country CN, of all tokens",
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
    assert codes <= set(caveats.CAVEATS)


def test_months_in_the_wrong_order_are_swapped_whole(bundled: TestClient) -> None:
    page = bundled.get("/share?start_date=2026-06&end_date=2026-05")

    assert page.status_code == 422
    assert found(r'<a class="button primary" href="([^"]+)"', page.text) == [
        "./share?start_date=2026-05-01&end_date=2026-06-30"
    ]
