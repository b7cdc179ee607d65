"""The published figures, from the files of the bundle, by the services and the twin."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.questions import Ask
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.services import rankings, share, volume
from tests.services import asked, bundled, twin_answers
from tests.services.plain import Facts, Some, Wish


def april(**other: Any) -> Wish:
    return Wish(start=date(2026, 4, 1), end=date(2026, 4, 30), **other)


def spring(**other: Any) -> Wish:
    return Wish(start=date(2026, 4, 1), end=date(2026, 5, 31), **other)


def only(*values: str) -> Some:
    return Some(frozenset(values))


def but(*values: str) -> Some:
    return Some(frozenset(values), all_but=True)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return asked.snapshot(bundled.facts())


Answer = Callable[[Snapshot, Ask, datetime | None], Report]
Twin = Callable[[Facts, Wish], list[twin_answers.Row]]

SHARE = (share.answer, twin_answers.share)
VOLUME = (volume.answer, twin_answers.volume)
RANKINGS = (rankings.answer, twin_answers.rankings)
QUESTIONS: Mapping[str, tuple[Answer, Twin, Wish]] = {
    "china in april": (*SHARE, april(filters={"origin": only("CN")})),
    "china among open weights": (
        *SHARE,
        april(filters={"origin": only("CN")}, within={"weights": only("open")}),
    ),
    "outside china and the united states, by provider": (
        *SHARE,
        april(
            filters={"origin": but("CN", "US")},
            group_by=("provider",),
            top=5,
        ),
    ),
    "origins and weights by week": (
        *SHARE,
        spring(interval="week", group_by=("origin", "weights"), top=6),
    ),
    "families by month, compared": (
        *SHARE,
        Wish(interval="month", window="4m", group_by=("family",), compare=True),
    ),
    "two models by day, smoothed": (
        *SHARE,
        Wish(
            interval="day",
            window="14d",
            filters={
                "base": only("openrouter/owl-alpha", "minimax/minimax-m3-20260531")
            },
            smooth=7,
        ),
    ),
    "free variants within two bases": (
        *SHARE,
        spring(
            interval="week",
            filters={"variant": only("free")},
            within={
                "base": only("tencent/hy3-preview-20260421", "stepfun/step-3.5-flash")
            },
        ),
    ),
    "volume by base and week": (
        *VOLUME,
        Wish(interval="week", window="8w", group_by=("base",), top=8, compare=True),
    ),
    "volume of unlisted models by quarter": (
        *VOLUME,
        Wish(interval="quarter", filters={"model": only("other")}, include=True),
    ),
    "bases of four weeks": (*RANKINGS, Wish()),
    "trending models in june": (
        *RANKINGS,
        Wish(
            start=date(2026, 6, 1),
            end=date(2026, 6, 30),
            group_by=("model",),
            sort="trending",
        ),
    ),
    "growing providers, open weights": (
        *RANKINGS,
        Wish(window="2w", within={"weights": only("open")}, group_by=("provider",)),
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_real_questions_are_answered_as_by_the_twin(
    snapshot: Snapshot, question: str
) -> None:
    answer, twin, wish = QUESTIONS[question]

    report = answer(snapshot, asked.ask(wish), None)

    assert list(report.rows()) == twin(bundled.facts(), wish)


def test_china_handled_45_percent_of_tokens_in_april(snapshot: Snapshot) -> None:
    wish = april(filters={"origin": only("CN")})

    report = share.answer(snapshot, asked.ask(wish), None)

    assert list(report.rows()) == [
        {
            "period_start": date(2026, 4, 1),
            "period_end": date(2026, 4, 30),
            "status": "final",
            "days": 30,
            "days_expected": 30,
            "origin": "CN",
            "origin_name": "China",
            "volume": 44_129_943_053_400,
            "total": 97_142_542_677_421,
            "share": 454_280,
            "share_low": 454_280,
            "share_high": 551_861,
            "share_attributed": 503_403,
            "coverage": 902_419,
        }
    ]
    assert report.meta["quote"] == (
        "Models from China-based labs handled 45.4% of tokens on OpenRouter in April "
        "2026 (bounds 45.4%–55.2%)."  # noqa: RUF001 (a range)
    )


def test_china_handled_82_percent_of_the_tokens_of_open_weights(
    snapshot: Snapshot,
) -> None:
    wish = april(filters={"origin": only("CN")}, within={"weights": only("open")})

    (row,) = share.answer(snapshot, asked.ask(wish), None).rows()

    bounds = (row["share"], row["share_low"], row["share_high"])
    assert bounds == (824_390, 653_223, 860_851)


def test_origins_and_weights_of_each_week_sum_to_its_tokens(
    snapshot: Snapshot,
) -> None:
    wish = spring(interval="week", group_by=("origin", "weights"))

    report = share.answer(snapshot, asked.ask(wish), None)

    sums: dict[object, int] = defaultdict(int)
    for row in report.rows():
        sums[row["period_start"]] += int(str(row["volume"]))
    weeks: dict[object, int] = defaultdict(int)
    for day, listed in bundled.facts().volumes.items():
        if date(2026, 4, 1) <= day <= date(2026, 5, 31):
            monday = day - timedelta(days=day.weekday())
            weeks[monday] += sum(listed.values())
    assert sums == weeks
    assert len(weeks) == 9
