"""A dataset of an operator's own, as it is declared: checked, then published.

Every declaration leaves a run: its audit row.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from string import Formatter
from urllib.parse import urlsplit

from app.domain.datasets import Dataset
from app.domain.periods import Interval
from app.domain.registry import Dimension
from app.errors import BadValueError
from app.services import declaring, endings, ingest, loading, releasing
from app.services.declaring import Declaration
from app.services.ingest import Job
from app.store import queries
from app.store.database import Database

CONTRACTS = ("structure", "steady", "rankings")
LICENSES = (
    *("CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0"),
    *("CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"),
    *("ODC-By-1.0", "ODbL-1.0", "PDDL-1.0"),
    *("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0"),
    *("OGL-UK-3.0", "etalab-2.0", "DL-DE-BY-2.0", "NLOD-2.0"),
    *("MIT", "Apache-2.0"),
)
"""SPDX identifiers of licences that data come with."""

_DIMENSIONS = tuple(d for d in Dimension if d.value != "app")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNIT = re.compile(r"[a-z][a-z0-9 -]{0,39}")
_OTHER_LICENSE = re.compile(r"LicenseRef-[A-Za-z0-9.-]{1,50}")
_LONGEST_SLUG = 64
_LONGEST = 300


def add(
    database: Database, declaration: Declaration, *, actor: str, now: datetime
) -> int | None:
    """Publish a declaration: one release and one audit row, in one transaction.

    Args:
        database: The record.
        declaration: What is declared.
        actor: Who declares it: a name.
        now: The present moment.

    Returns:
        The number of the release; None if the record says exactly this already.

    Raises:
        BadValueError: Something that cannot be, or a dataset of this slug that is
            declared otherwise.
    """
    dataset = declaration.dataset
    check(declaration)
    _check_text("by", actor)
    with database.write() as session:
        # Held to the end: of two who declare one slug, the second sees the first.
        releasing.lock(session)
        if dataset.slug in session.scalars(queries.dataset_slugs()).all():
            known = Declaration(
                replace(loading.dataset(session, dataset.slug), since=dataset.since),
                declaring.contract_of(session, dataset.slug) or "",
            )
            _check_same(known, declaration)
            return None
        row = ingest.open_run(session, Job("registry", dataset.slug, "cli"), now)
        row.decided_by = actor
        row.decided_reason = f"Declared, with the contract {declaration.contract}."
        number = declaring.declare(session, declaration, run=row.id, now=now)
        endings.close_run(row, "published", now)
        return number


def check(declaration: Declaration) -> None:
    """Refuse a declaration that cannot be.

    Raises:
        BadValueError: Naming the first field that is wrong.
    """
    dataset = declaration.dataset
    if not _SLUG.fullmatch(dataset.slug) or len(dataset.slug) > _LONGEST_SLUG:
        raise BadValueError.of(
            "slug",
            dataset.slug,
            f"give 1 to {_LONGEST_SLUG} lower-case letters, digits and hyphens",
        )
    for name in ("name", "publisher", "metric", "citation", "scope"):
        _check_text(name, getattr(dataset, name))
    for check_one in _CHECKS:
        check_one(dataset)
    if declaration.contract not in CONTRACTS:
        raise BadValueError.of(
            "contract", declaration.contract, "no such contract", allowed=CONTRACTS
        )
    if declaration.contract == "rankings" and dataset.top_n is None:
        raise BadValueError.of(
            "top_n", "", "with the contract rankings, say how many models a day lists"
        )


def _check_text(name: str, text: str) -> None:
    if not text.strip() or len(text) > _LONGEST or not text.isprintable():
        raise BadValueError.of(name, text, f"give 1 to {_LONGEST} printable characters")


def _check_unit(dataset: Dataset) -> None:
    if not _UNIT.fullmatch(dataset.unit):
        raise BadValueError.of(
            "unit", dataset.unit, "give a plural in lower case, as in tokens"
        )
    if not dataset.scope.startswith(f"{dataset.unit} "):
        raise BadValueError.of(
            "scope", dataset.scope, f"begin with the unit: {dataset.unit} on …"
        )


def _check_grain(dataset: Dataset) -> None:
    if dataset.grain != Interval.DAY:
        raise BadValueError.of(
            "grain", dataset.grain, "numbers are told by the day", allowed=["day"]
        )


def _check_license(dataset: Dataset) -> None:
    is_other = _OTHER_LICENSE.fullmatch(dataset.license)
    if dataset.license not in LICENSES and not is_other:
        raise BadValueError.of(
            "license",
            dataset.license,
            "give the SPDX identifier of a licence for data, or LicenseRef- and a name "
            "of your own for terms that have none",
            allowed=LICENSES,
        )


def _check_citation(dataset: Dataset) -> None:
    try:
        fields = {
            (field, spec, conversion)
            for _, field, spec, conversion in Formatter().parse(dataset.citation)
            if field is not None
        }
    except ValueError:
        fields = {("?", "", None)}
    if fields - {("as_of", "", None)}:
        raise BadValueError.of(
            "citation",
            dataset.citation,
            "only {as_of}, the moment of the numbers, may stand in braces",
        )


def _check_url(dataset: Dataset) -> None:
    try:
        parts = urlsplit(dataset.url)
        is_page = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_page = False
    if not is_page or not dataset.url.isprintable() or len(dataset.url) > _LONGEST:
        raise BadValueError.of(
            "url", dataset.url, "give the address of a page about the numbers"
        )


def _check_dimensions(dataset: Dataset) -> None:
    if not set(dataset.dimensions) <= set(_DIMENSIONS):
        raise BadValueError.of(
            "dimensions",
            ",".join(dataset.dimensions),
            "what is pushed are models and, at most, their use cases",
            allowed=_DIMENSIONS,
        )
    # A dataset that is grouped by category counts categories, and no models.
    if dataset.default_group not in set(dataset.dimensions) - {Dimension.CATEGORY}:
        raise BadValueError.of(
            "default_group",
            dataset.default_group,
            "not a dimension of the dataset that models have",
            allowed=[d for d in dataset.dimensions if d is not Dimension.CATEGORY],
        )


def _check_numbers(dataset: Dataset) -> None:
    least = {"revision_days": 0, "top_n": 1, "cadence_hours": 1}
    for name, first in least.items():
        value: int | None = getattr(dataset, name)
        if value is not None and not first <= value <= _MOST:
            raise BadValueError.of(name, str(value), f"give {first} to {_MOST}")


_MOST = 10_000
_CHECKS: tuple[Callable[[Dataset], None], ...] = (
    *(_check_unit, _check_grain, _check_license, _check_citation, _check_url),
    *(_check_dimensions, _check_numbers),
)


def _check_same(known: Declaration, told: Declaration) -> None:
    before = asdict(known.dataset) | {"contract": known.contract}
    after = asdict(told.dataset) | {"contract": told.contract}
    other = [name for name, value in after.items() if before[name] != value]
    if other:
        told_before = "; ".join(f"{name} is {before[name]!s}" for name in other)
        raise BadValueError.of(
            other[0],
            str(after[other[0]]),
            f"{told.dataset.slug} is declared already, and otherwise: {told_before}. "
            "What is published is not declared again: choose another slug",
        )
