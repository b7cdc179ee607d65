"""The formulas of each method version: an answer keeps those of its release.

A release says by which version its numbers are computed, and an answer pinned to it is
computed so for good. A changed formula is added here under a new version; the formulas
before it stay. Definitions: docs/method.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.arrays import Flags, Ints, Numbers
from app.domain.datasets import Release
from app.domain.membership import Cells
from app.domain.reports import fraction, fractions, rounded
from app.domain.tally import Bounds, CapOf, Tally
from app.errors import RecordError

Maybe = Sequence[int | None]

_ALL = 1_000_000


def share_range(
    only_row: int, may_row: int, only_base: int, may_base: int
) -> tuple[int | None, int | None]:
    """Return `share_bounds` of one row in one period."""
    if may_row + may_base == 0:
        return None, None
    least = fraction(only_row, only_row + may_base)
    most = fraction(may_row, may_row + only_base)
    return _ALL if least is None else least, 0 if most is None else most


def share_bounds(bounds: Bounds) -> tuple[Maybe, Maybe]:
    """Return the least and the greatest possible share per period, in millionths."""
    there = bounds.may_row + bounds.may_base != 0
    least = fractions(bounds.only_row, bounds.only_row + bounds.may_base)
    most = fractions(bounds.may_row, bounds.may_row + bounds.only_base)
    # An empty denominator: the base may be the numerator alone, or have none of it.
    return _filled(least, _ALL, there), _filled(most, 0, there)


def _filled(values: Maybe, instead: int, there: Flags) -> Maybe:
    """Return values with something instead of None, but None where nothing is."""
    if not isinstance(values, Numbers):
        full = [instead if value is None else value for value in values]
        pairs = zip(there.tolist(), full, strict=True)
        return [value if is_there else None for is_there, value in pairs]
    counts = values.counts
    if values.known is not None:
        counts = np.where(values.known, counts, instead)
    return Numbers(counts, None if there.all() else there)


@dataclass(frozen=True, slots=True)
class Method:
    """The formulas of one version. A later version says only what it changes.

    Attributes:
        changes: What it changed, in one sentence for readers.
        fraction: Numerator and denominator → millionths; None of nothing.
        fractions: The same for two arrays.
        bounds: Tally, cells of a row, caps → the possible volumes of the row.
        share_bounds: Possible volumes → least and greatest share, in millionths.
        mean: Sum and count → mean volume.
    """

    changes: str
    fraction: Callable[[int, int], int | None] = fraction
    fractions: Callable[[Ints, Ints], Maybe] = fractions
    bounds: Callable[[Tally, Cells, CapOf], Bounds] = Tally.bounds
    share_bounds: Callable[[Bounds], tuple[Maybe, Maybe]] = share_bounds
    mean: Callable[[int, int], int] = rounded


METHODS: dict[str, Method] = {"1": Method("The first formulas.")}
"""By version, the oldest first."""


def are_first(method: Method) -> bool:
    """Return whether a method tells shares of volumes as the first one does."""
    return (
        method.fraction is fraction
        and method.fractions is fractions
        and method.bounds is Tally.bounds
        and method.share_bounds is share_bounds
    )


def newest() -> str:
    """Return the version that a new record begins with."""
    return list(METHODS)[-1]


def of(release: Release) -> Method:
    """Return the formulas of a release.

    Raises:
        RecordError: Only a later version of the code knows them.
    """
    _check(release.id, release.method_version)
    return METHODS[release.method_version]


def after(release: int, version: str) -> list[Method]:
    """Return the methods that came after the one of a release, the oldest first.

    Args:
        release: Number of the release, to name it.
        version: Its method version.

    Raises:
        RecordError: Only a later version of the code knows it.
    """
    _check(release, version)
    known = list(METHODS)
    return [METHODS[later] for later in known[known.index(version) + 1 :]]


def _check(release: int, version: str) -> None:
    if version not in METHODS:
        raise RecordError(
            f"Release {release} is computed by method {version}, this version of the "
            f"code knows those up to {newest()}: install the later version again."
        )
