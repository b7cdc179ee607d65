"""What claims say of a series on a day: the best judgement, and what is possible."""

from collections.abc import Iterable, Mapping
from datetime import date

from tests.services.plain import OTHER, UNKNOWN, Claim, Facts

Point = Mapping[str, str]
Values = frozenset[str] | None
"""None: every value, `unknown` included."""
Possible = tuple[Values, ...]


class Claims:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def best(self, series: str, dimension: str, day: date) -> str:
        known = self._known(series, dimension)
        if known is not None:
            return known
        claim = self._claim(series, dimension, day)
        return claim.value if claim else UNKNOWN

    def possible(self, series: str, dimension: str, day: date) -> Values:
        known = self._known(series, dimension)
        if known is not None:
            return frozenset([known])
        own = self._own(series, dimension, day)
        if own or dimension not in {"origin", "lab"}:
            found = _values(own)
        else:
            found = self._through_provider(series, dimension, day)
        if found is None and dimension == "weights":
            return frozenset(["open", "closed", UNKNOWN])
        return found

    def released(self, model: str, day: date) -> bool:
        claims = self.facts.models[model].claims
        dates = [c.value for c in claims if c.attribute == "released_on"]
        # Some releases are known by their month only.
        return all(text <= str(day)[: len(text)] for text in dates)

    def _known(self, series: str, dimension: str) -> str | None:
        """What is so by the name of the series."""
        if series in self.facts.categories:
            return series if dimension == "category" else UNKNOWN
        if series == OTHER:
            return OTHER if dimension in {"model", "base"} else None
        model = self.facts.models[series]
        names = {"model": series, "base": model.base, "variant": model.variant}
        return names.get(dimension)

    def _own(self, series: str, attribute: str, day: date) -> Claim | None:
        if series == OTHER:
            return None
        return _holding(self.facts.models[series].claims, attribute, day)

    def _claim(self, series: str, attribute: str, day: date) -> Claim | None:
        own = self._own(series, attribute, day)
        if own or attribute not in {"origin", "lab"}:
            return own
        provider = self._own(series, "provider", day)
        return self._of_provider(provider.value, attribute, day) if provider else None

    def _of_provider(self, slug: str, attribute: str, day: date) -> Claim | None:
        return _holding(self.facts.providers.get(slug, ()), attribute, day)

    def _through_provider(self, series: str, attribute: str, day: date) -> Values:
        providers = self.possible(series, "provider", day)
        if providers is None:
            return None
        found: set[str] = set()
        for slug in providers:
            values = _values(self._of_provider(slug, attribute, day))
            if values is None:
                return None
            found |= values
        return frozenset(found)


def _holding(claims: Iterable[Claim], attribute: str, day: date) -> Claim | None:
    """The claim that holds on a day; of several, the one that began last."""
    found = [c for c in claims if c.attribute == attribute and c.holds(day)]
    return max(found, key=lambda c: c.begins or date.min, default=None)


def _values(claim: Claim | None) -> Values:
    if claim is None:
        return None
    if claim.sure in {"high", "medium"}:
        return frozenset([claim.value])
    if claim.sure == "disputed" or claim.also:
        return frozenset([claim.value, *claim.also])
    return None
