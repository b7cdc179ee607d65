"""What a figure of an answer is called: what is counted, of whom, by what."""

from app.domain.questions import Sort
from app.domain.registry import Dimension
from app.domain.values import Values
from app.services import phrases
from app.services.asking import Question

_BY = {
    Dimension.WEIGHTS: "openness of weights",
    Dimension.BASE: "model",
    Dimension.MODEL: "model variant",
    Dimension.LICENSE: "licence",
}
_RANKED = {
    Dimension.ORIGIN: "Countries of origin",
    Dimension.PROVIDER: "Providers",
    Dimension.LAB: "Labs",
    Dimension.FAMILY: "Families of models",
    Dimension.BASE: "Models",
    Dimension.MODEL: "Variants of models",
    Dimension.CATEGORY: "Categories",
    Dimension.APP: "Apps",
    Dimension.LICENSE: "Licences",
    Dimension.WEIGHTS: "Openness of weights",
    Dimension.VARIANT: "Variants",
}
_SORTED = {
    Sort.VOLUME: "by share of {}",
    Sort.GROWTH: "by growth in {}",
    Sort.TRENDING: "by trend in {}",
}


def share(question: Question) -> str:
    """Return what shares are called: `Share of tokens on OpenRouter by origin`."""
    return question.plan.named(
        question.asked.window.last,
        ("share called", len(question.groups) == 1),
        lambda: _called(question, f"share of {phrases.measured(question)}"),
    )


def volume(question: Question) -> str:
    """Return what volumes are called: `Tokens on OpenRouter by origin`."""
    return _called(question, question.view.dataset.scope)


def rankings(question: Question) -> str:
    """Return what a ranking is called: `Models by share of tokens on OpenRouter`."""
    by = _SORTED[question.ask.sort].format(phrases.measured(question))
    if not question.group_by:
        return _called(question, f"share of {phrases.measured(question)}")
    first, *others = question.group_by
    ranked = _RANKED[first] + "".join(f" and {_by(d)}" for d in others)
    return f"{ranked} {by}{_only(question)}"


def _called(question: Question, measured: str) -> str:
    untold = _untold(question)
    groups = " and ".join(_by(d) for d in question.group_by)
    if len(question.groups) == 1 and question.numerator:
        who = phrases.things(question, question.numerator, opening=True)
        return f"{who}: {measured}"
    by = f" by {groups}" if groups else ""
    if not untold:
        return f"{measured[0].upper()}{measured[1:]}{by}"
    return f"{phrases.things(question, untold, opening=True)}: {measured}{by}"


def _only(question: Question) -> str:
    """Return the filters that the groups do not tell themselves."""
    untold = _untold(question)
    return f", of {phrases.things(question, untold)} alone" if untold else ""


def _untold(question: Question) -> dict[Dimension, Values]:
    return {d: v for d, v in question.numerator.items() if d not in question.group_by}


def _by(dimension: Dimension) -> str:
    return _BY.get(dimension, str(dimension))
