"""Hold days for a decision, name contracts and apps, count what quotas are spent.

Revision ID: 0002
Revises: 0001

Only adds tables: code of one version back goes on working on them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INTEGER = sa.Integer()
TEXT = sa.Text()
DAY = sa.Date().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _app()
    _contract()
    _held()
    _quota()


def downgrade() -> None:
    for table in ("quota", "held", "contract", "app"):
        op.drop_table(table)


def _app() -> None:
    current = sa.text("release_to IS NULL")
    op.create_table(
        "app",
        *_columns(TEXT, "dataset", "slug"),
        *_columns(INTEGER, "release_from"),
        sa.Column("release_to", INTEGER),
        *_columns(TEXT, "name"),
        sa.PrimaryKeyConstraint("dataset", "slug", "release_from", name="pk_app"),
        _refers("app", "dataset", "dataset.slug"),
        _refers("app", "release_from", "release.id"),
        _refers("app", "release_to", "release.id"),
        _check("app", "release_range", "release_to > release_from"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_app_current",
        "app",
        ["dataset", "slug"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def _contract() -> None:
    op.create_table(
        "contract",
        *_columns(TEXT, "dataset", "name"),
        sa.PrimaryKeyConstraint("dataset", name="pk_contract"),
        _refers("contract", "dataset", "dataset.slug"),
        sqlite_strict=True,
    )


def _held() -> None:
    day = "period_start BETWEEN '0001-01-01' AND '9999-12-31'"
    moment = "isfinite(as_of)"
    if op.get_context().dialect.name == "sqlite":
        day = "period_start BETWEEN -719162 AND 2932896"
        moment = "as_of GLOB '????-??-??T??:??:??.??????Z'"
    op.create_table(
        "held",
        *_columns(INTEGER, "id", "run"),
        *_columns(TEXT, "dataset"),
        *_columns(DAY, "period_start"),
        *_columns(MOMENT, "as_of"),
        *_columns(TEXT, "volumes", "checks"),
        sa.Column("decision", TEXT),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_run", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_held"),
        sa.UniqueConstraint("run", "period_start", name="uq_held_run_period_start"),
        _refers("held", "run", "run.id"),
        _refers("held", "dataset", "dataset.slug"),
        _refers("held", "decided_run", "run.id"),
        _check("held", "period_start_finite", day),
        _check("held", "as_of_finite", moment),
        _check(
            "held", "decision", "decision IN ('accepted', 'rejected', 'superseded')"
        ),
        _check("held", "decided", "(decision IS NULL) = (decided_at IS NULL)"),
        sqlite_strict=True,
    )
    op.create_index("ix_held_dataset", "held", ["dataset", "period_start"])


def _quota() -> None:
    op.create_table(
        "quota",
        *_columns(TEXT, "name"),
        sa.Column("seconds", INTEGER, nullable=False, autoincrement=False),
        *_columns(MOMENT, "since"),
        *_columns(INTEGER, "spent"),
        sa.PrimaryKeyConstraint("name", "seconds", name="pk_quota"),
        _check("quota", "seconds", "seconds >= 1"),
        _check("quota", "spent", "spent >= 0"),
        sqlite_strict=True,
    )


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
