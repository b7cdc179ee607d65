"""What a batch must satisfy before anything of it may be published.

A check that looked at nothing has not passed: an empty batch fails all of them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.datasets import Dataset
from app.domain.observations import MAX_VOLUME, Batch, Observation, SeriesKind
from app.domain.registry import RESERVED
from app.services import newcomers

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a batch, and what it found."""

    name: str
    passed: bool
    detail: str


def sound(batch: Batch, dataset: Dataset) -> list[Check]:
    """Return the checks that a batch must pass to be taken at all.

    A batch that fails one cannot be what its source promises; nothing of it is used.
    """
    told = batch.observations
    found = [
        _none("volumes", told, _is_bad_volume, "are not 0 to 2**63 - 1"),
        _none(
            "window",
            told,
            lambda o: o.day not in batch.window,
            f"lie outside {batch.window.first} to {batch.window.last}",
        ),
        _none(
            "kinds",
            told,
            lambda o: o.kind not in dataset.kinds,
            f"are not what {dataset.slug} counts",
        ),
        _none("names", told, _is_reserved, "bear a name that is reserved"),
        _unique(told),
    ]
    if batch.sampled or dataset.sampled:
        found.append(_sampled(batch, dataset))
    if told:
        return found
    return [Check(c.name, passed=False, detail="the batch is empty") for c in found]


def _is_bad_volume(observation: Observation) -> bool:
    volume: object = observation.volume
    is_whole = isinstance(volume, int) and not isinstance(volume, bool)
    return not is_whole or not 0 <= observation.volume <= MAX_VOLUME


def _is_reserved(observation: Observation) -> bool:
    is_model = observation.kind is SeriesKind.MODEL
    return is_model and newcomers.author(observation.subject) in RESERVED


def _none(
    name: str,
    told: Sequence[Observation],
    is_bad: Callable[[Observation], bool],
    what: str,
) -> Check:
    bad = [o for o in told if is_bad(o)]
    if not bad:
        return Check(name, passed=True, detail=f"{len(told)} observations looked at")
    shown = "; ".join(f"{o.day} {o.subject[:60]}" for o in bad[:_SHOWN])
    return Check(name, passed=False, detail=f"{len(bad)} {what}: {shown}")


def _unique(told: Sequence[Observation]) -> Check:
    keys = Counter((o.day, o.kind, o.subject, o.category) for o in told)
    twice = {key for key, count in keys.items() if count > 1}
    return _none(
        "unique",
        told,
        lambda o: (o.day, o.kind, o.subject, o.category) in twice,
        "tell one series and day twice",
    )


def _sampled(batch: Batch, dataset: Dataset) -> Check:
    """Refuse estimates where numbers are exact, and numbers where there are estimates.

    They look alike, and no later check could tell them apart.
    """
    if batch.sampled == dataset.sampled:
        return Check("sampled", passed=True, detail="estimates, as the dataset says")
    told = "estimates from a sample" if batch.sampled else "exact numbers"
    held = "estimates from a sample" if dataset.sampled else "exact numbers"
    return Check(
        "sampled", passed=False, detail=f"{told}, but {dataset.slug} holds {held}"
    )
