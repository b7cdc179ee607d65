"""The question of an answer spelt out, as a query and as text."""

from app.domain.registry import Dimension
from app.domain.tally import Filters
from app.domain.values import ANY, Values
from app.services.asking import Question


def numerator(question: Question) -> str:
    """Return the filters of the numerator as text: `origin=CN, weights=open`."""
    return spelt(question.numerator) or f"all {question.view.dataset.counted}"


def base(question: Question) -> str:
    """Return what shares are shares of, as text."""
    unit = question.view.dataset.counted
    narrowed = spelt(question.base)
    return f"{unit} with {narrowed}" if narrowed else f"all {unit}"


def spelt(filters: Filters) -> str:
    """Return filters as a query would spell them, separated by commas."""
    chosen = ((d, filters[d]) for d in Dimension if filters.get(d, ANY) != ANY)
    return ", ".join(f"{d}={parameter(v)}" for d, v in chosen)


def parameter(values: Values) -> str:
    """Return a set of values as a parameter spells it: `CN,US` or `-CN`."""
    sign = "-" if values.negated else ""
    return ",".join(sign + v for v in sorted(values.items))


def resolved(question: Question, *, ranked: bool = False) -> list[tuple[str, str]]:
    """Return the question spelt out: dates, dataset, defaults, release."""
    ask = question.ask
    window = question.asked.window
    found = [*question.plan.once("resolved", lambda: _selected(question))]
    found += [("start_date", str(window.first)), ("end_date", str(window.last))]
    if ranked:
        found.append(("sort", str(ask.sort)))
    else:
        incomplete = "include" if ask.include_unfinished else "exclude"
        found += [("interval", str(ask.interval)), ("incomplete", incomplete)]
    found.append(("top", str(ask.top)))
    if ask.compare:
        found.append(("compare", "previous"))
    if ask.smooth:
        found.append(("smooth", f"{ask.smooth}d"))
    if ask.updated_since:
        moment = ask.updated_since.isoformat().replace("+00:00", "Z")
        found.append(("updated_since", moment))
    found.append(("dataset", question.view.dataset.slug))
    found.append(("release", str(question.snapshot.release.id)))
    return found


def _selected(question: Question) -> list[tuple[str, str]]:
    """Return what of a question has nothing to do with its dates."""
    found = [(str(d), parameter(v)) for d, v in _ordered(question.numerator)]
    found += [(f"within_{d}", parameter(v)) for d, v in _ordered(question.base)]
    found.append(("group_by", ",".join(question.group_by) or "none"))
    return found


def _ordered(filters: Filters) -> list[tuple[Dimension, Values]]:
    return [(d, filters[d]) for d in Dimension if d in filters]
