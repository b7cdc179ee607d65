"""Create the record.

Revision ID: 0001
Revises:

The first revision: there is no old code, and no row to keep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# As `app.store.types` says, spelt out: this file must not change when that does.
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

TABLES = (
    "payload",
    "run",
    "release",
    "head",
    "provider",
    "model",
    "dataset",
    "category",
    "attribution",
    "alias",
    "series",
    "observation",
    "period",
    "confirmation",
    "lease",
    "api_key",
    "annotation",
)


def upgrade() -> None:
    _payload()
    _run()
    _release()
    _head()
    _provider()
    _model()
    _dataset()
    _category()
    _attribution()
    _alias()
    _series()
    _observation()
    _period()
    _confirmation()
    _lease()
    _api_key()
    _annotation()
    op.execute("INSERT INTO head (id) VALUES (1)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=op.f(f"fk_{table}_{column}")
    )


def _finite_day(table: str, column: str) -> list[sa.Constraint]:
    sqlite = f"{column} BETWEEN -719162 AND 2932896"
    postgresql = f"{column} BETWEEN '0001-01-01' AND '9999-12-31'"
    return _finite(table, column, sqlite, postgresql)


def _finite_moment(table: str, column: str) -> list[sa.Constraint]:
    sqlite = f"{column} GLOB '????-??-??T??:??:??.??????Z'"
    return _finite(table, column, sqlite, f"isfinite({column})")


def _finite(
    table: str, column: str, sqlite: str, postgresql: str
) -> list[sa.Constraint]:
    name = f"{column}_finite"
    return [
        _check(table, name, sqlite).ddl_if(dialect="sqlite"),
        _check(table, name, postgresql).ddl_if(dialect="postgresql"),
    ]


def _payload() -> None:
    op.create_table(
        "payload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload")),
        sqlite_strict=True,
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text()),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("as_of", MOMENT),
        sa.Column("payload", sa.Text()),
        sa.Column("rows_in", sa.Integer(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_same", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        _check(
            "run",
            "verdict",
            "verdict IN ('running', 'published', 'unchanged', 'superseded', "
            "'quarantined', 'rejected', 'failed')",
        ),
        _check("run", "finished_at", "finished_at >= started_at"),
        _check(
            "run",
            "rows_in",
            "rows_in = rows_new + rows_changed + rows_same + rows_rejected",
        ),
        _check("run", "rows_new", "rows_new >= 0"),
        _check("run", "rows_changed", "rows_changed >= 0"),
        _check("run", "rows_same", "rows_same >= 0"),
        _check("run", "rows_rejected", "rows_rejected >= 0"),
        _refers("run", "payload", "payload.sha256"),
        sqlite_strict=True,
    )
    op.create_index("ix_run_dataset", "run", ["dataset", "id"], unique=False)


def _release() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("method_version", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text()),
        sa.Column("run", sa.Integer()),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        _check("release", "id", "id >= 1"),
        *_finite_moment("release", "published_at"),
        _check("release", "kind", "kind IN ('data', 'registry', 'method')"),
        _refers("release", "run", "run.id"),
        sqlite_strict=True,
    )


def _head() -> None:
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("release", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
        _check("head", "one", "id = 1"),
        _refers("head", "release", "release.id"),
        sqlite_strict=True,
    )


def _provider() -> None:
    op.create_table(
        "provider",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_provider")),
        _check(
            "provider",
            "slug_reserved",
            "slug NOT IN ('none', 'other', 'rest', 'unknown')",
        ),
        _refers("provider", "release_from", "release.id"),
        sqlite_strict=True,
    )


def _model() -> None:
    op.create_table(
        "model",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_model")),
        _refers("model", "release_from", "release.id"),
        sqlite_strict=True,
    )


def _dataset() -> None:
    op.create_table(
        "dataset",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("license", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.Column("default_group", sa.Text(), nullable=False),
        sa.Column("additive", FLAG, nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("revision_days", sa.Integer(), nullable=False),
        sa.Column("top_n", sa.Integer()),
        sa.Column("cadence_hours", sa.Integer()),
        sa.Column("caveats", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_dataset")),
        _check(
            "dataset", "grain", "grain IN ('day', 'week', 'month', 'quarter', 'year')"
        ),
        _check("dataset", "additive", "CAST(additive AS INTEGER) IN (0, 1)"),
        _check("dataset", "scale", "scale >= 1"),
        _check("dataset", "revision_days", "revision_days >= 0"),
        _check("dataset", "top_n", "top_n >= 1"),
        _check("dataset", "cadence_hours", "cadence_hours >= 1"),
        _refers("dataset", "release_from", "release.id"),
        sqlite_strict=True,
    )


def _category() -> None:
    op.create_table(
        "category",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "slug", name=op.f("pk_category")),
        _refers("category", "dataset", "dataset.slug"),
        _refers("category", "release_from", "release.id"),
        sqlite_strict=True,
    )


def _attribution() -> None:
    op.create_table(
        "attribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("alternatives", sa.Text(), nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("valid_to", DAY),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.Column("release_to", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution")),
        _check("attribution", "subject_kind", "subject_kind IN ('provider', 'model')"),
        _check(
            "attribution",
            "confidence",
            "confidence IN ('high', 'medium', 'low', 'disputed')",
        ),
        *_finite_day("attribution", "valid_from"),
        _check("attribution", "valid_range", "valid_to > valid_from"),
        _check("attribution", "release_range", "release_to > release_from"),
        _refers("attribution", "release_from", "release.id"),
        _refers("attribution", "release_to", "release.id"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_attribution_current",
        "attribution",
        ["subject_kind", "subject", "attribute", "valid_from"],
        unique=True,
        sqlite_where=sa.text("release_to IS NULL"),
        postgresql_where=sa.text("release_to IS NULL"),
    )


def _alias() -> None:
    op.create_table(
        "alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.Column("release_to", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
        _check("alias", "target_kind", "target_kind IN ('model', 'base')"),
        _check("alias", "release_range", "release_to > release_from"),
        _refers("alias", "release_from", "release.id"),
        _refers("alias", "release_to", "release.id"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_alias_current",
        "alias",
        ["scheme", "external_id", "target"],
        unique=True,
        sqlite_where=sa.text("release_to IS NULL"),
        postgresql_where=sa.text("release_to IS NULL"),
    )


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        _check("series", "kind", "kind IN ('model', 'remainder', 'app', 'category')"),
        sa.UniqueConstraint("dataset", "key", name=op.f("uq_series_dataset_key")),
        _refers("series", "dataset", "dataset.slug"),
        _refers("series", "release_from", "release.id"),
        sqlite_strict=True,
    )


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("period_start", DAY, nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.Column("release_to", sa.Integer()),
        sa.Column("volume", BIGINT, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "period_start", "series", "release_from", name=op.f("pk_observation")
        ),
        *_finite_day("observation", "period_start"),
        _check("observation", "volume", "volume >= 0"),
        _check("observation", "release_range", "release_to > release_from"),
        _refers("observation", "series", "series.id"),
        _refers("observation", "release_from", "release.id"),
        _refers("observation", "release_to", "release.id"),
        _refers("observation", "run", "run.id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_observation_closed",
        "observation",
        ["release_to"],
        unique=False,
        sqlite_where=sa.text("release_to IS NOT NULL"),
        postgresql_where=sa.text("release_to IS NOT NULL"),
    )
    op.create_index(
        "ix_observation_opened", "observation", ["release_from"], unique=False
    )
    op.create_index(
        "uq_observation_current",
        "observation",
        ["series", "period_start"],
        unique=True,
        sqlite_where=sa.text("release_to IS NULL"),
        postgresql_where=sa.text("release_to IS NULL"),
    )


def _period() -> None:
    op.create_table(
        "period",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("period_start", DAY, nullable=False),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.Column("release_to", sa.Integer()),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("total", BIGINT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("flagged", FLAG, nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset", "period_start", "release_from", name=op.f("pk_period")
        ),
        *_finite_day("period", "period_start"),
        *_finite_moment("period", "as_of"),
        _check("period", "total", "total >= 0"),
        _check("period", "rows", "rows >= 0"),
        _check("period", "flagged", "CAST(flagged AS INTEGER) IN (0, 1)"),
        _check("period", "release_range", "release_to > release_from"),
        _refers("period", "dataset", "dataset.slug"),
        _refers("period", "release_from", "release.id"),
        _refers("period", "release_to", "release.id"),
        _refers("period", "run", "run.id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_period_closed",
        "period",
        ["release_to"],
        unique=False,
        sqlite_where=sa.text("release_to IS NOT NULL"),
        postgresql_where=sa.text("release_to IS NOT NULL"),
    )
    op.create_index("ix_period_opened", "period", ["release_from"], unique=False)
    op.create_index(
        "uq_period_current",
        "period",
        ["dataset", "period_start"],
        unique=True,
        sqlite_where=sa.text("release_to IS NULL"),
        postgresql_where=sa.text("release_to IS NULL"),
    )


def _confirmation() -> None:
    op.create_table(
        "confirmation",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("period_start", DAY, nullable=False),
        sa.Column("confirmed_as_of", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset", "period_start", name=op.f("pk_confirmation")
        ),
        *_finite_day("confirmation", "period_start"),
        *_finite_moment("confirmation", "confirmed_as_of"),
        _refers("confirmation", "dataset", "dataset.slug"),
        sqlite_strict=True,
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", BIGINT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
        _check("lease", "token", "token >= 0"),
        sqlite_strict=True,
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
        _refers("api_key", "dataset", "dataset.slug"),
        sqlite_strict=True,
    )


def _annotation() -> None:
    op.create_table(
        "annotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.Text()),
        sa.Column("date_from", DAY, nullable=False),
        sa.Column("date_to", DAY),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("release_from", sa.Integer(), nullable=False),
        sa.Column("release_to", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
        *_finite_day("annotation", "date_from"),
        _check("annotation", "date_range", "date_to >= date_from"),
        _check("annotation", "release_range", "release_to > release_from"),
        _refers("annotation", "dataset", "dataset.slug"),
        _refers("annotation", "release_from", "release.id"),
        _refers("annotation", "release_to", "release.id"),
        sqlite_strict=True,
    )
