"""What models cost by the lists that their requests are billed by."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.registry import Registry, Subject

PREFIX = "price_"
"""What the attributes of all prices begin with."""

_NOW = date.max  # the claims that hold now are those that have not ended
_TOKENS = 6  # prices are shown per million tokens, 10 to the power of this


def of(registry: Registry, model: str) -> Mapping[str, Any]:
    """Return the list prices of a model, as they are claimed now.

    Returns:
        `price_prompt_usd_per_million` and `price_completion_usd_per_million`: exact,
        or None; `price_as_of`: the first day on which both were so.
    """
    found: dict[str, Any] = {}
    days = []
    for what in ("prompt", "completion"):
        claim = registry.claim(Subject.MODEL, model, PREFIX + what, _NOW)
        if claim is not None:
            days.append(claim.valid_from)
        price = None if claim is None else _per_million(claim.value)
        found[f"price_{what}_usd_per_million"] = price
    return found | {"price_as_of": max(days, default=None)}


def _per_million(per_token: str) -> Decimal:
    # Shifted, not multiplied: a product would be rounded to 28 digits.
    return Decimal(per_token).scaleb(_TOKENS).normalize()
