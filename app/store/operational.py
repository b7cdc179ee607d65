"""Tables that work needs and no answer shows: arrivals, what is held, who may act.

Unlike the facts of `app.store.tables` they carry no release, and their rows may change.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from app.store.constraints import at_least, finite_day, finite_moment, one_of
from app.store.tables import STRICT, Record
from app.store.types import BIGINT, Day, JsonText, UtcDateTime

DECISIONS = ("accepted", "rejected", "superseded")


class ConfirmationRow(Record, table=True):
    """When a day was last told, and last left out: orders arrivals, never published."""

    __tablename__ = "confirmation"
    __table_args__ = (
        *finite_day("period_start"),
        *finite_moment("confirmed_as_of"),
        *finite_moment("missed_as_of"),
        CheckConstraint("coalesce(confirmed_as_of, missed_as_of) IS NOT NULL", "told"),
        STRICT,
    )

    dataset: str = Field(sa_type=Text, primary_key=True, foreign_key="dataset.slug")
    period_start: date = Field(sa_type=Day, primary_key=True)
    confirmed_as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    missed_as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LeaseRow(Record, table=True):
    """Who may do a thing alone, and until when. `token` only ever grows."""

    __tablename__ = "lease"
    __table_args__ = (at_least("token", 0), STRICT)

    name: str = Field(sa_type=Text, primary_key=True)
    holder: str = Field(sa_type=Text)
    token: int = Field(sa_type=BIGINT)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ApiKeyRow(Record, table=True):
    """What a writer may do. Of the key itself only the hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("sha256"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    prefix: str = Field(sa_type=Text)
    sha256: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    scopes: list[str] = Field(sa_type=JsonText)
    dataset: str | None = Field(default=None, sa_type=Text, foreign_key="dataset.slug")
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ContractRow(Record, table=True):
    """What a batch of a dataset must satisfy, by name; see `app.services.contracts`."""

    __tablename__ = "contract"
    __table_args__ = (STRICT,)

    dataset: str = Field(sa_type=Text, primary_key=True, foreign_key="dataset.slug")
    name: str = Field(sa_type=Text)


class HeldRow(Record, table=True):
    """A day that was read and not published: it waits for a decision."""

    __tablename__ = "held"
    __table_args__ = (
        *finite_day("period_start"),
        *finite_moment("as_of"),
        one_of("decision", DECISIONS),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        UniqueConstraint("run", "period_start"),
        Index("ix_held_dataset", "dataset", "period_start"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    run: int = Field(foreign_key="run.id")
    dataset: str = Field(sa_type=Text, foreign_key="dataset.slug")
    period_start: date = Field(sa_type=Day)
    as_of: datetime = Field(sa_type=UtcDateTime)
    # kind, subject, category, volume of each observation
    volumes: list[Any] = Field(sa_type=JsonText)
    checks: list[dict[str, Any]] = Field(sa_type=JsonText)
    decision: str | None = Field(default=None, sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The run that carried the decision out, and says who decided and why.
    decided_run: int | None = Field(default=None, foreign_key="run.id")


class QuotaRow(Record, table=True):
    """How much of an upstream's quota is used, by all processes together."""

    __tablename__ = "quota"
    __table_args__ = (at_least("seconds", 1), at_least("spent", 0), STRICT)

    name: str = Field(sa_type=Text, primary_key=True)
    seconds: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    since: datetime = Field(sa_type=UtcDateTime)
    spent: int
