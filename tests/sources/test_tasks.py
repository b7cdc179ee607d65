"""Shares of tokens by kind of task."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError, UpstreamError
from app.sources.openrouter_tasks import OpenRouterTasks
from app.sources.source import Source
from tests.sources.shelf import Shelf
from tests.sources.upstream import KEY

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)
DAY = date(2026, 6, 17)
PATH = "/api/v1/classifications/task"
TAG = {
    "tag": "code:general_impl",
    "display_name": "Code Generation",
    "macro_category": "code",
    "usage_share": 0.23,
    "token_share": 0.31,
    "models": [{"id": "acme/large-2", "tag_token_share": 0.75}],
}
OTHER = {"tag": "chat", "display_name": "Chat", "token_share": 0.6900004}
DATA = {"window_days": 7, "as_of": "2026-06-17", "classifications": [TAG, OTHER]}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as fake:
        yield fake


def source(url: str = "http://127.0.0.1:9", key: str | None = KEY) -> OpenRouterTasks:
    return OpenRouterTasks(
        url,
        SecretStr(key) if key else None,
        lambda: NOW,
        timedelta(seconds=5),
        timedelta(days=1),
    )


def payload(data: object) -> Payload:
    body = data if isinstance(data, bytes) else json.dumps({"data": data}).encode()
    return Payload(body, "application/json", "https://a.example/", NOW)


def refusal(data: object) -> str:
    with pytest.raises(SourceError) as caught:
        source().parse(payload(data))
    return str(caught.value)


def test_it_is_a_source_of_its_own_dataset() -> None:
    ours: Source = source()

    assert (ours.name, ours.dataset) == ("openrouter-tasks", "openrouter-tasks")
    assert ours.windows(None, DAY) == [Window(DAY, DAY)]
    assert ours.windows(Window(date(2026, 1, 1), DAY), DAY) == [Window(DAY, DAY)]


def test_shares_are_fetched_with_the_key_and_kept_in_millionths(
    client: httpx2.Client, shelf: Shelf
) -> None:
    shelf.bodies[PATH] = payload(DATA).body
    ours = source(shelf.url)

    fetched = ours.fetch(client, Window(DAY, DAY))

    assert (shelf.asked, shelf.keys) == ([f"{PATH}?window=7d"], [f"Bearer {KEY}"])
    assert ours.parse(fetched) == [
        Batch(
            "openrouter-tasks",
            Window(DAY, DAY),
            NOW,
            [
                Observation(DAY, SeriesKind.CATEGORY, "code:general_impl", 310_000),
                Observation(DAY, SeriesKind.CATEGORY, "chat", 690_000),
            ],
            names={"code:general_impl": "Code Generation", "chat": "Chat"},
            sampled=True,
        )
    ]


def test_without_a_key_nothing_is_asked(client: httpx2.Client, shelf: Shelf) -> None:
    with pytest.raises(UpstreamError, match="MODELCENSUS_OPENROUTER_API_KEY is miss"):
        source(shelf.url, None).fetch(client, Window(DAY, DAY))

    assert shelf.asked == []


@given(st.floats(0, 1))
def test_every_share_is_kept_to_the_millionth(share: float) -> None:
    tag = TAG | {"token_share": share}

    (batch,) = source().parse(payload(DATA | {"classifications": [tag]}))

    assert abs(batch.observations[0].volume / 1_000_000 - share) <= 0.5e-6


@pytest.mark.parametrize("share", [-0.001, 1.001, True, "0.3", None, [0.3]])
def test_nothing_else_is_a_share(share: object) -> None:
    why = refusal(DATA | {"classifications": [TAG | {"token_share": share}]})

    assert why.startswith("openrouter-tasks: data.classifications.0.token_share: ")


@pytest.mark.parametrize("share", [b"1e400", b"NaN", b"-Infinity"])
def test_what_is_no_number_is_no_share(share: bytes) -> None:
    with pytest.raises(SourceError):
        source().parse(payload(payload(DATA).body.replace(b"0.31", share)))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"window_days": 30}, "data.window_days: should be 7"),
        ({"as_of": "2026-06-18"}, "as_of: 2026-06-17T12:00:00Z is before the last day"),
        (
            {"as_of": "2026-06-17T00:00:00Z"},
            "data.as_of: '2026-06-17T00:00:00Z' is not",
        ),
        ({"classifications": []}, "data.classifications: should have at least 1 item"),
        ({"classifications": [TAG, TAG]}, "tag 2: code:general_impl occurs twice"),
        (
            {"classifications": [TAG, OTHER | {"token_share": 0.71}]},
            "classifications: add up to 1.02, more than all",
        ),
        ({"classifications": [TAG | {"tag": "=a"}]}, "data.classifications.0.tag: "),
        ({"classifications": [TAG | {"tag": "a\n"}]}, "data.classifications.0.tag: "),
    ],
)
def test_what_cannot_be_is_rejected(changed: dict[str, Any], why: str) -> None:
    assert refusal(DATA | changed).startswith(f"openrouter-tasks: {why}")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data":null}', b" " * 2_000_001, b"," * 100_001]
)
def test_what_is_no_answer_is_rejected(body: bytes) -> None:
    assert refusal(body).endswith("Nothing of this answer is used.")
