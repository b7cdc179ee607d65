"""What the sources of OpenRouter's Data API share: an address, a key and quotas."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx2
from pydantic import SecretStr

from app.errors import UpstreamError
from app.sources import http
from app.sources._limits import Deadline, Pace, Quota

PER_MINUTE = 30
"""Calls that one key may make."""
PER_DAY = 500
"""Calls that one account may make. Retries get half: no failure may use it up."""

Quotas = Sequence[Quota]


def new_quotas() -> Quotas:
    """Return what one key and one account may ask, counted in this process alone."""
    return (
        Pace(PER_MINUTE, timedelta(minutes=1)),
        Pace(PER_DAY, timedelta(days=1), retries=PER_DAY // 2),
    )


class DataApi:
    """The Data API, as one key sees it."""

    def __init__(
        self,
        url: str,
        api_key: SecretStr | None,
        now: Callable[[], datetime],
        quotas: Quotas | None,
    ) -> None:
        """Reach it at `url` (scheme and host); nothing is sent yet."""
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._now = now
        self._quotas = new_quotas() if quotas is None else quotas

    def get(
        self,
        client: httpx2.Client,
        source: str,
        path: str,
        params: Mapping[str, str],
        timeout: timedelta | Deadline,
    ) -> http.Answer:
        """Return what is answered at `path`; see `http.get`.

        Raises:
            UpstreamError: There is no answer, or no key to ask with.
        """
        return http.get(
            client,
            self._url + path,
            source=source,
            params=params,
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self._key(source)}",
            },
            timeout=timeout,
            now=self._now,
            quotas=self._quotas,
        )

    def _key(self, source: str) -> str:
        key = self._api_key.get_secret_value() if self._api_key else ""
        # A header with an odd character is refused with an error that quotes it.
        if key.isascii() and key.isprintable() and key.strip():
            return key.strip()
        why = "is missing" if not key.strip() else "has characters no key has"
        raise UpstreamError(source, f"MODELCENSUS_OPENROUTER_API_KEY {why}. Set it.")


class DataApiSource:
    """What every source of the Data API is made of."""

    def __init__(
        self,
        url: str,
        api_key: SecretStr | None,
        now: Callable[[], datetime],
        timeout: timedelta,
        every: timedelta,
        quotas: Quotas | None = None,
    ) -> None:
        """Reach the API at `url` (scheme and host); nothing is sent yet.

        Args:
            url: Where OpenRouter's API is reached, without a path.
            api_key: Without one, every fetch fails.
            now: The clock, in UTC.
            timeout: Longest wait of one fetch, in all.
            every: How often to read.
            quotas: Shared with other sources of the account; None: its own.
        """
        self.every = every
        self._api = DataApi(url, api_key, now, quotas)
        self._now = now
        self._timeout = timeout
