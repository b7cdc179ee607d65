"""Who may write: keys, of which only the hash is kept.

A key is shown once, when it is made. It begins with a prefix that names it in lists and
logs; what follows is secret.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from app.errors import BadValueError, UnknownError
from app.services import loading, releasing
from app.store import work
from app.store.database import Database
from app.store.operational import ApiKeyRow

_MARK = "mc"
_PREFIX_BYTES = 4
_SECRET_BYTES = 32
_PREFIX_LENGTH = len(_MARK) + 1 + 2 * _PREFIX_BYTES


class Scope(StrEnum):
    """What a key allows."""

    INGEST = "ingest"
    """Push observations into the one dataset that the key owns."""
    CURATE = "curate"
    """Edit the registry."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: everything but the secret."""

    prefix: str
    owner: str
    scopes: tuple[str, ...]
    dataset: str | None
    created_at: datetime
    revoked_at: datetime | None


def create(
    database: Database,
    owner: str,
    scopes: Collection[Scope],
    *,
    now: datetime,
    dataset: str | None = None,
) -> str:
    """Make a key and return it; it is never shown again.

    Args:
        database: The record.
        owner: Who will use it, in words.
        scopes: What it allows.
        now: The present moment.
        dataset: Slug of the dataset it owns; needed for `ingest`.

    Raises:
        BadValueError: No owner or scope, `ingest` without a dataset, or a dataset that
            another key owns.
        UnknownError: There is no such dataset.
    """
    if not owner.strip() or not owner.isprintable():
        raise BadValueError.of("owner", owner, "say who will use the key")
    if not scopes:
        raise BadValueError.of("scope", "", "choose one", allowed=[*Scope])
    if (Scope.INGEST in scopes) is (dataset is None):
        raise BadValueError.of(
            "dataset", dataset or "", "a key with the scope ingest owns one dataset"
        )
    prefix = f"{_MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
    key = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    with database.write() as session:
        if dataset is not None:
            # Held to the end: of two who make a key to it, the second sees the first.
            releasing.lock(session)
            loading.dataset(session, dataset)
            _check_unowned(dataset, session.scalars(work.api_keys()).all())
        session.add(
            ApiKeyRow(
                prefix=prefix,
                sha256=sha256(key.encode()).hexdigest(),
                owner=owner.strip(),
                scopes=sorted(scopes),
                dataset=dataset,
                created_at=now,
            )
        )
    return key


def _check_unowned(dataset: str, rows: Collection[ApiKeyRow]) -> None:
    # Two gateways that push into one dataset would erase each other's days.
    owners = [r for r in rows if r.dataset == dataset and r.revoked_at is None]
    if owners:
        raise BadValueError.of(
            "dataset",
            dataset,
            f"the key {owners[0].prefix} of {owners[0].owner} owns it; revoke that one "
            "first, or declare another dataset",
        )


def listed(database: Database) -> list[Key]:
    """Return every key ever made, oldest first."""
    with database.read() as session:
        return [_key(row) for row in session.scalars(work.api_keys())]


def revoke(database: Database, prefix: str, now: datetime) -> None:
    """Make a key worthless from now on.

    Raises:
        UnknownError: There is no key of this prefix.
    """
    with database.write() as session:
        rows = {row.prefix: row for row in session.scalars(work.api_keys())}
        if prefix not in rows:
            raise UnknownError("key", prefix, sorted(rows), "modelcensus keys list")
        rows[prefix].revoked_at = rows[prefix].revoked_at or now


def authenticate(database: Database, key: str) -> Key | None:
    """Return what a key allows; None if it is no key of ours, or was revoked."""
    digest = sha256(key.encode()).hexdigest()
    prefix = key[:_PREFIX_LENGTH]
    with database.read() as session:
        for row in session.scalars(work.api_keys_of(prefix)):
            # In constant time: how much of a guess is right must not show.
            if compare_digest(row.sha256, digest) and row.revoked_at is None:
                return _key(row)
    return None


def _key(row: ApiKeyRow) -> Key:
    return Key(
        row.prefix,
        row.owner,
        tuple(row.scopes),
        row.dataset,
        row.created_at,
        row.revoked_at,
    )
