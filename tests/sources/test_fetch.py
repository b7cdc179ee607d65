"""What a fetch does with an upstream that answers, and with one that does not."""

import gzip
import logging
import socket
import time
import traceback
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import httpx2
import pytest
from pydantic import SecretStr

from app.domain.observations import Payload
from app.domain.periods import Window
from app.errors import UpstreamError
from app.sources._limits import Cutter, Pace
from app.sources.openrouter_rankings import OpenRouterRankings
from tests.sources.given import DAY, NOW, source
from tests.sources.upstream import KEY, FakeOpenRouter, Fault, ago

ASKED = "/api/v1/datasets/rankings-daily?start_date=2026-05-24&end_date=2026-05-24"


def refusal(client: httpx2.Client, upstream: FakeOpenRouter, seconds: float = 5) -> str:
    with pytest.raises(UpstreamError) as caught:
        source(upstream.url, seconds=seconds).fetch(client, DAY)
    return str(caught.value)


def test_a_fetch_returns_the_answer_and_where_it_came_from(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    upstream.days[DAY.first] = [("acme/a", 7), ("other", 1)]

    payload = source(upstream.url).fetch(client, DAY)

    assert payload == Payload(
        upstream.answer(ASKED, KEY)[1], "application/json", upstream.url + ASKED, NOW
    )
    assert upstream.asked == [ASKED]
    assert upstream.keys == [f"Bearer {KEY}"]


def test_what_is_fetched_can_be_read(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    days = Window(date(2026, 8, 1), date(2026, 8, 21))
    for n, day in enumerate(days.days()):
        upstream.days[day] = [(f"acme/m{m}", 1000 + n + m) for m in range(60)]
    ours = source(upstream.url)

    (batch,) = ours.parse(ours.fetch(client, days))

    assert (batch.dataset, batch.window) == ("openrouter-tokens", days)
    assert batch.as_of == upstream.as_of
    assert len(batch.observations) == 21 * 51
    assert sum(o.volume for o in batch.observations) == sum(
        tokens for rows in upstream.days.values() for _, tokens in rows
    )


def test_an_address_with_credentials_is_not_kept(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    address = upstream.url.replace("//", "//me:secret@")

    payload = source(address).fetch(client, DAY)

    assert payload.url == upstream.url + ASKED
    assert upstream.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.RESET, Fault.TRUNCATED])
@pytest.mark.usefixtures("hurried")
def test_what_passes_is_tried_again(
    client: httpx2.Client, upstream: FakeOpenRouter, fault: Fault
) -> None:
    upstream.fail(fault, times=4)

    payload = source(upstream.url).fetch(client, DAY)

    assert payload.body == upstream.answer(ASKED, KEY)[1]
    assert upstream.asked == [ASKED] * 5


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault.ERROR, "it answers 500."),
        (Fault.RESET, "it cannot be read (ReadError)."),
        (Fault.TRUNCATED, "it cannot be read (RemoteProtocolError)."),
        (Fault.BUSY, "it answers 429: its quota is used up."),
    ],
)
@pytest.mark.usefixtures("hurried")
def test_what_does_not_pass_is_given_up(
    client: httpx2.Client, upstream: FakeOpenRouter, fault: Fault, why: str
) -> None:
    upstream.fail(fault)

    assert refusal(client, upstream) == f"openrouter-rankings: {why}"
    assert len(upstream.asked) == 5


@pytest.mark.usefixtures("hurried")
def test_attempts_are_not_logged(
    client: httpx2.Client,
    upstream: FakeOpenRouter,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.WARNING)
    upstream.fail(Fault.ERROR)

    refusal(client, upstream)

    assert len(upstream.asked) == 5
    assert caplog.text + "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault.MISSING, "it answers 404: there is nothing at this address."),
        (
            Fault.REDIRECT,
            "it redirects (302), which is not followed; check its address.",
        ),
        (Fault.PAGE, "it answers with a web page instead of figures."),
        (Fault.PAGE_AS_JSON, "it answers with a web page instead of figures."),
        (Fault.BAD_GZIP, "it cannot be read (DecodingError)."),
    ],
)
def test_what_will_not_change_is_asked_once(
    client: httpx2.Client, upstream: FakeOpenRouter, fault: Fault, why: str
) -> None:
    upstream.fail(fault)

    assert refusal(client, upstream) == f"openrouter-rankings: {why}"
    assert upstream.asked == [ASKED]


def test_an_upstream_that_is_not_there_is_given_up(client: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(UpstreamError) as caught:
        source(f"http://127.0.0.1:{port}", seconds=0.5).fetch(client, DAY)

    assert str(caught.value) == (
        "openrouter-rankings: it cannot be read (ConnectError)."
    )


@pytest.mark.usefixtures("hurried")
def test_a_name_that_does_not_resolve_is_tried_again(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def _lost(*args: object, **_: object) -> None:
        asked.append(args[0])
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", _lost)

    with pytest.raises(UpstreamError):
        source("http://openrouter.example").fetch(client, DAY)
    assert asked == ["openrouter.example"] * 5


def test_pauses_grow_and_end_with_the_deadline(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    upstream.fail(Fault.ERROR)
    start = time.monotonic()

    refusal(client, upstream, seconds=2)

    # Pauses of 1/16 s, then at most 1/8 and 1/4 s, each with up to 1/16 s of jitter.
    assert len(upstream.asked) == 5
    assert 0.0625 + 0.125 + 0.25 + 0.25 <= time.monotonic() - start < 3


@pytest.mark.parametrize(
    "fault",
    [Fault.DRIP, Fault.DRIP_UNMEASURED, Fault.DRIP_HEADERS, Fault.SILENCE],
)
def test_a_slow_upstream_is_cut_at_the_deadline(
    client: httpx2.Client, upstream: FakeOpenRouter, fault: Fault
) -> None:
    upstream.fail(fault)
    start = time.monotonic()

    why = refusal(client, upstream, seconds=0.6)

    assert 0.4 <= time.monotonic() - start < 3
    late = "openrouter-rankings: it did not answer in full within 0.6 s."
    if fault is Fault.SILENCE:  # tried again, so the last try may end before the time
        assert why in {late, "openrouter-rankings: it cannot be read (ReadTimeout)."}
        assert len(upstream.asked) > 1
    else:
        assert why == late
        assert upstream.asked == [ASKED]


@pytest.mark.parametrize("fault", [Fault.BOMB, Fault.HUGE])
def test_what_is_too_large_is_cut_before_it_fills_the_memory(
    client: httpx2.Client, upstream: FakeOpenRouter, fault: Fault
) -> None:
    upstream.fail(fault)
    tracemalloc.start()

    why = refusal(client, upstream, seconds=30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert why == "openrouter-rankings: it sends more than 16 MB."
    assert upstream.asked == [ASKED]
    assert 16_000_000 < peak < 50_000_000


def test_what_is_compressed_is_read() -> None:
    def _reply(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Accept-Encoding"] == "gzip"
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return httpx2.Response(200, content=gzip.compress(b"{}"), headers=headers)

    with httpx2.Client(transport=httpx2.MockTransport(_reply)) as mocked:
        assert source().fetch(mocked, DAY).body == b"{}"


@pytest.mark.parametrize("after", ["1", "date"])
def test_a_busy_upstream_is_left_alone_as_long_as_it_asks(
    client: httpx2.Client, upstream: FakeOpenRouter, after: str
) -> None:
    upstream.fail(Fault.BUSY, times=1, retry_after="1" if after == "1" else ago(-2))
    start = time.monotonic()

    source(upstream.url).fetch(client, DAY)

    assert time.monotonic() - start >= 1
    assert upstream.asked == [ASKED] * 2


def test_a_busy_upstream_is_not_waited_for_beyond_the_deadline(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    upstream.fail(Fault.BUSY, retry_after="3600")

    why = refusal(client, upstream)

    assert upstream.asked == [ASKED]
    assert why == (
        "openrouter-rankings: it answers 429: its quota is used up; "
        "it asks to wait 3600 s."
    )


@pytest.mark.parametrize(
    "after",
    ["soon", "-1", "1e3", "٣", pytest.param(ago(60), id="past"), "0"],
)
@pytest.mark.usefixtures("hurried")
def test_a_pause_that_says_nothing_is_as_good_as_none(
    client: httpx2.Client, upstream: FakeOpenRouter, after: str
) -> None:
    upstream.fail(Fault.BUSY, times=1, retry_after=after.encode().decode("latin-1"))

    source(upstream.url).fetch(client, DAY)

    assert len(upstream.asked) == 2


def test_a_quota_is_kept_by_waiting_for_a_turn() -> None:
    pace = Pace(2, timedelta(seconds=0.3))
    start = time.monotonic()

    turns = [pace.wait(1) for _ in range(4)]

    assert turns == [True] * 4
    assert 0.3 <= time.monotonic() - start < 2


def test_a_connection_that_is_made_too_late_is_cut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Cutter(0) as cutter:
        while not cutter.late:
            time.sleep(0.001)

        made = SimpleNamespace(get_extra_info=lambda _: ours)
        cutter.trace("connection.connect_tcp.complete", {"return_value": made})

        assert theirs.recv(1) == b""


def test_a_turn_that_is_too_far_away_is_not_waited_for() -> None:
    pace = Pace(1, timedelta(hours=1))

    assert pace.wait(1)
    assert not pace.wait(1)
    assert not pace.wait(1)


def test_no_more_is_asked_in_a_minute_than_is_allowed(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    ours = source(upstream.url)
    for _ in range(30):
        ours.fetch(client, DAY)

    with pytest.raises(UpstreamError) as caught:
        ours.fetch(client, DAY)

    assert len(upstream.asked) == 30
    assert str(caught.value) == (
        "openrouter-rankings: our share of its quota is used up; "
        "the next read is on time."
    )


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (None, "is missing"),
        ("", "is missing"),
        (" ", "is missing"),
        ("sk-or\n-secret", "has characters no key has"),
        ("sk-or-sécret", "has characters no key has"),
    ],
)
def test_without_a_key_nothing_is_asked(
    client: httpx2.Client, upstream: FakeOpenRouter, key: str | None, why: str
) -> None:
    with pytest.raises(UpstreamError) as caught:
        source(upstream.url, key=key).fetch(client, DAY)

    assert upstream.asked == []
    assert str(caught.value) == (
        f"openrouter-rankings: MODELCENSUS_OPENROUTER_API_KEY {why}. Set it."
    )


def test_a_refused_key_is_said_to_be_refused(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch, upstream: FakeOpenRouter
) -> None:
    monkeypatch.setattr(upstream, "answer", lambda *_: (401, b"{}"))

    why = refusal(client, upstream)

    assert why == "openrouter-rankings: it answers 401: it refuses the key."
    assert upstream.asked == [ASKED]


@pytest.mark.parametrize("fault", [f for f in Fault if f is not Fault.HUGE])
@pytest.mark.usefixtures("hurried")
def test_a_key_is_never_shown(
    client: httpx2.Client,
    upstream: FakeOpenRouter,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    caplog.set_level(logging.INFO)
    upstream.fail(fault)
    ours = source(upstream.url, seconds=0.5)

    try:
        shown = repr(ours.fetch(client, DAY))
    except UpstreamError as error:
        shown = "".join(traceback.format_exception(error))

    shown += caplog.text + "".join(capsys.readouterr()) + repr(vars(ours))
    assert upstream.keys[0] == f"Bearer {KEY}"
    assert KEY not in shown


def test_a_fetch_is_dated_when_it_is_over(
    client: httpx2.Client, upstream: FakeOpenRouter
) -> None:
    clock = iter([datetime(2026, 8, 22, 4, tzinfo=UTC)])
    ours = OpenRouterRankings(
        upstream.url,
        SecretStr(KEY),
        lambda: next(clock),
        timedelta(seconds=5),
        timedelta(hours=6),
    )

    assert ours.fetch(client, DAY).fetched_at == datetime(2026, 8, 22, 4, tzinfo=UTC)
