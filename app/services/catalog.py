"""The registry of one release: models, providers, origins, families, categories.

A list shows what is claimed now; the page of one thing shows every claim about it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from app.domain.questions import ListAsk
from app.domain.registry import (
    UNKNOWN,
    Attribution,
    Dimension,
    Model,
    Registry,
    Subject,
)
from app.domain.reports import Item, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.values import Values
from app.errors import BadParameterError, Complaint, UnknownError
from app.services import asking, listing, meta, phrases, prices, shapes
from app.services import origins as countries
from app.services.recent import Recent

_NOW = date.max  # the claims that hold now are those that have not ended
_OF_PROVIDERS = frozenset({Dimension.PROVIDER, Dimension.LAB, Dimension.ORIGIN})


def models(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the models that the filters select, one row each.

    Raises:
        UnknownError: A filter names a value that the registry has not.
        BadParameterError: A filter that models have not.
        BadValueError: `sort` names no column.
    """
    shelf = _Shelf(snapshot)
    rows = [shelf.model(m) for m in shelf.select(ask)]
    return listing.report(snapshot, ask, shapes.MODELS, rows, view=shelf.view)


def model(snapshot: Snapshot, slug: str) -> Item:
    """Return one model, by its slug or by another name of it.

    Raises:
        UnknownError: No model of this name.
    """
    shelf = _Shelf(snapshot)
    found = shelf.find(slug)
    row = shelf.model(found)
    data = ready(row) | _ledger(shelf.registry, Subject.MODEL, found.slug)
    quote = (
        f"{row['name']} is a model by {shelf.provider_name(row['provider'])}, "
        f"{_from(row['origin'])}, with {row['weights']} weights."
    )
    return Item(
        data,
        meta.for_list(snapshot, quote=quote, view=shelf.view),
        [("release", str(snapshot.release.id))],
        None if found.slug == slug else f"/v1/models/{found.slug}",
    )


def providers(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the providers that the filters select, one row each.

    A filter that speaks of models selects the providers that have such a model.

    Raises:
        UnknownError: A filter names a value that the registry has not.
        BadParameterError: A filter that models have not.
        BadValueError: `sort` names no column.
    """
    shelf = _Shelf(snapshot)
    rows = [shelf.provider(slug) for slug in shelf.select_providers(ask)]
    return listing.report(snapshot, ask, shapes.PROVIDERS, rows, view=shelf.view)


def provider(snapshot: Snapshot, slug: str) -> Item:
    """Return one provider.

    Raises:
        UnknownError: No provider of this slug.
    """
    shelf = _Shelf(snapshot)
    known = shelf.registry.providers
    if slug not in known:
        raise UnknownError("provider", slug, sorted(known), "/v1/providers")
    row = shelf.provider(slug)
    data = ready(row) | {"model_slugs": [m.slug for m in shelf.models_of[slug]]}
    data |= _ledger(shelf.registry, Subject.PROVIDER, slug)
    quote = f"{row['name']} is a provider of AI models {_from(row['origin'])}."
    return Item(
        data,
        meta.for_list(snapshot, quote=quote, view=shelf.view),
        [("release", str(snapshot.release.id))],
    )


def origins(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the countries that any provider is claimed to be based in.

    Raises:
        UnknownError: A filter names a value that the registry has not.
        BadParameterError: A filter that models have not.
        BadValueError: `sort` names no column.
    """
    shelf = _Shelf(snapshot)
    by_origin = _grouped(shelf.select(ask), shelf, Dimension.ORIGIN)
    chosen = defaultdict(list)
    for slug in shelf.select_providers(ask):
        chosen[shelf.provider_state(slug, Dimension.ORIGIN)].append(slug)
    rows = [
        {
            "origin": origin,
            "origin_name": countries.name(origin) or origin,
            "providers": len(chosen[origin]),
            "models": len(by_origin[origin]),
            "volume_28d": shelf.recent.volume(m.slug for m in by_origin[origin]),
        }
        for origin in sorted({*by_origin, *chosen})
    ]
    return listing.report(snapshot, ask, shapes.ORIGINS, rows, view=shelf.view)


def families(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the product lines of the models that the filters select.

    Raises:
        UnknownError: A filter names a value that the registry has not.
        BadParameterError: A filter that models have not.
        BadValueError: `sort` names no column.
    """
    shelf = _Shelf(snapshot)
    by_family = _grouped(shelf.select(ask), shelf, Dimension.FAMILY)
    rows = [
        {
            "family": family,
            "providers": sorted({shelf.of(m, Dimension.PROVIDER) for m in members}),
            "models": len(members),
            "volume_28d": shelf.recent.volume(m.slug for m in members),
        }
        for family, members in sorted(by_family.items())
    ]
    return listing.report(snapshot, ask, shapes.FAMILIES, rows, view=shelf.view)


def categories(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the use cases that any dataset tells apart.

    Raises:
        BadParameterError: A filter other than `category`.
        BadValueError: `sort` names no column.
    """
    allow(ask, {Dimension.CATEGORY})
    chosen = ask.filters.get(Dimension.CATEGORY)
    rows = [
        {"category": slug, "category_name": name, "dataset": view.dataset.slug}
        for view in snapshot.datasets.values()
        for slug, name in view.categories.items()
        if chosen is None or slug in chosen
    ]
    return listing.report(snapshot, ask, shapes.CATEGORIES, rows)


def known(snapshot: Snapshot, ask: ListAsk) -> Mapping[Dimension, Values]:
    """Return the filters of a list with aliases resolved.

    Raises:
        UnknownError: One names a value that the registry has not.
    """
    views = list(snapshot.datasets.values())
    if not views:
        return ask.filters
    # Only categories are a dataset's own, and no list of models is filtered by them.
    return {d: asking.known(snapshot, views[0], d, v) for d, v in ask.filters.items()}


class _Shelf:
    """What the registry of a release says now."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.registry: Registry = snapshot.registry
        self.recent = Recent.of(snapshot)
        self.view: DatasetView | None = self.recent.view
        self.models_of: dict[str, list[Model]] = defaultdict(list)
        for slug in sorted(self.registry.models):
            one = self.registry.models[slug]
            self.models_of[self.of(one, Dimension.PROVIDER)].append(one)
        self._aliases: dict[str, list[str]] = defaultdict(list)
        self._repositories: dict[str, list[str]] = defaultdict(list)
        for alias in self.registry.aliases:
            names = self._repositories if alias.target_kind == "base" else self._aliases
            names[alias.target].append(alias.external_id)

    def of(self, one: Model, dimension: Dimension) -> str:
        return self.registry.state(one.slug, dimension, _NOW).point

    def provider_state(self, slug: str, dimension: Dimension) -> str:
        if dimension is Dimension.PROVIDER:
            return slug
        found = self.registry.value(Subject.PROVIDER, slug, dimension, _NOW)
        return found or UNKNOWN

    def provider_name(self, slug: str) -> str:
        return self.registry.value(Subject.PROVIDER, slug, "name", _NOW) or slug

    def select(self, ask: ListAsk) -> list[Model]:
        """Return the models that the filters select, by slug."""
        allow(ask, {*Dimension} - {Dimension.CATEGORY, Dimension.APP})
        filters = known(self.snapshot, ask)
        return [
            one
            for slug, one in sorted(self.registry.models.items())
            if all(self.of(one, d) in values for d, values in filters.items())
        ]

    def select_providers(self, ask: ListAsk) -> list[str]:
        """Return the providers that the filters select, by slug."""
        if not _OF_PROVIDERS.issuperset(ask.filters):
            return sorted({self.of(m, Dimension.PROVIDER) for m in self.select(ask)})
        filters = known(self.snapshot, ask)
        return [
            slug
            for slug in sorted(self.registry.providers)
            if all(self.provider_state(slug, d) in v for d, v in filters.items())
        ]

    def find(self, slug: str) -> Model:
        """Return a model by its slug or by another name.

        The name of a base stands for its standard variant.
        """
        known = self.registry.models
        targets = {a.target for a in self.registry.aliases if a.external_id == slug}
        for name in (slug, *sorted(targets)):
            if name in known:
                return known[name]
            variants = self.snapshot.bases.get(name)
            if variants:
                return min(variants, key=lambda m: (m.variant != "standard", m.slug))
        names = [*known, *(a.external_id for a in self.registry.aliases)]
        raise UnknownError("model", slug, sorted(names), "/v1/models")

    def model(self, one: Model) -> Mapping[str, Any]:
        """Return the row of a model."""
        length = self._said(Subject.MODEL, one.slug, "context_length")
        return {
            "slug": one.slug,
            "name": self._said(Subject.MODEL, one.slug, "name") or one.slug,
            "provider": self.of(one, Dimension.PROVIDER),
            "origin": self.of(one, Dimension.ORIGIN),
            "weights": self.of(one, Dimension.WEIGHTS),
            "license": self._said(Subject.MODEL, one.slug, Dimension.LICENSE),
            "family": self._said(Subject.MODEL, one.slug, Dimension.FAMILY),
            "base": one.base,
            "variant": one.variant,
            "released_on": self._said(Subject.MODEL, one.slug, "released_on"),
            "context_length": int(length) if length else None,
            "hugging_face_id": min(self._repositories[one.base], default=None),
            "aliases": sorted(self._aliases[one.slug]),
            "first_seen": self.recent.first_seen(one.slug),
            "last_seen": self.recent.last_seen(one.slug),
            "volume_28d": self.recent.volume([one.slug]),
            **prices.of(self.registry, one.slug),
        }

    def provider(self, slug: str) -> Mapping[str, Any]:
        """Return the row of a provider, with the claim behind its origin."""
        claim = self.registry.claim(Subject.PROVIDER, slug, Dimension.ORIGIN, _NOW)
        origin = claim.value if claim else UNKNOWN
        return {
            "slug": slug,
            "name": self.provider_name(slug),
            "organisation": self._said(Subject.PROVIDER, slug, "organisation"),
            "kind": self._said(Subject.PROVIDER, slug, "kind"),
            "lab": self._said(Subject.PROVIDER, slug, Dimension.LAB),
            "origin": origin,
            "origin_name": countries.name(origin) or origin,
            "alternatives": list(claim.alternatives) if claim else [],
            "confidence": str(claim.confidence) if claim else None,
            "basis": claim.basis if claim else None,
            "evidence": claim.evidence if claim else None,
            "since_release": claim.since if claim else None,
            "aliases": sorted(self._aliases[slug]),
            "models": len(self.models_of[slug]),
            "volume_28d": self.recent.volume(m.slug for m in self.models_of[slug]),
        }

    def _said(self, kind: Subject, subject: str, attribute: str) -> str | None:
        return self.registry.value(kind, subject, attribute, _NOW)


def _grouped(
    chosen: Iterable[Model], shelf: _Shelf, dimension: Dimension
) -> dict[str, list[Model]]:
    found: dict[str, list[Model]] = defaultdict(list)
    for one in chosen:
        found[shelf.of(one, dimension)].append(one)
    return found


def allow(ask: ListAsk, allowed: set[Dimension]) -> None:
    """Refuse filters that a list has not.

    Raises:
        BadParameterError: One that is not in `allowed`.
    """
    for dimension in ask.filters:
        if dimension not in allowed:
            raise BadParameterError(
                f"This list cannot be filtered by {dimension}.",
                complaints=[Complaint(dimension, None, "not a filter of this list")],
                fix={dimension: None},
            )


def _from(origin: str) -> str:
    if origin == UNKNOWN:
        return "of unknown origin"
    article = "the " if origin in phrases.WITH_ARTICLE else ""
    return f"from {article}{countries.name(origin)}"


def ready(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON has it: days and moments as text."""
    return {column: _text(value) for column, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return meta.moment(value)
    return str(value) if isinstance(value, date) else value


def _ledger(registry: Registry, kind: Subject, slug: str) -> dict[str, Any]:
    """Return every claim about a subject, and those that are no longer made."""
    return {
        "attributions": [_claim(c) for c in registry.claims(kind, slug)],
        "history": [
            _claim(c) | {"until_release": c.until} for c in registry.history(kind, slug)
        ],
    }


def _claim(claim: Attribution) -> dict[str, Any]:
    return {
        "attribute": claim.attribute,
        "value": claim.value,
        "alternatives": list(claim.alternatives),
        "confidence": str(claim.confidence),
        "basis": claim.basis,
        "evidence": claim.evidence,
        "source": claim.source,
        "valid_from": None if claim.valid_from == date.min else str(claim.valid_from),
        "valid_to": str(claim.valid_to) if claim.valid_to else None,
        "since_release": claim.since,
    }
