"""Tokens of applications over a trailing window."""

import json
import time
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError, UpstreamError
from app.sources.openrouter_apps import OpenRouterApps
from app.sources.source import Source
from tests.sources.pages import FakeApps
from tests.sources.upstream import KEY, Fault

NOW = datetime(2026, 5, 12, 3, tzinfo=UTC)
TODAY = Window(date(2026, 5, 12), date(2026, 5, 12))
END = date(2026, 5, 11)
PATH = "/api/v1/datasets/app-rankings?limit=100&offset="
META = {
    "as_of": "2026-05-12T02:00:00.000Z",
    "version": "v1",
    "start_date": "2026-04-12",
    "end_date": "2026-05-11",
}
APP = {
    "rank": 1,
    "app_id": 12345,
    "app_name": "Cline",
    "total_tokens": "12345678901",
    "total_requests": 4321,
}
SECOND = APP | {"rank": 2, "app_id": 67890, "app_name": "\n"}
PAGES: list[dict[str, Any]] = [{"data": [APP, SECOND], "meta": META}]


def source(url: str = "http://127.0.0.1:9", seconds: float = 5) -> OpenRouterApps:
    return OpenRouterApps(
        url,
        SecretStr(KEY),
        lambda: NOW,
        timedelta(seconds=seconds),
        timedelta(days=1),
    )


def payload(pages: object) -> Payload:
    body = pages if isinstance(pages, bytes) else json.dumps(pages).encode()
    return Payload(body, "application/json", "https://a.example/", NOW)


def refusal(pages: object) -> str:
    with pytest.raises(SourceError) as caught:
        source().parse(payload(pages))
    return str(caught.value)


def test_it_is_a_source_of_its_own_dataset() -> None:
    ours: Source = source()

    assert (ours.name, ours.dataset) == ("openrouter-apps", "openrouter-apps")
    assert ours.windows(None, TODAY.first) == [TODAY]


def test_a_ranking_is_read_as_of_the_last_day_of_its_window() -> None:
    assert source().parse(payload(PAGES)) == [
        Batch(
            "openrouter-apps",
            Window(END, END),
            datetime(2026, 5, 12, 2, tzinfo=UTC),
            [
                Observation(END, SeriesKind.APP, "app-12345", 12345678901),
                Observation(END, SeriesKind.APP, "app-67890", 12345678901),
            ],
            names={"app-12345": "Cline"},
        )
    ]


@pytest.mark.parametrize(
    ("apps", "seen", "asked"),
    [
        (3, 3, ["0"]),
        (99, 99, ["0"]),
        (100, 100, ["0", "100"]),
        (150, 150, ["0", "100"]),
        (300, 200, ["0", "100"]),
    ],
)
def test_pages_are_asked_for_as_long_as_there_are_any(
    client: httpx2.Client, apps: int, seen: int, asked: list[str]
) -> None:
    tokens = [2**60 - n for n in range(apps)]
    with FakeApps(tokens) as upstream:
        ours = source(upstream.url)

        fetched = ours.fetch(client, TODAY)

        assert upstream.asked == [f"{PATH}{offset}" for offset in asked]
        assert set(upstream.keys) == {f"Bearer {KEY}"}
    (batch,) = ours.parse(fetched)
    assert [o.volume for o in batch.observations] == tokens[:seen]
    assert batch.as_of == datetime(2026, 5, 12, 2, tzinfo=UTC)
    assert batch.names["app-1000"] == "App 0"


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SILENCE, Fault.PAGE, Fault.CUT])
@pytest.mark.usefixtures("hurried")
def test_an_upstream_that_fails_publishes_nothing(
    client: httpx2.Client, fault: Fault
) -> None:
    with FakeApps([5, 4]) as upstream:
        upstream.fail(fault)
        ours = source(upstream.url, 0.5)

        with pytest.raises((UpstreamError, SourceError)):
            ours.parse(ours.fetch(client, TODAY))


def test_pages_share_one_deadline(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeApps([1] * 150) as upstream:
        whole = upstream.answer

        def _slow(path: str, key: str | None) -> tuple[int, bytes]:
            time.sleep(0.8)
            return whole(path, key)

        monkeypatch.setattr(upstream, "answer", _slow)
        upstream.quota = 1
        upstream.retry_after = "1"  # fits into 2.5 s, and not into what is left

        with pytest.raises(UpstreamError, match="it asks to wait 1 s"):
            source(upstream.url, 2.5).fetch(client, TODAY)


def test_pages_of_different_days_are_rejected() -> None:
    second = {"data": [], "meta": META | {"end_date": "2026-05-10"}}

    assert refusal([*PAGES, second]).startswith(
        "openrouter-apps: page 2: tells of other days than the first"
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"rank": 3}, "app 2: has rank 3"),
        ({"app_id": 12345}, "app 2: app-12345 occurs twice"),
        ({"app_id": -1}, "0.data.1.app_id: should be greater than or equal to 0"),
        ({"app_id": "67890"}, "0.data.1.app_id: should be a valid integer"),
        ({"total_tokens": 5}, "0.data.1.total_tokens: 5 is not a whole number"),
        ({"total_tokens": "-5"}, "0.data.1.total_tokens: '-5' is not a whole number"),
        ({"total_requests": "1"}, "0.data.1.total_requests: should be a valid integer"),
        ({"app_name": 5}, "0.data.1.app_name: should be a valid string"),
    ],
)
def test_an_app_that_cannot_be_is_rejected(changed: dict[str, Any], why: str) -> None:
    pages = deepcopy(PAGES)
    pages[0]["data"][1].update(changed)

    assert refusal(pages).startswith(f"openrouter-apps: {why}")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": "v2"}, "0.meta.version: should be 'v1'"),
        ({"end_date": "2026-05-13"}, "as_of: 2026-05-12T02:00:00Z is before the last"),
        ({"as_of": "2026-05-12T04:00:00Z"}, "as_of: 2026-05-12T04:00:00Z is later"),
        ({"start_date": None}, "0.meta.start_date: None is not a day"),
    ],
)
def test_an_answer_that_cannot_be_is_rejected(
    changed: dict[str, Any], why: str
) -> None:
    pages = [PAGES[0] | {"meta": META | changed}]

    assert refusal(pages).startswith(f"openrouter-apps: {why}")


@pytest.mark.parametrize(
    "pages",
    [
        b"",
        [],
        {},
        [{}],
        [PAGES[0] | {"data": []}],
        b" " * 500_001,
        b"," * 10_001,
    ],
)
def test_what_is_no_ranking_is_rejected(pages: object) -> None:
    assert refusal(pages).endswith("Nothing of this answer is used.")
