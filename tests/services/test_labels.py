"""What categories and apps are called, release by release."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from sqlalchemy import update

from app.domain.datasets import Dataset
from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.domain.registry import Dimension
from app.services.curate import Category, Edit
from app.services.ingest import Job
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store.database import Database
from app.store.tables import AppRow
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TUESDAY, moment

APPS = examples.dataset(
    slug="apps",
    dimensions=(Dimension.APP,),
    default_group=Dimension.APP,
    additive=False,
    revision_days=0,
)
TASKS = examples.dataset(
    slug="tasks",
    dimensions=(Dimension.CATEGORY,),
    default_group=Dimension.CATEGORY,
    additive=False,
    revision_days=0,
)


@pytest.fixture
def begun(database: Database) -> Database:
    """Release 1: a dataset of apps, one of tasks, and a category that has its name."""
    published.apply(
        database,
        Edit(datasets=[APPS, TASKS], categories=[Category("tasks", "chat", "Chat")]),
    )
    return database


def take(
    database: Database,
    dataset: Dataset,
    as_of: datetime,
    told: Mapping[str, int],
    **names: str,
) -> str:
    kind = SeriesKind.APP if dataset is APPS else SeriesKind.CATEGORY
    day = MONDAY if as_of < moment(24) else TUESDAY
    rows = [Observation(day, kind, subject, n) for subject, n in told.items()]
    batch = Batch(dataset.slug, Window(day, day), as_of, rows, names=names)
    (run,) = published.take(database, batch, job=Job("test", dataset.slug, "cli"))
    return run.verdict


def apps(database: Database, release: int | None = None) -> Mapping[str, str]:
    return published.load(database, release).datasets["apps"].apps


def test_an_app_goes_by_the_name_it_had_last(begun: Database) -> None:
    take(begun, APPS, moment(1), {"a": 1, "b": 2}, a="One", b="Two")
    take(begun, APPS, moment(2), {"a": 9, "b": 2}, a="Won", b="Two")

    assert apps(begun) == {"a": "Won", "b": "Two"}
    assert apps(begun, 2) == {"a": "One", "b": "Two"}
    assert verify(begun).problems == ()


def test_an_app_that_tells_no_name_keeps_the_one_it_had(begun: Database) -> None:
    take(begun, APPS, moment(1), {"a": 1, "b": 2}, a="One")
    take(begun, APPS, moment(2), {"a": 9, "b": 2})

    assert apps(begun) == {"a": "One", "b": "b"}


def test_the_order_of_readings_does_not_matter(begun: Database) -> None:
    take(begun, APPS, moment(25), {"a": 9}, a="New")
    take(begun, APPS, moment(1), {"a": 1, "b": 2}, a="Old", b="Two")

    assert apps(begun) == {"a": "New", "b": "Two"}


def test_a_name_alone_makes_no_release(begun: Database) -> None:
    take(begun, APPS, moment(1), {"a": 1}, a="One")

    assert take(begun, APPS, moment(2), {"a": 1}, a="Won") == "unchanged"
    assert apps(begun) == {"a": "One"}


def test_names_of_apps_are_in_the_digest(begun: Database) -> None:
    take(begun, APPS, moment(1), {"a": 1}, a="One")
    with begun.write() as session:
        session.execute(update(AppRow).values(name="Other"))

    assert verify(begun).problems == ("Release 2 is not what its digest says.",)


def test_a_snapshot_that_is_refreshed_has_the_new_names(begun: Database) -> None:
    snapshots = Snapshots(begun)
    take(begun, APPS, moment(1), {"a": 1}, a="One")
    snapshots.refresh()
    take(begun, APPS, moment(2), {"a": 2}, a="Won")
    snapshots.refresh()

    assert snapshots.current.datasets["apps"].apps == {"a": "Won"}


def test_a_category_keeps_its_first_name(begun: Database) -> None:
    take(begun, TASKS, moment(1), {"chat": 1, "law": 2}, chat="Talk", law="Law")
    take(begun, TASKS, moment(2), {"chat": 2, "law": 2, "art": 1}, law="Laws")

    found = published.load(begun).datasets["tasks"].categories
    assert found == {"chat": "Chat", "law": "Law", "art": "art"}
    assert published.load(begun, 1).datasets["tasks"].categories == {"chat": "Chat"}


def test_categories_of_models_are_known_as_well(begun: Database) -> None:
    published.apply(begun, published.EDIT)
    coded = Observation(MONDAY, SeriesKind.MODEL, "acme/one", 5, "code")
    batch = Batch(published.TOKENS, Window(MONDAY, MONDAY), moment(26), [coded])

    published.take(begun, batch)

    assert published.view(published.load(begun)).categories == {"code": "code"}
