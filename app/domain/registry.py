"""Who made what, and how sure we are.

An attribution is a dated, evidenced claim about a provider or a model. The registry of
one release answers, for any day, what value a dimension of a model has (the best
judgement) and which values are possible (what the bounds rest on).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.values import ANY, Values

UNKNOWN = "unknown"
OTHER = "other"
REST = "rest"
NONE = "none"
RESERVED = frozenset({UNKNOWN, OTHER, REST, NONE})

ALWAYS = date.min


class Dimension(StrEnum):
    """What volume can be filtered and grouped by, in the order of the contract."""

    # An enumeration is hashed in Python; a text keeps its hash.
    __hash__ = str.__hash__

    ORIGIN = "origin"
    PROVIDER = "provider"
    LAB = "lab"
    FAMILY = "family"
    BASE = "base"
    MODEL = "model"
    CATEGORY = "category"
    APP = "app"
    LICENSE = "license"
    WEIGHTS = "weights"
    VARIANT = "variant"


WEIGHTS = ("open", "closed", UNKNOWN)

# A claim about a provider holds for its models unless a model has its own.
_FROM_PROVIDER = frozenset({Dimension.ORIGIN, Dimension.LAB})
# Facts of a model's identity: never in doubt, except for volume without a model.
_IDENTITY = frozenset({Dimension.BASE, Dimension.MODEL, Dimension.VARIANT})


class Subject(StrEnum):
    """What an attribution is about."""

    PROVIDER = "provider"
    MODEL = "model"


class Confidence(StrEnum):
    """How sure a claim is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Attribution:
    """A claim: `attribute` of `subject` is `value` from `valid_from` to `valid_to`."""

    kind: Subject
    subject: str
    attribute: str
    value: str
    confidence: Confidence
    basis: str
    alternatives: tuple[str, ...] = ()
    evidence: str | None = None
    source: str = "curation"
    """Who claims it: the bundle, a source by name, or a person's curation."""
    valid_from: date = ALWAYS
    valid_to: date | None = None
    """First day on which the claim no longer holds; None: it still does."""
    since: int = 0
    """Release that published the claim."""
    until: int | None = None
    """Release that ended it; None: it is made in the release at hand."""

    def holds(self, day: date) -> bool:
        """Return whether the claim is about `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def possible(self) -> Values:
        """Return every value the attribute may have, given this claim."""
        if self.confidence in {Confidence.HIGH, Confidence.MEDIUM}:
            return Values.of(self.value)
        if self.confidence is Confidence.DISPUTED or self.alternatives:
            return Values.of(self.value, *self.alternatives)
        return ANY


@dataclass(frozen=True, slots=True)
class State:
    """One dimension of one series: the best judgement, and what is possible."""

    point: str
    possible: Values


@dataclass(frozen=True, slots=True)
class Model:
    """Identity of one released model; everything else about it is a claim."""

    slug: str
    base: str
    variant: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a model, or of a base (all its variants)."""

    scheme: str
    external_id: str
    target: str
    target_kind: str = "model"
    """`model` or `base`."""


_NOBODY = State(UNKNOWN, ANY)


@dataclass(frozen=True)
class Registry:
    """Providers, models and claims of one release. Immutable."""

    providers: Mapping[str, int]
    """Slug → release that introduced it."""
    models: Mapping[str, Model]
    attributions: tuple[Attribution, ...]
    aliases: tuple[Alias, ...] = ()
    past: tuple[Attribution, ...] = ()
    """Claims that earlier releases made and this one no longer does, oldest first."""
    _claims: dict[tuple[Subject, str, str], list[Attribution]] = field(
        init=False, repr=False, compare=False
    )
    _by_subject: dict[tuple[Subject, str], list[Attribution]] = field(
        init=False, repr=False, compare=False
    )
    _edges: dict[str, set[date]] = field(init=False, repr=False, compare=False)
    _values: dict[str, set[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        claims = defaultdict(list)
        by_subject = defaultdict(list)
        edges: dict[str, set[date]] = defaultdict(set)
        values: dict[str, set[str]] = defaultdict(set)
        # Later validity first: of two claims that hold, the one that began last wins.
        for claim in sorted(
            self.attributions, key=lambda a: a.valid_from, reverse=True
        ):
            claims[claim.kind, claim.subject, claim.attribute].append(claim)
            by_subject[claim.kind, claim.subject].append(claim)
            edges[claim.attribute] |= {claim.valid_from, claim.valid_to or ALWAYS}
            values[claim.attribute] |= {claim.value, *claim.alternatives}
        object.__setattr__(self, "_claims", dict(claims))
        object.__setattr__(self, "_by_subject", dict(by_subject))
        object.__setattr__(self, "_edges", dict(edges))
        object.__setattr__(self, "_values", dict(values))

    def claim(
        self, kind: Subject, subject: str, attribute: str, day: date
    ) -> Attribution | None:
        """Return the claim about a subject's attribute that holds on `day`, if any."""
        for claim in self._claims.get((kind, subject, attribute), ()):
            if claim.holds(day):
                return claim
        return None

    def claims(self, kind: Subject, subject: str) -> list[Attribution]:
        """Return every claim about a subject, by attribute, then validity."""
        found = self._by_subject.get((kind, subject), ())
        return sorted(found, key=lambda a: (a.attribute, a.valid_from))

    def history(self, kind: Subject, subject: str) -> list[Attribution]:
        """Return the claims about a subject that are no longer made, oldest first."""
        return [c for c in self.past if (c.kind, c.subject) == (kind, subject)]

    def value(
        self, kind: Subject, subject: str, attribute: str, day: date
    ) -> str | None:
        """Return the value of the claim that holds on `day`; None if there is none."""
        claim = self.claim(kind, subject, attribute, day)
        return claim.value if claim else None

    def state(self, model: str, dimension: Dimension, day: date) -> State:
        """Return what is known of a model's `dimension` on `day`.

        `category` and `app` belong to a series, not to a model; they are not asked
        for here.
        """
        if dimension in _IDENTITY:
            return _identity(self.models[model], dimension)
        own = self.claim(Subject.MODEL, model, dimension, day)
        if own is not None:
            return _state(own, dimension)
        if dimension in _FROM_PROVIDER:
            return self._inherited(model, dimension, day)
        return _nobody(dimension)

    def _inherited(self, model: str, dimension: Dimension, day: date) -> State:
        provider = self.state(model, Dimension.PROVIDER, day)
        point = self._of_provider(provider.point, dimension, day).point
        if provider.possible.negated:
            return State(point, ANY)
        possible = Values()
        for slug in provider.possible.items:
            possible |= self._of_provider(slug, dimension, day).possible
        return State(point, possible)

    def _of_provider(self, slug: str, dimension: Dimension, day: date) -> State:
        claim = self.claim(Subject.PROVIDER, slug, dimension, day)
        return _state(claim, dimension) if claim else _nobody(dimension)

    def claimed(self, attribute: str) -> frozenset[str]:
        """Return every value that an attribute has, or may have, of anything, ever."""
        return frozenset(self._values.get(attribute, ()))

    def boundaries(self, dimensions: Iterable[Dimension]) -> list[date]:
        """Return the days on which any claim about `dimensions` begins or ends."""
        wanted = {str(d) for d in dimensions}
        if wanted & _FROM_PROVIDER:
            wanted.add(Dimension.PROVIDER)
        return self.edges(*wanted)

    def edges(self, *attributes: str) -> list[date]:
        """Return the days on which any claim about some attributes begins or ends."""
        days: set[date] = set()
        for attribute in attributes:
            days |= self._edges.get(attribute, set())
        return sorted(days - {ALWAYS})


def _identity(model: Model, dimension: Dimension) -> State:
    match dimension:
        case Dimension.MODEL:
            value = model.slug
        case Dimension.BASE:
            value = model.base
        case _:
            value = model.variant
    return State(value, Values.of(value))


def everything(dimension: Dimension) -> Values:
    """Return every value a dimension can have, `unknown` included."""
    return Values.of(*WEIGHTS) if dimension is Dimension.WEIGHTS else ANY


def _nobody(dimension: Dimension) -> State:
    return State(UNKNOWN, everything(dimension)) if dimension == "weights" else _NOBODY


def _state(claim: Attribution, dimension: Dimension) -> State:
    possible = claim.possible()
    return State(claim.value, everything(dimension) if possible.negated else possible)


def unattributed(dimension: Dimension) -> State:
    """Return the state of volume that has no model: the remainder of a dataset."""
    if dimension in {Dimension.BASE, Dimension.MODEL}:
        return State(OTHER, Values.of(OTHER))
    return _nobody(dimension)
