"""What an answer needs that does not depend on its dates: worked out once and kept.

A plan belongs to a release and is dropped with it.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, cast

from app.domain.classes import Classes
from app.domain.datasets import Release
from app.domain.judged import Judged
from app.domain.registry import Model, Registry
from app.domain.selection import Selection
from app.domain.snapshot import DatasetView, Snapshot
from app.services import methods
from app.services.methods import Method

T = TypeVar("T")

_PLANS = 256
_CLASSES = 200_000
_WEIGHT = "classes"
_JUDGED = 4
_ONCE = 2_048
_OF_A_DAY = 8
"""What one day of running sums takes, in classes."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A question without its dates: everything looked up and checked.

    It does not hold its release, which holds it: what nobody has any more is gone.
    """

    release: Release
    registry: Registry
    bases: Mapping[str, tuple[Model, ...]]
    """The variants of each base."""
    view: DatasetView
    selection: Selection
    _judged: dict[int, Judged] = field(default_factory=dict, init=False)
    _once: dict[Hashable, object] = field(default_factory=dict, init=False)
    _running: dict[Hashable, object] = field(default_factory=dict, init=False)

    @cached_property
    def method(self) -> Method:
        """The formulas of the release."""
        return methods.of(self.release)

    def judged(self, classes: Classes, snapshot: Snapshot) -> Judged:
        """Return what the question says of classes; it is the same for all dates.

        Args:
            classes: In the dimensions of the question.
            snapshot: The release that keeps this plan.
        """
        found = self._judged.get(id(classes))
        if found is None or found.classes is not classes:
            found = self._judged[id(classes)] = Judged(self.selection, classes)
            _trim(self._judged, _JUDGED)
            _weigh(snapshot, len(classes))
        return found

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is the same for all dates; it is made the first time.

        Args:
            key: Of this, among all that is kept; it stands for one type.
            make: Makes it.
        """
        found = self._once.get(key)
        if found is None:
            found = self._once[key] = make()
            _trim(self._once, _ONCE)
        return cast("T", found)

    def running(self, key: Hashable, snapshot: Snapshot, make: Callable[[], T]) -> T:
        """Return what holds of all that is before a day; it is made the first time.

        Args:
            key: Says what the day is, and under which claims.
            snapshot: The release that keeps this plan.
            make: Makes it.
        """
        found = self._running.get(key)
        if found is None:
            found = self._running[key] = make()
            _weigh(snapshot, _OF_A_DAY)
        return cast("T", found)

    def named(self, day: date, key: Hashable, make: Callable[[], T]) -> T:
        """Return what depends on names, as they are on a day, and on nothing else."""
        return self.once((bisect_right(self._renamed, day), key), make)

    @cached_property
    def _renamed(self) -> list[date]:
        """The days on which anything has another name than the day before."""
        return self.registry.edges("name")


def kept(snapshot: Snapshot, key: Hashable, make: Callable[[], Plan]) -> Plan:
    """Return the plan of a question, made if it is not at hand."""
    found = snapshot.kept.get(key)
    if not isinstance(found, Plan):
        found = snapshot.kept[key] = make()
        _trim(snapshot.kept, _PLANS)
    return found


def _weigh(snapshot: Snapshot, classes: int) -> None:
    """Forget all plans if they hold too many classes, which is what takes memory."""
    # Taken out and put back: what came in last is not trimmed.
    held = snapshot.kept.pop(_WEIGHT, 0)
    weight = classes + (held if isinstance(held, int) else 0)
    if weight > _CLASSES:
        snapshot.kept.clear()
        weight = classes
    snapshot.kept[_WEIGHT] = weight


def _trim(kept: dict[Any, Any], most: int) -> None:
    """Forget what came first; another thread may do so at the same time."""
    if len(kept) > most:
        for key in list(kept)[: len(kept) - most]:
            kept.pop(key, None)
