"""A question as a form: its fields, what there is to choose, and its neighbours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from app.domain.registry import Dimension
from app.web.asking import Pairs
from app.web.plain import Row
from app.web.urls import spelt

_FILTERS = frozenset(str(dimension) for dimension in Dimension)
_ALL = _FILTERS | {
    *("start_date", "end_date", "window", "group_by", "top", "compare"),
    *("dataset", "release", "as_of"),
}
_WITHIN = frozenset(f"within_{name}" for name in _FILTERS)
_OVER_TIME = frozenset({"interval", "incomplete", "smooth"})

TAKES: Mapping[str, frozenset[str]] = {
    "share": _ALL | _WITHIN | _OVER_TIME,
    "volume": _ALL | _OVER_TIME | {"updated_since"},
    "rankings": _ALL | _WITHIN | {"sort"},
}
"""The parameters of each question that make sense on a page."""

NAMES = {"share": "Share", "volume": "Volume", "rankings": "Rankings"}

_ANY = ("", "Any")
_WEIGHTS = (_ANY, ("open", "Open weights"), ("closed", "Closed weights"))
_INTERVALS = ("day", "week", "month", "quarter", "year")
_GROUPS = (
    *("origin", "weights", "provider", "lab", "family", "base", "model"),
    *("variant", "license", "category", "app"),
)
_WINDOWS = (
    *(("7d", "7 days"), ("28d", "28 days"), ("90d", "90 days"), ("12w", "12 weeks")),
    *(("6m", "6 months"), ("12m", "12 months"), ("all", "All there are")),
)
_SORTS = (
    ("", "Volume"),
    ("growth", "Growth since the period before"),
    ("trending", "Above the mean of three periods before"),
)
_DATE = "2026-04"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, and how it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes:
        name: Of the parameter.
        label: What it is called.
        value: What is asked; empty: nothing.
        choices: What there is to choose.
        open: Whether other values than those can be written.
        hint: What a value looks like.
    """

    name: str
    label: str
    value: str
    choices: Sequence[Choice] = ()
    open: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Lists:
    """What the registry has to choose from, as rows of `/v1`."""

    origins: Sequence[Row] = ()
    providers: Sequence[Row] = ()
    categories: Sequence[Row] = ()
    datasets: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Extra:
    """A parameter that has no field, and the same question without it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the page asks with.

    Attributes:
        kind: `share`, `volume` or `rankings`.
        fields: What is shown.
        more: What is unfolded.
        extras: What was asked besides.
        tabs: The same question of each measure: its kind, name and path.
    """

    kind: str
    fields: Sequence[Field]
    more: Sequence[Field]
    extras: Sequence[Extra]
    tabs: Sequence[tuple[str, str, str]] = field(default=())

    @property
    def unfolded(self) -> bool:
        """Whether something is asked in what is unfolded."""
        return any(each.value for each in self.more)


def asked(query: Pairs) -> Pairs:
    """Return what a query asks: a browser sends empty fields too."""
    told = ((name, value.strip()) for name, value in query)
    return [(name, value) for name, value in told if value]


def form(kind: str, query: Pairs, lists: Lists) -> Form:
    """Return the form of a question.

    Args:
        kind: `share`, `volume` or `rankings`.
        query: What is asked, without empty values.
        lists: What there is to choose.
    """
    given = dict(query)
    known = _dimensions(given, lists) | given.keys()
    fields = [each for each in _fields(kind, given, lists) if _fits(each, known)]
    more = [each for each in _more(kind, given, lists) if _fits(each, known)]
    shown = {each.name for each in [*fields, *more]}
    extras = [
        Extra(name, value, spelt(kind, [p for p in query if p[0] != name]))
        for name, value in query
        if name in TAKES[kind] - shown
    ]
    return Form(kind, fields, more, extras, list(_tabs(query)))


def _fits(each: Field, known: AbstractSet[str]) -> bool:
    """Tell whether a field is of no dimension, or of one that there is."""
    name = each.name.removeprefix("within_")
    return name not in _FILTERS or name in known or each.name in known


def _tabs(query: Pairs) -> Iterator[tuple[str, str, str]]:
    for kind, name in NAMES.items():
        kept = [pair for pair in query if pair[0] in TAKES[kind]]
        yield kind, name, spelt(kind, kept)


def _fields(kind: str, given: Mapping[str, str], lists: Lists) -> Iterator[Field]:
    origins = [
        Choice(row["origin"], row["origin_name"])
        for row in lists.origins
        if row["origin"] != "unknown"
    ]
    origins.append(Choice("unknown", "Unknown"))
    providers = [Choice(row["slug"], row["name"]) for row in lists.providers]
    yield _text("origin", "Country of the lab", given, origins, "CN or CN,US")
    yield _select("weights", "Weights", given, _WEIGHTS)
    yield _text("provider", "Provider", given, providers, "deepseek")
    yield _text("model", "Model", given, (), "openai/gpt-oss-120b")
    categories = [
        (row["category"], row["category_name"])
        for row in lists.categories
        if row["dataset"] == given.get("dataset", row["dataset"])
    ]
    yield _select("category", "Category", given, [_ANY, *categories])
    if kind != "rankings":
        usual = "day" if kind == "volume" else "total"
        yield _select("interval", "Per", given, _intervals(usual))
    windows = [Choice(value, label) for value, label in _WINDOWS]
    yield _text("window", "Last", given, windows, "28d, 12w, 6m, 1y, all")
    yield _text("start_date", "Or from", given, (), _DATE)
    yield _text("end_date", "To", given, (), _DATE)
    compared = [("", "Nothing"), ("previous", "The period before")]
    if kind != "rankings":
        yield _select("compare", "Compare with", given, compared)


def _more(kind: str, given: Mapping[str, str], lists: Lists) -> Iterator[Field]:
    dimensions = _dimensions(given, lists)
    groups = [("", "As is usual"), ("none", "Nothing")]
    groups += [(name, name.capitalize()) for name in _GROUPS if name in dimensions]
    groups.append(("origin,weights", "Origin and weights"))
    datasets = [("", "Tokens on OpenRouter")] if not lists.datasets else []
    datasets += [(row["slug"], row["name"]) for row in lists.datasets]
    yield _select("group_by", "Group by", given, groups)
    yield _text("top", "Most groups", given, (), "20")
    yield _select("dataset", "Dataset", given, [("", "As is usual"), *datasets])
    yield _text("family", "Family", given, (), "qwen")
    yield _text("base", "Model with its variants", given, (), "openai/gpt-oss-120b")
    if kind == "rankings":
        yield _select("sort", "Order by", given, _SORTS)
    if kind != "volume":
        yield _text("within_origin", "Only within country", given, (), "CN")
        yield _select("within_weights", "Only within weights", given, _WEIGHTS)
    if kind != "rankings":
        smooth = [("", "No"), ("7d", "7 days"), ("28d", "28 days")]
        yield _select("smooth", "Smooth", given, smooth)
    yield _text("release", "Release", given, (), "newest")


def _intervals(usual: str) -> list[tuple[str, str]]:
    named = {"total": "In total"} | {name: name.capitalize() for name in _INTERVALS}
    first = ("", named.pop(usual))
    return [first, *named.items()]


def _dimensions(given: Mapping[str, str], lists: Lists) -> frozenset[str]:
    slug = given.get("dataset", "openrouter-tokens")
    for row in lists.datasets:
        if row["slug"] == slug:
            return frozenset(row["dimensions"])
    return _FILTERS


def _text(
    name: str,
    label: str,
    given: Mapping[str, str],
    choices: Sequence[Choice],
    hint: str,
) -> Field:
    return Field(name, label, given.get(name, ""), choices, hint=hint)


def _select(
    name: str,
    label: str,
    given: Mapping[str, str],
    choices: Iterable[tuple[str, str]],
) -> Field:
    value = given.get(name, "")
    found = [Choice(*each) for each in choices]
    # What was asked is shown, also if nobody offered it.
    if value not in {each.value for each in found}:
        found.append(Choice(value, value))
    return Field(name, label, value, found, open=False)
