"""Which applications use the tokens: ranked, named by themselves, and asked for."""

import csv
import io
from collections.abc import Iterator

import pytest

from app.store.database import Database
from tests.api.conftest import PUBLIC
from tests.api.first_reads import APPS, DAY, WHEN, NamedApps, Reader
from tests.api.test_contract import DOCUMENT, holds

HOSTILE = "=1+cmd|\"</script><b>\u202eX, '& "
NAMED = "=1+cmd|\"</script><b> X, '&"
"""The same in one line, as it is kept."""


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


@pytest.fixture
def apps() -> Iterator[NamedApps]:
    with NamedApps([60, 30, 10], ["Cline", HOSTILE, None]) as fake:
        fake.end, fake.as_of = str(DAY), "2026-08-24T02:00"
        yield fake


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
