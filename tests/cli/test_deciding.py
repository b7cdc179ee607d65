"""Who made what, and who may write: decided by command."""

import re
from datetime import date

import pytest

from app.domain.registry import Subject
from app.services import keys
from app.services.snapshots import Snapshots
from app.store import queries, work
from app.store.database import Database
from tests.cli.conftest import Run

DISPUTE = (
    *("registry", "set", "provider", "poolside", "origin=FR"),
    *("--confidence", "disputed", "--alternative", "US"),
    *(
        "--basis",
        "Its founders say so.",
        "--evidence",
        "https://poolside.example/about",
    ),
    *("--by", "A desk"),
)


def test_a_decision_is_one_release_with_its_reason(bundled: Database, run: Run) -> None:
    ended = run(*DISPUTE)

    assert (ended.code, ended.out) == (0, ["poolside: release 6"])
    snapshots = Snapshots(bundled)
    snapshots.refresh()
    release = snapshots.current.release
    assert (release.id, release.kind) == (6, "registry")
    assert release.summary == "poolside: origin=FR (disputed). Its founders say so."
    with bundled.read() as session:
        (audit,) = (r for r in session.scalars(work.last_runs()) if not r.dataset)
    assert (audit.decided_by, audit.trigger) == ("A desk", "cli")
    assert audit.checks == [{"name": "origin", "passed": True, "detail": "US → FR"}]


@pytest.mark.usefixtures("bundled")
def test_the_same_decision_again_says_so(run: Run) -> None:
    run(*DISPUTE)

    ended = run(*DISPUTE)

    assert (ended.code, ended.out) == (0, ["poolside: said already"])


def test_a_claim_may_be_of_some_days(bundled: Database, run: Run) -> None:
    ended = run(*DISPUTE, "kind=lab", "--from", "2026-05-01", "--to", "2026-06-01")

    assert ended.out == ["poolside: release 6"]
    snapshots = Snapshots(bundled)
    snapshots.refresh()
    claims = snapshots.current.registry.claims(Subject.PROVIDER, "poolside")
    made = {c.attribute: c for c in claims if c.since == 6}
    assert sorted(made) == ["kind", "origin"]
    assert (made["origin"].value, made["origin"].alternatives) == ("FR", ("US",))
    assert {(c.valid_from, c.valid_to) for c in made.values()} == {
        (date(2026, 5, 1), date(2026, 6, 1))
    }
    assert made["kind"].evidence == "https://poolside.example/about"


def test_who_says_nothing_decides_by_the_name_of_the_account(
    bundled: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "editor")

    assert run(*DISPUTE[:-2]).code == 0

    with bundled.read() as session:
        (audit,) = (r for r in session.scalars(work.last_runs()) if not r.dataset)
    assert audit.decided_by == "editor"


def test_a_claim_without_a_value_is_refused(bundled: Database, run: Run) -> None:
    ended = run(*("origin" if part == "origin=FR" else part for part in DISPUTE))

    assert ended.code == 2
    assert any("'origin' is not of the form origin=FR" in line for line in ended.err)
    with bundled.read() as session:
        assert session.scalars(queries.head()).one() == 5


def test_a_value_that_is_given_twice_is_refused(bundled: Database, run: Run) -> None:
    twice = (*DISPUTE[:4], "origin=FR", "origin=US", *DISPUTE[5:])

    ended = run(*twice)

    assert ended.code == 2
    assert "origin is given twice" in " ".join(ended.err)
    with bundled.read() as session:
        assert session.scalars(queries.head()).one() == 5


REFUSED = {
    "an unknown provider": (
        ("poolside", "poolsid"),
        "There is no provider 'poolsid'. Did you mean poolside? See /v1/providers.",
    ),
    "no country": (
        ("origin=FR", "origin=XX"),
        "origin: not an ISO 3166-1 alpha-2 code",
    ),
    "no evidence": (
        ("https://poolside.example/about", "hearsay"),
        "evidence: give the address of a page that shows it",
    ),
    "an attribute that providers have not": (
        ("origin=FR", "weights=open"),
        "attribute: not an attribute of a provider",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(
    bundled: Database, run: Run, what: str
) -> None:
    (right, wrong), sentence = REFUSED[what]
    arguments = [wrong if argument == right else argument for argument in DISPUTE]

    ended = run(*arguments)

    assert (ended.code, ended.err) == (1, [f"modelcensus: {sentence}"])
    with bundled.read() as session:
        assert session.scalars(queries.head()).one() == 5
        assert all(r.dataset for r in session.scalars(work.last_runs()))


def test_a_key_is_shown_once_and_can_be_revoked(bundled: Database, run: Run) -> None:
    made = run("keys", "create", "A desk", "--scope", "curate")

    (key,) = made.out
    assert re.fullmatch(r"mc_[0-9a-f]{8}_[\w-]{43}", key)
    known = keys.authenticate(bundled, key)
    assert known is not None
    assert (known.owner, known.scopes) == ("A desk", ("curate",))
    assert run("keys", "list").out == [f"{key[:11]} valid curate A desk"]
    assert run("keys", "revoke", key[:11]).out == [f"{key[:11]} revoked"]
    assert run("keys", "list").out == [f"{key[:11]} revoked curate A desk"]
    assert keys.authenticate(bundled, key) is None


@pytest.mark.usefixtures("bundled")
def test_a_key_that_pushes_owns_one_dataset(run: Run) -> None:
    create = ("keys", "create", "A gateway", "--scope", "ingest")

    assert "owns one dataset" in run(*create).err[0]
    assert run(*create, "--dataset", "openrouter-tokens").code == 0
    (line,) = run("keys", "list").out
    assert line.endswith(" valid ingest openrouter-tokens A gateway")
    assert "owns it" in run(*create, "--dataset", "openrouter-tokens").err[0]
    assert "There is no key 'mc_0'" in run("keys", "revoke", "mc_0").err[0]
