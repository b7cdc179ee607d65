"""The bundled facts that a new record starts with: releases 1 to 5.

They go through the same curation, checks and publication as anything else, all in one
transaction, and only into a record that holds no release yet. Their moments are fixed
in the bundle, so that a pinned answer is the same on every machine.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.domain.datasets import Annotation
from app.domain.observations import Batch, Payload
from app.domain.registry import (
    Alias,
    Attribution,
    Confidence,
    Dimension,
    Model,
    Subject,
)
from app.errors import BadValueError, RecordError, SourceError
from app.services import curate, declaring, newcomers, releasing
from app.services.contracts import Check
from app.services.curate import Category, Edit
from app.services.releasing import Release
from app.store import queries
from app.store.database import Database

_SOURCE = "bundle"
_CATEGORIES = "ai-tools-directory"
_BASES = {
    "name": "The name it goes by.",
    "organisation": "The name it goes by.",
    "kind": "Our reading of what it does.",
    "lab": "Two slugs of one organisation are one lab.",
}


def load(database: Database, folder: Path) -> bool:
    """Load the bundle into a record that has no release yet.

    Safe to start in several processes at once: one loads, the others find it done.

    Args:
        database: The record.
        folder: Where the files of the bundle are.

    Returns:
        Whether it was loaded just now.

    Raises:
        RecordError: A file of the bundle is missing, cannot be read, or does not give
            the releases that the bundle promises; nothing was written.
    """
    try:
        with database.write() as session:
            bundle = _Bundle(session, folder)
            is_new = releasing.lock(session).release is None
            if is_new:
                bundle.publish()
            bundle.bind()
            return is_new
    except (SourceError, BadValueError, LookupError, TypeError, ValueError) as error:
        raise RecordError(
            f"The bundled facts are damaged: install the package again. ({error})"
        ) from error


class _Bundle:
    """The files of the bundle, on their way into the record."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._plan: dict[str, Any] = json.loads(self._text("bundle.json"))

    def _text(self, name: str) -> str:
        return self._bytes(name).decode()

    def _bytes(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise RecordError(
                f"The bundled file {name} cannot be read: install the package again."
            ) from error

    def publish(self) -> None:
        """Publish the releases, in the order of the plan."""
        for number, planned in enumerate(self._plan["releases"], start=1):
            moment = datetime.fromisoformat(planned["published_at"])
            if planned["kind"] == "registry":
                release = Release("registry", planned["summary"], moment)
                made = curate.apply(self._session, self._edit(), release)
            else:
                made = self._take(planned, moment)
            if made != number:
                raise RecordError(
                    f"The bundle's release {number} came out as {made}: "
                    "install the package again."
                )

    def bind(self) -> None:
        """Say which contracts the datasets of the bundle have; also of old records."""
        known = self._session.scalars(queries.dataset_slugs()).all()
        for dataset, contract in self._plan["contracts"].items():
            if dataset in known:
                declaring.bind(self._session, dataset, contract)

    def _take(self, planned: Mapping[str, Any], moment: datetime) -> int | None:
        """Publish one reading of numbers; return the number of its release."""
        from app.services import ingest  # noqa: PLC0415 (only a new record needs it)

        (name,) = planned["files"]
        payload = Payload(self._bytes(name), "text/csv", f"file:{name}", moment)
        digest = ingest.keep(self._session, payload)
        (batch,) = (
            batch
            for batch in self._batches(payload, planned)
            if batch.as_of == datetime.fromisoformat(planned["as_of"])
        )
        job = ingest.Job(_SOURCE, planned["dataset"], "bundle")
        row = ingest.open_run(self._session, job, moment)
        row.payload = digest
        run = ingest.record(
            self._session,
            batch,
            job,
            row,
            now=moment,
            summary=planned["summary"],
            also=self._accepted(batch),
        )
        return releasing.lock(self._session).release if run.counts["new"] else None

    @staticmethod
    def _batches(payload: Payload, planned: Mapping[str, Any]) -> Sequence[Batch]:
        from app.sources import files  # noqa: PLC0415 (only a new record needs it)

        dataset = planned["dataset"]
        if dataset != _CATEGORIES:
            return files.parse(payload, dataset)
        day = date.fromisoformat(planned["start_date"])
        as_of = datetime.fromisoformat(planned["as_of"])
        return files.parse_categories(payload, dataset, day=day, as_of=as_of)

    def _accepted(self, batch: Batch) -> list[Check]:
        """Return why days that look odd are published all the same."""
        return [
            Check("accepted", passed=True, detail=f"{one['day']}: {one['reason']}")
            for one in self._plan["accepted"]
            if one["dataset"] == batch.dataset
            and date.fromisoformat(one["day"]) in batch.window
        ]

    def _edit(self) -> Edit:
        providers = self._rows("providers.csv")
        models = self._rows("models.csv")
        hidden = {p["slug"] for p in providers if p["kind"] == "pseudo"}
        return Edit(
            providers=[p["slug"] for p in providers],
            models=[Model(m["slug"], m["base"], m["variant"]) for m in models],
            claims=[
                *(c for p in providers for c in _of_provider(p)),
                *(c for m in models for c in _of_model(m, hidden)),
            ],
            aliases=list(dict.fromkeys(a for m in models for a in _aliases(m))),
            datasets=[
                declaring.dataset_of(d) for d in json.loads(self._text("datasets.json"))
            ],
            categories=[
                Category(_CATEGORIES, c["slug"], c["name"])
                for c in self._rows("categories.csv")
            ],
            annotations=[_annotation(a) for a in self._plan["annotations"]],
        )

    def _rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self._text(name).splitlines()))


def _of_provider(row: Mapping[str, str]) -> Iterator[Attribution]:
    for attribute, basis in _BASES.items():
        if row[attribute]:
            yield Attribution(
                Subject.PROVIDER,
                row["slug"],
                attribute,
                row[attribute],
                Confidence.HIGH,
                basis,
                source=_SOURCE,
            )
    if row["origin"]:
        yield Attribution(
            Subject.PROVIDER,
            row["slug"],
            Dimension.ORIGIN,
            row["origin"],
            Confidence(row["confidence"]),
            row["basis"],
            tuple(row["alternatives"].split()),
            row["evidence"] or None,
            _SOURCE,
        )


def _of_model(row: Mapping[str, str], hidden: set[str]) -> Iterator[Attribution]:
    slug = row["slug"]
    yield newcomers.provider_claim(
        slug, row["provider"], hidden=row["provider"] in hidden
    )
    for attribute in ("name", "released_on", "context_length"):
        if row[attribute]:
            yield Attribution(
                Subject.MODEL,
                slug,
                attribute,
                row[attribute],
                Confidence.HIGH,
                "OpenRouter's list of models.",
                source="openrouter-models",
            )
    if row["family"]:
        yield Attribution(
            Subject.MODEL,
            slug,
            Dimension.FAMILY,
            row["family"],
            Confidence.HIGH,
            "The product line that its name says.",
            source=_SOURCE,
        )
    for attribute in (Dimension.WEIGHTS, Dimension.LICENSE):
        if row[attribute]:
            yield Attribution(
                Subject.MODEL,
                slug,
                attribute,
                row[attribute],
                Confidence(row["weights_confidence"]),
                row["weights_basis"],
                source=_SOURCE,
            )


def _aliases(row: Mapping[str, str]) -> Iterator[Alias]:
    if row["openrouter_id"] and row["openrouter_id"] != row["slug"]:
        yield Alias("openrouter", row["openrouter_id"], row["slug"])
    if row["hugging_face_id"]:
        # One repository holds the weights of all variants.
        yield Alias("huggingface", row["hugging_face_id"], row["base"], "base")


def _annotation(values: Mapping[str, Any]) -> Annotation:
    found = {f.name: values[f.name] for f in fields(Annotation) if f.name != "since"}
    for name in ("date_from", "date_to"):
        found[name] = date.fromisoformat(found[name]) if found[name] else None
    return Annotation(**found)
