"""Create the record.

Revision ID: 0001
Revises:

The first revision: there is no old code, and no row to keep. Written out in full, and
not by way of `app.store`: this file must not change when that does.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INTEGER = sa.Integer()
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()
DAY = sa.Date().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

RECORD = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def upgrade() -> None:
    RECORD.create_all(op.get_bind(), checkfirst=False)
    op.execute("INSERT INTO head (id) VALUES (1)")


def downgrade() -> None:
    RECORD.drop_all(op.get_bind(), checkfirst=False)


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def _at_least(column: str, least: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} >= {least}", name=column)


def _flag(column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"CAST({column} AS INTEGER) IN (0, 1)", name=column)


def _release_range() -> sa.CheckConstraint:
    return sa.CheckConstraint("release_to > release_from", name="release_range")


def _finite_day(column: str) -> list[sa.CheckConstraint]:
    sqlite = f"{column} BETWEEN -719162 AND 2932896"
    postgresql = f"{column} BETWEEN '0001-01-01' AND '9999-12-31'"
    return _finite(column, sqlite, postgresql)


def _finite_moment(column: str) -> list[sa.CheckConstraint]:
    sqlite = f"{column} GLOB '????-??-??T??:??:??.??????Z'"
    return _finite(column, sqlite, f"isfinite({column})")


def _finite(column: str, sqlite: str, postgresql: str) -> list[sa.CheckConstraint]:
    name = f"{column}_finite"
    return [
        sa.CheckConstraint(sqlite, name=name).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(postgresql, name=name).ddl_if(dialect="postgresql"),
    ]


def _current(table: str, *columns: str) -> sa.Index:
    where = sa.text("release_to IS NULL")
    return sa.Index(
        f"uq_{table}_current",
        *columns,
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _closed(table: str) -> sa.Index:
    where = sa.text("release_to IS NOT NULL")
    return sa.Index(
        f"ix_{table}_closed", "release_to", sqlite_where=where, postgresql_where=where
    )


sa.Table(
    "payload",
    RECORD,
    sa.Column("sha256", TEXT, primary_key=True),
    *_columns(BYTES, "body"),
    *_columns(TEXT, "media_type", "url"),
    *_columns(MOMENT, "fetched_at"),
    sqlite_strict=True,
)

sa.Table(
    "run",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    *_columns(TEXT, "source"),
    sa.Column("dataset", TEXT),
    *_columns(TEXT, "trigger"),
    *_columns(MOMENT, "started_at"),
    sa.Column("finished_at", MOMENT),
    *_columns(TEXT, "verdict"),
    sa.Column("as_of", MOMENT),
    sa.Column("payload", TEXT, sa.ForeignKey("payload.sha256")),
    *_columns(
        INTEGER, "rows_in", "rows_new", "rows_changed", "rows_same", "rows_rejected"
    ),
    *_columns(TEXT, "checks"),
    sa.Column("reason", TEXT),
    sa.Column("decided_by", TEXT),
    sa.Column("decided_reason", TEXT),
    _one_of(
        "verdict",
        "running",
        "published",
        "unchanged",
        "superseded",
        "quarantined",
        "rejected",
        "failed",
    ),
    sa.CheckConstraint("finished_at >= started_at", name="finished_at"),
    sa.CheckConstraint(
        "rows_in = rows_new + rows_changed + rows_same + rows_rejected", name="rows_in"
    ),
    _at_least("rows_new", 0),
    _at_least("rows_changed", 0),
    _at_least("rows_same", 0),
    _at_least("rows_rejected", 0),
    sa.Index("ix_run_dataset", "dataset", "id"),
    sqlite_strict=True,
)

sa.Table(
    "release",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True, autoincrement=False),
    *_columns(MOMENT, "published_at"),
    *_columns(TEXT, "kind", "method_version"),
    sa.Column("dataset", TEXT),
    sa.Column("run", INTEGER, sa.ForeignKey("run.id")),
    *_columns(TEXT, "summary", "digest", "changes"),
    _at_least("id", 1),
    *_finite_moment("published_at"),
    _one_of("kind", "data", "registry", "method"),
    sqlite_strict=True,
)

sa.Table(
    "head",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True, autoincrement=False),
    sa.Column("release", INTEGER, sa.ForeignKey("release.id")),
    sa.CheckConstraint("id = 1", name="one"),
    sqlite_strict=True,
)

sa.Table(
    "provider",
    RECORD,
    sa.Column("slug", TEXT, primary_key=True),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sa.CheckConstraint(
        "slug NOT IN ('none', 'other', 'rest', 'unknown')", name="slug_reserved"
    ),
    sqlite_strict=True,
)

sa.Table(
    "model",
    RECORD,
    sa.Column("slug", TEXT, primary_key=True),
    *_columns(TEXT, "base", "variant"),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sqlite_strict=True,
)

sa.Table(
    "dataset",
    RECORD,
    sa.Column("slug", TEXT, primary_key=True),
    *_columns(
        TEXT,
        "name",
        "publisher",
        "scope",
        "metric",
        "unit",
        "grain",
        "license",
        "citation",
        "url",
        "dimensions",
        "default_group",
    ),
    *_columns(FLAG, "additive"),
    *_columns(INTEGER, "scale", "revision_days"),
    sa.Column("top_n", INTEGER),
    sa.Column("cadence_hours", INTEGER),
    *_columns(TEXT, "caveats"),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    _one_of("grain", "day", "week", "month", "quarter", "year"),
    _flag("additive"),
    _at_least("scale", 1),
    _at_least("revision_days", 0),
    _at_least("top_n", 1),
    _at_least("cadence_hours", 1),
    sqlite_strict=True,
)

sa.Table(
    "category",
    RECORD,
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug"), primary_key=True),
    sa.Column("slug", TEXT, primary_key=True),
    *_columns(TEXT, "name"),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sqlite_strict=True,
)

sa.Table(
    "attribution",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    *_columns(TEXT, "subject_kind", "subject", "attribute", "value", "alternatives"),
    *_columns(DAY, "valid_from"),
    sa.Column("valid_to", DAY),
    *_columns(TEXT, "confidence", "basis"),
    sa.Column("evidence", TEXT),
    *_columns(TEXT, "source"),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sa.Column("release_to", INTEGER, sa.ForeignKey("release.id")),
    _one_of("subject_kind", "provider", "model"),
    _one_of("confidence", "high", "medium", "low", "disputed"),
    *_finite_day("valid_from"),
    sa.CheckConstraint("valid_to > valid_from", name="valid_range"),
    _release_range(),
    _current("attribution", "subject_kind", "subject", "attribute", "valid_from"),
    sqlite_strict=True,
)

sa.Table(
    "alias",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    *_columns(TEXT, "scheme", "external_id", "target_kind", "target"),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sa.Column("release_to", INTEGER, sa.ForeignKey("release.id")),
    _one_of("target_kind", "model", "base"),
    _release_range(),
    _current("alias", "scheme", "external_id", "target"),
    sqlite_strict=True,
)

sa.Table(
    "series",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug"), nullable=False),
    *_columns(TEXT, "kind", "key", "subject"),
    sa.Column("category", TEXT),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    _one_of("kind", "model", "remainder", "app", "category"),
    sa.UniqueConstraint("dataset", "key"),
    sqlite_strict=True,
)

sa.Table(
    "observation",
    RECORD,
    sa.Column("period_start", DAY, primary_key=True),
    sa.Column("series", INTEGER, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("release_to", INTEGER, sa.ForeignKey("release.id")),
    *_columns(BIGINT, "volume"),
    sa.Column("run", INTEGER, sa.ForeignKey("run.id"), nullable=False),
    *_finite_day("period_start"),
    _at_least("volume", 0),
    _release_range(),
    _closed("observation"),
    sa.Index("ix_observation_opened", "release_from"),
    _current("observation", "series", "period_start"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

sa.Table(
    "period",
    RECORD,
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug"), primary_key=True),
    sa.Column("period_start", DAY, primary_key=True),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("release_to", INTEGER, sa.ForeignKey("release.id")),
    *_columns(MOMENT, "as_of"),
    sa.Column("run", INTEGER, sa.ForeignKey("run.id"), nullable=False),
    *_columns(BIGINT, "total"),
    *_columns(INTEGER, "rows"),
    *_columns(FLAG, "flagged"),
    *_finite_day("period_start"),
    *_finite_moment("as_of"),
    _at_least("total", 0),
    _at_least("rows", 0),
    _flag("flagged"),
    _release_range(),
    _closed("period"),
    sa.Index("ix_period_opened", "release_from"),
    _current("period", "dataset", "period_start"),
    sqlite_strict=True,
)

sa.Table(
    "confirmation",
    RECORD,
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug"), primary_key=True),
    sa.Column("period_start", DAY, primary_key=True),
    sa.Column("confirmed_as_of", MOMENT),
    sa.Column("missed_as_of", MOMENT),
    *_finite_day("period_start"),
    *_finite_moment("confirmed_as_of"),
    *_finite_moment("missed_as_of"),
    sa.CheckConstraint("coalesce(confirmed_as_of, missed_as_of) IS NOT NULL", "told"),
    sqlite_strict=True,
)

sa.Table(
    "lease",
    RECORD,
    sa.Column("name", TEXT, primary_key=True),
    *_columns(TEXT, "holder"),
    *_columns(BIGINT, "token"),
    *_columns(MOMENT, "expires_at"),
    _at_least("token", 0),
    sqlite_strict=True,
)

sa.Table(
    "api_key",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    *_columns(TEXT, "prefix", "sha256", "owner", "scopes"),
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug")),
    *_columns(MOMENT, "created_at"),
    sa.Column("revoked_at", MOMENT),
    sa.UniqueConstraint("sha256"),
    sqlite_strict=True,
)

sa.Table(
    "annotation",
    RECORD,
    sa.Column("id", INTEGER, primary_key=True),
    sa.Column("dataset", TEXT, sa.ForeignKey("dataset.slug")),
    *_columns(DAY, "date_from"),
    sa.Column("date_to", DAY),
    *_columns(TEXT, "kind", "text"),
    sa.Column("url", TEXT),
    sa.Column("release_from", INTEGER, sa.ForeignKey("release.id"), nullable=False),
    sa.Column("release_to", INTEGER, sa.ForeignKey("release.id")),
    *_finite_day("date_from"),
    sa.CheckConstraint("date_to >= date_from", name="date_range"),
    _release_range(),
    sqlite_strict=True,
)
