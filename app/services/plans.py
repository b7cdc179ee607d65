"""What an answer needs that does not depend on its dates: worked out once and kept.

A plan belongs to a release and is dropped with it.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from app.domain.classes import Classes
from app.domain.judged import Judged
from app.domain.selection import Selection
from app.domain.snapshot import DatasetView, Snapshot
from app.services import methods
from app.services.methods import Method

_PLANS = 256
_JUDGED = 4
_SAID = 512


@dataclass(frozen=True)
class Plan:
    """A question without its dates: everything looked up and checked."""

    snapshot: Snapshot
    view: DatasetView
    selection: Selection
    _judged: dict[int, Judged] = field(default_factory=dict, init=False)
    _said: dict[object, str] = field(default_factory=dict, init=False)

    @cached_property
    def method(self) -> Method:
        """The formulas of the release."""
        return methods.of(self.snapshot.release)

    def judged(self, classes: Classes) -> Judged:
        """Return what the question says of classes; it is the same for all dates."""
        found = self._judged.get(id(classes))
        if found is None or found.classes is not classes:
            found = self._judged[id(classes)] = Judged(self.selection, classes)
            _trim(self._judged, _JUDGED)
        return found

    def said(self, day: date, key: object, say: Callable[[], str]) -> str:
        """Return words that depend on names only; they are said once.

        Args:
            day: Things are called as they are on this day.
            key: Of these words.
            say: Makes them.
        """
        key = bisect_right(self._renamed, day), key
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = say()
            _trim(self._said, _SAID)
        return found

    @cached_property
    def _renamed(self) -> list[date]:
        """The days on which anything has another name than the day before."""
        return self.snapshot.registry.edges("name")


def _trim(kept: dict[Any, Any], most: int) -> None:
    """Forget what came first; another thread may do so at the same time."""
    while len(kept) > most:
        kept.pop(next(iter(kept), None), None)


def kept(snapshot: Snapshot, key: object, make: Callable[[], Plan]) -> Plan:
    """Return the plan of a question, made if it is not at hand."""
    found = snapshot.kept.get(key)
    if not isinstance(found, Plan):
        found = snapshot.kept[key] = make()
        _trim(snapshot.kept, _PLANS)
    return found
