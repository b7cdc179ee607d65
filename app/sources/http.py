"""One careful GET: bounded in time, in bytes and in attempts, and silent about keys.

Every source reads through it. What may be temporary (429, 5xx, a reset, a time-out,
a name that does not resolve) is tried again with growing, jittered pauses; a
`Retry-After` is obeyed where it fits. All attempts and pauses share one deadline, and
a connection that is still trickling when it comes is cut. (Only the resolver's own
limit bounds the look-up of a name.) No redirect is followed: a key goes to one host.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import httpx2

from app.errors import UpstreamError
from app.sources._limits import Cutter, Deadline, Quota

MAX_BYTES = 16_000_000
"""Most that an answer may hold, decoded."""

_ATTEMPTS = 5
# How much an upstream's clock may be ahead of ours, or its answer behind.
_AHEAD = timedelta(hours=1)
_KEPT = timedelta(hours=12)
_TEMPORARY = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
)
_MEANS = {
    400: "it does not accept the question",
    401: "it refuses the key",
    402: "it wants to be paid",
    403: "it refuses access",
    404: "there is nothing at this address",
    429: "its quota is used up",
}
_LEFT = re.compile(r";\s*t=([0-9]{1,9})(?![0-9])")
_BUSY = (httpx2.codes.REQUEST_TIMEOUT, httpx2.codes.TOO_MANY_REQUESTS)


class AbsentError(UpstreamError):
    """The upstream answers 404: there is nothing at the address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole body, decoded, and the address it came from, without credentials."""

    body: bytes
    media_type: str
    url: str
    headers: Mapping[str, str]
    """Names in small letters."""


def get(
    client: httpx2.Client,
    url: str,
    *,
    source: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    timeout: timedelta | Deadline,
    now: Callable[[], datetime],
    quotas: Sequence[Quota] = (),
) -> Answer:
    """Return what `url` answers with status 200.

    Args:
        client: Makes the connections; its own time-outs are not used.
        url: Address without a query.
        source: Name for errors.
        params: The query.
        headers: Sent as they are, and never shown.
        timeout: Longest wait in all, attempts and pauses included; a deadline that
            several calls share, or a time of this call's own.
        now: Our clock, which is held against the one of the upstream.
        quotas: What every attempt is counted in.

    Raises:
        AbsentError: It answers 404.
        UpstreamError: No such answer in time, or one that is a web page or too large;
            or our clock is wrong, and with it every day that we would speak of.
    """
    deadline = timeout if isinstance(timeout, Deadline) else Deadline(timeout)
    call = _Call(client, httpx2.URL(url), params, headers, deadline, quotas)
    longest_pause = min(8.0, deadline.seconds / 8)

    def _again(error: Exception) -> bool | float:
        left = call.deadline.left() - longest_pause
        return isinstance(error, _AttemptError) and error.again(left)

    try:
        answer: Answer = _retrying(longest_pause)(_again, call.attempt)
    except _AttemptError as error:
        kind = AbsentError if error.absent else UpstreamError
        raise kind(source, f"{error}.") from error
    _check_clock(source, answer.headers, now)
    return answer


def _retrying(longest_pause: float) -> Any:
    """Return what tries again, after pauses of some seconds at most."""
    import stamina  # noqa: PLC0415 (who only has to know the sources need not wait)

    # Whoever asked says in one line why it failed; a line for each attempt is noise.
    stamina.instrumentation.set_on_retry_hooks([])
    return stamina.RetryingCaller(
        attempts=_ATTEMPTS,
        timeout=None,  # the hook knows the deadline
        wait_initial=min(0.5, longest_pause / 4),
        wait_max=longest_pause,
        wait_jitter=min(1.0, longest_pause / 4),
    )


class _AttemptError(Exception):
    """One attempt failed; `pause` is what the upstream asks for, in seconds."""

    def __init__(
        self,
        why: str,
        *,
        temporary: bool = False,
        pause: float = 0.0,
        absent: bool = False,
    ) -> None:
        super().__init__(why)
        self.absent = absent
        self._temporary = temporary
        self._pause = pause

    def again(self, left: float) -> bool | float:
        """Say whether to try again in `left` seconds, or after how many."""
        if not self._temporary or self._pause > left or left < 0:
            return False
        return self._pause or True


@dataclass(frozen=True, slots=True)
class _Call:
    client: httpx2.Client
    url: httpx2.URL
    params: Mapping[str, str]
    headers: Mapping[str, str]
    deadline: Deadline
    quotas: Sequence[Quota]
    numbers: Iterator[int] = field(default_factory=count)

    def _silence(self) -> httpx2.Timeout:
        """Return how long one step may stand still, so that there is time to retry."""
        longest = min(self.deadline.left(), self.deadline.seconds / 3)
        return httpx2.Timeout(max(0.001, longest))

    def attempt(self) -> Answer:
        again = next(self.numbers) > 0
        for quota in self.quotas:
            if not quota.wait(self.deadline.left(), again=again):
                why = "our share of its quota is used up; the next read is on time"
                raise _AttemptError(why)
        with Cutter(self.deadline.left()) as cutter:
            try:
                return self._ask(cutter)
            except httpx2.HTTPError as error:
                self._check_time(cutter, error)
                why = f"it cannot be read ({type(error).__name__})"
                temporary = isinstance(error, _TEMPORARY)
                raise _AttemptError(why, temporary=temporary) from error

    def _ask(self, cutter: Cutter) -> Answer:
        with self.client.stream(
            "GET",
            self.url.copy_with(userinfo=b""),
            params=dict(self.params),
            # Kept open, a connection could not be cut: it would tell no tracer.
            headers={**self.headers, "Accept-Encoding": "gzip", "Connection": "close"},
            follow_redirects=False,
            timeout=self._silence(),
            extensions={"trace": cutter.trace},
        ) as response:
            _check_status(response)
            body = self._read(response, cutter)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        _check_no_page(media_type, body)
        return Answer(body, media_type, str(response.url), dict(response.headers))

    def _read(self, response: httpx2.Response, cutter: Cutter) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                msg = f"it sends more than {MAX_BYTES // 1_000_000} MB"
                raise _AttemptError(msg)
            self._check_time(cutter)
        self._check_time(cutter)  # a cut may look like the end
        return bytes(body)

    def _check_time(self, cutter: Cutter, error: Exception | None = None) -> None:
        if cutter.late or not self.deadline.left():
            msg = f"it did not answer in full within {self.deadline.seconds:g} s"
            raise _AttemptError(msg) from error


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    if status == httpx2.codes.OK:
        return
    if httpx2.codes.is_redirect(status):
        msg = f"it redirects ({status}), which is not followed; check its address"
        raise _AttemptError(msg)
    pause = _pause(response.headers)
    why = f"it answers {status}"
    if status in _MEANS:
        why += f": {_MEANS[status]}"
    if pause:
        why += f"; it asks to wait {pause:g} s"
    temporary = status in _BUSY or httpx2.codes.is_server_error(status)
    absent = status == httpx2.codes.NOT_FOUND
    raise _AttemptError(why, temporary=temporary, pause=pause, absent=absent)


def _pause(headers: Mapping[str, str]) -> float:
    """Return the seconds of `Retry-After`, or of `RateLimit` until its quota is full.

    0 if there is none that can be read.
    """
    text = headers.get("Retry-After", "")
    left = _LEFT.search(headers.get("RateLimit", ""))
    if not text and left:
        return float(left[1])
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        # Counted on the upstream's own clock; ours may be off.
        return max(
            0.0, (until - parsedate_to_datetime(headers["Date"])).total_seconds()
        )
    except (ValueError, TypeError, KeyError):
        return 0.0


def _check_no_page(media_type: str, body: bytes) -> None:
    if "html" in media_type.lower() or body[:100].lstrip().startswith(b"<"):
        msg = "it answers with a web page instead of figures"
        raise _AttemptError(msg)


def _check_clock(
    source: str, headers: Mapping[str, str], clock: Callable[[], datetime]
) -> None:
    """Refuse to read by a clock that differs from the upstream's.

    An answer that a cache has kept may still bear the date of when it was made.
    """
    try:
        theirs = parsedate_to_datetime(headers["date"])
        kept = timedelta(seconds=int(headers.get("age", "0")))
        now = clock()
        if theirs - _AHEAD <= now <= theirs + kept + _KEPT:
            return
    except (ValueError, TypeError, KeyError, OverflowError):
        return
    why = f"it is {theirs:%FT%TZ} there and {now:%FT%TZ} here: set the clock"
    raise UpstreamError(source, f"{why}.")
