"""What a list of models tells us: facts about models, before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One entry of a list; None: the list does not say.

    Attributes:
        slug: Permaslug of the model, or of its base if the list knows no variants.
        name: As the list spells it.
        openrouter_id: The name under which requests are sent.
        hugging_face_id: Repository of the weights; it stands for all variants.
        released_on: `YYYY-MM-DD` or `YYYY-MM`.
        context_length: Tokens.
        license: SPDX expression, or the list's own word for it.
        weights: `open` or `closed`.
        prices: Attribute (`price_prompt`, `price_completion`…) → US dollars per token,
            as a plain decimal.
    """

    slug: str
    name: str | None = None
    openrouter_id: str | None = None
    hugging_face_id: str | None = None
    released_on: str | None = None
    context_length: int | None = None
    license: str | None = None
    weights: str | None = None
    prices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """All that one payload says about models, as of one moment."""

    source: str
    as_of: datetime
    models: Sequence[ListedModel]
    warnings: Sequence[str] = ()
