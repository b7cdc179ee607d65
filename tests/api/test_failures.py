"""Every failure is a problem, and what it offers works."""

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import FIRST, NOW, SECOND, Published

# Asked for, status, and what is offered instead.
MENDED = [
    # Unknown and repeated parameters, and those that exclude each other.
    ("/v1/share?orign=CN", 400, "/v1/share?origin=CN"),
    ("/v1/share?orign=cn", 400, "/v1/share?origin=CN"),
    ("/v1/share?nonsense=1&origin=CN", 400, "/v1/share?origin=CN"),
    ("/v1/share?origin=CN&origin=US", 400, "/v1/share?origin=CN,US"),
    ("/v1/share?top=3&top=4", 400, "/v1/share?top=3"),
    (
        "/v1/share?window=1d&start_date=2026-08-17",
        400,
        "/v1/share?start_date=2026-08-17",
    ),
    ("/v1/share?window=1d&end_date=2026-08-18", 400, "/v1/share?end_date=2026-08-18"),
    ("/v1/share?release=1&as_of=2026-10-02", 400, "/v1/share?release=1"),
    ("/v1/rankings?interval=day", 400, "/v1/rankings"),
    ("/v1/volume?within_origin=CN", 400, "/v1/volume?origin=CN"),
    ("/v1/share?sort=volume", 400, "/v1/share"),
    ("/v1/status?release=1", 400, "/v1/status"),
    (
        "/v1/revisions/share.csv?release=2&shape=wide",
        400,
        "/v1/revisions/share.csv?release=2",
    ),
    ("/v1/status?as_of=2026-10-02", 400, "/v1/status"),
    ("/v1/share?category=code", 400, "/v1/share"),
    ("/v1/share?shape=wide", 400, "/v1/share"),
    ("/v1/share?smooth=7d&interval=week", 400, "/v1/share?smooth=7d&interval=day"),
    # Values that cannot be.
    ("/v1/share?origin=XX", 422, "/v1/share"),
    ("/v1/share?origin=cn", 422, "/v1/share?origin=CN"),
    ("/v1/share?origin=-cn,-US", 422, "/v1/share?origin=-CN,-US"),
    ("/v1/share?origin=China", 422, "/v1/share?origin=CN"),
    ("/v1/share?origin=Unknown", 422, "/v1/share?origin=unknown"),
    ("/v1/share?origin=CN,-US", 422, "/v1/share?origin=CN"),
    ("/v1/share?origin=CN,,US", 422, "/v1/share?origin=CN,US"),
    ("/v1/share?origin=", 422, "/v1/share"),
    ("/v1/share?weights=opne", 422, "/v1/share?weights=open"),
    ("/v1/share?start_date=2026-02-30", 422, "/v1/share?start_date=2026-02"),
    ("/v1/share?start_date=17.08.2026", 422, "/v1/share"),
    ("/v1/share?start_date=1755388800", 422, "/v1/share"),
    ("/v1/share?start_date=0001-01-01", 422, "/v1/share"),
    ("/v1/share?end_date=9999-12-31", 422, "/v1/share"),
    (
        "/v1/share?group_by=origin&group_by=weights",
        400,
        "/v1/share?group_by=origin,weights",
    ),
    (
        "/v1/share?start_date=2026-08-18&end_date=2026-08-17",
        422,
        "/v1/share?start_date=2026-08-17&end_date=2026-08-18",
    ),
    ("/v1/share?origin=UK", 422, "/v1/share?origin=GB"),
    ("/v1/share?origin=-usa", 422, "/v1/share?origin=-US"),
    ("/v1/share?origin=EU", 422, "/v1/share"),
    ("/v1/share?window=-3d", 422, "/v1/share?window=3d"),
    ("/v1/share?window=0d", 422, "/v1/share"),
    ("/v1/share?interval=hour", 422, "/v1/share?interval=day"),
    ("/v1/share?interval=weekly", 422, "/v1/share?interval=week"),
    ("/v1/share?group_by=orign,weights", 422, "/v1/share?group_by=origin,weights"),
    ("/v1/share?group_by=origin,none", 422, "/v1/share"),
    (
        "/v1/share?group_by=origin,weights,lab",
        422,
        "/v1/share?group_by=origin,weights",
    ),
    ("/v1/share?group_by=origin,origin", 422, "/v1/share?group_by=origin"),
    ("/v1/share?top=101", 422, "/v1/share?top=100"),
    ("/v1/share?top=0", 422, "/v1/share"),
    ("/v1/share?top=%D9%A3", 422, "/v1/share"),
    ("/v1/share?compare=before", 422, "/v1/share"),
    ("/v1/share?smooth=8d&interval=day", 422, "/v1/share?smooth=28d&interval=day"),
    ("/v1/share?incomplete=included", 422, "/v1/share?incomplete=include"),
    ("/v1/rankings?sort=growing", 422, "/v1/rankings?sort=growth"),
    ("/v1/volume?updated_since=2026-10-02", 422, "/v1/volume"),
    (
        "/v1/volume?updated_since=2026-10-02T00:00:00",
        422,
        "/v1/volume?updated_since=2026-10-02T00:00:00Z",
    ),
    ("/v1/share?release=-1", 422, "/v1/share"),
    ("/v1/models?limit=1001", 422, "/v1/models?limit=1000"),
    ("/v1/models?sort=slog", 422, "/v1/models?sort=slug"),
    ("/v1/models?cursor=NS4xLjEw", 422, "/v1/models"),
    ("/v1/models?q=a%00b", 422, "/v1/models"),
    ("/v1/releases/two", 422, "/v1/releases"),
    # Outside the data.
    ("/v1/share?as_of=1999-01-01", 422, "/v1/share?as_of=2026-10-02T00:00:00Z"),
    ("/v1/share?as_of=2027-01-01", 422, "/v1/share?as_of=2026-10-03T00:00:00Z"),
    ("/v1/share?as_of=0001-01-01", 422, "/v1/share?as_of=2026-10-02T00:00:00Z"),
    (
        "/v1/share?end_date=2020",
        422,
        "/v1/share?end_date=2026-08-18&start_date=2026-08-17",
    ),
    # Names that there are not.
    ("/v1/providers/nobody", 404, "/v1/providers"),
    ("/v1/providers/pandas", 404, "/v1/providers/panda"),
    ("/v1/providers/pandas.json?release=1", 404, "/v1/providers/panda?release=1"),
    ("/v1/models/panda/too:free", 404, "/v1/models/panda/two:free"),
    ("/v1/datasets/openrouter-token", 404, "/v1/datasets/openrouter-tokens"),
    ("/v1/releases/9", 404, "/v1/releases/2"),
    ("/v1/share?release=9", 404, "/v1/share?release=2"),
    ("/v1/share?provider=pandas", 404, "/v1/share?provider=panda"),
    ("/v1/share?dataset=tokens", 404, "/v1/share"),
    ("/v1/share?model=a/b", 404, "/v1/share"),
    # Paths.
    ("/v1/shares", 404, "/v1/share"),
    ("/v1/share/", 404, "/v1/share"),
    ("/v1/share.xml", 404, "/v1/share.xlsx"),
    ("/v1/share.cvs?origin=CN", 404, "/v1/share.csv?origin=CN"),
    ("/V1/Share", 404, "/v1/share"),
    # Several at once.
    (
        "/v1/share?origin=cn&interval=hour&start_date=2026-02-30&topp=3",
        400,
        "/v1/share?origin=CN&interval=day&start_date=2026-02&top=3",
    ),
]


@pytest.fixture(scope="module")
def client() -> TestClient:
    """Ask the small census; no failure changes it."""
    front = create_app(settings(), Published(FIRST, SECOND), now=Clock(NOW))
    return TestClient(front, follow_redirects=False)


@pytest.mark.parametrize(("url", "status", "offered"), MENDED)
def test_what_is_offered_works(
    client: TestClient, url: str, status: int, offered: str
) -> None:
    reply = client.get(url)

    assert reply.status_code == status
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "no-store"
    assert problem["status"] == status
    assert problem["try_url"] == f"{PUBLIC}{offered}"
    assert client.get(offered).status_code == 200
    assert client.get(problem["type"].removeprefix(PUBLIC)).status_code == 200


def test_a_problem_says_what_is_wrong_and_what_to_do(client: TestClient) -> None:
    reply = client.get("/v1/share?weights=opne&window=-3d")

    assert reply.json() == {
        "type": f"{PUBLIC}/problems/bad-value",
        "title": "Bad value",
        "status": 422,
        "detail": "weights: 'opne' is not one of open, closed, unknown; "
        "window: not a window such as 28d, 12w, 6m, 2y or all.",
        "errors": [
            {
                "parameter": "weights",
                "value": "opne",
                "message": "'opne' is not one of open, closed, unknown",
                "allowed": ["open", "closed", "unknown"],
                "did_you_mean": "open",
            },
            {
                "parameter": "window",
                "value": "-3d",
                "message": "not a window such as 28d, 12w, 6m, 2y or all",
                "did_you_mean": "3d",
            },
        ],
        "try_url": f"{PUBLIC}/v1/share?weights=open&window=3d",
    }


def test_a_number_is_not_taken_for_another(client: TestClient) -> None:
    problem = client.get("/v1/releases/22").json()

    assert problem["detail"] == "There is no release '22'. See /v1/releases."
    assert "did_you_mean" not in problem["errors"][0]


def test_a_problem_of_an_unknown_parameter_lists_those_there_are(
    client: TestClient,
) -> None:
    problem = client.get("/v1/status?x=1").json()
    other = client.get("/v1/releases?x=1").json()

    assert problem["errors"] == [{"parameter": "x", "message": "is no parameter here"}]
    assert other["errors"][0]["allowed"] == [
        *("release", "as_of", "q", "sort", "limit", "cursor")
    ]


def test_the_coverage_is_told_to_who_asks_outside_it(client: TestClient) -> None:
    problem = client.get("/v1/share?end_date=2020").json()

    assert "2026-08-17 to 2026-08-18" in problem["detail"]
    assert problem["type"].endswith("/problems/outside-data")


def test_a_cursor_of_another_question_is_refused(client: TestClient) -> None:
    url = client.get("/v1/models?limit=1").json()["links"]["next"]
    cursor = url.rpartition("cursor=")[2]

    assert client.get(f"/v1/models?limit=1&cursor={cursor}").status_code == 200
    assert client.get(f"/v1/models?origin=CN&cursor={cursor}").status_code == 422
    assert client.get(f"/v1/providers?cursor={cursor}").status_code == 422
    assert client.get(f"/v1/models?cursor={cursor}&release=2").status_code == 400
    assert client.get(f"/v1/models?cursor={cursor}&as_of=2026-10-03").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_this_can_only_be_read(client: TestClient, method: str) -> None:
    reply = client.request(method, "/v1/share")

    assert reply.status_code == 405
    assert reply.headers["allow"] == "GET, HEAD, OPTIONS"
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"{PUBLIC}/problems/method-not-allowed"


ODD = [
    "\0",
    "CN\0",
    "CN\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
    "{0}",
    "%s%n",
    "\ud7ff\ufffe",
    "\u0662\u0660\u0662\u0666-\u0660\u0664-\u0660\u0661",
    "1e400",
    "NaN",
    "-" * 50,
    "a" * 7_000,
    ",".join(["CN"] * 1_000),
    ",",
    "-",
    "   ",
]
PARAMETERS = [
    "origin",
    "provider",
    "model",
    "category",
    "weights",
    "within_origin",
    "start_date",
    "end_date",
    "window",
    "interval",
    "incomplete",
    "group_by",
    "top",
    "compare",
    "smooth",
    "shape",
    "dataset",
    "release",
    "as_of",
]


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_odd_values_are_refused_and_never_echoed_raw(
    client: TestClient, parameter: str
) -> None:
    for value in ODD:
        reply = client.get(f"/v1/share?{parameter}={quote(value)}")

        assert reply.status_code in {400, 404, 422}, value
        assert reply.headers["content-type"] == "application/problem+json"
        assert "<" not in reply.text
        assert len(reply.text) < 6_000
        for complaint in reply.json()["errors"]:
            assert len(complaint.get("value", "")) <= 1_200
            assert complaint.get("value", "").isprintable()


@pytest.mark.parametrize("name", ["\0", "a" * 5_000, "<b>", "\u0663", "x" * 101])
def test_odd_names_of_parameters_are_refused(client: TestClient, name: str) -> None:
    reply = client.get(f"/v1/share?{quote(name)}=1")

    assert reply.status_code == 400
    assert "<" not in reply.text
    assert len(reply.json()["errors"][0]["parameter"]) <= 400
    assert client.get(reply.json()["try_url"].removeprefix(PUBLIC)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/%00/x",
        "/v1/models/a/%3Cb%3E",
        "/v1/providers/%F0%9F%92%A9",
        f"/v1/providers/{'a' * 5_000}",
        "/v1/share.%00",
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_odd_paths_are_not_found(client: TestClient, path: str) -> None:
    reply = client.get(path)

    assert reply.status_code == 404
    assert "<" not in reply.text
    assert len(reply.text) < 2_000


def test_a_flood_of_unknown_parameters_gets_a_short_reply(client: TestClient) -> None:
    query = "&".join(f"p{n}=1" for n in range(500))

    reply = client.get(f"/v1/share?{query}")

    assert reply.status_code == 400
    assert len(reply.json()["errors"]) == 20


def test_a_url_longer_than_any_question_is_refused(client: TestClient) -> None:
    reply = client.get(f"/v1/share?origin={'CN,' * 3_500}CN")

    assert reply.status_code == 414
    assert reply.json()["type"] == f"{PUBLIC}/problems/url-too-long"
    assert client.get("/problems/url-too-long").status_code == 200


def test_nothing_loaded_yet_is_no_failure_of_the_caller() -> None:
    # A process that has just started, with its database away.
    client = TestClient(create_app(settings(), Published(), now=Clock(NOW)))

    for path in ("/v1/share", "/v1/models", "/v1/status", "/readyz"):
        reply = client.get(path)
        assert reply.status_code == 503
        assert reply.headers["retry-after"] == "5"
        assert reply.json()["type"] == f"{PUBLIC}/problems/unavailable"
    assert client.get("/livez").status_code == 200
    assert client.get("/docs/api").status_code == 200
    assert json.loads(client.get("/openapi.json").text)["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    "asked",
    [
        "/v1/share?dataset=later&origin=CN&release=1",
        "/v1/rankings.csv?release=1&dataset=later",
        "/v1/volume?dataset=later&as_of=2026-10-02",
    ],
)
def test_a_release_before_a_dataset_says_when_that_begins(asked: str) -> None:
    slug, view = next(iter(SECOND.datasets.items()))
    later = replace(view, dataset=replace(view.dataset, slug="later", since=2))
    second = replace(SECOND, datasets={slug: view, "later": later})
    front = create_app(settings(), Published(FIRST, second), now=Clock(NOW))
    client = TestClient(front)

    reply = client.get(asked)
    problem = reply.json()

    assert (reply.status_code, problem["type"].rpartition("/")[2]) == (404, "not-yet")
    assert problem["detail"] == (
        "Release 1 does not know later yet, which begins with release 2: ask a later "
        "release, or none."
    )
    assert "release" not in problem["try_url"]
    assert client.get(problem["try_url"]).status_code == 200


def test_a_dataset_that_no_release_knows_is_unknown(client: TestClient) -> None:
    problem = client.get("/v1/share?dataset=nothing&release=1").json()

    assert problem["type"].rpartition("/")[2] == "unknown"
