"""Tokens per application over a trailing window, from OpenRouter's Data API.

Endpoint: `GET /api/v1/datasets/app-rankings?limit&offset`, with any API key as Bearer.
Payload: pages of `{"data": [{rank, app_id, app_name, total_tokens, total_requests}],
"meta": {as_of, version, start_date, end_date}}`; `total_tokens` is a string of digits,
`total_requests` a number.
Unit: tokens, prompt and completion, of the whole window in `meta`.
Licence: CC BY 4.0. Credit "Source: OpenRouter (openrouter.ai/apps), as of <as_of>",
and say what was changed.
Quotas: those of the Data API; `limit` and `offset` go to 100, so at most 200 apps are
seen.

Traps:
- Windows of two days overlap. So a value is that of the day on which its window ends,
  and days are never added up.
- Only apps that say who they are are ranked. One that is not listed is not at zero.
- Names are given by the apps themselves and change; the id does not.
- Pages are answered one after the other. So they must tell of the same days, ranks must
  go on without a gap, and what is told is as of the first page.

A payload is the JSON array of the pages, each as it came.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import httpx2
from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.sources._catalogue import Name, check_size, read_model, repeated
from app.sources._data_api import DataApiSource
from app.sources._limits import Deadline
from app.sources._values import Day, Faults, Moment, Volume

_PATH = "/api/v1/datasets/app-rankings"
_PAGE = 100
_LAST_OFFSET = 100
_MOST_BYTES = 500_000
_MOST_VALUES = 10_000


class _App(BaseModel):
    model_config = ConfigDict(strict=True)

    rank: int
    app_id: Annotated[int, Field(ge=0, lt=2**63)]
    app_name: Name
    total_tokens: Volume
    total_requests: Annotated[int, Field(ge=0)]


class _Meta(BaseModel):
    model_config = ConfigDict(strict=True)

    as_of: Moment
    version: Literal["v1"]
    start_date: Day
    end_date: Day


class _Page(BaseModel):
    model_config = ConfigDict(strict=True)

    data: list[_App]
    meta: _Meta


class _Pages(RootModel[Annotated[list[_Page], Field(min_length=1)]]):
    model_config = ConfigDict(strict=True)


class OpenRouterApps(DataApiSource):
    """See the module's docstring for the upstream, and `Source` for the methods."""

    name = "openrouter-apps"
    dataset = "openrouter-apps"

    def windows(self, _known: Window | None, today: date) -> Sequence[Window]:
        """Return today alone: the upstream chooses the days itself."""
        return [Window(today, today)]

    def fetch(self, client: httpx2.Client, _window: Window) -> Payload:
        """Return the pages, joined; see `Source.fetch`."""
        deadline = Deadline(self._timeout)
        pages = []
        for offset in range(0, _LAST_OFFSET + 1, _PAGE):
            params = {"limit": str(_PAGE), "offset": str(offset)}
            page = self._api.get(client, self.name, _PATH, params, deadline)
            pages.append(page)
            if not _is_full(page.body):
                break
        body = b"[" + b",".join(page.body for page in pages) + b"]"
        return Payload(body, pages[0].media_type, pages[0].url, self._now())

    def parse(self, payload: Payload) -> list[Batch]:
        """Read the pages as one batch of one day; see `Source.parse`."""
        faults = Faults(self.name, "Nothing of this answer is used.")
        check_size(payload.body, _MOST_BYTES, _MOST_VALUES, faults)
        pages = read_model(_Pages, payload.body, faults).root
        meta = pages[0].meta
        apps = [app for page in pages for app in page.data]
        _check(pages, apps, faults)
        faults.check_moment(meta.as_of, meta.end_date, payload.fetched_at)
        faults.check()
        return [
            Batch(
                self.dataset,
                Window(meta.end_date, meta.end_date),
                meta.as_of,
                [
                    Observation(
                        meta.end_date, SeriesKind.APP, _slug(app), app.total_tokens
                    )
                    for app in apps
                ],
                names={_slug(app): app.app_name for app in apps if app.app_name},
            )
        ]


def _slug(app: _App) -> str:
    return f"app-{app.app_id}"


def _is_full(page: bytes) -> bool:
    """Say whether there may be a next page; what cannot be read is not our concern."""
    try:
        return len(json.loads(page)["data"]) >= _PAGE
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _check(pages: Sequence[_Page], apps: Sequence[_App], faults: Faults) -> None:
    if not apps:
        faults.add("data", "is empty")
    for number, page in enumerate(pages, 1):
        if _days(page) != _days(pages[0]):
            faults.add(f"page {number}", "tells of other days than the first")
    for number, app in enumerate(apps, 1):
        if app.rank != number:
            faults.add(f"app {number}", f"has rank {app.rank}")
    for number, twice in repeated(_slug(app) for app in apps):
        faults.add(f"app {number}", f"{twice} occurs twice")


def _days(page: _Page) -> tuple[date, date]:
    return page.meta.start_date, page.meta.end_date
