"""Edits of the registry: each is a release, and nothing is overwritten."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from app.domain.datasets import Annotation, Dataset
from app.domain.periods import parse_date
from app.domain.registry import (
    RESERVED,
    UNKNOWN,
    WEIGHTS,
    Alias,
    Attribution,
    Dimension,
    Model,
)
from app.errors import BadValueError
from app.services import origins, prices, releasing
from app.services.releasing import Release
from app.store import queries
from app.store.dialect import close_rows, insert_many
from app.store.tables import (
    AliasRow,
    AnnotationRow,
    AttributionRow,
    CategoryRow,
    DatasetRow,
    ModelRow,
    ProviderRow,
    Record,
)


@dataclass(frozen=True, slots=True)
class Category:
    """A use case that a dataset tells apart."""

    dataset: str
    slug: str
    name: str


@dataclass(frozen=True)
class Edit:
    """What an edit adds. A claim ends the one of the same attribute and first day."""

    providers: Sequence[str] = ()
    models: Sequence[Model] = ()
    claims: Sequence[Attribution] = ()
    aliases: Sequence[Alias] = ()
    datasets: Sequence[Dataset] = ()
    categories: Sequence[Category] = ()
    annotations: Sequence[Annotation] = ()


def apply(session: Session, edit: Edit, release: Release) -> int | None:
    """Publish an edit.

    Args:
        session: Write session.
        edit: What to add; what the record says already is left as it is.
        release: What is said of it.

    Returns:
        The number of the release; None if the record says all of it already.

    Raises:
        BadValueError: A reserved slug, or a value that the attribute cannot have.
    """
    check(edit)
    releasing.lock(session)
    fresh = [_Fresh.of(session, *told) for told in _told(edit)]
    if not any(part.rows for part in fresh):
        return None
    number = releasing.open_release(session, release)
    for part in fresh:
        part.write(session, number)
    releasing.seal(session, number)
    return number


def add(session: Session, edit: Edit, number: int) -> None:
    """Add what is not there yet within release `number`, which is being written.

    Raises:
        BadValueError: See `apply`.
    """
    check(edit)
    for told in _told(edit):
        _Fresh.of(session, *told).write(session, number)


def check(edit: Edit) -> None:
    """Refuse what the registry must not say.

    Raises:
        BadValueError: A reserved slug, a value that the attribute cannot have, or a
            claim that ends before it begins.
    """
    for slug in edit.providers:
        if slug in RESERVED or not slug:
            raise BadValueError.of("provider", slug, "this slug is reserved")
    for claim in edit.claims:
        for value in (claim.value, *claim.alternatives):
            _check_value(claim.attribute, value)
        if claim.valid_to is not None and claim.valid_to <= claim.valid_from:
            raise BadValueError.of(
                "valid_to", str(claim.valid_to), "must be after valid_from"
            )


def _check_value(attribute: str, value: str) -> None:
    if attribute == Dimension.ORIGIN and not origins.is_origin(value):
        raise BadValueError.of(
            "origin",
            value,
            "not an ISO 3166-1 alpha-2 code",
            allowed=[*origins.countries(), UNKNOWN],
        )
    if attribute == "released_on":
        try:
            parse_date(value)
        except ValueError as error:
            raise BadValueError.of("released_on", value, str(error)) from error
    if attribute == Dimension.WEIGHTS and value not in WEIGHTS:
        raise BadValueError.of("weights", value, "no such value", allowed=WEIGHTS)
    if attribute == "context_length" and not _LENGTH.fullmatch(value):
        raise BadValueError.of(attribute, value, "not a number of tokens")
    if attribute.startswith(prices.PREFIX) and not _PRICE.fullmatch(value):
        raise BadValueError.of(attribute, value, "not a plain decimal of dollars")


_LENGTH = re.compile("[0-9]{1,10}")
_PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?")

_Values = Mapping[str, Any]
# What names a row of each kind; a claim of the same name ends the one before.
_NAMED_BY: dict[type[Record], tuple[str, ...]] = {
    ProviderRow: ("slug",),
    ModelRow: ("slug",),
    AttributionRow: ("subject_kind", "subject", "attribute", "valid_from"),
    AliasRow: ("scheme", "external_id", "target"),
    DatasetRow: ("slug",),
    CategoryRow: ("dataset", "slug"),
    AnnotationRow: ("dataset", "date_from", "text"),
}


def _told(edit: Edit) -> list[tuple[type[Record], list[_Values]]]:
    """Return the rows of an edit, those that others refer to first."""
    return [
        (ProviderRow, [{"slug": slug} for slug in edit.providers]),
        (ModelRow, [_without(model, "since") for model in edit.models]),
        (AttributionRow, [_claim(claim) for claim in edit.claims]),
        (AliasRow, [_without(alias) for alias in edit.aliases]),
        (DatasetRow, [_without(dataset, "since") for dataset in edit.datasets]),
        (CategoryRow, [_without(category) for category in edit.categories]),
        (AnnotationRow, [_without(note, "since") for note in edit.annotations]),
    ]


def _without(thing: Any, *names: str) -> _Values:
    # A driver may write an enumeration by its name rather than its value.
    return {
        k: str(v) if isinstance(v, Enum) else v
        for k, v in asdict(thing).items()
        if k not in names
    }


def _claim(claim: Attribution) -> _Values:
    values = dict(_without(claim, "since", "until"))
    return values | {"subject_kind": values.pop("kind")}


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The rows of one kind that the record does not have yet, and what they end."""

    row: type[Record]
    rows: list[_Values]
    ended: list[tuple[object, ...]]

    @classmethod
    def of(
        cls, session: Session, row: type[Record], told: Iterable[_Values]
    ) -> "_Fresh":
        key = _NAMED_BY[row]
        by_name = {tuple(values[k] for k in key): values for values in told}
        if not by_name:
            return cls(row, [], [])
        current = session.scalars(queries.current_rows(row))
        known = {tuple(getattr(found, k) for k in key): found for found in current}
        rows, ended = [], []
        for name, values in by_name.items():
            there = known.get(name)
            if there is None:
                rows.append(values)
            elif row is AttributionRow and not _says(there, values):
                rows.append(values)
                ended.append(name)
        return cls(row, rows, ended)

    def write(self, session: Session, number: int) -> None:
        """Close what ends, then open what begins, with release `number`."""
        close_rows(session, self.row, self.ended, number)
        rows = [{**values, "release_from": number} for values in self.rows]
        insert_many(session, self.row, rows)


def _says(there: Record, values: _Values) -> bool:
    return all(_plain(getattr(there, k)) == _plain(v) for k, v in values.items())


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
