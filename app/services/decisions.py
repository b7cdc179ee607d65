"""A person's edits of the registry: who decided what, when, why, and on what evidence.

The same for the command line and for HTTP. Every decision leaves a run: its audit row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.domain.registry import ALWAYS, Attribution, Confidence, Subject
from app.errors import BadValueError, UnknownError
from app.services import curate, endings, ingest
from app.services.curate import Edit
from app.services.ingest import Job
from app.services.releasing import Release
from app.store import queries
from app.store.database import Database
from app.store.tables import AliasRow, AttributionRow

SOURCE = "registry"
ATTRIBUTES: Mapping[Subject, tuple[str, ...]] = {
    Subject.PROVIDER: ("origin", "lab", "name", "organisation", "kind"),
    Subject.MODEL: (
        "origin",
        "weights",
        "license",
        "provider",
        "family",
        "name",
        "released_on",
        "context_length",
        "derived_from",
    ),
}
_LONGEST = 500
# Also halves of characters, and what is none: no one can show them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person claims of one subject.

    Attributes:
        kind: Provider or model.
        subject: Slug.
        values: Attribute → value, one or more.
        confidence: How sure it is.
        basis: Why, in a sentence.
        evidence: Address of a page that shows it.
        actor: Who decides: a name, or that of a key.
        alternatives: What else the value may be, if it is low or disputed. Of a
            disputed one without any, what was claimed before.
        valid_from: First day it holds for.
        valid_to: First day it no longer holds for; None: it still does.
    """

    kind: Subject
    subject: str
    values: Mapping[str, str]
    confidence: Confidence
    basis: str
    evidence: str
    actor: str
    alternatives: tuple[str, ...] = field(default=())
    valid_from: date = ALWAYS
    valid_to: date | None = None


def decide(
    database: Database, decision: Decision, *, trigger: str, now: datetime
) -> int | None:
    """Publish a decision: one release and one audit row, in one transaction.

    Args:
        database: The record.
        decision: What is claimed.
        trigger: `cli` or `http`.
        now: The present moment.

    Returns:
        The number of the release; None if the record says all of it already.

    Raises:
        UnknownError: There is no such provider or model.
        BadValueError: No evidence or basis, an attribute or a value that cannot be, or
            a dispute about nothing else than the value itself.
    """
    _check(decision)
    with database.write() as session:
        decision = replace(decision, subject=_subject(session, decision))
        said = _said(session, decision)
        before = {r.attribute: r.value for r in said if _same_day(r, decision)}
        row = ingest.open_run(session, Job(SOURCE, "", trigger), now)
        row.dataset = None
        row.decided_by = decision.actor
        row.decided_reason = decision.basis
        row.checks = [
            {
                "name": attribute,
                "passed": True,
                "detail": f"{before.get(attribute, 'nothing')} → {value}",
            }
            for attribute, value in decision.values.items()
        ]
        release = Release("registry", _summary(decision), now, run=row.id)
        edit = Edit(claims=[*_claims(decision, said), *_left(decision, said)])
        number = curate.apply(session, edit, release)
        endings.close_run(row, "unchanged" if number is None else "published", now)
        return number


def _claims(decision: Decision, said: Sequence[AttributionRow]) -> list[Attribution]:
    return [
        Attribution(
            kind=decision.kind,
            subject=decision.subject,
            attribute=attribute,
            value=value,
            confidence=decision.confidence,
            basis=decision.basis,
            alternatives=_alternatives(decision, attribute, said),
            evidence=decision.evidence,
            valid_from=decision.valid_from,
            valid_to=decision.valid_to,
        )
        for attribute, value in decision.values.items()
    ]


def _alternatives(
    decision: Decision, attribute: str, said: Sequence[AttributionRow]
) -> tuple[str, ...]:
    """Return what else a value may be: as told, or what a dispute is with."""
    if decision.alternatives or decision.confidence is not Confidence.DISPUTED:
        return decision.alternatives
    value, first = decision.values[attribute], decision.valid_from
    held = [
        row
        for row in said
        if row.attribute == attribute
        and row.valid_from <= first
        and (row.valid_to is None or first < row.valid_to)
    ]
    latest = max(held, key=lambda row: row.valid_from, default=None)
    others = (latest.value, *latest.alternatives) if latest else ()
    if not set(others) - {value}:
        raise BadValueError.of(
            "alternatives", "", f"name what else {attribute} may be, if not {value}"
        )
    return tuple(other for other in others if other != value)


def _left(decision: Decision, said: Sequence[AttributionRow]) -> list[Attribution]:
    """Return what goes on after a decision that ends, of claims that it replaces."""
    end = decision.valid_to
    if end is None:
        return []
    begun = {row.attribute for row in said if row.valid_from == end}
    return [
        _from(row, end)
        for row in said
        if _same_day(row, decision)
        and row.attribute not in begun
        and (row.valid_to is None or end < row.valid_to)
    ]


def _from(row: AttributionRow, day: date) -> Attribution:
    """Return a claim as it is, but from `day` on."""
    return Attribution(
        kind=Subject(row.subject_kind),
        subject=row.subject,
        attribute=row.attribute,
        value=row.value,
        confidence=Confidence(row.confidence),
        basis=row.basis,
        alternatives=tuple(row.alternatives),
        evidence=row.evidence,
        source=row.source,
        valid_from=day,
        valid_to=row.valid_to,
    )


def _check(decision: Decision) -> None:
    texts = {
        "basis": decision.basis,
        "actor": decision.actor,
        "evidence": decision.evidence,
        **decision.values,
        **{f"alternative {n}": v for n, v in enumerate(decision.alternatives, 1)},
    }
    for name, text in texts.items():
        if not text.strip() or len(text) > _LONGEST or _CONTROL.search(text):
            raise BadValueError.of(
                name, text, f"give 1 to {_LONGEST} printable characters"
            )
    parts = urlsplit(decision.evidence)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadValueError.of(
            "evidence", decision.evidence, "give the address of a page that shows it"
        )
    if not decision.values:
        raise BadValueError.of("values", "", "claim something, as in origin=FR")
    for attribute in decision.values:
        if attribute not in ATTRIBUTES[decision.kind]:
            raise BadValueError.of(
                "attribute",
                attribute,
                f"not an attribute of a {decision.kind}",
                allowed=ATTRIBUTES[decision.kind],
            )
    sure = {Confidence.HIGH, Confidence.MEDIUM}
    if decision.alternatives and decision.confidence in sure:
        raise BadValueError.of(
            "confidence",
            decision.confidence,
            "alternatives go with a claim that is low or disputed",
            allowed=(Confidence.DISPUTED, Confidence.LOW),
        )


def _subject(session: Session, decision: Decision) -> str:
    """Return the slug of what is decided on, which may be named by an alias."""
    is_model = decision.kind is Subject.MODEL
    slugs = queries.model_slugs() if is_model else queries.provider_slugs()
    known = set(session.scalars(slugs))
    meant = {decision.subject} & known
    if not meant:
        aliases = session.scalars(queries.current_rows(AliasRow))
        named = {a.target for a in aliases if a.external_id == decision.subject}
        meant = named & known
    if len(meant) != 1:
        see = "/v1/models" if is_model else "/v1/providers"
        raise UnknownError(decision.kind, decision.subject, sorted(known), see)
    return meant.pop()


def _said(session: Session, decision: Decision) -> list[AttributionRow]:
    """Return what is claimed so far of the attributes that are decided on."""
    return [
        row
        for row in session.scalars(queries.current_rows(AttributionRow))
        if row.subject_kind == decision.kind
        and row.subject == decision.subject
        and row.attribute in decision.values
    ]


def _same_day(row: AttributionRow, decision: Decision) -> bool:
    return row.valid_from == decision.valid_from


def _summary(decision: Decision) -> str:
    said = ", ".join(f"{a}={v}" for a, v in decision.values.items())
    return (
        f"{decision.subject}: {said} ({decision.confidence}). {decision.basis.strip()}"
    )
