"""Names, release dates and context lengths of models, from models.dev.

Endpoint: `GET /api.json`, without a key.
Payload: an object of providers, each with `models`: id → {id, name, release_date,
open_weights, limit: {context}, …}. Only the provider `openrouter` is read, because its
ids are those that requests to OpenRouter use.
Unit: context lengths in tokens.
Licence: MIT.
Quotas: none published; we ask once a time.

Traps:
- `release_date` is `YYYY-MM-DD` or `YYYY-MM`. A month stays a month.
- `open_weights` of an entry that was written by a machine says no more than that the
  list it was written from has a Hugging Face id, and nothing tells such entries from
  others. So it is not a claim about weights, and is not read as one.
- There is no country, and costs are per million tokens of one host; neither is read.
- The slug of a listed model is its id, which may differ from its permaslug.
- `~author/x-latest` is no model of its own but points at one; it is left out.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.domain.listings import ListedModel, Listing
from app.domain.observations import Payload
from app.sources._catalogue import (
    ADVICE,
    ModelName,
    Name,
    PublicList,
    Tokens,
    check_size,
    read_model,
)
from app.sources._values import Faults, shown

_MOST_BYTES = 15_000_000
_MOST_VALUES = 800_000
_RELEASED = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", re.ASCII)


def _check_released(text: str) -> str:
    """Return `YYYY-MM-DD` or `YYYY-MM` as it is."""
    month = len("YYYY-MM")
    if _RELEASED.fullmatch(text):
        try:
            date.fromisoformat(text if len(text) > month else f"{text}-01")
        except ValueError:
            pass
        else:
            return text
    msg = f"{shown(text)} is not a day or a month such as 2026-05-24 or 2026-05"
    raise ValueError(msg)


class _Limit(BaseModel):
    model_config = ConfigDict(strict=True)

    context: Tokens | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)

    id: ModelName
    name: Name
    release_date: Annotated[str, AfterValidator(_check_released)] | None = None
    limit: _Limit = _Limit()


class _Provider(BaseModel):
    model_config = ConfigDict(strict=True)

    models: Annotated[Mapping[str, _Entry], Field(min_length=1)]


class _Providers(BaseModel):
    model_config = ConfigDict(strict=True)

    openrouter: _Provider


class ModelsDev(PublicList):
    """See the module's docstring for the upstream, and `RegistrySource`."""

    name = "modelsdev"
    path = "/api.json"

    def parse(self, payload: Payload) -> Listing:
        """Read the list, as of when it was fetched; see `RegistrySource.parse`."""
        faults = Faults(self.name, ADVICE)
        check_size(payload.body, _MOST_BYTES, _MOST_VALUES, faults)
        entries = read_model(_Providers, payload.body, faults).openrouter.models
        for key, entry in entries.items():
            if key != entry.id:
                faults.add(shown(key), f"its id is {shown(entry.id)}")
        faults.check()
        models = [_listed(e) for e in entries.values() if not e.id.startswith("~")]
        return Listing(self.name, payload.fetched_at, models)


def _listed(entry: _Entry) -> ListedModel:
    return ListedModel(
        slug=entry.id,
        name=entry.name,
        openrouter_id=entry.id,
        released_on=entry.release_date,
        context_length=entry.limit.context or None,
    )
