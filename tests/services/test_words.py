"""Every answer can be quoted: one correct English sentence per kind of question."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from app.services import rankings, share, volume
from tests.services.plain import Facts, Wish
from tests.services.quoted import (
    Answer,
    april,
    but,
    only,
    quote,
    tokens,
    tools,
    wish,
    without_april,
)

SENTENCES = dict(
    line.split(": ", maxsplit=1)
    for line in (Path(__file__).parent / "quotes.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)
Case = tuple[Answer, Callable[[], Facts], Wish]

QUESTIONS: Mapping[str, Case] = {
    "one origin": (share.answer, tokens, april(filters={"origin": only("CN")})),
    "a country with an article": (
        share.answer,
        tokens,
        april(filters={"origin": only("US")}),
    ),
    "two countries together": (
        share.answer,
        tokens,
        april(filters={"origin": only("CN", "US")}, group_by=()),
    ),
    "two countries apart": (
        share.answer,
        tokens,
        april(filters={"origin": only("CN", "US")}),
    ),
    "outside a country": (share.answer, tokens, april(filters={"origin": but("CN")})),
    "outside two countries, known": (
        share.answer,
        tokens,
        april(filters={"origin": but("CN", "US", "unknown")}),
    ),
    "unknown origin": (
        share.answer,
        tokens,
        april(filters={"origin": only("unknown")}),
    ),
    "a country or unknown": (
        share.answer,
        tokens,
        april(filters={"origin": only("CN", "unknown")}, group_by=()),
    ),
    "known origin": (share.answer, tokens, april(filters={"origin": but("unknown")})),
    "origin and weights": (
        share.answer,
        tokens,
        april(filters={"origin": only("CN"), "weights": only("open")}),
    ),
    "both weights": (
        share.answer,
        tokens,
        april(filters={"weights": only("open", "closed")}, group_by=()),
    ),
    "not open": (share.answer, tokens, april(filters={"weights": but("open")})),
    "unknown weights": (
        share.answer,
        tokens,
        april(filters={"weights": only("unknown")}),
    ),
    "open or unknown weights": (
        share.answer,
        tokens,
        april(filters={"weights": only("open", "unknown")}, group_by=()),
    ),
    "among open weights": (
        share.answer,
        tokens,
        april(filters={"origin": only("CN")}, within={"weights": only("open")}),
    ),
    "among models outside a country": (
        share.answer,
        tokens,
        april(filters={"provider": only("openai")}, within={"origin": but("CN")}),
    ),
    "one provider": (
        share.answer,
        tokens,
        april(filters={"provider": only("deepseek")}),
    ),
    "two providers together": (
        share.answer,
        tokens,
        april(filters={"provider": only("deepseek", "openai")}, group_by=()),
    ),
    "other providers": (
        share.answer,
        tokens,
        april(filters={"provider": but("openai")}),
    ),
    "unknown lab": (share.answer, tokens, april(filters={"lab": only("unknown")})),
    "a lab": (share.answer, tokens, april(filters={"lab": only("acme")})),
    "two labs": (
        share.answer,
        tokens,
        april(filters={"lab": only("acme", "bolt")}, group_by=()),
    ),
    "one family": (share.answer, tokens, april(filters={"family": only("deepseek")})),
    "two families together": (
        share.answer,
        tokens,
        april(filters={"family": only("deepseek", "gpt")}, group_by=()),
    ),
    "one base": (share.answer, tokens, april(filters={"base": only("deepseek/v3")})),
    "one model": (
        share.answer,
        tokens,
        april(filters={"model": only("deepseek/v3:free")}),
    ),
    "models together": (
        share.answer,
        tokens,
        april(filters={"model": only("deepseek/v3", "openai/gpt")}, group_by=()),
    ),
    "a model and the unlisted": (
        share.answer,
        tokens,
        april(filters={"model": only("openai/gpt", "other")}, group_by=()),
    ),
    "other models": (share.answer, tokens, april(filters={"model": but("openai/gpt")})),
    "what is not listed": (
        share.answer,
        tokens,
        april(filters={"model": only("other")}),
    ),
    "what is listed": (share.answer, tokens, april(filters={"model": but("other")})),
    "free variants": (share.answer, tokens, april(filters={"variant": only("free")})),
    "free variants of a base": (
        share.answer,
        tokens,
        april(filters={"base": only("deepseek/v3"), "variant": only("free")}),
    ),
    "other variants": (share.answer, tokens, april(filters={"variant": but("free")})),
    "a licence": (share.answer, tokens, april(filters={"license": only("MIT")})),
    "proprietary": (
        share.answer,
        tokens,
        april(filters={"license": only("proprietary")}),
    ),
    "everything": (share.answer, tokens, april(group_by=())),
    "several groups": (share.answer, tokens, april()),
    "three groups and more": (
        share.answer,
        tokens,
        april(group_by=("provider", "weights"), top=3),
    ),
    "groups of a selection": (
        share.answer,
        tokens,
        april(filters={"weights": only("open")}, group_by=("base",)),
    ),
    "a series of months": (
        share.answer,
        tokens,
        wish(
            date(2026, 4, 1),
            date(2026, 5, 31),
            interval="month",
            filters={"origin": only("US")},
        ),
    ),
    "a series of weeks": (
        share.answer,
        tokens,
        wish(
            date(2026, 4, 6),
            date(2026, 4, 19),
            interval="week",
            group_by=("origin", "weights"),
        ),
    ),
    "a series that begins within a week": (
        share.answer,
        tokens,
        wish(
            date(2026, 4, 8),
            date(2026, 4, 19),
            interval="week",
            filters={"origin": only("CN")},
        ),
    ),
    "a series of one day": (
        share.answer,
        tokens,
        wish(
            date(2026, 4, 6),
            date(2026, 4, 6),
            interval="day",
            filters={"origin": only("CN")},
        ),
    ),
    "a day": (
        share.answer,
        tokens,
        wish(date(2026, 4, 6), date(2026, 4, 6), filters={"origin": only("CN")}),
    ),
    "days of one month": (
        share.answer,
        tokens,
        wish(date(2026, 4, 6), date(2026, 4, 12), filters={"origin": only("CN")}),
    ),
    "days of one year": (
        share.answer,
        tokens,
        wish(date(2026, 3, 30), date(2026, 4, 12), filters={"origin": only("CN")}),
    ),
    "a quarter": (
        share.answer,
        tokens,
        wish(date(2026, 1, 1), date(2026, 3, 31), filters={"origin": only("CN")}),
    ),
    "a year, in part": (
        share.answer,
        tokens,
        wish(date(2026, 1, 1), date(2026, 12, 31), filters={"origin": only("CN")}),
    ),
    "days of two years": (
        share.answer,
        tokens,
        wish(date(2025, 12, 30), date(2026, 1, 2), filters={"origin": only("CN")}),
    ),
    "nothing of it": (
        share.answer,
        tokens,
        april(filters={"origin": only("KP")}, group_by=("provider",)),
    ),
    "nothing in the base": (share.answer, tokens, april(within={"origin": only("KP")})),
    "no days": (share.answer, without_april, april(filters={"origin": only("CN")})),
    "no whole period": (
        share.answer,
        tokens,
        wish(date(2026, 6, 1), date(2026, 6, 14), interval="month"),
    ),
    "tools of a category": (
        share.answer,
        tools,
        Wish(window="all", filters={"category": only("code")}),
    ),
    "tools apart": (share.answer, tools, Wish(window="all")),
    "tools for something else": (
        share.answer,
        tools,
        Wish(window="all", filters={"category": but("code")}),
    ),
    "tools among": (
        share.answer,
        tools,
        Wish(
            window="all",
            filters={"category": only("art")},
            within={"category": only("art", "law")},
        ),
    ),
    "volume of one": (volume.answer, tokens, april(filters={"origin": only("CN")})),
    "volume of a model": (
        volume.answer,
        tokens,
        april(filters={"model": only("openai/gpt")}),
    ),
    "volumes apart": (volume.answer, tokens, april(group_by=("weights",))),
    "volume by day": (
        volume.answer,
        tokens,
        wish(
            date(2026, 4, 29),
            date(2026, 5, 1),
            interval="day",
            filters={"base": only("openai/gpt")},
        ),
    ),
    "volume by day of what is not listed": (
        volume.answer,
        tokens,
        wish(
            date(2026, 4, 29),
            date(2026, 5, 1),
            interval="day",
            filters={"origin": only("KR")},
        ),
    ),
    "volume of everything": (volume.answer, tokens, april(group_by=())),
    "volume of tools": (
        volume.answer,
        tools,
        Wish(window="all", filters={"category": only("code")}),
    ),
    "volume of one tool": (
        volume.answer,
        tools,
        Wish(window="all", filters={"category": only("law")}),
    ),
    "volume of nothing": (volume.answer, without_april, april()),
    "ranking": (rankings.answer, tokens, april()),
    "ranking by growth": (
        rankings.answer,
        tokens,
        wish(date(2026, 5, 1), date(2026, 5, 31), sort="growth"),
    ),
    "ranking by trend": (
        rankings.answer,
        tokens,
        wish(date(2026, 5, 4), date(2026, 5, 10), sort="trending"),
    ),
    "ranking of origins": (rankings.answer, tokens, april(group_by=("origin",))),
    "ranking of two": (rankings.answer, tokens, april(group_by=("origin", "weights"))),
    "ranking of a selection": (
        rankings.answer,
        tokens,
        april(filters={"weights": only("open")}, group_by=("provider",)),
    ),
    "ranking within": (
        rankings.answer,
        tokens,
        april(within={"weights": only("open")}, group_by=("provider",)),
    ),
    "ranking of all": (rankings.answer, tokens, april(group_by=())),
    "ranking of one": (
        rankings.answer,
        tokens,
        april(filters={"base": only("openai/gpt")}),
    ),
    "ranking of part": (
        rankings.answer,
        tokens,
        wish(date(2026, 6, 1), date(2026, 6, 20)),
    ),
    "nothing to compare": (
        rankings.answer,
        tokens,
        wish(date(2026, 1, 1), date(2026, 1, 31), sort="growth"),
    ),
    "ranking of nothing": (rankings.answer, without_april, april()),
    "ranking of tools": (rankings.answer, tools, Wish(window="all")),
}


def test_each_sentence_answers_a_question() -> None:
    assert list(SENTENCES) == list(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_told_in_one_sentence(question: str) -> None:
    answer, facts, asks = QUESTIONS[question]

    assert quote(answer, facts(), asks) == SENTENCES[question]
