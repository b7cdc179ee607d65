"""What to call a value of a dimension in a table or a sentence."""

from collections.abc import Callable

from app.domain.registry import (
    OTHER,
    REST,
    UNKNOWN,
    Dimension,
    Subject,
)
from app.services import origins
from app.services.asking import Question

_RESERVED = {UNKNOWN: "Unknown", OTHER: "Not listed", REST: "Rest"}
_WEIGHTS = {"open": "Open weights", "closed": "Closed weights"}


def namer(question: Question, dimension: Dimension) -> Callable[[str], str]:
    """Return a function from a value of `dimension` to its name."""
    last = question.asked.window.last
    known: dict[str, str] = question.plan.named(last, ("names", dimension), dict)

    def name(value: str) -> str:
        found = known.get(value)
        if found is None:
            found = _RESERVED.get(value) or _name(question, dimension, value)
            known[value] = found
        return found

    return name


def _name(question: Question, dimension: Dimension, value: str) -> str:
    match dimension:
        case Dimension.ORIGIN:
            found: str | None = origins.name(value)
        case Dimension.WEIGHTS:
            found = _WEIGHTS.get(value)
        case Dimension.PROVIDER | Dimension.LAB:
            # A lab bears the slug of one of its providers.
            found = _claimed(question, Subject.PROVIDER, value)
        case Dimension.MODEL:
            found = _claimed(question, Subject.MODEL, value)
        case Dimension.BASE:
            found = _base_name(question, value)
        case Dimension.CATEGORY:
            found = question.view.categories.get(value)
        case Dimension.APP:
            found = question.view.apps.get(value)
        case _:
            found = None
    return found or value


def _claimed(question: Question, kind: Subject, subject: str) -> str | None:
    last = question.asked.window.last
    return question.snapshot.registry.value(kind, subject, "name", last)


def _base_name(question: Question, base: str) -> str:
    """Return the name of the variant that is the base itself, or of the first one."""
    variants = question.snapshot.bases.get(base, ())
    standard = sorted(variants, key=lambda m: (m.variant != "standard", m.slug))
    names = (_claimed(question, Subject.MODEL, model.slug) for model in standard)
    return next((name for name in names if name), base)
