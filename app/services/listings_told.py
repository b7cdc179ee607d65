"""What a list of models adds to the registry. Pure.

A list speaks only where nobody else has spoken: of each attribute of each model it may
replace its own claims and no others. Nothing ends because a model is gone from a list.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from app.domain.listings import ListedModel, Listing
from app.domain.registry import (
    ALWAYS,
    RESERVED,
    Alias,
    Attribution,
    Confidence,
    Registry,
    Subject,
)
from app.services import listings_drift, newcomers
from app.services.contracts import Check
from app.services.curate import Edit

_Value = TypeVar("_Value")

OPENROUTER, HUGGING_FACE = "openrouter", "huggingface"

_SHOWN = 10
_FACTS = ("name", "released_on", "context_length", "license", "weights")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a list is called, how far it is trusted, and whether it names models."""

    title: str
    confidence: Confidence
    names_models: bool
    """Whether its slugs are those that usage is counted under."""


_KINDS = {
    "openrouter-models": _Kind("OpenRouter's list of models", Confidence.HIGH, True),
    # Most of its entries are filled by machines.
    "modelsdev": _Kind("models.dev", Confidence.MEDIUM, False),
}


@dataclass
class Told:
    """What a list adds to the registry, and what becomes of its entries.

    Attributes:
        title: What the list is called.
        new: Slugs of models to introduce, ascending.
        edit: Claims and aliases that are new or other.
        added: What is added, in words, and how many of each.
        rows: Entries that are `new`, `changed`, `same` or `rejected`.
        checks: What was left out, and why.
    """

    title: str
    new: Sequence[str] = ()
    edit: Edit = field(default_factory=Edit)
    added: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    checks: Sequence[Check] = ()

    def summary(self) -> str:
        """Return what is added, as a sentence."""
        parts = ", ".join(
            f"{count:,} {what if count == 1 else _plural(what)}"
            for what, count in self.added.items()
        )
        return f"{self.title}: {parts}."


def of(listing: Listing, registry: Registry, *, trusted: bool = False) -> Told:
    """Return what a list adds to a registry.

    Args:
        listing: The list, of a source that is known here.
        registry: What is known now.
        trusted: Whether somebody has looked at the list: no price is left out.
    """
    return _Reading(listing, registry, trusted=trusted).told()


class _Reading:
    def __init__(self, listing: Listing, registry: Registry, *, trusted: bool) -> None:
        self._listing = listing
        self._registry = registry
        self._trusted = trusted
        self._kind = _KINDS[listing.source]
        self._day = listing.as_of.date()
        self._claims: list[Attribution] = []
        self._aliases: list[Alias] = []
        self._added: Counter[str] = Counter()
        self._absurd: list[str] = []
        self._models = {*registry.models}
        self._bases = {model.base for model in registry.models.values()}
        self._names = _names(registry)

    def told(self) -> Told:
        entries, unmatched = self._matched()
        new = sorted(entries.keys() - self._registry.models.keys())
        self._models |= entries.keys()
        self._added["new model"] = len(new)
        rows = Counter(rejected=len(unmatched), new=0, changed=0, same=0)
        for slug in sorted(entries):
            before = len(self._claims), len(self._aliases)
            self._read(slug, entries[slug])
            after = len(self._claims), len(self._aliases)
            known = "same" if before == after else "changed"
            is_new = slug not in self._registry.models
            rows["new" if is_new else known] += len(entries[slug])
        self._add_repositories(entries)
        return Told(
            self._kind.title,
            new,
            Edit(claims=self._claims, aliases=self._aliases),
            +self._added,
            rows,
            [
                _left_out("unmatched", unmatched, passed=True),
                _left_out("absurd_prices", self._absurd, passed=not self._absurd),
            ],
        )

    def _matched(self) -> tuple[dict[str, list[ListedModel]], list[str]]:
        """Return the entries of each model, and the slugs of those that have none."""
        found: dict[str, list[ListedModel]] = defaultdict(list)
        unmatched = []
        for entry in self._listing.models:
            slug = self._model(entry)
            if slug is None:
                unmatched.append(entry.slug)
            else:
                found[slug].append(entry)
        return found, unmatched

    def _model(self, entry: ListedModel) -> str | None:
        if self._kind.names_models:
            return None if newcomers.author(entry.slug) in RESERVED else entry.slug
        targets = set(self._names[OPENROUTER, entry.openrouter_id or entry.slug])
        targets |= {entry.slug} & self._registry.models.keys()
        return targets.pop() if len(targets) == 1 else None

    def _read(self, slug: str, entries: Sequence[ListedModel]) -> None:
        for attribute in _FACTS:
            value = _agreed(getattr(entry, attribute) for entry in entries)
            if value is not None:
                self._claim_fact(slug, attribute, str(value))
        for attribute in sorted({name for e in entries for name in e.prices}):
            price = _agreed(_plain(entry.prices.get(attribute)) for entry in entries)
            if price is not None:
                self._claim_price(slug, attribute, price)
        for entry in entries:
            self._add_name(slug, entry.openrouter_id)

    def _own(self, slug: str, attribute: str) -> list[Attribution] | None:
        """Return our claims, the last one last; None: it is not for us to claim."""
        is_new = slug not in self._registry.models
        if is_new and attribute in newcomers.OF_THE_BASE:
            base = newcomers.identity(slug).base
            return None if base in self._bases else []
        claims = self._registry.claims(Subject.MODEL, slug)
        found = [claim for claim in claims if claim.attribute == attribute]
        ours = all(claim.source == self._listing.source for claim in found)
        return found if ours else None

    def _claim_fact(self, slug: str, attribute: str, value: str) -> None:
        own = self._own(slug, attribute)
        if own is None or (own and own[-1].value == value):
            return
        self._claims.append(self._claim(slug, attribute, value))
        self._added["other fact" if own else "new fact"] += 1

    def _claim_price(self, slug: str, attribute: str, price: str) -> None:
        own = self._own(slug, attribute)
        if own is None:
            return
        last = own[-1] if own else None
        if last is not None and not self._is_other(last, price):
            return
        if last is not None and last.valid_from < self._day:
            self._claims.append(replace(last, valid_to=self._day, since=0))
        self._claims.append(self._claim(slug, attribute, price, self._day))
        self._added["new price" if last is None else "other price"] += 1

    def _is_other(self, last: Attribution, price: str) -> bool:
        was, now = Decimal(last.value), Decimal(price)
        if was == now or last.valid_from > self._day:
            return False
        if not self._trusted and listings_drift.is_absurd(was, now):
            self._absurd.append(f"{last.subject} {last.attribute} {was:f} → {now:f}")
            return False
        return True

    def _claim(
        self, slug: str, attribute: str, value: str, valid_from: date = ALWAYS
    ) -> Attribution:
        return Attribution(
            Subject.MODEL,
            slug,
            attribute,
            value,
            self._kind.confidence,
            f"{self._kind.title}.",
            source=self._listing.source,
            valid_from=valid_from,
        )

    def _add_name(self, slug: str, name: str | None) -> None:
        # A name that is a model's own must not stand for another.
        if name is None or name in self._models:
            return
        if self._kind.names_models and slug not in {
            name,
            *self._names[OPENROUTER, name],
        }:
            self._add_alias(Alias(OPENROUTER, name, slug))

    def _add_repositories(self, entries: Mapping[str, Sequence[ListedModel]]) -> None:
        by_base: dict[str, list[ListedModel]] = defaultdict(list)
        for slug, of_model in entries.items():
            by_base[newcomers.identity(slug).base] += of_model
        taken = {
            alias.target
            for alias in self._registry.aliases
            if alias.scheme == HUGGING_FACE
        }
        for base in sorted(by_base.keys() - taken):
            found = _agreed(entry.hugging_face_id for entry in by_base[base])
            if found is not None:
                self._add_alias(Alias(HUGGING_FACE, found, base, "base"))

    def _add_alias(self, alias: Alias) -> None:
        self._aliases.append(alias)
        self._added["new alias"] += 1


def _names(registry: Registry) -> dict[tuple[str, str], set[str]]:
    """Return (scheme, name) → what it stands for."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for alias in registry.aliases:
        found[alias.scheme, alias.external_id].add(alias.target)
    return found


def _agreed(values: Iterable[_Value | None]) -> _Value | None:
    """Return what all entries of a model say that say anything.

    Where two of them differ, nothing is known of the model as a whole.
    """
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None


def _plain(price: str | None) -> str | None:
    """Return a price in its one spelling: `0.50` and `0.5` are the same price."""
    return None if price is None else f"{Decimal(price).normalize():f}"


def _plural(what: str) -> str:
    return f"{what}es" if what.endswith("s") else f"{what}s"


def _left_out(name: str, what: Sequence[str], *, passed: bool) -> Check:
    more = f" and {len(what) - _SHOWN} more" if len(what) > _SHOWN else ""
    detail = f"{', '.join(what[:_SHOWN])}{more}" if what else "none"
    return Check(name, passed=passed, detail=detail)
