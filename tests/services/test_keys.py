"""Keys: shown once, kept as a hash, worth what they allow until they are revoked."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest

from app.errors import BadValueError, UnknownError
from app.services import keys
from app.services.keys import Key, Scope
from app.store import work
from app.store.database import Database
from tests.services import published
from tests.services.published import NOW, TOKENS

LATER = published.moment(999)


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    return database


def owned(database: Database) -> str:
    return keys.create(database, "Gate", [Scope.INGEST], now=NOW, dataset=TOKENS)


def test_only_the_hash_of_a_key_is_kept(begun: Database) -> None:
    key = keys.create(begun, " Ann ", [Scope.CURATE], now=NOW)

    with begun.read() as session:
        (row,) = session.scalars(work.api_keys())
        kept = row.model_dump()
    assert kept["sha256"] == sha256(key.encode()).hexdigest()
    assert kept["owner"] == "Ann"
    assert not any(key.removeprefix(row.prefix) in str(v) for v in kept.values())


def test_a_key_allows_what_it_was_made_for(begun: Database) -> None:
    key = owned(begun)

    told = Key(key[:11], "Gate", ("ingest",), TOKENS, NOW, None)
    assert keys.authenticate(begun, key) == told
    assert keys.listed(begun) == [told]


def test_a_wrong_key_allows_nothing(begun: Database) -> None:
    key = owned(begun)

    for wrong in ("", key[:11], f"{key}x", key[:-1], f"x{key}"):
        assert keys.authenticate(begun, wrong) is None


def test_a_revoked_key_is_listed_and_allows_nothing(begun: Database) -> None:
    key = owned(begun)

    keys.revoke(begun, key[:11], NOW)
    keys.revoke(begun, key[:11], LATER)

    assert keys.authenticate(begun, key) is None
    assert keys.listed(begun) == [Key(key[:11], "Gate", ("ingest",), TOKENS, NOW, NOW)]


def test_a_dataset_has_one_owner_until_its_key_is_revoked(begun: Database) -> None:
    first = owned(begun)

    with pytest.raises(BadValueError, match=f"the key {first[:11]} of Gate owns it"):
        owned(begun)
    assert len(keys.listed(begun)) == 1

    keys.revoke(begun, first[:11], NOW)
    assert keys.authenticate(begun, owned(begun)) is not None


def test_of_several_at_once_one_becomes_the_owner(begun: Database) -> None:
    together = Barrier(4)

    def make(_: int) -> str | None:
        together.wait()
        try:
            return owned(begun)
        except BadValueError:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [key for key in pool.map(make, range(4)) if key]

    assert len(made) == len(keys.listed(begun)) == 1


@pytest.mark.parametrize(
    ("owner", "scopes", "dataset", "error"),
    [
        (" ", [Scope.CURATE], None, BadValueError),
        ("A\nB", [Scope.CURATE], None, BadValueError),
        ("Ann", [], None, BadValueError),
        ("Ann", [Scope.INGEST], None, BadValueError),
        ("Ann", [Scope.CURATE], TOKENS, BadValueError),
        ("Ann", [Scope.INGEST], "no-such", UnknownError),
    ],
)
def test_a_key_that_cannot_be_is_not_made(
    begun: Database,
    owner: str,
    scopes: list[Scope],
    dataset: str | None,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        keys.create(begun, owner, scopes, now=NOW, dataset=dataset)
    assert keys.listed(begun) == []


def test_an_unknown_prefix_cannot_be_revoked(begun: Database) -> None:
    with pytest.raises(UnknownError):
        keys.revoke(begun, "mc_00000000", NOW)
