"""What a batch must satisfy before anything of it may be published.

A check that looked at nothing has not passed: an empty batch fails all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.domain.datasets import Dataset
from app.domain.observations import MAX_VOLUME, Batch, Observation, SeriesKind
from app.domain.packed import Packed
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
    bad = _bad_volumes(told)
    packed = Packed.of([replace(o, volume=0) for o in told] if bad.any() else told)
    window, days = batch.window, packed.days
    kinds = [kind not in dataset.kinds for kind, _, _ in packed.names]
    reserved = [_is_reserved(kind, subject) for kind, subject, _ in packed.names]
    found = [
        _none("volumes", packed, bad, "are not 0 to 2**63 - 1"),
        _none(
            "window",
            packed,
            (days < window.first.toordinal()) | (days > window.last.toordinal()),
            f"lie outside {window.first} to {window.last}",
        ),
        _none(
            "kinds",
            packed,
            np.array(kinds, bool)[packed.series],
            f"are not what {dataset.slug} counts",
        ),
        _none(
            "names",
            packed,
            np.array(reserved, bool)[packed.series],
            "bear a name that is reserved",
        ),
        _none("unique", packed, _repeated(packed), "tell one series and day twice"),
    ]
    if batch.sampled or dataset.sampled:
        found.append(_sampled(batch, dataset))
    if told:
        return found
    return [Check(c.name, passed=False, detail="the batch is empty") for c in found]


def _bad_volumes(told: Sequence[Observation]) -> NDArray[np.bool_]:
    if isinstance(told, Packed):
        return told.volumes < 0
    return np.fromiter(map(_is_bad_volume, told), bool, len(told))


def _is_bad_volume(observation: Observation) -> bool:
    volume: object = observation.volume
    is_whole = isinstance(volume, int) and not isinstance(volume, bool)
    return not is_whole or not 0 <= observation.volume <= MAX_VOLUME


def _is_reserved(kind: SeriesKind, subject: str) -> bool:
    return kind is SeriesKind.MODEL and newcomers.author(subject) in RESERVED


def _repeated(told: Packed) -> NDArray[np.bool_]:
    keys = told.days.astype(np.uint64) << np.uint64(32) | told.series
    found, counts = np.unique(keys, return_counts=True)
    return np.isin(keys, found[counts > 1])


def _none(name: str, told: Packed, is_bad: NDArray[np.bool_], what: str) -> Check:
    bad = np.flatnonzero(is_bad)
    if not bad.size:
        return Check(name, passed=True, detail=f"{len(told)} observations looked at")
    first = [told[at] for at in bad[:_SHOWN].tolist()]
    shown = "; ".join(f"{o.day} {o.subject[:60]}" for o in first)
    return Check(name, passed=False, detail=f"{bad.size} {what}: {shown}")


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
