"""The client, against a real server; and against one that is busy, or none of ours."""

import ast
import importlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.client import (
    DATES,
    Answer,
    CensusError,
    Client,
    ProblemError,
    UnreachableError,
    Value,
)
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.house.tree import ROOT
from tests.registry.bundled import FOLDER
from tests.services import published
from tests.web.conftest import serving

APRIL: dict[str, Value] = {"start_date": "2026-04", "end_date": "2026-04", "release": 5}
Reply = tuple[int, dict[str, str], bytes]
EMPTY = b'{"data": [], "meta": {}, "links": {}}'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the bundle is served."""
    path = tmp_path_factory.mktemp("client") / "census.db"
    record = Database(f"sqlite:///{path}", create=True)
    prepare(record, FOLDER, published.NOW)
    with serving(Snapshots(record)) as found:
        yield found
    record.close()


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as opened:
        yield opened


class Stub:
    """A server that gives the same replies to whoever asks, one after the other."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[float, str]] = []
        self.url = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.asked.append((time.monotonic(), self.path))
                last = len(stub.replies) == 1
                status, headers, body = stub.replies[0] if last else stub.replies.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (theirs)
                """Say nothing."""

        return Handler


@contextmanager
def stubbed(*replies: Reply) -> Iterator[Stub]:
    stub = Stub(*replies)
    server = ThreadingHTTPServer(("127.0.0.1", 0), stub.handler())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# Answers


def test_rows_are_the_numbers_of_the_answer(client: Client) -> None:
    answer = client.share(origin="CN", **APRIL)

    assert answer.rows == [
        {
            "period_start": "2026-04-01",
            "period_end": "2026-04-30",
            "status": "final",
            "days": 30,
            "days_expected": 30,
            "origin": "CN",
            "origin_name": "China",
            "volume": 44129943053400,
            "total": 97142542677421,
            "share": 0.45428,
            "share_low": 0.45428,
            "share_high": 0.551861,
            "share_attributed": 0.503403,
            "coverage": 0.902419,
        }
    ]
    assert answer.meta["quote"].startswith("Models from China-based labs handled 45.4%")
    assert "release=5" in answer.links["permalink"]


def test_every_kind_of_parameter_is_understood(client: Client) -> None:
    answer = client.volume(
        origin=["CN", "US"],
        group_by=("origin", "weights"),
        start_date=date(2026, 4, 1),
        end_date=date(2026, 4, 2),
        interval="day",
        release=5,
        top=None,
    )
    then = client.rankings(as_of=datetime(2026, 10, 11, 7, tzinfo=UTC), top=3)

    assert answer.meta["query"]["requested"] == {
        "origin": "CN,US",
        "group_by": "origin,weights",
        "start_date": "2026-04-01",
        "end_date": "2026-04-02",
        "interval": "day",
        "release": "5",
    }
    assert {row["period_start"] for row in answer.rows} == {"2026-04-01", "2026-04-02"}
    assert [row["rank"] for row in then.rows][:3] == [1, 2, 3]


def test_lists_are_answers_too(client: Client) -> None:
    found = [client.models(q="gpt-oss-120b"), client.providers(), client.datasets()]
    one = client.get("/v1/models/openai/gpt-oss-120b")

    assert all(answer.rows for answer in found)
    assert one.rows == [one.data]
    assert one.data["slug"] == "openai/gpt-oss-120b"


def test_pages_are_all_there_is_once(client: Client) -> None:
    pages = list(client.pages("/v1/providers", q="ai", limit=7))

    assert len(pages) > 1
    slugs = [row["slug"] for page in pages for row in page.rows]
    assert len(set(slugs)) == len(slugs) == pages[0].meta["count"]
    assert {page.meta["release"] for page in pages} == {5}


def test_content_is_what_is_sent(client: Client) -> None:
    table = client.content("/v1/share.csv", origin="CN", **APRIL)
    figure = client.content("/v1/share.svg", origin="CN", **APRIL)

    assert table.splitlines()[1].startswith(
        b"2026-04-01,2026-04-30,final,30,30,CN,China"
    )
    assert figure.startswith(b"<svg")


# Frames


def test_a_frame_has_days_as_days(client: Client) -> None:
    answer = client.share(origin="CN", interval="day", **APRIL)

    frame = answer.frame()

    assert frame.shape == (30, 14)
    assert str(frame["period_start"].dtype).startswith("datetime64")
    assert frame["period_end"].max() == datetime(2026, 4, 30)  # noqa: DTZ001 (a day)
    assert frame["volume"].sum() == 44129943053400
    assert frame.attrs == {
        "quote": answer.meta["quote"],
        "citation": answer.meta["citation"],
        "permalink": answer.links["permalink"],
    }


def test_a_frame_of_moments_knows_their_zone(client: Client) -> None:
    frame = client.get("/v1/releases").frame()

    assert str(frame["published_at"].dt.tz) == "UTC"


def test_a_frame_of_nothing_is_empty() -> None:
    assert Answer([], {"quote": "Nothing."}, {}).frame().empty


def test_without_pandas_there_are_still_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    answer = Answer([{"share": 0.5}], {}, {})

    with pytest.raises(CensusError, match="Install pandas to have frames"):
        answer.frame()
    assert answer.rows == [{"share": 0.5}]


def test_the_columns_of_days_are_those_of_the_contract() -> None:
    contract = json.loads((ROOT / "openapi" / "openapi.json").read_text())
    dated = {
        name
        for title, schema in contract["components"]["schemas"].items()
        if title.endswith("Row")
        for name, field in schema.get("properties", {}).items()
        for kind in (field, *field.get("anyOf", ()))
        if kind.get("format") in {"date", "date-time"}
    }

    assert dated == DATES


# Failures


def test_a_refusal_says_what_to_do(client: Client) -> None:
    with pytest.raises(ProblemError) as caught:
        client.share(orign="CN")

    error = caught.value
    assert (error.status, error.retry_after) == (400, None)
    assert str(error).startswith("orign: no such parameter here. Did you mean origin?")
    assert error.problem["errors"][0]["did_you_mean"] == "origin"
    assert error.problem["try_url"].endswith("/v1/share?origin=CN")


def test_a_busy_service_is_given_the_time_it_asks_for() -> None:
    busy = (503, {"Retry-After": "1"}, b'{"detail": "Later."}')
    with stubbed(busy, (200, {}, EMPTY)) as stub, Client(stub.url) as client:
        answer = client.share(origin="CN")

    assert answer.rows == []
    (first, path), (second, again) = stub.asked
    assert 1.0 <= second - first < 3
    assert path == again
    assert parse_qs(urlsplit(path).query) == {"origin": ["CN"]}


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_stays_busy_is_asked_so_often(status: int) -> None:
    busy = (status, {"Retry-After": "0"}, b'{"detail": "Later."}')
    with (
        stubbed(busy) as stub,
        Client(stub.url, attempts=3) as client,
        pytest.raises(ProblemError, match="Later") as caught,
    ):
        client.share()

    assert (caught.value.status, caught.value.retry_after) == (status, 0)
    assert len(stub.asked) == 3


def test_a_busy_service_that_says_no_time_is_asked_again() -> None:
    with (
        stubbed((503, {}, b""), (200, {}, EMPTY)) as stub,
        Client(stub.url) as client,
    ):
        client.share()

    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ((503, {"Retry-After": "61"}, b'{"detail": "Tomorrow."}'), "Tomorrow."),
        ((500, {}, b'{"detail": "A fault."}'), "A fault."),
        ((502, {}, b"<h1>Bad gateway</h1>"), "The service answers 502."),
        ((404, {"Retry-After": "soon"}, b"[]"), "The service answers 404."),
        ((301, {"Location": "/v2"}, b""), "The service answers 301."),
    ],
)
def test_what_will_not_pass_is_not_asked_again(reply: Reply, sentence: str) -> None:
    with (
        stubbed(reply) as stub,
        Client(stub.url) as client,
        pytest.raises(ProblemError) as caught,
    ):
        client.share()

    assert str(caught.value) == sentence
    assert len(stub.asked) == 1


@pytest.mark.parametrize("body", [b"<h1>Hello</h1>", b"[]", b"{}", b'"data"'])
def test_what_is_no_census_is_told(body: bytes) -> None:
    with (
        stubbed((200, {}, body)) as stub,
        Client(stub.url) as client,
        pytest.raises(UnreachableError) as caught,
    ):
        client.share(origin="CN")

    assert str(caught.value) == (
        f"{stub.url}/v1/share?origin=CN does not answer as Model Census does."
    )


def test_a_service_below_a_path_is_asked_there() -> None:
    with stubbed((200, {}, EMPTY)) as stub, Client(f"{stub.url}/census/") as client:
        client.share()

    assert [path for _, path in stub.asked] == ["/census/v1/share"]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "nowhere", "http://127.0.0.1:x"]
)
def test_a_service_that_is_not_there_is_told(address: str) -> None:
    def ask() -> Any:
        with Client(address) as client:
            return client.share()

    with pytest.raises(UnreachableError, match="cannot be asked: "):
        ask()


def test_it_stands_alone() -> None:
    tree = ast.parse((ROOT / "app" / "client.py").read_text())
    named = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert not [
        name for name in named if Path(name.replace(".", "/")).parts[0] == "app"
    ]
