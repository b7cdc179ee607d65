"""What a filter selects, as an English phrase: `open-weight models by DeepSeek`."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.registry import OTHER, UNKNOWN, WEIGHTS, Dimension
from app.domain.tally import Filters
from app.domain.values import ANY, Values
from app.services import names
from app.services.asking import Question


@dataclass(frozen=True, slots=True)
class _Wording:
    """How one dimension is told of models; `{}` stands for the names."""

    one: str
    many: str
    excluded: str
    unknown: str
    known: str


_WORDINGS = {
    Dimension.ORIGIN: _Wording(
        "from {}-based labs",
        "from labs based in {}",
        "from labs based outside {} or of unknown origin",
        "of unknown origin",
        "of known origin",
    ),
    Dimension.PROVIDER: _Wording(
        "by {}",
        "by {}",
        "by providers other than {}",
        "by unknown providers",
        "by known providers",
    ),
    Dimension.LAB: _Wording(
        "by the lab {}",
        "by the labs {}",
        "by labs other than {}",
        "by unknown labs",
        "by known labs",
    ),
    Dimension.FAMILY: _Wording(
        "of the {} family",
        "of the {} families",
        "outside the {} family",
        "of no known family",
        "of a known family",
    ),
    Dimension.BASE: _Wording(
        "of the base {}",
        "of the bases {}",
        "other than {}",
        "of no known base",
        "of a known base",
    ),
    Dimension.MODEL: _Wording(
        "named {}",
        "named {}",
        "other than {}",
        "of no known name",
        "of a known name",
    ),
    Dimension.CATEGORY: _Wording(
        "for {}",
        "for {}",
        "for anything but {}",
        "of no known category",
        "of a known category",
    ),
    Dimension.APP: _Wording(
        "of {}",
        "of {}",
        "other than {}",
        "of no known name",
        "of a known name",
    ),
    Dimension.LICENSE: _Wording(
        "under the {} licence",
        "under the {} licences",
        "under licences other than {}",
        "of unknown licence",
        "of known licence",
    ),
    Dimension.WEIGHTS: _Wording(
        "with {} weights",
        "with {} weights",
        "not known to have {} weights",
        "with unknown weights",
        "with known weights",
    ),
    Dimension.VARIANT: _Wording(
        "of the {} variant",
        "of the {} variants",
        "of variants other than {}",
        "of unknown variant",
        "of known variant",
    ),
}
_UNLISTED, _LISTED = "that are not listed", "that are listed"
HEADS = (Dimension.MODEL, Dimension.BASE, Dimension.APP)
"""Their names stand for the things themselves; the narrower one first."""
WITH_ARTICLE = frozenset(
    {"AE", "BS", "CD", "CF", "CG", "DO", "GB", "GM", "IM", "KM"}
) | {*("KY", "MH", "MV", "NL", "PH", "SB", "SC", "TC", "US", "VG", "VI")}


def things(question: Question, filters: Filters, *, opening: bool = False) -> str:
    """Return the models (or tools) that `filters` select.

    Args:
        question: The question, which knows what to call a value.
        filters: Values by dimension.
        opening: Whether the phrase begins a sentence. A name keeps its spelling.
    """
    return question.plan.named(
        question.asked.window.last,
        ("things", opening, *filters.items()),
        lambda: _things(question, filters, opening=opening),
    )


def _things(question: Question, filters: Filters, *, opening: bool) -> str:
    left = {d: filters[d] for d in Dimension if filters.get(d, ANY) != ANY}
    if not left:
        return f"{'All' if opening else 'all'} {noun(question)}"
    head = _named(question, left)
    if head is None:
        head = _lead(left) + noun(question)
        head = head[0].upper() + head[1:] if opening else head
    variants = left.get(Dimension.VARIANT)
    if variants and _real(variants) and UNKNOWN not in variants:
        kinds = listed(sorted(left.pop(Dimension.VARIANT).items))
        kinds = kinds[0].upper() + kinds[1:] if opening else kinds
        lowered = head if _is_named(question, filters) else head[0].lower() + head[1:]
        head = f"{kinds} variants of {lowered}"
    return " ".join([head, *(_told(question, d, v) for d, v in left.items())])


def others(question: Question, *, opening: bool = False) -> str:
    """Return what to call the groups beyond `top`."""
    return f"{'All' if opening else 'all'} other {noun(question)}"


def measured(question: Question) -> str:
    """Return what shares are of: `tokens of open-weight models on OpenRouter`."""
    last = question.asked.window.last
    return question.plan.named(last, "measured", lambda: _measured(question))


def _measured(question: Question) -> str:
    dataset = question.view.dataset
    narrowed = {d: v for d, v in question.base.items() if v != ANY}
    if not narrowed:
        return dataset.scope
    where = dataset.scope.removeprefix(dataset.counted)
    told = things(question, narrowed)
    if dataset.counted == noun(question):
        return f"{told}{where}"
    return f"{dataset.unit} of {told}{where}"


def noun(question: Question) -> str:
    """Return what the series of a dataset are: models, apps, or what it counts."""
    dataset = question.view.dataset
    if Dimension.MODEL in dataset.dimensions:
        return "models"
    return "apps" if Dimension.APP in dataset.dimensions else dataset.counted


def listed(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if parts[1:] else parts[0]


def _real(values: Values) -> bool:
    return not values.negated and bool(values.items - {UNKNOWN, OTHER})


def _is_named(question: Question, filters: Filters) -> bool:
    return _named(question, dict(filters)) is not None


def _named(question: Question, left: dict[Dimension, Values]) -> str | None:
    """Take out the names that models go by; None if the filters hold none."""
    for dimension in HEADS:
        values = left.get(dimension)
        if values is not None and _real(values) and UNKNOWN not in values:
            del left[dimension]
            found = _names(question, dimension, values)
            unlisted = [f"{noun(question)} {_UNLISTED}"] if OTHER in values else []
            return listed([*found, *unlisted])
    return None


def _lead(left: dict[Dimension, Values]) -> str:
    """Take out what stands before the noun: `open-weight `."""
    weights = left.get(Dimension.WEIGHTS)
    if weights is None or not _real(weights) or UNKNOWN in weights:
        return ""
    del left[Dimension.WEIGHTS]
    kinds = [kind for kind in WEIGHTS if kind in weights]
    return "- and ".join(kinds) + "-weight "


def _told(question: Question, dimension: Dimension, values: Values) -> str:
    wording = _WORDINGS[dimension]
    found = _names(question, dimension, values)
    parts = []
    if found:
        parts.append(_worded(dimension, wording, values, found))
    if UNKNOWN in values.items:
        parts.append(wording.known if values.negated else wording.unknown)
    if OTHER in values.items:
        parts.append(_LISTED if values.negated else _UNLISTED)
    return (" and " if values.negated else " or ").join(parts)


def _worded(
    dimension: Dimension, wording: _Wording, values: Values, found: Sequence[str]
) -> str:
    if values.negated and dimension is Dimension.ORIGIN and UNKNOWN in values.items:
        return f"from labs based outside {listed(found)}"
    if values.negated:
        return wording.excluded.format(listed(found))
    if dimension is Dimension.LICENSE and found == ["proprietary"]:
        return "under a proprietary licence"
    in_country = dimension is Dimension.ORIGIN and found[0].startswith("the ")
    one = len(found) == 1 and not in_country
    return (wording.one if one else wording.many).format(listed(found))


def _names(question: Question, dimension: Dimension, values: Values) -> list[str]:
    """Return what to call the values of a set, apart from `unknown` and `other`."""
    real = sorted(values.items - {UNKNOWN, OTHER})
    match dimension:
        case Dimension.WEIGHTS:
            return [kind for kind in WEIGHTS if kind in real]
        case Dimension.ORIGIN:
            name = names.namer(question, dimension)
            return [f"the {name(v)}" if v in WITH_ARTICLE else name(v) for v in real]
        case _:
            return list(map(names.namer(question, dimension), real))
