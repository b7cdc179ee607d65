"""One question, asked of several datasets: side by side."""

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import PUBLIC

DAYS = "start_date=2026-08-21&end_date=2026-10-10"
BOTH = "datasets=openrouter-tokens,ai-tools-directory"


def test_each_dataset_answers_in_its_own_unit(bundled: TestClient) -> None:
    reply = bundled.get(f"/v1/compare?{BOTH}&of=volume&{DAYS}&release=5")

    assert reply.status_code == 200
    kept = ("dataset", "unit", "status", "days", "volume")
    assert [[row[name] for name in kept] for row in reply.json()["data"]] == [
        ["openrouter-tokens", "tokens", "partial", 1, 13_888_535_266_829],
        ["ai-tools-directory", "tools", "partial", 1, 2_258],
    ]


def test_it_is_what_each_says_when_asked_alone(bundled: TestClient) -> None:
    compared = bundled.get(f"/v1/compare?{BOTH}&of=volume&{DAYS}").json()["data"]

    for row in compared:
        asked = f"dataset={row['dataset']}&group_by=none&interval=total&{DAYS}"
        (alone,) = bundled.get(f"/v1/volume?{asked}").json()["data"]
        assert alone["volume"] == row["volume"]
        assert alone["volume_high"] == row["volume_high"]


def test_datasets_stand_in_the_order_they_are_asked_in(bundled: TestClient) -> None:
    other = "datasets=ai-tools-directory,openrouter-tokens"
    days = "start_date=2026-08-20&end_date=2026-10-10"
    rows = bundled.get(f"/v1/compare?{other}&of=volume&{days}").json()["data"]

    assert [row["unit"] for row in rows] == ["tools", "tokens"]


def test_a_comparison_is_a_table_too(bundled: TestClient) -> None:
    reply = bundled.get(f"/v1/compare.csv?{BOTH}&of=volume&{DAYS}&release=5")

    assert reply.text.split("\r\n") == [
        (
            "dataset,unit,period_start,period_end,status,days,days_expected,volume,"
            "volume_low,volume_high"
        ),
        (
            "openrouter-tokens,tokens,2026-08-21,2026-10-10,partial,1,51,13888535266829,"
            "13888535266829,13888535266829"
        ),
        "ai-tools-directory,tools,2026-08-21,2026-10-10,partial,1,51,2258,2258,2258",
        "",
    ]


def test_a_permalink_compares_the_same(bundled: TestClient) -> None:
    live = bundled.get(f"/v1/compare?{BOTH}&of=volume&{DAYS}").json()
    link = live["links"]["permalink"]

    pinned = bundled.get(link.removeprefix(PUBLIC)).json()

    assert pinned["data"] == live["data"]
    assert pinned["links"]["permalink"] == link


def test_without_dates_each_tells_of_its_own_last_days(bundled: TestClient) -> None:
    reply = bundled.get(f"/v1/compare?{BOTH}&of=volume&release=5")

    assert reply.status_code == 200
    answer = reply.json()
    kept = ("dataset", "period_start", "period_end", "volume")
    rows = [[row[name] for name in kept] for row in answer["data"]]
    for dataset, first, last, volume in rows:
        days = f"start_date={first}&end_date={last}&release=5"
        asked = f"dataset={dataset}&group_by=none&interval=total&{days}"
        (alone,) = bundled.get(f"/v1/volume?{asked}").json()["data"]
        assert alone["volume"] == volume
    assert rows == [
        ["openrouter-tokens", "2026-07-25", "2026-08-21", 280_131_584_439_547],
        ["ai-tools-directory", "2026-10-10", "2026-10-10", 2_258],
    ]
    assert answer["meta"]["warnings"][-1] == (
        "other_days: not every dataset has the same last days, so each tells of its "
        "own: openrouter-tokens from 2026-07-25 to 2026-08-21, ai-tools-directory "
        "from 2026-10-10 to 2026-10-10; give start_date and end_date to ask all of "
        "the same"
    )
    link = answer["links"]["permalink"]
    assert "window=28d" in link
    pinned = bundled.get(link.removeprefix(PUBLIC)).json()
    assert pinned["data"] == answer["data"]
    assert pinned["links"]["permalink"] == link


def test_days_that_one_of_them_has_not_are_refused(bundled: TestClient) -> None:
    days = "start_date=2026-10-10&end_date=2026-10-10"
    reply = bundled.get(f"/v1/compare?{BOTH}&of=volume&{days}")

    assert reply.status_code == 422
    assert bundled.get(reply.json()["try_url"].removeprefix(PUBLIC)).status_code == 200


def test_without_datasets_there_is_a_question_that_works(bundled: TestClient) -> None:
    reply = bundled.get(f"/v1/compare?of=volume&{DAYS}")

    assert reply.status_code == 422
    problem = reply.json()
    assert [error["parameter"] for error in problem["errors"]] == ["datasets"]
    better = bundled.get(problem["try_url"].removeprefix(PUBLIC))
    assert better.status_code == 200
    units = [row["unit"] for row in better.json()["data"]]
    assert units == ["tokens", "tools"]


def test_a_dataset_that_was_meant_is_suggested(bundled: TestClient) -> None:
    query = "datasets=openrouter-tokens,ai-tools-dir&of=volume"
    reply = bundled.get(f"/v1/compare?{query}&{DAYS}")

    assert reply.status_code == 404
    problem = reply.json()
    assert problem["detail"] == (
        "There is no dataset 'ai-tools-dir'. Did you mean ai-tools-directory? "
        "See /v1/datasets."
    )
    (error,) = problem["errors"]
    assert (error["parameter"], error["value"]) == ("datasets", "ai-tools-dir")
    assert error["did_you_mean"] == "ai-tools-directory"
    assert problem["try_url"] == f"{PUBLIC}/v1/compare?{BOTH}&of=volume&{DAYS}"


def test_a_dataset_like_no_other_is_replaced_by_what_works(bundled: TestClient) -> None:
    query = "datasets=openrouter-tokens,nowhere&of=volume"
    problem = bundled.get(f"/v1/compare?{query}&{DAYS}").json()

    assert problem["errors"][0]["parameter"] == "datasets"
    better = bundled.get(problem["try_url"].removeprefix(PUBLIC))
    assert {row["dataset"] for row in better.json()["data"]} == {
        "openrouter-tokens",
        "ai-tools-directory",
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("datasets=openrouter-tokens", 422),
        ("datasets=openrouter-tokens,openrouter-tokens", 422),
        ("datasets=openrouter-tokens,nowhere", 404),
        (f"{BOTH}&of=rank", 422),
        (f"{BOTH}&dataset=openrouter-tokens", 400),
    ],
)
def test_what_cannot_be_compared_is_refused(
    bundled: TestClient, query: str, status: int
) -> None:
    reply = bundled.get(f"/v1/compare?{query}&{DAYS}")

    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
