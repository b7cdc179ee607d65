"""What the columns of tables mean: for the reference, and for files that tell it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

_GROUPS = {
    "origin": "Country of the lab, ISO 3166-1 alpha-2, or `unknown`.",
    "provider": "Who releases the model: the first part of its slug.",
    "lab": "The lab behind one or more providers.",
    "family": "Product line.",
    "base": "The model without its variant.",
    "model": "The exact model, with its variant.",
    "category": "Use case.",
    "app": "Application.",
    "license": "Licence.",
    "weights": "Whether the weights can be had: `open`, `closed` or `unknown`.",
    "variant": "How the model is served: `standard`, `free`…",
}
_COMMON = {
    **_GROUPS,
    **{f"{name}_name": f"What `{name}` is called." for name in _GROUPS},
    # Questions
    "period_start": "First day of the period, UTC.",
    "period_end": "Last day of the period, UTC.",
    "status": "`final`, `provisional` (may be restated), `partial`, `missing` or "
    "`not_yet`.",
    "volume": "What was measured, in the unit of the dataset.",
    "share": "Volume ÷ total, 0 to 1.",
    "share_low": "The least it can be.",
    "share_high": "The most it can be.",
    "share_attributed": "Among what can be told.",
    "coverage": "The part that can be told.",
    "total": "Volume of all.",
    "volume_low": "The least it can be.",
    "volume_high": "The most it can be.",
    "days_listed": "Days on which anything of the group is listed.",
    "previous": "The same, in the period before.",
    "change": "How far it moved.",
    "growth": "The change as a fraction of what was before.",
    "unit": "What is counted.",
    # Revisions
    **{
        f"{name}_{when}": f"`{name}` {told}."
        for name in (
            *("volume", "volume_low", "volume_high", "total"),
            *("share", "share_low", "share_high", "rank"),
        )
        for when, told in (("then", "in the pinned release"), ("now", "in the newest"))
    },
    "release": "Number of the release.",
    "published_at": "When the release was published, UTC.",
    "subject_kind": "What sort of thing it is about.",
    "subject": "Which thing it is about.",
    "attribute": "What about it was changed.",
    "old_value": "What was said before.",
    "new_value": "What is said since.",
    "reason": "Why.",
    # The registry
    "slug": "Its name in URLs.",
    "name": "What it is called.",
    "released_on": "When it was released, as exactly as is known.",
    "context_length": "Tokens it can read at once.",
    "hugging_face_id": "Its repository on the Hugging Face Hub.",
    "aliases": "Other names of it.",
    "first_seen": "First day on which it has a volume.",
    "last_seen": "Last day on which it has a volume.",
    "volume_28d": "Its volume in the last 28 days there are.",
    "price_as_of": "First day on which the list had these prices.",
    "organisation": "Who stands behind it.",
    "kind": "What sort it is.",
    "alternatives": "What else the origin may be.",
    "confidence": "How sure the claim is: `high`, `medium`, `low` or `disputed`.",
    "basis": "What the claim rests on.",
    "evidence": "Where to see that.",
    "since_release": "First release that says so.",
    "models": "How many models.",
    "providers": "Which providers, or how many.",
    # The evidence
    "dataset": "Slug of the dataset.",
    "publisher": "Who publishes it.",
    "metric": "What is counted.",
    "grain": "Shortest period it has.",
    "citation": "How to credit it.",
    "dimensions": "What it can be grouped by.",
    "default_group": "What it is grouped by unless asked otherwise.",
    "series": "How many things it counts.",
    "days": "How many days there are.",
    "first_day": "First day there is.",
    "last_day": "Last day there is.",
    "data_through": "Last complete day there is.",
    "source_as_of": "When the source was read last, UTC.",
    "id": "Number of the release.",
    "method_version": "Version of the method.",
    "summary": "What it did, in a sentence.",
    "digest": "SHA-256 that chains it to the release before.",
    "rows": "How many numbers the day has.",
    "run": "Number of the reading.",
    "source": "What was read.",
    "payload_sha256": "SHA-256 of what was read.",
    "payload_url": "Where it was read.",
    "fetched_at": "When it was read, UTC.",
    "date_from": "First day it is about.",
    "date_to": "Last day it is about.",
    "text": "What to know.",
    "url": "Where to read more.",
}


def definition(name: str, described: str | None) -> str | None:
    """Return what a column means: as it is described, or as that name always does."""
    return described or _COMMON.get(name)


@lru_cache(maxsize=64)
def of_rows(answer: Any) -> Mapping[str, str]:
    """Return what each column of an answer with rows means.

    Args:
        answer: The model of the answer; its data is a list of rows, or there is
            nothing to define.
    """
    data = answer.model_fields["data"].annotation
    rows = [each for each in get_args(data) if issubclass(each, BaseModel)]
    return {
        name: text
        for row in rows
        for name, field in row.model_fields.items()
        if (text := definition(name, field.description)) is not None
    }
