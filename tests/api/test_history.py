"""Numbers that can be quoted: what changed since, why, and what they rest on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store.database import Database
from tests.api.recorded import EVIDENCE, Record, record
from tests.services.published import MONDAY, TUESDAY, WEDNESDAY

DAYS = "start_date=2026-08-17&end_date=2026-08-18"
EVIDENCES = "/v1/datasets/openrouter-tokens/evidence"
RESTATED: dict[str, Any] = {
    "release": 3,
    "published_at": "2026-08-26T03:00:00Z",
    "kind": "restatement",
    "dataset": "openrouter-tokens",
    "period_start": "2026-08-17",
    "period_end": "2026-08-17",
    "subject_kind": "model",
    "subject": "acme/one",
    "attribute": "volume",
    "old_value": "60",
    "new_value": "80",
    "change": 20,
    "growth": 0.333333,
    "reason": "Tokens: 1 day restated (2026-08-17).",
}
MOVED: dict[str, Any] = {
    "release": 4,
    "published_at": "2026-08-27T03:00:00Z",
    "kind": "attribution",
    "dataset": None,
    "period_start": None,
    "period_end": None,
    "subject_kind": "provider",
    "subject": "acme",
    "attribute": "origin",
    "old_value": "US",
    "new_value": "FR",
    "change": None,
    "growth": None,
    "reason": "Acme moved.",
}


@pytest.fixture(scope="module")
def restated(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Record]:
    """The small record after a restated day, 3, and an edit, 4; only to be asked."""
    path = tmp_path_factory.mktemp("history") / "census.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    made = record(database)
    made.restate()
    yield made
    database.close()


# What has changed since


PINNED = [
    f"/v1/share?origin=US&{DAYS}",
    f"/v1/share.csv?group_by=provider&{DAYS}",
    f"/v1/volume?group_by=origin&{DAYS}",
    f"/v1/rankings?{DAYS}",
    "/v1/providers/acme?",
    "/v1/providers?",
    "/v1/models/acme/one?",
    "/v1/origins?",
    "/v1/datasets?",
    "/v1/releases?",
    "/v1/revisions?",
    "/v1/annotations?",
    f"{EVIDENCES}?",
]


def test_a_pinned_answer_stays_to_the_byte(database: Database) -> None:
    asked = record(database)
    urls = [f"{url}&release=2".replace("?&", "?") for url in PINNED]
    live = asked.get(f"/v1/share?group_by=origin&{DAYS}").content
    before = {url: asked.get(url) for url in urls}
    assert {reply.status_code for reply in before.values()} == {200}

    asked.restate()

    assert asked.get(f"/v1/share?group_by=origin&{DAYS}").content != live
    for url in urls:
        after = asked.get(url)
        assert after.content == before[url].content
        assert after.headers["etag"] == before[url].headers["etag"]
        assert after.headers["cache-control"].endswith("immutable")
    # A copy of a record that was never asked before says the same.
    asked.client.app.kept.clear()  # type: ignore[attr-defined]
    assert asked.get(urls[0]).content == before[urls[0]].content


def test_a_pinned_share_leads_to_what_has_changed_since(restated: Record) -> None:
    pinned = restated.get(f"/v1/share?origin=US&{DAYS}&release=2").json()

    reply = restated.get(pinned["links"]["revisions"])

    assert reply.status_code == 200
    assert reply.json()["data"] == [
        {
            "period_start": "2026-08-17",
            "period_end": "2026-08-18",
            "origin": "US",
            "origin_name": "United States",
            "share_then": 0.4,
            "share_now": 0.0,
            "share_low_then": 0.4,
            "share_low_now": 0.0,
            "share_high_then": 1.0,
            "share_high_now": 0.545455,
            "volume_then": 80,
            "volume_now": 0,
            "total_then": 200,
            "total_now": 220,
            "change": -0.4,
            "growth": -1.0,
        }
    ]
    meta = reply.json()["meta"]
    assert (meta["release_then"], meta["release"]) == (2, 4)
    assert [one["release"] for one in meta["because"]] == [3, 4]
    assert meta["quote"] == (
        "1 row of this answer has changed since release 2 (now release 4)."
    )


def test_a_pinned_volume_leads_to_the_day_that_was_restated(restated: Record) -> None:
    url = f"/v1/volume?group_by=model&interval=day&{DAYS}&release=2"
    link = restated.get(url).json()["links"]["revisions"]

    (row,) = restated.rows(link)

    assert (row["period_start"], row["model"]) == ("2026-08-17", "acme/one")
    assert (row["volume_then"], row["volume_now"], row["change"]) == (60, 80, 20)


def test_a_pinned_ranking_leads_to_the_ranks_of_now(restated: Record) -> None:
    link = restated.get(f"/v1/rankings?{DAYS}&release=2").json()["links"]["revisions"]

    ranks = {r["base"]: (r["rank_then"], r["rank_now"]) for r in restated.rows(link)}

    # 80 against 90, and then 100 against 90.
    assert ranks == {
        "acme/one": (2, 1),
        "bolt/two": (1, 2),
        "other": (None, None),
    }


def test_what_has_not_changed_says_so(restated: Record) -> None:
    url = "/v1/share?variant=free&start_date=2026-08-18&end_date=2026-08-19&release=2"
    reply = restated.get(restated.get(url).json()["links"]["revisions"])

    assert reply.json()["data"] == []
    assert reply.json()["meta"]["quote"] == (
        "Nothing in this answer has changed since release 2 (now release 4)."
    )


def test_what_has_changed_is_never_kept_for_ever(restated: Record) -> None:
    reply = restated.get(f"/v1/revisions/share?origin=US&{DAYS}&release=2")

    assert "immutable" not in reply.headers["cache-control"]
    assert "permalink" not in reply.json()["links"]


def test_since_when_must_be_said(restated: Record) -> None:
    reply = restated.get("/v1/revisions/share?origin=US")

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["parameter"] == "release"
    assert restated.get(reply.json()["try_url"]).status_code == 200


# Revisions


def test_revisions_are_told_whole_the_newest_first(restated: Record) -> None:
    assert restated.rows("/v1/revisions") == [MOVED, RESTATED]


@pytest.mark.parametrize(
    ("query", "releases"),
    [
        ("kind=restatement", [3]),
        ("kind=attribution", [4]),
        ("kind=attribution,restatement", [4, 3]),
        ("kind=correction", []),
        ("kind=method", []),
        ("since=2026-08-27", [4]),
        ("since=2026-08-26", [4, 3]),
        ("since=2026-08-26T03:00:01Z", [4]),
        ("until=2026-08-26", [3]),
        ("until=2026-08-25", []),
        ("until=2026-08-26T02:59:59Z", []),
        ("since=2026-08-26&until=2026-08-26", [3]),
        ("updated_since=2026-08-26T03:00:00Z", [4]),
        ("updated_since=2026-08-26T02:59:59Z", [4, 3]),
        ("updated_since=2026-08-27T03:00:00Z", []),
        ("dataset=openrouter-tokens", [3]),
        ("release=3", [3]),
        ("release=2", []),
        ("limit=1", [4]),
    ],
)
def test_revisions_are_chosen(
    restated: Record, query: str, releases: list[int]
) -> None:
    rows = restated.rows(f"/v1/revisions?{query}")

    assert [row["release"] for row in rows] == releases


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kind=whim", 422),
        ("dataset=nowhere", 404),
        ("since=yesterdayish", 422),
        ("updated_since=2026-13-01T00:00:00Z", 422),
        ("release=9", 404),
        ("why=restatement", 400),
    ],
)
def test_revisions_that_cannot_be_are_refused(
    restated: Record, query: str, status: int
) -> None:
    reply = restated.get(f"/v1/revisions?{query}")

    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_revisions_are_a_table_too(restated: Record) -> None:
    assert restated.get("/v1/revisions.csv").text.split("\r\n") == [
        (
            "release,published_at,kind,dataset,period_start,period_end,subject_kind,"
            "subject,attribute,old_value,new_value,change,growth,reason"
        ),
        (
            "4,2026-08-27T03:00:00Z,attribution,,,,provider,acme,origin,US,FR,,,"
            "Acme moved."
        ),
        (
            "3,2026-08-26T03:00:00Z,restatement,openrouter-tokens,2026-08-17,2026-08-17,"
            "model,acme/one,volume,60,80,20,0.333333,"
            "Tokens: 1 day restated (2026-08-17)."
        ),
        "",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "/v1/revisions?since=2026-08-26&until=2026-08-26",
        "/v1/revisions?updated_since=2026-08-26T03:00:00Z",
        "/v1/revisions?kind=attribution",
        "/v1/revisions?dataset=openrouter-tokens&limit=1",
        f"{EVIDENCES}?{DAYS}",
        f"{EVIDENCES}?start_date=2026-08-18",
        f"/v1/annotations?dataset=openrouter-tokens&{DAYS}",
    ],
)
def test_a_permalink_answers_the_same(restated: Record, url: str) -> None:
    live = restated.get(url).json()

    pinned = restated.get(live["links"]["permalink"])

    assert pinned.headers["cache-control"].endswith("immutable")
    assert pinned.json()["data"] == live["data"]
    assert pinned.json()["links"]["permalink"] == live["links"]["permalink"]


# Evidence


def test_every_day_names_the_bytes_it_was_read_from(restated: Record) -> None:
    rows = restated.rows(EVIDENCES)

    days = [str(day) for day in (MONDAY, TUESDAY, WEDNESDAY)]
    assert [row["period_start"] for row in rows] == days
    assert [row["total"] for row in rows] == [120, 100, 100]
    assert [row["since_release"] for row in rows] == [3, 2, 2]
    assert [row["run"] for row in rows] == [2, 1, 1]
    hashes = [row["payload_sha256"] for row in rows]
    assert hashes[0] != hashes[1] == hashes[2]
    assert {len(digest) for digest in hashes} == {64}
    assert {row["payload_url"] for row in rows} == {"file:test"}


def test_an_answer_leads_to_its_evidence_of_then(restated: Record) -> None:
    link = restated.get(f"/v1/share?origin=US&{DAYS}&release=2").json()["links"]

    assert [row["total"] for row in restated.rows(link["evidence"])] == [100, 100]
    dataset = restated.get(link["dataset"]).json()["data"]
    assert (dataset["slug"], dataset["total"]) == ("openrouter-tokens", 300)


@pytest.mark.parametrize(
    ("query", "totals"),
    [
        ("start_date=2026-08-18", [100, 100]),
        ("end_date=2026-08-17", [120]),
        ("start_date=2026-08-18&end_date=2026-08-18", [100]),
        ("end_date=2026-08-17&release=2", [100]),
        ("limit=1", [120]),
    ],
)
def test_evidence_is_of_the_days_that_are_asked(
    restated: Record, query: str, totals: list[int]
) -> None:
    rows = restated.rows(f"{EVIDENCES}?{query}")

    assert [row["total"] for row in rows] == totals


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{EVIDENCES}?start_date=2020-01-01&end_date=2020-01-31", 422),
        (f"{EVIDENCES}?start_date=2026-08-18&end_date=2026-08-17", 400),
        (f"{EVIDENCES}?release=1&{DAYS}", 422),
        (f"{EVIDENCES}?release=9", 404),
        ("/v1/datasets/nowhere/evidence", 404),
        ("/v1/annotations?dataset=nowhere", 404),
    ],
)
def test_there_is_no_evidence_of_what_is_not(
    restated: Record, url: str, status: int
) -> None:
    assert restated.get(url).status_code == status


# Annotations, releases, the history of a provider


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("dataset=openrouter-tokens", 1),
        ("start_date=2026-08-17&end_date=2026-08-17", 1),
        ("start_date=2026-08-18", 0),
        ("end_date=2026-08-16", 0),
        ("q=note", 1),
        ("q=launch", 0),
    ],
)
def test_annotations_are_chosen(restated: Record, query: str, count: int) -> None:
    rows = restated.rows(f"/v1/annotations?{query}")

    assert [row["text"] for row in rows] == ["A note."] * count


def test_a_release_says_what_it_changed(restated: Record) -> None:
    third = restated.get("/v1/releases/3").json()["data"]
    fourth = restated.get("/v1/releases/4").json()["data"]

    assert third["previous"] == 2
    assert third["changes"]["observations"]["volume_change"] == 20
    assert fourth["previous_digest"] == third["digest"]
    assert fourth["changes"]["claims"] == {"opened": 1, "closed": 1}


def test_a_pinned_list_of_releases_knows_no_later_one(restated: Record) -> None:
    assert [row["id"] for row in restated.rows("/v1/releases")] == [4, 3, 2, 1]
    assert [row["id"] for row in restated.rows("/v1/releases?release=2")] == [2, 1]
    assert restated.get("/v1/releases/3?release=2").status_code == 404


def test_a_provider_tells_what_was_claimed_before(restated: Record) -> None:
    told = restated.get("/v1/providers/acme").json()["data"]
    (now,) = (c for c in told["attributions"] if c["attribute"] == "origin")
    (then,) = told["history"]

    assert (now["value"], now["since_release"], now["evidence"]) == ("FR", 4, EVIDENCE)
    assert (then["value"], then["since_release"], then["until_release"]) == ("US", 1, 4)
    assert restated.get("/v1/providers/acme?release=3").json()["data"]["history"] == []
