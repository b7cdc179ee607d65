"""Downloads of model repositories."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError, UpstreamError
from app.sources.huggingface import HuggingFace
from app.sources.source import Source
from tests.sources.pages import FakeHub
from tests.sources.upstream import Fault

NOW = datetime(2026, 8, 22, 23, 59, tzinfo=UTC)
DAY = date(2026, 8, 22)
TODAY = Window(DAY, DAY)
FIRST = {"id": "deepseek-ai/DeepSeek-V3.2", "private": False, "downloads": 20}
LAST = {"id": "gpt2", "downloads": 0, "tags": ["license:mit"]}


def source(
    url: str = "http://127.0.0.1:9", models: int = 1_000, seconds: float = 5
) -> HuggingFace:
    return HuggingFace(
        url, lambda: NOW, timedelta(seconds=seconds), timedelta(days=1), models
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

    assert (ours.name, ours.dataset) == ("huggingface", "huggingface-downloads")
    assert ours.windows(None, DAY) == [TODAY]


def test_downloads_are_of_the_day_on_which_they_were_fetched() -> None:
    assert source().parse(payload([[FIRST], [LAST]])) == [
        Batch(
            "huggingface-downloads",
            TODAY,
            NOW,
            [
                Observation(DAY, SeriesKind.MODEL, "deepseek-ai/DeepSeek-V3.2", 20),
                Observation(DAY, SeriesKind.MODEL, "gpt2", 0),
            ],
            scheme="huggingface",
        )
    ]


@pytest.mark.parametrize(
    ("models", "calls", "read"),
    [(1_000, 3, 450), (400, 2, 400), (201, 2, 400), (1, 1, 200)],
)
def test_links_are_followed_up_to_so_many_models(
    client: httpx2.Client, models: int, calls: int, read: int
) -> None:
    downloads = [10**9 - n for n in range(450)]
    with FakeHub(downloads) as hub:
        ours = source(hub.url, models)

        (batch,) = ours.parse(ours.fetch(client, TODAY))

        assert [o.volume for o in batch.observations] == downloads[:read]
        assert hub.asked[0] == "/api/models?sort=downloads&limit=200"
        assert len(hub.asked) == calls
        assert hub.keys == [None] * calls


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/api/models?sort=downloads&limit=200&cursor=x",
        "http://elsewhere.example/api/models?cursor=x",
        "/api/spaces?cursor=x",
        "ftp://127.0.0.1/api/models?cursor=x",
    ],
)
def test_a_next_page_elsewhere_is_not_followed(client: httpx2.Client, url: str) -> None:
    with FakeHub([1] * 300) as hub:
        hub.next_url = url

        with pytest.raises(UpstreamError) as caught:
            source(hub.url).fetch(client, TODAY)

        assert str(caught.value) == (
            "huggingface: its next page is at another address."
        )
        assert len(hub.asked) == 1


def test_a_next_page_may_be_named_without_a_host(client: httpx2.Client) -> None:
    with FakeHub([1] * 300) as hub:
        hub.next_url = "/api/models?sort=downloads&limit=200&cursor=200%3D%3D"

        source(hub.url).fetch(client, TODAY)

        assert len(hub.asked) == 2


def test_a_page_that_links_to_itself_ends(client: httpx2.Client) -> None:
    with FakeHub([1] * 300) as hub:
        hub.next_url = "/api/models?sort=downloads&limit=200"

        pages = source(hub.url).fetch(client, TODAY)

        assert len(hub.asked) == 5
    assert "occurs twice" in refusal(pages.body)


def test_a_busy_hub_is_left_alone_until_its_quota_is_full(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeHub([2, 1]) as hub:
        whole, busy = hub.answer, iter([429])
        monkeypatch.setattr(
            hub,
            "answer",
            lambda path, key: (next(busy, 200), whole(path, key)[1]),
        )
        monkeypatch.setattr(hub, "headers", lambda _: {"RateLimit": '"api";r=0;t=1'})
        start = time.monotonic()

        source(hub.url).fetch(client, TODAY)

        assert len(hub.asked) == 2
        assert time.monotonic() - start >= 1


def test_a_hub_that_is_busy_for_long_is_given_up(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeHub([2, 1]) as hub:
        monkeypatch.setattr(hub, "answer", lambda *_: (429, b"{}"))
        monkeypatch.setattr(hub, "headers", lambda _: {"RateLimit": '"api";r=0;t=299'})

        with pytest.raises(UpstreamError, match="it asks to wait 299 s"):
            source(hub.url).fetch(client, TODAY)

        assert len(hub.asked) == 1


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SILENCE, Fault.PAGE, Fault.CUT])
@pytest.mark.usefixtures("hurried")
def test_a_hub_that_fails_publishes_nothing(
    client: httpx2.Client, fault: Fault
) -> None:
    with FakeHub([5, 4]) as hub:
        hub.fail(fault)
        ours = source(hub.url, seconds=0.5)

        with pytest.raises((UpstreamError, SourceError)):
            ours.parse(ours.fetch(client, TODAY))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"downloads": -1}, "0.1.downloads: should be greater than or equal to 0"),
        ({"downloads": 2**63}, "0.1.downloads: should be less than or equal to"),
        ({"downloads": 1.0}, "0.1.downloads: should be a valid integer"),
        ({"downloads": True}, "0.1.downloads: should be a valid integer"),
        ({"downloads": None}, "0.1.downloads: should be a valid integer"),
        ({"downloads": 21}, "page 1: is not sorted by downloads"),
        ({"id": "a/b/c"}, "0.1.id: 'a/b/c' is not a repository on Hugging Face"),
        ({"id": "=a/b"}, "0.1.id: '=a/b' is not a repository on Hugging Face"),
        ({"id": FIRST["id"]}, "model 2: deepseek-ai/DeepSeek-V3.2 occurs twice"),
        ({"private": True}, "0.1.private: should be False"),
    ],
)
def test_a_model_that_cannot_be_is_rejected(changed: dict[str, Any], why: str) -> None:
    assert refusal([[FIRST, LAST | changed]]).startswith(f"huggingface: {why}")


@pytest.mark.parametrize(
    "pages", [b"", [], [[]], {}, [{}], b" " * 15_000_001, b"," * 500_001]
)
def test_what_is_no_list_is_rejected(pages: object) -> None:
    assert refusal(pages).endswith("Nothing of this answer is used.")
