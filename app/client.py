"""A client of the service: rows, and data frames where pandas is there.

It stands alone: nothing of ours is imported, so that it can be used without the rest.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

import httpx2
import stamina

Value = str | int | date | datetime | Sequence[str] | None
"""A parameter: a text, a number, a day, a moment, or several texts; None: not given."""

DATES = frozenset(
    {
        *("period_start", "period_end", "date_from", "date_to", "first_day"),
        *("last_day", "data_through", "source_as_of", "fetched_at", "first_seen"),
        *("last_seen", "price_as_of", "published_at"),
    }
)
"""Columns of days and moments, which a frame has as such."""

_BUSY = {429, 503}
_LONGEST_PAUSE = 60.0


class CensusError(Exception):
    """A question that was not answered. `str(error)` says why."""


class UnreachableError(CensusError):
    """Nothing was answered, or not by such a service."""


class ProblemError(CensusError):
    """The service refused, or failed, and says what to do.

    Attributes:
        status: HTTP status, such as 422.
        problem: What it says (RFC 9457): `type`, `title`, `status`, `detail`, and
            perhaps `errors`, a parameter each, and `try_url`.
        retry_after: Seconds after which it wants to be asked again, if it says so.
    """

    def __init__(
        self, status: int, problem: dict[str, Any], retry_after: float | None = None
    ) -> None:
        """Keep what a service says of a failure."""
        self.status = status
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(str(problem.get("detail") or f"The service answers {status}."))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as `/v1` gives it.

    Attributes:
        data: Rows of a question or a list, or one thing. Volumes are `int`, exact;
            shares are `float`, 0 to 1; days and moments are texts.
        meta: What stands beside it: `quote`, `citation`, `release`, and so on.
        links: Where to go from it, such as `permalink`.
    """

    data: Any
    meta: dict[str, Any]
    links: dict[str, str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows; of one thing, the only one."""
        return self.data if isinstance(self.data, list) else [self.data]

    def frame(self) -> Any:
        """Return the rows as a pandas `DataFrame`, days and moments as such.

        Its `attrs` hold the sentence to quote, the citation and the permalink.

        Raises:
            CensusError: pandas is not installed.
        """
        try:
            # By name: to have it is up to who uses this.
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise CensusError("Install pandas to have frames, or use rows.") from None
        frame = pandas.DataFrame(self.rows)
        for name in DATES.intersection(frame.columns):
            frame[name] = pandas.to_datetime(frame[name])
        beside = self.meta | self.links
        kept = ("quote", "citation", "permalink")
        frame.attrs = {name: beside[name] for name in kept if name in beside}
        return frame


class Client:
    """Asks one service, again if it is busy. To be closed, or used by `with`.

    Each method takes the parameters of its path by name, as `/docs/api` has them;
    several values are a list.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        timeout: float = 30.0,
        attempts: int = 4,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Ask the service at `url`.

        Args:
            url: Where it is reached, without the `/v1`.
            timeout: Seconds to wait for each step of an answer.
            attempts: How often a busy service (429, 503) is asked, at most. In between
                it is given the time it asks for, if that is a minute or less.
            transport: What asks instead of the network.

        Raises:
            UnreachableError: `url` is none.
        """
        try:
            self._http = httpx2.Client(
                base_url=url.rstrip("/"),
                timeout=timeout,
                transport=transport,
                headers={"User-Agent": "modelcensus-client"},
            )
        except httpx2.InvalidURL as error:
            raise _unreachable(url, error) from None
        self._again = stamina.RetryingCaller(attempts=attempts, timeout=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def share(self, **parameters: Value) -> Answer:
        """Return shares of the market, with bounds, over time or in all."""
        return self.get("/v1/share", **parameters)

    def volume(self, **parameters: Value) -> Answer:
        """Return volumes, in the unit of `meta["unit"]`."""
        return self.get("/v1/volume", **parameters)

    def rankings(self, **parameters: Value) -> Answer:
        """Return what ranks first, by volume or by what has changed."""
        return self.get("/v1/rankings", **parameters)

    def models(self, **parameters: Value) -> Answer:
        """Return one page of the models there are."""
        return self.get("/v1/models", **parameters)

    def providers(self, **parameters: Value) -> Answer:
        """Return one page of the providers there are."""
        return self.get("/v1/providers", **parameters)

    def datasets(self, **parameters: Value) -> Answer:
        """Return one page of the datasets there are."""
        return self.get("/v1/datasets", **parameters)

    def get(self, path: str, **parameters: Value) -> Answer:
        """Return the answer of any path of `/v1`, such as `/v1/origins`.

        Raises:
            ProblemError: The service refuses or fails; see `problem`.
            UnreachableError: There is no answer, or none of such a service.
        """
        response = self._response(path, parameters)
        try:
            answer = response.json()
            return Answer(answer["data"], answer["meta"], answer["links"])
        except (ValueError, KeyError, TypeError):
            raise UnreachableError(
                f"{response.url} does not answer as Model Census does."
            ) from None

    def pages(self, path: str, **parameters: Value) -> Iterator[Answer]:
        """Yield every page of a list, all of the release of the first.

        Raises:
            ProblemError, UnreachableError: See `get`.
        """
        page = self.get(path, **parameters)
        yield page
        while following := page.links.get("next"):
            # Its path alone: it may be reached elsewhere than where its links lead.
            page = self.get(path, **dict(httpx2.URL(following).params))
            yield page

    def content(self, path: str, **parameters: Value) -> bytes:
        """Return an answer as it is sent: `/v1/share.csv`, `/v1/share.svg`.

        Raises:
            ProblemError, UnreachableError: See `get`.
        """
        return self._response(path, parameters).content

    def _response(self, path: str, parameters: dict[str, Value]) -> httpx2.Response:
        given = {k: _text(v) for k, v in parameters.items() if v is not None}
        return self._again.on(_pause)(self._once, path, given)

    def _once(self, path: str, parameters: dict[str, str]) -> httpx2.Response:
        try:
            response = self._http.get(path, params=parameters)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _unreachable(self._http.base_url, error) from error
        if response.status_code != httpx2.codes.OK:
            raise ProblemError(
                response.status_code, _problem(response), _seconds(response)
            )
        return response


def _unreachable(url: object, error: Exception) -> UnreachableError:
    return UnreachableError(f"{url} cannot be asked: {error}")


def _text(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(value)
    return str(value)


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        said = response.json()
    except ValueError:
        # A page of a proxy, perhaps.
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(response: httpx2.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() else None


def _pause(error: Exception) -> bool | float:
    """Return whether to ask again, or after how many seconds."""
    if not isinstance(error, ProblemError) or error.status not in _BUSY:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after <= _LONGEST_PAUSE and error.retry_after
