"""Tasks, apps and downloads: read from their upstreams, and asked through the door."""

import csv
import io
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
    DOWNLOADS,
    TASKS,
    FakeTasks,
    NamedApps,
    Reader,
)
from tests.api.test_contract import DOCUMENT, holds
from tests.services import published
from tests.sources.pages import FakeHub

HOSTILE = "=1+cmd|\"</script><b>\u202eX, '& "
NAMED = "=1+cmd|\"</script><b> X, '&"
"""The same in one line, as it is kept."""
SHARES = {"code:general": 0.31, "chat": 0.6000004, "law": 0.05}
WHEN = "as of 24 August 2026"
OF_HUB = (
    "downloads in 30 days of the most downloaded repositories on the Hugging Face Hub"
)


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


@pytest.fixture
def tasks() -> Iterator[FakeTasks]:
    with FakeTasks(SHARES) as fake:
        yield fake


@pytest.fixture
def apps() -> Iterator[NamedApps]:
    with NamedApps([60, 30, 10], ["Cline", HOSTILE, None]) as fake:
        fake.end, fake.as_of = str(DAY), "2026-08-24T02:00"
        yield fake


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub([50, 30, 12, 8]) as fake:
        fake.names = {1: "Acme-Lab/One", 2: "acme-lab/one-gguf", 3: "gpt2"}
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


# Applications


def test_applications_are_ranked(reader: Reader, apps: NamedApps) -> None:
    reader.apps(apps)

    answer = reader.ask(f"/v1/rankings?dataset={APPS}")

    assert [
        (r["rank"], r["app"], r["app_name"], r["volume"], r["share"])
        for r in answer["data"]
    ] == [
        (1, "app-1000", "Cline", 60, 0.6),
        (2, "app-999", NAMED, 30, 0.3),
        (3, "app-998", "app-998", 10, 0.1),
    ]
    assert answer["meta"]["quote"] == (
        "Cline ranked first by volume of tokens among the ranked apps on OpenRouter "
        f"{WHEN}, with 60.0%, ahead of {NAMED} (30.0%) and app-998 (10.0%)."
    )
    assert "apps_that_say_who_they_are" in answer["meta"]["caveats"]
    assert reader.problems() == ()


NAMED = "=1+cmd|\"</script><b> X, '&"


def test_one_application_is_asked_for_by_its_number(
    reader: Reader, apps: NamedApps
) -> None:
    reader.apps(apps)

    share = reader.ask(f"/v1/share?dataset={APPS}&app=app-1000")
    volume = reader.ask(f"/v1/volume?dataset={APPS}&app=-app-1000&interval=total")
    among = reader.ask(
        f"/v1/share?dataset={APPS}&app=app-1000&within_app=app-1000,app-998"
    )

    assert share["meta"]["quote"] == (
        f"Cline used 60.0% of tokens among the ranked apps on OpenRouter {WHEN}."
    )
    assert volume["meta"]["quote"] == (
        "Apps other than Cline used 40 tokens among the ranked apps on OpenRouter "
        f"{WHEN}."
    )
    assert among["meta"]["quote"] == (
        "Cline used 85.7% of tokens of Cline and app-998 among the ranked apps on "
        f"OpenRouter {WHEN}."
    )


@pytest.mark.parametrize("path", ["share", "volume", "rankings"])
def test_answers_about_applications_are_as_the_contract_says(
    reader: Reader, apps: NamedApps, path: str
) -> None:
    reader.apps(apps)

    answer = reader.ask(f"/v1/{path}?dataset={APPS}")

    replies = DOCUMENT["paths"][f"/v1/{path}"]["get"]["responses"]
    holds(answer, replies["200"]["content"]["application/json"]["schema"])
    assert [row["app"] for row in answer["data"]] == ["app-1000", "app-999", "app-998"]


def test_a_name_can_do_nothing_to_its_reader(reader: Reader, apps: NamedApps) -> None:
    reader.apps(apps)

    table = reader.get(f"/v1/rankings.csv?dataset={APPS}").text
    wide = reader.get(f"/v1/share.csv?dataset={APPS}&interval=day&shape=wide").text

    (row,) = [r for r in csv.DictReader(io.StringIO(table)) if r["app"] == "app-999"]
    assert row["app_name"] == f"'{NAMED}"
    cells = [cell for row in csv.reader(io.StringIO(wide)) for cell in row]
    assert f"'{NAMED}" in cells or "app-999" in cells
    assert not any(cell.startswith("=") for cell in cells)
    assert "\u202e" not in table + wide


def test_a_rename_is_of_its_release(reader: Reader, apps: NamedApps) -> None:
    reader.apps(apps)
    apps.names = ["Cline 2", HOSTILE, "Late"]
    apps.tokens = [61, 30, 10]
    apps.as_of = "2026-08-24T03:00"

    reader.apps(apps)

    question = f"/v1/rankings?dataset={APPS}"
    assert reader.rows(question, "app_name") == [("Cline 2",), (NAMED,), ("Late",)]
    assert reader.rows(f"{question}&release=3", "app_name", "volume") == [
        ("Cline", 60),
        (NAMED, 30),
        ("app-998", 10),
    ]
    assert reader.problems() == ()


def test_an_older_reading_renames_nothing(reader: Reader, apps: NamedApps) -> None:
    reader.apps(apps)
    apps.names, apps.tokens = ["Old", "Old", "First name"], [5, 4, 3]
    apps.end, apps.as_of = "2026-08-20", "2026-08-21T02:00"

    run = reader.apps(apps)

    assert run.verdict == "published"
    found = reader.rows(f"/v1/rankings?dataset={APPS}", "app", "app_name", "volume")
    assert found == [
        ("app-1000", "Cline", 60),
        ("app-999", NAMED, 30),
        ("app-998", "First name", 10),
    ]
    assert reader.problems() == ()


@pytest.mark.parametrize(
    ("filters", "status"), [("origin=CN", 400), ("category=chat", 400), ("app=x", 404)]
)
def test_what_applications_have_not_is_refused(
    reader: Reader, apps: NamedApps, filters: str, status: int
) -> None:
    reader.apps(apps)

    refused = reader.get(f"/v1/share?dataset={APPS}&{filters}")

    assert refused.status_code == status
    assert reader.ask(refused.json()["try_url"].removeprefix(PUBLIC))["data"]


def test_models_are_not_asked_for_by_application(reader: Reader) -> None:
    assert reader.get("/v1/models?app=app-1").status_code == 400
    assert reader.get("/v1/share?dataset=openrouter-tokens&app=x").status_code == 404


# Downloads


def test_repositories_count_for_the_models_that_the_registry_names(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.alias("Acme-Lab/one-GGUF", "acme/one")
    models = reader.models()

    run = reader.downloads(hub)

    question = f"/v1/share?dataset={DOWNLOADS}&group_by=model"
    assert reader.rows(question, "model", "volume", "total", "share") == [
        ("acme/one", 42, 100, 0.42),
        ("other", 58, 100, 0.58),
    ]
    assert run.counts == {"in": 2, "new": 2, "changed": 0, "same": 0, "rejected": 0}
    assert {
        "name": "subjects",
        "passed": True,
        "detail": "4 names are 1 models and all the others",
    } in run.checks
    assert reader.models() == models
    assert reader.problems() == ()


def test_a_name_of_several_bases_is_of_none(reader: Reader, hub: FakeHub) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.alias("acme-lab/one", "bolt/two")
    reader.alias("acme-lab/one-gguf", "bolt/two")

    reader.downloads(hub)

    question = f"/v1/share?dataset={DOWNLOADS}&group_by=model"
    assert reader.rows(question, "model", "volume") == [
        ("bolt/two:free", 12),
        ("other", 88),
    ]


def test_a_repository_that_gets_its_model_later_is_a_series_from_then_on(
    reader: Reader, hub: FakeHub
) -> None:
    reader.downloads(hub)
    reader.alias("acme-lab/one", "acme/one")
    reader.now += timedelta(days=1)

    reader.downloads(hub)

    question = f"/v1/volume?dataset={DOWNLOADS}&model=acme/one,other&group_by=model"
    assert reader.rows(question, "period_start", "model", "volume") == [
        ("2026-08-24", "acme/one", 0),
        ("2026-08-24", "other", 100),
        ("2026-08-25", "acme/one", 30),
        ("2026-08-25", "other", 70),
    ]
    assert reader.problems() == ()


def test_downloads_are_of_makers_countries_and_weights(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.downloads(hub)

    answer = reader.ask(f"/v1/share?dataset={DOWNLOADS}&origin=US&weights=open")

    (row,) = answer["data"]
    assert [row[c] for c in ("volume", "share", "share_low", "share_high")] == [
        30,
        0.3,
        0.3,
        1.0,
    ]
    assert answer["meta"]["quote"] == (
        "Open-weight models from labs based in the United States had 30.0% of "
        f"{OF_HUB} {WHEN} (bounds 30.0%–100.0%)."  # noqa: RUF001
    )


def test_a_model_without_a_repository_may_be_all_the_others(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one-gguf", "acme/one")
    reader.downloads(hub)

    question = f"/v1/volume?dataset={DOWNLOADS}&model=bolt/two:free&interval=total"

    # 12 are listed; were they the smallest, no other could have more.
    assert reader.rows(question, "volume", "volume_low", "volume_high") == [(0, 0, 88)]


def test_a_window_of_several_days_is_told_by_its_last(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.downloads(hub)
    reader.now += timedelta(days=2)
    hub.downloads = [10, 10, 0, 0]
    reader.downloads(hub)

    whole = reader.ask(f"/v1/share?dataset={DOWNLOADS}&model=acme/one")
    days = reader.ask(f"/v1/share?dataset={DOWNLOADS}&model=acme/one&interval=day")

    assert [row["share"] for row in whole["data"]] == [0.5]
    assert whole["meta"]["quote"] == (
        f"acme/one had 50.0% of {OF_HUB} as of 26 August 2026."
    )
    assert days["meta"]["quote"] == (
        f"acme/one had 30.0% of {OF_HUB} {WHEN} and 50.0% as of 26 August 2026."
    )
