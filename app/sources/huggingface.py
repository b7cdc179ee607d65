"""Downloads of the most downloaded model repositories, from the Hugging Face Hub.

Endpoint: `GET /api/models?sort=downloads&limit`, without a key; the next page is where
`Link: <…>; rel="next"` says.
Payload: pages of `[{id, downloads, private, gated, tags, …}]`, most downloads first.
Unit: downloads in the trailing 30 days, as the Hub counts them.
Licence: none is stated for the counts; they are facts about public repositories. Credit
"Source: Hugging Face Hub, as of <as_of>".
Quotas: 500 requests in five minutes without a key; a 429 tells in `RateLimit` when to
go on.

Traps:
- There is no history: only who polls has one. So an observation is of the day on which
  it was fetched, and days, which overlap, are never added up.
- A download is not a use: a cache, a mirror or a test counts as much.
- The subject is the repository, which may hold the weights of several models, and of
  others than language models.
- A next page at another address is not followed.

A payload is the JSON array of the pages, each as it came.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import httpx2
from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.domain.observations import MAX_VOLUME, Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import UpstreamError
from app.sources import http
from app.sources._catalogue import Repository, check_size, read_model, repeated
from app.sources._limits import Deadline, Pace
from app.sources._values import Faults

_PATH = "/api/models"
_PAGE = 200
_MOST_BYTES = 15_000_000
_MOST_VALUES = 500_000
_NEXT = re.compile(r'<([^>]{1,2000})>\s*;\s*rel="?next"?', re.ASCII)


class _Model(BaseModel):
    model_config = ConfigDict(strict=True)

    id: Repository
    downloads: Annotated[int, Field(ge=0, le=MAX_VOLUME)]
    private: Literal[False] = False


class _Pages(RootModel[list[list[_Model]]]):
    model_config = ConfigDict(strict=True)


class HuggingFace:
    """See the module's docstring for the upstream, and `Source` for the methods."""

    name = "huggingface"
    dataset = "huggingface-downloads"

    def __init__(
        self,
        url: str,
        now: Callable[[], datetime],
        timeout: timedelta,
        every: timedelta,
        models: int = 1_000,
    ) -> None:
        """Reach the Hub at `url` (scheme and host); nothing is sent yet.

        Args:
            url: Where the Hub is reached, without a path.
            now: The clock, in UTC.
            timeout: Longest wait of one fetch, in all.
            every: How often to read.
            models: Repositories to read, rounded up to whole pages of 200.
        """
        self.every = every
        self._url = url.rstrip("/") + _PATH
        self._now = now
        self._timeout = timeout
        self._pages = -(-models // _PAGE)
        self._quotas = (Pace(500, timedelta(minutes=5)),)

    def windows(self, _known: Window | None, today: date) -> Sequence[Window]:
        """Return today alone: there is no history."""
        return [Window(today, today)]

    def fetch(self, client: httpx2.Client, _window: Window) -> Payload:
        """Return the pages, joined; see `Source.fetch`."""
        deadline = Deadline(self._timeout)
        params: Mapping[str, str] | None = {"sort": "downloads", "limit": str(_PAGE)}
        pages: list[http.Answer] = []
        while params is not None and len(pages) < self._pages:
            page = http.get(
                client,
                self._url,
                source=self.name,
                params=params,
                headers={"Accept": "application/json"},
                timeout=deadline,
                now=self._now,
                quotas=self._quotas,
            )
            pages.append(page)
            params = self._next(page)
        body = b"[" + b",".join(page.body for page in pages) + b"]"
        return Payload(body, pages[0].media_type, pages[0].url, self._now())

    def _next(self, page: http.Answer) -> Mapping[str, str] | None:
        """Return the query of the next page, or None after the last."""
        found = _NEXT.search(page.headers.get("link", ""))
        if found is None:
            return None
        here, there = httpx2.URL(page.url), httpx2.URL(page.url).join(found[1])
        if here.copy_with(query=None) != there.copy_with(query=None):
            raise UpstreamError(self.name, "its next page is at another address.")
        return dict(there.params)

    def parse(self, payload: Payload) -> list[Batch]:
        """Read the pages as one batch of one day; see `Source.parse`."""
        faults = Faults(self.name, "Nothing of this answer is used.")
        check_size(payload.body, _MOST_BYTES, _MOST_VALUES, faults)
        pages = read_model(_Pages, payload.body, faults).root
        models = [model for page in pages for model in page]
        _check(pages, models, faults)
        day = payload.fetched_at.date()
        return [
            Batch(
                self.dataset,
                Window(day, day),
                payload.fetched_at,
                [
                    Observation(day, SeriesKind.MODEL, model.id, model.downloads)
                    for model in models
                ],
                scheme="huggingface",
            )
        ]


def _check(
    pages: Sequence[Sequence[_Model]], models: Sequence[_Model], faults: Faults
) -> None:
    if not models:
        faults.add("body", "has no models")
    for number, page in enumerate(pages, 1):
        counts = [model.downloads for model in page]
        if counts != sorted(counts, reverse=True):
            faults.add(f"page {number}", "is not sorted by downloads")
    for number, twice in repeated(model.id for model in models):
        faults.add(f"model {number}", f"{twice} occurs twice")
    faults.check()
