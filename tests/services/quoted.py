"""Two small datasets with easy numbers, to make sentences of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.domain.questions import Ask
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from tests.services import asked
from tests.services.plain import OTHER, Claim, Facts, ModelFact, Some, Wish
from tests.services.plain_calendar import walk

Answer = Callable[[Snapshot, Ask, datetime | None], Report]

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 14)
A_DAY = {
    "deepseek/v3": 30,
    "deepseek/v3:free": 10,
    "openai/gpt": 35,
    "mistral/large": 10,
    "stealth/owl": 5,
    OTHER: 10,
}
ORIGINS = {"deepseek": "CN", "openai": "US", "mistral": "FR"}
NAMES = {"deepseek": "DeepSeek", "openai": "OpenAI", "mistral": "Mistral AI"}


def _model(slug: str, name: str, weights: str, **other: str) -> ModelFact:
    base, _, variant = slug.partition(":")
    provider = base.partition("/")[0]
    sure = "low" if provider == "stealth" else "high"
    claims = {"name": name, "weights": weights, **other}
    told = [Claim(a, v, "high") for a, v in claims.items() if v]
    return ModelFact(
        base, variant or "standard", (Claim("provider", provider, sure), *told)
    )


def _listed(day: date) -> dict[str, int]:
    """GPT doubles in May."""
    doubled = {"openai/gpt"} if day >= date(2026, 5, 1) else set()
    return {s: v * 10**9 * (2 if s in doubled else 1) for s, v in A_DAY.items()}


def tokens() -> Facts:
    days = list(walk(FIRST, LAST))
    models = [
        ("deepseek/v3", "DeepSeek V3", "open", {"family": "deepseek"}),
        ("deepseek/v3:free", "DeepSeek V3 (free)", "open", {"family": "deepseek"}),
        ("openai/gpt", "GPT", "closed", {"license": "proprietary", "family": "gpt"}),
        ("mistral/large", "Mistral Large", "open", {"license": "MIT"}),
        ("stealth/owl", "Owl", "", {}),
    ]
    return Facts(
        volumes={day: _listed(day) for day in days},
        read={d: datetime.combine(d, time(), UTC) + timedelta(days=60) for d in days},
        models={slug: _model(slug, *told, **more) for slug, *told, more in models},
        providers={
            slug: (Claim("name", NAMES[slug], "high"), Claim("origin", o, "high"))
            for slug, o in ORIGINS.items()
        }
        | {"stealth": ()},
    )


def without_april() -> Facts:
    all_days = tokens()
    kept = {d: v for d, v in all_days.volumes.items() if d.month != 4}
    return replace(all_days, volumes=kept)


def tools() -> Facts:
    day = date(2026, 10, 10)
    names = {"code": "Software Development", "art": "Art & Design", "law": "Law"}
    return Facts(
        volumes={day: {"code": 30, "art": 19, "law": 1}},
        read={day: datetime(2026, 10, 11, 6, tzinfo=UTC)},
        categories=names,
        dimensions=("category",),
        default_group="category",
        additive=False,
        revision_days=0,
    )


def only(*values: str) -> Some:
    return Some(frozenset(values))


def but(*values: str) -> Some:
    return Some(frozenset(values), all_but=True)


def wish(start: date, end: date, **other: Any) -> Wish:
    return Wish(start=start, end=end, **other)


def april(**other: Any) -> Wish:
    return wish(date(2026, 4, 1), date(2026, 4, 30), **other)


def quote(answer: Answer, facts: Facts, asks: Wish) -> object:
    return answer(asked.snapshot(facts), asked.ask(asks), None).meta["quote"]
