"""Facts and questions in plain words: what the twin reads, and nothing of the app's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

UNKNOWN, OTHER, REST = "unknown", "other", "rest"

DIMENSIONS = (
    "origin",
    "provider",
    "lab",
    "family",
    "base",
    "model",
    "category",
    "license",
    "weights",
    "variant",
)

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Some:
    """These values, or (all but) every value except these."""

    values: frozenset[str]
    all_but: bool = False

    def __contains__(self, value: str) -> bool:
        return (value in self.values) != self.all_but


@dataclass(frozen=True)
class Claim:
    attribute: str
    value: str
    sure: str
    also: tuple[str, ...] = ()
    begins: date | None = None
    ends: date | None = None
    """First day on which it no longer holds."""

    def holds(self, day: date) -> bool:
        begun = self.begins is None or self.begins <= day
        return begun and (self.ends is None or day < self.ends)


@dataclass(frozen=True)
class ModelFact:
    base: str
    variant: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Facts:
    """One dataset, and who made its models.

    Its series are models, or categories if it has any. `other` is the remainder.
    """

    volumes: Mapping[date, Mapping[str, int]]
    read: Mapping[date, datetime]
    models: Mapping[str, ModelFact] = field(default_factory=dict)
    providers: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[str, ...] = tuple(d for d in DIMENSIONS if d != "category")
    default_group: str = "origin"
    additive: bool = True
    revision_days: int = 30


@dataclass(frozen=True)
class Wish:
    """A question, as its parameters say it."""

    interval: str = "total"
    start: date | None = None
    end: date | None = None
    window: str | None = None
    include: bool = False
    filters: Mapping[str, Some] = field(default_factory=dict)
    within: Mapping[str, Some] = field(default_factory=dict)
    group_by: tuple[str, ...] | None = None
    top: int = 20
    compare: bool = False
    smooth: int | None = None
    sort: str = "volume"
