"""Kinds of task: declared when they are first read, and told as estimates only."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.services import contracts, declaring
from app.services.ingest import Job
from app.store.database import Database
from tests.api.conftest import PUBLIC
from tests.api.first_reads import (
    APPS,
    DAY,
    TASKS,
    WHEN,
    FakeTasks,
    NamedApps,
    Reader,
)
from tests.services import published

SHARES = {"code:general": 0.31, "chat": 0.6000004, "law": 0.05}


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


@pytest.fixture
def tasks() -> Iterator[FakeTasks]:
    with FakeTasks(SHARES) as fake:
        yield fake


# Declared when they are first read


def test_the_first_reading_declares_the_dataset_in_a_release_of_its_own(
    reader: Reader, tasks: FakeTasks
) -> None:
    run = reader.tasks(tasks)

    assert (run.verdict, run.counts["new"]) == ("published", 3)
    releases = reader.ask("/v1/releases?sort=id")["data"]
    assert [(r["kind"], r["dataset"], r["summary"]) for r in releases[1:]] == [
        (
            "registry",
            TASKS,
            (
                "New dataset: OpenRouter task classifications (share of tokens in "
                "seven days by kind of task of OpenRouter)."
            ),
        ),
        (
            "data",
            TASKS,
            "OpenRouter task classifications: 1 day new (2026-08-24).",
        ),
    ]
    with reader.database.read() as session:
        assert declaring.contract_of(session, TASKS) == "structure"
    assert reader.problems() == ()


def test_a_later_reading_declares_nothing(reader: Reader, tasks: FakeTasks) -> None:
    reader.tasks(tasks)
    tasks.shares = SHARES | {"law": 0.06}
    reader.now += timedelta(hours=1)

    run = reader.tasks(tasks)

    assert (run.counts["changed"], run.counts["same"]) == (1, 2)
    assert published.head(reader.database) == 4
    assert reader.rows(
        f"/v1/share?dataset={TASKS}&category=law", "period_start", "status", "volume"
    ) == [("2026-08-24", "final", 60_000)]
    assert reader.problems() == ()


def test_a_first_reading_that_is_not_sound_declares_nothing(reader: Reader) -> None:
    exact = estimates(sampled=False)

    (run,) = published.take(reader.database, exact, job=Job(TASKS, TASKS, "cli"))

    assert run.verdict == "rejected"
    assert published.head(reader.database) == 1
    assert reader.get(f"/v1/datasets/{TASKS}").status_code == 404


def test_what_nobody_declares_is_refused(reader: Reader) -> None:
    unknown = replace(estimates(), dataset="no-such")

    (run,) = published.take(reader.database, unknown, job=Job("no", "no-such", "cli"))

    assert run.verdict == "failed"
    assert "There is no dataset 'no-such'" in str(run.reason)


def estimates(*, sampled: bool = True) -> Batch:
    one = Observation(DAY, SeriesKind.CATEGORY, "chat", 5)
    return Batch(TASKS, Window(DAY, DAY), published.NOW, [one], sampled=sampled)


# Estimates


def test_estimates_answer_as_shares(reader: Reader, tasks: FakeTasks) -> None:
    reader.tasks(tasks)

    answer = reader.ask(f"/v1/share?dataset={TASKS}")

    assert [
        (r["category"], r["category_name"], r["volume"], r["total"], r["share"])
        for r in answer["data"]
    ] == [
        ("chat", "Chat", 600_000, 960_000, 0.625),
        ("code:general", "Code:General", 310_000, 960_000, 0.322917),
        ("law", "Law", 50_000, 960_000, 0.052083),
    ]
    meta = answer["meta"]
    assert meta["unit"] == "millionths of classified, sampled tokens"
    assert "sampled_and_classified" in meta["caveats"]
    assert meta["base"] == "all classified, sampled tokens"
    assert meta["quote"] == (
        f"Of classified, sampled tokens on OpenRouter {WHEN}, classified, sampled "
        "tokens for Chat made up 62.5%, classified, sampled tokens for Code:General "
        "32.3% and classified, sampled tokens for Law 5.2%."
    )


def test_estimates_are_ranked_by_share(reader: Reader, tasks: FakeTasks) -> None:
    reader.tasks(tasks)

    answer = reader.ask(f"/v1/rankings?dataset={TASKS}&top=2")

    assert [(r["rank"], r["category"], r["share"]) for r in answer["data"]] == [
        (1, "chat", 0.625),
        (2, "code:general", 0.322917),
        (None, "rest", 0.052083),
    ]
    assert answer["meta"]["quote"] == (
        "Classified, sampled tokens for Chat ranked first by share of classified, "
        f"sampled tokens on OpenRouter {WHEN}, with 62.5%, ahead of classified, "
        "sampled tokens for Code:General (32.3%)."
    )


def test_exact_volumes_of_estimates_are_refused(
    reader: Reader, tasks: FakeTasks
) -> None:
    reader.tasks(tasks)

    refused = reader.get(f"/v1/volume?dataset={TASKS}")

    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (
        422,
        f"{PUBLIC}/problems/estimates-only",
    )
    assert problem["detail"] == (
        "openrouter-tasks holds estimates from a sample: there are no exact volumes of "
        "classified, sampled tokens on OpenRouter. Ask /v1/share or /v1/rankings."
    )
    assert problem["try_url"] == f"{PUBLIC}/v1/share?dataset={TASKS}"
    assert reader.ask(problem["try_url"].removeprefix(PUBLIC))["data"]


def test_volumes_beside_those_of_another_dataset_are_refused_too(
    reader: Reader, tasks: FakeTasks
) -> None:
    reader.tasks(tasks)
    several = f"datasets={TASKS},{APPS}"

    with NamedApps([1], ["One"]) as apps:
        apps.end, apps.as_of = str(DAY), "2026-08-24T02:00"
        reader.apps(apps)
    refused = reader.get(f"/v1/compare?of=volume&{several}")

    assert refused.status_code == 422
    better = refused.json()["try_url"].removeprefix(PUBLIC)
    assert "of=share" in better
    assert reader.ask(better)["data"]


@pytest.mark.parametrize("of_estimates", [True, False])
def test_estimates_and_exact_numbers_are_not_mixed(*, of_estimates: bool) -> None:
    dataset = declaring.declarations()[TASKS].dataset
    if not of_estimates:
        dataset = replace(dataset, caveats=())
    batch = estimates(sampled=not of_estimates)

    failed = [c.name for c in contracts.sound(batch, dataset) if not c.passed]
    fits = contracts.sound(replace(batch, sampled=of_estimates), dataset)

    assert failed == ["sampled"]
    assert all(check.passed for check in fits)
