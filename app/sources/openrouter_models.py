"""Models and their list prices, from OpenRouter's public list of models.

Endpoint: `GET /api/v1/models`, without a key.
Payload: `{"data": [{id, canonical_slug, hugging_face_id, name, created,
context_length, pricing, …}]}`, one entry for each name that requests may use.
Unit: prices in US dollars per token, as decimal strings.
Licence: none is stated for the list; single facts are taken from it, each dated.
Quotas: none published; we ask once a time.

Traps:
- Three identities: `id` is what requests say, `canonical_slug` is the base that usage
  is counted under, and a variant such as `:free` stands only in the `id`. So the
  permaslug is the canonical slug with the variant of the id.
- Several ids may share one canonical slug.
- `~author/x-latest` is no model of its own but points at one; it is left out.
- `hugging_face_id` is a value, null or an empty string. It names the base of a model
  for all its variants.
- A price of `-1` says that a router decides: it is no price.
- `created` is when the model was listed here, which is not when it was released.
- A removed model vanishes without a word.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.listings import ListedModel, Listing
from app.domain.observations import Payload
from app.sources._catalogue import (
    ADVICE,
    MaybeRepository,
    ModelName,
    Name,
    PublicList,
    Tokens,
    check_size,
    read_model,
    repeated,
)
from app.sources._values import Faults, shown

_MOST_BYTES = 12_000_000
_MOST_VALUES = 500_000
_PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?", re.ASCII)
_NO_PRICE = re.compile(r"-1(\.0+)?", re.ASCII)
# Others of `pricing` are per image, per request, or rules.
_PER_TOKEN = (
    "prompt",
    "completion",
    "input_cache_read",
    "input_cache_write",
    "internal_reasoning",
)


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)

    id: ModelName
    canonical_slug: ModelName
    hugging_face_id: MaybeRepository = None
    name: Name
    created: Annotated[int, Field(ge=0)]
    context_length: Tokens | None = None
    pricing: Mapping[str, object]


class _List(BaseModel):
    model_config = ConfigDict(strict=True)

    data: Annotated[list[_Entry], Field(min_length=1)]


class OpenRouterModels(PublicList):
    """See the module's docstring for the upstream, and `RegistrySource`."""

    name = "openrouter-models"
    path = "/api/v1/models"

    def parse(self, payload: Payload) -> Listing:
        """Read the list, as of when it was fetched; see `RegistrySource.parse`."""
        faults = Faults(self.name, ADVICE)
        check_size(payload.body, _MOST_BYTES, _MOST_VALUES, faults)
        entries = read_model(_List, payload.body, faults).data
        for number, twice in repeated(entry.id for entry in entries):
            faults.add(f"entry {number}", f"{twice} occurs twice")
        models = [
            _listed(entry, faults) for entry in entries if not entry.id.startswith("~")
        ]
        faults.check()
        return Listing(self.name, payload.fetched_at, models)


def _listed(entry: _Entry, faults: Faults) -> ListedModel:
    return ListedModel(
        slug=_permaslug(entry),
        name=entry.name,
        openrouter_id=entry.id,
        hugging_face_id=entry.hugging_face_id,
        context_length=entry.context_length or None,
        prices=_prices(entry, faults),
    )


def _permaslug(entry: _Entry) -> str:
    _, mark, variant = entry.id.partition(":")
    return entry.canonical_slug.partition(":")[0] + mark + variant


def _prices(entry: _Entry, faults: Faults) -> dict[str, str]:
    found = {}
    for name in _PER_TOKEN:
        price = entry.pricing.get(name)
        if price is None or (isinstance(price, str) and _NO_PRICE.fullmatch(price)):
            continue
        if isinstance(price, str) and _PRICE.fullmatch(price):
            found[f"price_{name}"] = price
        else:
            faults.add(entry.id, f"{name} {shown(price)} is not a price per token")
    return found
