"""Models that a batch names and the registry does not know yet.

They are taken in without a judgement of their own: what cannot be told stays unknown,
and the bounds widen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.domain.registry import Attribution, Confidence, Dimension, Model, Subject
from app.services import curate
from app.services.curate import Edit
from app.store import queries
from app.store.tables import AttributionRow

OF_THE_BASE = (Dimension.WEIGHTS, Dimension.FAMILY, Dimension.LICENSE)
"""What holds for every variant of a base: variants differ in price and limits."""


def introduce(session: Session, slugs: Iterable[str], number: int) -> list[str]:
    """Add models to the registry within release `number`, which is being written.

    The provider is the author that the slug names; behind a pseudonym (`stealth/…`) it
    may be anyone. A model whose base is known takes over what is claimed of the base,
    of its standard variant first. A provider nobody knows has no origin.

    Returns:
        The slugs that were not known, ascending.
    """
    known = set(session.scalars(queries.model_slugs()))
    new = sorted(set(slugs) - known)
    if not new:
        return []
    models = [identity(slug) for slug in new]
    claims = session.scalars(queries.current_rows(AttributionRow)).all()
    pseudonyms = {
        c.subject for c in claims if c.attribute == "kind" and c.value == "pseudo"
    }
    of_bases = _by_base(claims)
    first = [
        claim
        for model in models
        for claim in _first_claims(model, of_bases.get(model.base, ()), pseudonyms)
    ]
    providers = [author(slug) for slug in new]
    curate.add(session, Edit(providers, models, first), number)
    return new


def author(slug: str) -> str:
    """Return the provider that a model's slug names."""
    return slug.partition("/")[0]


def identity(slug: str) -> Model:
    """Return base and variant of a model, as its slug spells them."""
    base, _, variant = slug.partition(":")
    return Model(slug, base, variant or "standard")


def provider_claim(model: str, provider: str, *, hidden: bool) -> Attribution:
    """Return the claim that a model is of the provider its slug names.

    Args:
        model: Slug.
        provider: Slug of the author.
        hidden: Whether that is a pseudonym, behind which anyone may be.
    """
    return Attribution(
        kind=Subject.MODEL,
        subject=model,
        attribute=Dimension.PROVIDER,
        value=provider,
        confidence=Confidence.LOW if hidden else Confidence.HIGH,
        source="slug",
        basis="A pseudonym: the maker has not said who it is."
        if hidden
        else "The author that its slug names.",
    )


def _by_base(claims: Iterable[AttributionRow]) -> Mapping[str, list[AttributionRow]]:
    """Return what is claimed of the models of each base, and holds for all of them."""
    found = defaultdict(list)
    of_models = (
        claim
        for claim in claims
        if claim.subject_kind == Subject.MODEL and claim.attribute in OF_THE_BASE
    )
    # The order of a database is its own, and the digest must not depend on it.
    for claim in sorted(of_models, key=_rank):
        found[identity(claim.subject).base].append(claim)
    return found


def _first_claims(
    model: Model, claims: Sequence[AttributionRow], pseudonyms: set[str]
) -> list[Attribution]:
    provider = author(model.slug)
    found = [provider_claim(model.slug, provider, hidden=provider in pseudonyms)]
    seen: set[tuple[str, object]] = set()
    for claim in claims:
        name = (claim.attribute, claim.valid_from)
        if name not in seen:
            seen.add(name)
            found.append(_taken_over(model, claim))
    return found


def _rank(claim: AttributionRow) -> tuple[bool, str, str, date]:
    variant = identity(claim.subject).variant
    return variant != "standard", claim.subject, claim.attribute, claim.valid_from


def _taken_over(model: Model, claim: AttributionRow) -> Attribution:
    return Attribution(
        kind=Subject.MODEL,
        subject=model.slug,
        attribute=claim.attribute,
        value=claim.value,
        confidence=Confidence(claim.confidence),
        basis=f"As {claim.subject}, another variant of the same base: {claim.basis}",
        alternatives=tuple(claim.alternatives),
        evidence=claim.evidence,
        source=claim.source,
        valid_from=claim.valid_from,
        valid_to=claim.valid_to,
    )
