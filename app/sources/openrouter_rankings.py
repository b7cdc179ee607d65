"""Tokens per model and UTC day, from OpenRouter's Data API.

Endpoint: `GET /api/v1/datasets/rankings-daily?start_date&end_date` (both included),
with any API key as Bearer.
Payload: `{"data": [{date, model_permaslug, total_tokens}], "meta": {as_of, version,
start_date, end_date}}`; at most 51 rows a day: the 50 largest public models, then
`other`, all else together (left out if there is nothing else). `total_tokens` is a
string of digits, because it may exceed 2**53.
Unit: tokens, prompt and completion, each counted by the model's own tokenizer.
Licence: CC BY 4.0. Credit "Source: OpenRouter (openrouter.ai/rankings), as of
<as_of>", and say what was changed. The publisher asks that the figures are used for
analysis and reporting, not served again as a competing free API.
Quotas: 30 requests a minute for a key and 500 a day for an account, then 429; at most
366 days a request.

Traps:
- A start before 2025-01-01 is moved there silently (`meta` tells), an end before it
  is a 400. So neither is asked for, and the window in `meta` must be the one asked.
- The current day is live, and a day read minutes after midnight is still short. So
  we ask up to yesterday; `as_of` says how settled a day was.
- Days are restated for about a month. So the last month is read again each time.
- Some days were never published. They are absent, not zero.
- A model that is not listed is below rank 50, not at zero.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.sources._data_api import DataApiSource
from app.sources._response import Response, read_response
from app.sources._rows import EARLIEST, MOST_ROWS, batch
from app.sources._values import Faults, read_day, shown

_DAY = timedelta(days=1)
_RESTATED = timedelta(days=31)
_MOST_DAYS = 366
_PATH = "/api/v1/datasets/rankings-daily"
_MOST_VALUES = 8 * _MOST_DAYS * MOST_ROWS  # a row has three; leaves room for new ones
_MOST_BYTES = 300 * _MOST_DAYS * MOST_ROWS  # a row has 120


class OpenRouterRankings(DataApiSource):
    """See the module's docstring for the upstream, and `Source` for the methods."""

    name = "openrouter-rankings"
    dataset = "openrouter-tokens"

    def windows(self, known: Window | None, today: date) -> Sequence[Window]:
        """Return the last month and what came since, then what lies before `known`.

        The part before includes the first known day, so that its answer is never
        empty, whatever the first day is that the upstream has. Each window has at
        most 366 days and none leaves 2025-01-01 to yesterday.
        """
        yesterday = today - _DAY
        if yesterday < EARLIEST:
            return []
        if known is None:
            return list(_pieces(Window(EARLIEST, yesterday)))
        again = max(EARLIEST, min(known.last, yesterday) - _RESTATED)
        newer = list(_pieces(Window(again, yesterday)))
        if known.first <= EARLIEST:
            return newer
        before = Window(EARLIEST, min(known.first, yesterday))
        return newer + list(_pieces(before, upwards=False))

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        """Return the answer for `window`, at most 366 days; see `Source.fetch`."""
        days = {
            "start_date": window.first.isoformat(),
            "end_date": window.last.isoformat(),
        }
        answer = self._api.get(client, self.name, _PATH, days, self._timeout)
        return Payload(answer.body, answer.media_type, answer.url, self._now())

    def parse(self, payload: Payload) -> list[Batch]:
        """Read one answer as one batch; see `Source.parse`.

        The window asked for is read from the query of `payload.url`.
        """
        faults = Faults(self.name, "Nothing of this answer is used.")
        asked = _asked(payload.url, faults)
        # Parsed, it may take twenty times its bytes in memory; so look before.
        values = payload.body.count(b",")
        if len(payload.body) > _MOST_BYTES or values > _MOST_VALUES:
            faults.refuse("body", "holds more than a year of days can")
        response = read_response(payload.body, faults)
        _check_echo(response, asked, faults)
        found = batch(
            self.dataset,
            response.rows,
            window=asked,
            as_of=response.as_of,
            fetched_at=payload.fetched_at,
            faults=faults,
            warnings=response.warnings,
        )
        faults.check()
        return [found]


def _pieces(window: Window, *, upwards: bool = True) -> Iterator[Window]:
    """Cut `window` into pieces of at most 366 days, from its start or from its end."""
    while len(window) > _MOST_DAYS:
        if upwards:
            cut = window.first + timedelta(days=_MOST_DAYS)
            yield Window(window.first, cut - _DAY)
            window = Window(cut, window.last)
        else:
            cut = window.last - timedelta(days=_MOST_DAYS)
            yield Window(cut + _DAY, window.last)
            window = Window(window.first, cut)
    yield window


def _asked(url: str, faults: Faults) -> Window:
    query = parse_qs(urlsplit(url).query)
    try:
        (first,), (last,) = query["start_date"], query["end_date"]
        return Window(read_day(first), read_day(last))
    except (KeyError, ValueError):
        why = f"{shown(url)} does not say which days were asked for"
        faults.refuse("address", why)


def _check_echo(response: Response, asked: Window, faults: Faults) -> None:
    if (response.start_date, response.end_date) != (asked.first, asked.last):
        faults.add(
            "meta",
            f"answers for {response.start_date} to {response.end_date} "
            f"instead of {asked.first} to {asked.last}",
        )
