"""Declarations: what they must be, and that two of one name cannot be."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from app.domain.registry import Dimension
from app.errors import BadValueError
from app.services import keys, new_datasets
from app.services.declaring import Declaration
from app.services.keys import Scope
from app.services.new_datasets import LICENSES
from app.store import work
from app.store.database import Database
from tests.api.gateway import DECLARED, NOW, SLUG
from tests.services import published

BAD: list[tuple[str, Any, str]] = [
    ("slug", "", "slug"),
    ("slug", "Our-Gateway", "slug"),
    ("slug", "our_gateway", "slug"),
    ("slug", "our-", "slug"),
    ("slug", "a/b", "slug"),
    ("slug", "a" * 65, "slug"),
    ("name", " ", "name"),
    ("name", "a\x1bb", "name"),
    ("name", "a" * 301, "name"),
    ("publisher", "", "publisher"),
    ("metric", "a\nb", "metric"),
    ("unit", "Tokens", "unit"),
    ("unit", "", "unit"),
    ("scope", "requests at Example Corp", "scope"),
    ("scope", "tokens", "scope"),
    ("grain", "week", "grain"),
    ("grain", "second", "grain"),
    ("license", "cc-by-4.0", "license"),
    ("license", "", "license"),
    ("license", "LicenseRef-", "license"),
    ("citation", "As of {as_of.year}", "citation"),
    ("citation", "As of {as_of!r}", "citation"),
    ("citation", "As of {as_of:>9}", "citation"),
    ("citation", "As of {}", "citation"),
    ("citation", "As of {", "citation"),
    ("url", "", "url"),
    ("url", "ftp://example.com", "url"),
    ("url", "https://", "url"),
    ("url", "https://[", "url"),
    ("url", "https://example.com/\x00", "url"),
    ("dimensions", (Dimension.ORIGIN, *(d for d in Dimension if d.value == "app")), ""),
    ("default_group", Dimension.CATEGORY, "default_group"),
    ("revision_days", -1, "revision_days"),
    ("top_n", 0, "top_n"),
    ("cadence_hours", 0, "cadence_hours"),
    ("cadence_hours", 10_001, "cadence_hours"),
]


@pytest.mark.parametrize(("field", "value", "named"), BAD)
def test_a_field_that_cannot_be_is_refused(field: str, value: Any, named: str) -> None:
    dataset = replace(DECLARED.dataset, **{field: value})

    with pytest.raises(BadValueError) as raised:
        new_datasets.check(Declaration(dataset, "structure"))
    assert raised.value.complaints[0].parameter == (named or field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "a" * 64),
        ("slug", "9"),
        ("license", "LicenseRef-House-rules.2"),
        *(("license", known) for known in LICENSES),
        ("citation", "No braces."),
        ("citation", "{{literal}} as of {as_of}"),
        ("default_group", Dimension.MODEL),
        ("dimensions", (Dimension.ORIGIN, Dimension.MODEL, Dimension.CATEGORY)),
        ("revision_days", 0),
        ("top_n", 1),
        ("cadence_hours", None),
    ],
)
def test_a_field_that_can_be_is_taken(field: str, value: Any) -> None:
    dataset = replace(DECLARED.dataset, **{field: value})

    new_datasets.check(Declaration(dataset, "steady"))
    # Whatever is taken can be printed.
    dataset.citation.format(as_of="now")


def test_rankings_are_so_many_models_a_day() -> None:
    new_datasets.check(Declaration(replace(DECLARED.dataset, top_n=50), "rankings"))

    dataset = replace(DECLARED.dataset, top_n=None)
    with pytest.raises(BadValueError, match="say how many models a day lists"):
        new_datasets.check(Declaration(dataset, "rankings"))


def test_a_licence_that_was_meant_is_told() -> None:
    dataset = replace(DECLARED.dataset, license="cc-by-4.0")

    with pytest.raises(BadValueError) as raised:
        new_datasets.check(Declaration(dataset, "structure"))
    assert raised.value.complaints[0].did_you_mean == "CC-BY-4.0"


def test_nobody_declares_namelessly(database: Database) -> None:
    published.begin(database)

    with pytest.raises(BadValueError, match="by: give 1 to 300"):
        new_datasets.add(database, DECLARED, actor=" ", now=NOW)
    assert published.head(database) == 1


def test_a_refused_declaration_leaves_no_run(database: Database) -> None:
    published.begin(database)
    new_datasets.add(database, DECLARED, actor="Ann", now=NOW)

    with pytest.raises(BadValueError, match="contract is structure"):
        new_datasets.add(
            database, replace(DECLARED, contract="steady"), actor="Ann", now=NOW
        )
    with database.read() as session:
        assert len(session.scalars(work.last_runs(9)).all()) == 1
        assert session.scalars(work.contract(SLUG)).all() == ["structure"]


def together(*calls: Any) -> list[Any]:
    """Return what calls return or raise that begin at the same moment."""
    barrier = threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(at: int) -> None:
        barrier.wait()
        try:
            found[at] = calls[at]()
        except BadValueError as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_who_declare_at_once_make_one_dataset(database: Database) -> None:
    published.begin(database)
    other = replace(DECLARED, contract="steady")

    found = together(
        lambda: new_datasets.add(database, DECLARED, actor="Ann", now=NOW),
        lambda: new_datasets.add(database, other, actor="Bob", now=NOW),
    )

    assert 2 in found
    assert sum(isinstance(one, BadValueError) for one in found) == 1
    assert published.head(database) == 2


def test_two_keys_made_at_once_do_not_own_one_dataset(database: Database) -> None:
    published.begin(database)
    new_datasets.add(database, DECLARED, actor="Ann", now=NOW)

    def make() -> str:
        return keys.create(database, "Gate", [Scope.INGEST], now=NOW, dataset=SLUG)

    found = together(make, make, make)

    assert sum(isinstance(one, str) for one in found) == 1
    assert len(keys.listed(database)) == 1
