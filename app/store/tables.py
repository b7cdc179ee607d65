"""The record: what is known, and from which release on.

A row with `release_to` is a fact of the releases from `release_from` up to, not
including, `release_to`; while it is null the row is current. Closed vocabularies,
bounds and "one current row" are constraints, so that no writer can break them.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

from app.domain.observations import SeriesKind
from app.domain.periods import Interval
from app.domain.registry import RESERVED, Confidence, Subject
from app.store.constraints import (
    NAMES,
    at_least,
    closed_index,
    current_index,
    finite_day,
    finite_moment,
    is_flag,
    one_of,
    release_range,
)
from app.store.types import BIGINT, Day, Flag, JsonText, UtcDateTime

RELEASE_KINDS = ("data", "registry", "method")
VERDICTS = (
    *("running", "published", "unchanged", "superseded"),
    *("quarantined", "rejected", "failed"),
)
TARGETS = ("model", "base")

STRICT = {"sqlite_strict": True}


class Record(SQLModel):
    """Base of all tables; its metadata names every constraint."""

    # Rows are checked by the database; what pydantic would check is never built.
    model_config = SQLModelConfig(defer_build=True)

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


class PayloadRow(Record, table=True):
    """Bytes as an upstream sent them, kept under their own hash."""

    __tablename__ = "payload"
    __table_args__ = (STRICT,)

    sha256: str = Field(sa_type=Text, primary_key=True)
    body: bytes = Field(description="Compressed with zlib.")
    media_type: str = Field(sa_type=Text)
    url: str = Field(sa_type=Text)
    fetched_at: datetime = Field(sa_type=UtcDateTime)


class RunRow(Record, table=True):
    """One attempt to read one source, and what became of it."""

    __tablename__ = "run"
    __table_args__ = (
        one_of("verdict", VERDICTS),
        CheckConstraint("finished_at >= started_at", name="finished_at"),
        CheckConstraint(
            "rows_in = rows_new + rows_changed + rows_same + rows_rejected",
            name="rows_in",
        ),
        at_least("rows_new", 0),
        at_least("rows_changed", 0),
        at_least("rows_same", 0),
        at_least("rows_rejected", 0),
        Index("ix_run_dataset", "dataset", "id"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(sa_type=Text)
    # Not a foreign key: a run that failed may have named a dataset that is none.
    dataset: str | None = Field(default=None, sa_type=Text)
    trigger: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    verdict: str = Field(sa_type=Text)
    as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    payload: str | None = Field(
        default=None, sa_type=Text, foreign_key="payload.sha256"
    )
    rows_in: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_rejected: int
    checks: list[dict[str, Any]] = Field(sa_type=JsonText)
    reason: str | None = Field(default=None, sa_type=Text)
    decided_by: str | None = Field(default=None, sa_type=Text)
    decided_reason: str | None = Field(default=None, sa_type=Text)


class ReleaseRow(Record, table=True):
    """One atomic publication. Numbered without gaps by whoever holds the head."""

    __tablename__ = "release"
    __table_args__ = (
        at_least("id", 1),
        *finite_moment("published_at"),
        one_of("kind", RELEASE_KINDS),
        STRICT,
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    published_at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(sa_type=Text)
    method_version: str = Field(sa_type=Text)
    # Not a foreign key: the release that introduces a dataset is there before it.
    dataset: str | None = Field(default=None, sa_type=Text)
    run: int | None = Field(default=None, foreign_key="run.id")
    summary: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    changes: dict[str, Any] = Field(sa_type=JsonText)


class HeadRow(Record, table=True):
    """The newest release: one row, locked by whoever publishes."""

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("id = 1", name="one"), STRICT)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    release: int | None = Field(default=None, foreign_key="release.id")


class ProviderRow(Record, table=True):
    """Identity of an organisation that releases models; the rest are claims."""

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint(
            "slug NOT IN ({})".format(", ".join(f"'{s}'" for s in sorted(RESERVED))),
            name="slug_reserved",
        ),
        STRICT,
    )

    slug: str = Field(sa_type=Text, primary_key=True)
    release_from: int = Field(foreign_key="release.id")


class ModelRow(Record, table=True):
    """Identity of one released model."""

    __tablename__ = "model"
    __table_args__ = (STRICT,)

    slug: str = Field(sa_type=Text, primary_key=True)
    base: str = Field(sa_type=Text)
    variant: str = Field(sa_type=Text)
    release_from: int = Field(foreign_key="release.id")


class DatasetRow(Record, table=True):
    """One published body of numbers; see `app.domain.datasets.Dataset`."""

    __tablename__ = "dataset"
    __table_args__ = (
        one_of("grain", [i for i in Interval if i is not Interval.TOTAL]),
        is_flag("additive"),
        at_least("scale", 1),
        at_least("revision_days", 0),
        at_least("top_n", 1),
        at_least("cadence_hours", 1),
        STRICT,
    )

    slug: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    publisher: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    metric: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    grain: str = Field(sa_type=Text)
    license: str = Field(sa_type=Text)
    citation: str = Field(sa_type=Text)
    url: str = Field(sa_type=Text)
    dimensions: list[str] = Field(sa_type=JsonText)
    default_group: str = Field(sa_type=Text)
    additive: bool = Field(sa_type=Flag)
    scale: int
    revision_days: int
    top_n: int | None = None
    cadence_hours: int | None = None
    caveats: list[str] = Field(sa_type=JsonText)
    release_from: int = Field(foreign_key="release.id")


class CategoryRow(Record, table=True):
    """A use case that a dataset tells apart."""

    __tablename__ = "category"
    __table_args__ = (STRICT,)

    dataset: str = Field(sa_type=Text, primary_key=True, foreign_key="dataset.slug")
    slug: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    release_from: int = Field(foreign_key="release.id")


class AttributionRow(Record, table=True):
    """A dated, evidenced claim about a provider or a model."""

    __tablename__ = "attribution"
    __table_args__ = (
        one_of("subject_kind", Subject),
        one_of("confidence", Confidence),
        *finite_day("valid_from"),
        CheckConstraint("valid_to > valid_from", name="valid_range"),
        release_range(),
        current_index(
            "attribution", "subject_kind", "subject", "attribute", "valid_from"
        ),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    subject_kind: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    attribute: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    alternatives: list[str] = Field(sa_type=JsonText)
    valid_from: date = Field(sa_type=Day)
    valid_to: date | None = Field(default=None, sa_type=Day)
    confidence: str = Field(sa_type=Text)
    basis: str = Field(sa_type=Text)
    evidence: str | None = Field(default=None, sa_type=Text)
    source: str = Field(sa_type=Text)
    release_from: int = Field(foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")


class AliasRow(Record, table=True):
    """Another name of a model, or of a base: one name may mean several."""

    __tablename__ = "alias"
    __table_args__ = (
        one_of("target_kind", TARGETS),
        release_range(),
        current_index("alias", "scheme", "external_id", "target"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    scheme: str = Field(sa_type=Text)
    external_id: str = Field(sa_type=Text)
    target_kind: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    release_from: int = Field(foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")


class SeriesRow(Record, table=True):
    """What a dataset counts over time. `key` is its name for ever, `id` is ours."""

    __tablename__ = "series"
    __table_args__ = (
        one_of("kind", SeriesKind),
        UniqueConstraint("dataset", "key"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    dataset: str = Field(sa_type=Text, foreign_key="dataset.slug")
    kind: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    category: str | None = Field(default=None, sa_type=Text)
    release_from: int = Field(foreign_key="release.id")


class ObservationRow(Record, table=True):
    """The volume of one series in one period, as known from one release on."""

    __tablename__ = "observation"
    __table_args__ = (
        *finite_day("period_start"),
        at_least("volume", 0),
        release_range(),
        current_index("observation", "series", "period_start"),
        Index("ix_observation_opened", "release_from"),
        closed_index("observation"),
        # Clustered by its key, day first: a cube is built and refreshed by the day.
        {**STRICT, "sqlite_with_rowid": False},
    )

    period_start: date = Field(sa_type=Day, primary_key=True)
    series: int = Field(primary_key=True, foreign_key="series.id")
    release_from: int = Field(primary_key=True, foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")
    volume: int = Field(sa_type=BIGINT)
    run: int = Field(foreign_key="run.id")


class PeriodRow(Record, table=True):
    """What a release knows of one day of a dataset as a whole."""

    __tablename__ = "period"
    __table_args__ = (
        *finite_day("period_start"),
        *finite_moment("as_of"),
        at_least("total", 0),
        at_least("rows", 0),
        is_flag("flagged"),
        release_range(),
        current_index("period", "dataset", "period_start"),
        Index("ix_period_opened", "release_from"),
        closed_index("period"),
        STRICT,
    )

    dataset: str = Field(sa_type=Text, primary_key=True, foreign_key="dataset.slug")
    period_start: date = Field(sa_type=Day, primary_key=True)
    release_from: int = Field(primary_key=True, foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")
    as_of: datetime = Field(sa_type=UtcDateTime)
    run: int = Field(foreign_key="run.id")
    total: int = Field(sa_type=BIGINT)
    rows: int
    flagged: bool = Field(sa_type=Flag)


class AppRow(Record, table=True):
    """What an application that a dataset counts is called."""

    __tablename__ = "app"
    __table_args__ = (
        release_range(),
        current_index("app", "dataset", "slug"),
        STRICT,
    )

    dataset: str = Field(sa_type=Text, primary_key=True, foreign_key="dataset.slug")
    slug: str = Field(sa_type=Text, primary_key=True)
    release_from: int = Field(primary_key=True, foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")
    name: str = Field(sa_type=Text)


class AnnotationRow(Record, table=True):
    """Something a reader of a chart should know about some days."""

    __tablename__ = "annotation"
    __table_args__ = (
        *finite_day("date_from"),
        CheckConstraint("date_to >= date_from", name="date_range"),
        release_range(),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    dataset: str | None = Field(default=None, sa_type=Text, foreign_key="dataset.slug")
    date_from: date = Field(sa_type=Day)
    date_to: date | None = Field(default=None, sa_type=Day)
    kind: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    release_from: int = Field(foreign_key="release.id")
    release_to: int | None = Field(default=None, foreign_key="release.id")
