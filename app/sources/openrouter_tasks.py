"""Share of tokens per kind of task, from OpenRouter's classification of prompts.

Endpoint: `GET /api/v1/classifications/task?window=7d`, with any API key as Bearer.
Payload: `{"data": {window_days, as_of, classifications: [{tag, display_name,
macro_category, token_share, usage_share, …, models}], macro_categories}}`.
Unit: fractions of the tokens of classified traffic; we keep `token_share` in
millionths. Nothing of it is a volume: the traffic is a sample, and how large it is is
not told.
Licence: as the Data API, CC BY 4.0. Credit "Source: OpenRouter
(openrouter.ai/rankings), as of <as_of>", and say what was changed.
Quotas: those of the Data API.

Traps:
- Only `7d` is offered: history exists for those who kept it.
- `as_of` is a date and stands inside `data`. The window ends there, so the date is the
  day of the observations, which are of the seven days before and are never added up.
- Two reads on one day may differ. So a batch is as of when it was fetched.
- Each tag lists models by id, not by permaslug, and their shares within the tag; they
  are not read.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.sources._catalogue import Name, check_size, read_model, repeated
from app.sources._data_api import DataApiSource
from app.sources._values import Day, Faults

SCALE = 1_000_000
"""A share of 1 as it is stored."""

_PATH = "/api/v1/classifications/task"
_MOST_BYTES = 2_000_000
_MOST_VALUES = 100_000
# Shares are rounded; together they may be a little more than all there is.
_MOST = SCALE + SCALE // 100


class _Tag(BaseModel):
    model_config = ConfigDict(strict=True)

    tag: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_:.-]{0,99}$")]
    display_name: Name = None
    token_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Data(BaseModel):
    model_config = ConfigDict(strict=True)

    window_days: Literal[7]
    as_of: Day
    classifications: Annotated[list[_Tag], Field(min_length=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True)

    data: _Data


class OpenRouterTasks(DataApiSource):
    """See the module's docstring for the upstream, and `Source` for the methods."""

    name = "openrouter-tasks"
    dataset = "openrouter-tasks"

    def windows(self, _known: Window | None, today: date) -> Sequence[Window]:
        """Return today alone: nothing else can be asked for."""
        return [Window(today, today)]

    def fetch(self, client: httpx2.Client, _window: Window) -> Payload:
        """Return the shares of the last seven days; see `Source.fetch`."""
        answer = self._api.get(
            client, self.name, _PATH, {"window": "7d"}, self._timeout
        )
        return Payload(answer.body, answer.media_type, answer.url, self._now())

    def parse(self, payload: Payload) -> list[Batch]:
        """Read the shares as one batch of one day; see `Source.parse`."""
        faults = Faults(self.name, "Nothing of this answer is used.")
        check_size(payload.body, _MOST_BYTES, _MOST_VALUES, faults)
        data = read_model(_Answer, payload.body, faults).data
        tags = data.classifications
        for number, twice in repeated(tag.tag for tag in tags):
            faults.add(f"tag {number}", f"{twice} occurs twice")
        found = [
            Observation(
                data.as_of, SeriesKind.CATEGORY, tag.tag, round(tag.token_share * SCALE)
            )
            for tag in tags
        ]
        total = sum(one.volume for one in found)
        if total > _MOST:
            faults.add("classifications", f"add up to {total / SCALE}, more than all")
        faults.check_moment(payload.fetched_at, data.as_of, payload.fetched_at)
        faults.check()
        return [
            Batch(
                self.dataset,
                Window(data.as_of, data.as_of),
                payload.fetched_at,
                found,
                names={tag.tag: tag.display_name for tag in tags if tag.display_name},
                sampled=True,
            )
        ]
