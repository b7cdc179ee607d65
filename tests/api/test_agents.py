"""Agents: the official client of their protocol, against a server on this machine."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Literal, TypeVar

import pytest
from mcp.client import Client
from mcp_types import CallToolResult, TextContent, Tool
from starlette.testclient import TestClient

from app.main import create_app
from app.services.snapshots import Snapshots
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import NOW, Published
from tests.web.conftest import serving

Mode = Literal["auto", "legacy"]

_T = TypeVar("_T")

# The protocol with and without its handshake.
each_mode = pytest.mark.parametrize("mode", ["auto", "legacy"])


@pytest.fixture(scope="module")
def url(bundled_snapshots: Snapshots) -> Iterator[str]:
    """URL of the bundled census."""
    with serving(bundled_snapshots) as url:
        yield url


def asked(url: str, ask: Callable[[Client], Awaitable[_T]], mode: Mode = "auto") -> _T:
    async def run() -> _T:
        async with Client(f"{url}/mcp", mode=mode) as client:
            return await ask(client)

    return asyncio.run(run())


def called(
    url: str, tool: str, arguments: dict[str, Any], mode: Mode = "auto"
) -> CallToolResult:
    return asked(url, lambda client: client.call_tool(tool, arguments), mode)


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def found(url: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = called(url, tool, arguments)
    assert not result.is_error, text(result)
    assert isinstance(result.structured_content, dict)
    assert json.loads(text(result)) == result.structured_content
    return result.structured_content


def advice(url: str, tool: str, arguments: dict[str, Any]) -> str:
    result = called(url, tool, arguments)
    assert result.is_error
    assert result.structured_content is None
    return text(result)


@each_mode
@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("share", {"origin": "CN"}, "/v1/share?origin=CN"),
        (
            "share",
            {"origin": ["CN", "US"], "within_weights": "open", "interval": "month"},
            "/v1/share?origin=CN,US&within_weights=open&interval=month",
        ),
        (
            "volume",
            {"group_by": "weights", "interval": "week", "release": 5},
            "/v1/volume?group_by=weights&interval=week&release=5",
        ),
        (
            "rankings",
            {"top": 3, "sort": "growth", "origin": None},
            "/v1/rankings?top=3&sort=growth",
        ),
        (
            "find_model",
            {"q": "gpt-oss"},
            "/v1/models?limit=10&sort=-volume_28d&q=gpt-oss",
        ),
    ],
)
def test_a_tool_finds_what_the_api_answers(
    url: str,
    bundled: TestClient,
    tool: str,
    arguments: dict[str, Any],
    path: str,
    mode: Mode,
) -> None:
    answer = bundled.get(path).json()
    result = called(url, tool, arguments, mode)

    assert not result.is_error, text(result)
    told = json.loads(text(result))
    assert told == result.structured_content
    assert told["data"] == answer["data"]
    assert told["data"]
    assert (told["quote"], told["citation"]) == (
        answer["meta"]["quote"],
        answer["meta"]["citation"],
    )
    assert told["permalink"] == answer["links"]["permalink"].replace(PUBLIC, url)


def test_a_quote_comes_without_rows(url: str, bundled: TestClient) -> None:
    arguments = {"origin": "CN", "start_date": "2026-04", "end_date": "2026-04"}
    answer = bundled.get("/v1/share?origin=CN&start_date=2026-04&end_date=2026-04")
    meta, links = answer.json()["meta"], answer.json()["links"]

    assert found(url, "quote", {"question": "share", "arguments": arguments}) == {
        "quote": meta["quote"],
        "citation": meta["citation"],
        "permalink": links["permalink"].replace(PUBLIC, url),
        "unit": "tokens",
        "dataset": "openrouter-tokens",
        "release": 5,
        "data_through": "2026-08-21",
        "freshness": "stale",
        "numerator": "origin=CN",
        "base": "all tokens",
        "caveats": meta["caveats"],
        "warnings": meta["warnings"],
    }


def test_coverage_says_how_every_dataset_stands(url: str, bundled: TestClient) -> None:
    every = bundled.get("/v1/datasets").json()["data"]
    status = bundled.get("/v1/status").json()["data"]["datasets"]
    names = "freshness", "next_update_expected", "gaps", "attribution_coverage"
    standing = [{name: one[name] for name in names} for one in status]
    expected = [row | one for row, one in zip(every, standing, strict=True)]
    one = bundled.get("/v1/datasets/openrouter-tokens").json()["data"]

    all_of_them = found(url, "coverage", {})["data"]
    alone = found(url, "coverage", {"dataset": "openrouter-tokens"})["data"]

    assert all_of_them == expected
    assert alone == [one | standing[1]]


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        (
            "share",
            {"orgin": "CN"},
            (
                "Bad parameter. orgin: no such parameter here. Did you mean origin? "
                "Parameters are never ignored. "
                'These arguments work: {"origin": "CN"}'
            ),
        ),
        (
            "share",
            {"origin": "china"},
            (
                "Bad value. origin: 'china' is not the ISO 3166-1 alpha-2 code of a "
                "country (as CN), nor unknown; see /v1/origins. "
                'These arguments work: {"origin": "CN"}'
            ),
        ),
        (
            "rankings",
            {"top": True},
            (
                "Bad value. top: is not a whole number from 1 to 100. "
                "These arguments work: {}"
            ),
        ),
        (
            "volume",
            {"group_by": "model", "window": "all"},
            (
                "This has 3190 rows, more than the 200 of one result. Ask for a "
                "coarser interval, a shorter window or a smaller top, or read all of "
                "them from {url}/v1/volume.csv?group_by=model&window=all"
            ),
        ),
        (
            "coverage",
            {"dataset": "openrouter-tokens/evidence"},
            (
                "dataset: 'openrouter-tokens/evidence' is not one of "
                "ai-tools-directory, openrouter-tokens."
            ),
        ),
        (
            "coverage",
            {"dataset": ["openrouter-tokens"]},
            (
                "dataset: ['openrouter-tokens'] is not one of ai-tools-directory, "
                "openrouter-tokens."
            ),
        ),
        (
            "coverage",
            {"origin": "CN"},
            "origin: no such argument; this takes dataset.",
        ),
        (
            "quote",
            {"question": "shares"},
            "question: 'shares' is not one of share, volume, rankings.",
        ),
        (
            "quote",
            {"origin": "CN"},
            "origin: no such argument; this takes question and arguments.",
        ),
        (
            "quote",
            {"arguments": "origin=CN"},
            'arguments is an object, such as {"origin": "CN"}.',
        ),
    ],
)
def test_a_tool_that_fails_says_what_to_do(
    url: str, tool: str, arguments: dict[str, Any], told: str
) -> None:
    assert advice(url, tool, arguments) == told.replace("{url}", url)


@each_mode
def test_tools_are_described_and_only_read(url: str, mode: Mode) -> None:
    listed = asked(url, lambda client: client.list_tools(), mode).tools

    assert [tool.name for tool in listed] == [
        "share",
        "volume",
        "rankings",
        "find_model",
        "coverage",
        "quote",
    ]
    assert all(map(_described, listed))
    # Every agent that connects reads all of it.
    assert sum(len(tool.model_dump_json(exclude_none=True)) for tool in listed) < 24_000


def _described(tool: Tool) -> bool:
    hints = tool.annotations
    return bool(
        tool.description
        and tool.input_schema["additionalProperties"] is False
        and all(
            field["description"] for field in tool.input_schema["properties"].values()
        )
        and hints
        and hints.read_only_hint
    )


def test_the_parameters_of_a_question_are_those_of_the_api(
    url: str, bundled: TestClient
) -> None:
    def taken(name: str) -> set[str]:
        (tool,) = (tool for tool in listed if tool.name == name)
        return {*tool.input_schema["properties"], "shape"}

    def known(name: str) -> set[str]:
        unknown = bundled.get(f"/v1/{name}?nothing=of-this").json()
        return set(unknown["errors"][0]["allowed"])

    listed = asked(url, lambda client: client.list_tools()).tools

    assert taken("share") == known("share")
    assert taken("volume") == known("volume")
    assert taken("rankings") == known("rankings")


def test_many_agents_are_answered_at_once(url: str) -> None:
    async def ask(client: Client) -> list[CallToolResult]:
        origins = ["CN", "US", "FR"] * 5
        calls = (client.call_tool("share", {"origin": origin}) for origin in origins)
        return list(await asyncio.gather(*calls))

    told = [json.loads(text(result))["numerator"] for result in asked(url, ask)]

    assert told == ["origin=CN", "origin=US", "origin=FR"] * 5


_CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "quote", "arguments": {}},
}


def test_the_front_is_outermost_for_agents_too(client: TestClient) -> None:
    reply = client.post("/mcp", json=_CALL)

    assert reply.status_code == 200
    assert reply.json()["result"]["structuredContent"]["quote"]
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-request-id"]
    assert "mcp-session-id" not in reply.headers


def test_a_bug_is_logged_and_not_told(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object) -> None:
        raise LookupError("where secrets are")

    monkeypatch.setattr("app.api.views.asked_inside", fail)
    result = client.post("/mcp", json=_CALL).json()["result"]

    assert result["isError"] is True
    assert "secrets" not in str(result)
    assert "secrets" in caplog.text


def test_without_a_release_an_agent_is_told_to_come_again() -> None:
    front = create_app(settings(), Published(), now=Clock(NOW))
    result = TestClient(front).post("/mcp", json=_CALL).json()["result"]
    front.state.door.drawing.close()

    assert result["isError"] is True
    assert result["content"][0]["text"] == (
        "Unavailable for now. No release has been loaded yet; try again shortly."
    )


@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("GET", None, 405, "method-not-allowed"),
        ("DELETE", None, 405, "method-not-allowed"),
        ("POST", b" " * 64_001, 413, "too-large"),
    ],
)
def test_what_the_door_does_not_take_is_a_problem(
    client: TestClient, method: str, body: bytes | None, status: int, code: str
) -> None:
    reply = client.request(method, "/mcp", content=body)

    assert reply.status_code == status
    assert reply.json()["type"] == f"{PUBLIC}/problems/{code}"


def test_what_is_no_message_is_an_error_of_the_protocol(client: TestClient) -> None:
    reply = client.post("/mcp", content=b"{")

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == -32700


def test_a_browser_may_send_what_agents_send(client: TestClient) -> None:
    reply = client.options("/mcp")

    assert reply.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert reply.headers["access-control-allow-headers"] == "*"


def test_no_stream_is_opened_for_one_who_would_listen(client: TestClient) -> None:
    listen = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen"}
    headers = {
        "mcp-protocol-version": "2026-07-28",
        "accept": "application/json, text/event-stream",
    }

    assert client.post("/mcp", json=listen, headers=headers).status_code == 406


def test_a_start_does_not_load_what_speaks_to_agents() -> None:
    code = "import sys, app.main; print(*sorted({'fastmcp', 'mcp'} & set(sys.modules)))"
    loaded = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "\n"
