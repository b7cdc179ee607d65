"""The options of the commands that ask: the parameters of `/v1`, and what they mean."""

from dataclasses import dataclass

from app.domain.periods import Interval
from app.domain.questions import Sort
from app.domain.registry import NONE, WEIGHTS, Dimension


@dataclass(frozen=True, slots=True)
class Told:
    """One option.

    Attributes:
        help: What it does.
        values: What it can be, if that is one of a few; for the shell to complete.
        panel: Under which heading it is listed.
    """

    help: str
    values: tuple[str, ...] = ()
    panel: str = "Which"


_FILTERS = {
    "origin": Told("Country of the lab: CN, or CN,US, or -CN for all but these."),
    "provider": Told("Who develops and releases the model."),
    "lab": Told("The lab behind one or several providers."),
    "family": Told("Product line, such as qwen."),
    "base": Told("A model with all its variants: openai/gpt-oss-120b."),
    "model": Told("One exact variant: openai/gpt-oss-120b:free."),
    "license": Told("Licence of the weights."),
    "weights": Told("Whether the weights are published.", WEIGHTS),
    "variant": Told("standard, free, thinking…"),
}
_ALL_FILTERS = _FILTERS | {
    "category": Told("Use case, where a dataset has them."),
    "app": Told("Application, where a dataset has them."),
}
_WITHIN = {
    f"within_{name}": Told(f"Share of these alone; as --{name}.", one.values, "Base")
    for name, one in _ALL_FILTERS.items()
}
_PINNED = {
    "release": Told("As of this release; its answers never change.", panel="Release"),
    "as_of": Told("As of the last release by this day or moment.", panel="Release"),
}
_ASKED = {
    "start_date": Told(
        "First: 2026-04-01, 2026-04, 2026-W15, 2026-Q2, 2026.", (), "When"
    ),
    "end_date": Told("Last, as --start-date; included.", (), "When"),
    "window": Told("Up to the newest instead: 28d, 12w, 6m, all.", (), "When"),
    "group_by": Told(
        "One or two of these, with a comma; or none.", (*Dimension, NONE), "How"
    ),
    "top": Told("So many groups; the others are the rest.", panel="How"),
    "compare": Told("Adds what was before, and the change.", ("previous",), "How"),
    "dataset": Told("Whose numbers; see `modelcensus datasets`.", panel="Which"),
    "shape": Told("wide: a column for each group.", ("long", "wide"), "How"),
}
_OVER_TIME = {
    "interval": Told("Length of a period.", tuple(Interval), "When"),
    "incomplete": Told(
        "Whether to show a period that goes on.", ("exclude", "include"), "When"
    ),
    "smooth": Told("Adds a running mean, by day.", ("7d", "28d"), "How"),
}
_PAGE = {
    "q": Told("Text to look for in slugs and names."),
    "sort": Told("A column to order by; - before it for descending.", panel="How"),
    "limit": Told("Most rows.", panel="How"),
    "cursor": Told("Where the page before ended.", panel="How"),
}

QUESTIONS: dict[str, dict[str, Told]] = {
    "share": _ALL_FILTERS | _WITHIN | _PINNED | _ASKED | _OVER_TIME,
    "volume": _ALL_FILTERS
    | _PINNED
    | _ASKED
    | _OVER_TIME
    | {"updated_since": Told("Only what may have changed since.", panel="Release")},
    "rankings": _ALL_FILTERS
    | _WITHIN
    | _PINNED
    | _ASKED
    | {"sort": Told("What ranks.", tuple(Sort), "How")},
}
"""Of each question, its parameters."""

LISTS: dict[str, dict[str, Told]] = {
    "models": _PAGE | _FILTERS | _PINNED,
    "providers": _PAGE | _FILTERS | _PINNED,
    "origins": _PAGE | _FILTERS | _PINNED,
    "datasets": _PAGE | _PINNED,
}
"""Of each list, its parameters."""

LOOKS: dict[str, Told] = {
    "theme": Told("Colours.", ("light", "dark", "auto"), "Figure"),
    "lang": Told("Whose numbers, dates and names of countries: de.", (), "Figure"),
    "width": Told("Width in pixels.", panel="Figure"),
    "scale": Told("So many pixels for one, in a PNG.", panel="Figure"),
}
"""What a figure takes besides."""
