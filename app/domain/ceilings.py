"""How much of the unlisted volume can belong to a model that is not listed.

A dataset lists the largest series of a day and the remainder of all others. A model
that is not listed on a day had at most the smallest listed volume, and at most the
remainder. See docs/method.md, section "Unlisted volume".
"""

from collections.abc import Iterable, Sequence

import numpy as np

from app.domain.cube import Flags, Ints
from app.domain.observations import MAX_VOLUME
from app.domain.periods import Window
from app.domain.snapshot import DatasetView

_CELLS = 200_000  # of the largest table that is worked with at once


class _Absences:
    """The days of a dataset on which models are not listed; kept with the dataset."""

    def __init__(self, view: DatasetView, days: Window) -> None:
        # Not the view: it keeps this, and should be gone as soon as nobody has it.
        self.days = days
        by_day = view.cube.by_day(days, view.remainders)
        self.remainders: Ints = np.asarray(by_day.sum(axis=1), np.int64)
        # A day that lists no model says nothing of how small the others are.
        floors = [view.floors.get(day, MAX_VOLUME) for day in days.days()]
        self.floors: Ints = np.array(floors, np.int64)
        self._unlisted: dict[str, Flags] = {}

    def of(self, view: DatasetView, models: Iterable[str]) -> list[Flags]:
        """Return the days on which each model is out, but not listed: (days,) each."""
        wanted = list(models)
        missing = sorted({*wanted} - self._unlisted.keys())
        if missing:
            self._look_up(view, missing)
        return [self._unlisted[model] for model in wanted]

    def _look_up(self, view: DatasetView, missing: Sequence[str]) -> None:
        unlisted = np.ones((len(missing), len(self.days)), np.bool_)
        known = view.column_of
        listed = [(n, known[m]) for n, m in enumerate(missing) if m in known]
        if listed:
            numbers, columns = zip(*listed, strict=True)
            seen = view.cube.listed(self.days, columns)
            unlisted[list(numbers)] = ~seen.T
        for number, model in enumerate(missing):
            released = view.released(model)
            if released and released > self.days.first:
                unlisted[number, : (released - self.days.first).days] = False
        self._unlisted.update(zip(missing, unlisted, strict=True))


def _absences(view: DatasetView, days: Window) -> _Absences:
    known = view.kept.get(_Absences)
    if not isinstance(known, _Absences):
        known = view.kept[_Absences] = _Absences(view, days)
    return known


class Ceilings:
    """The most that models can have had, unlisted, in each of some windows."""

    def __init__(self, view: DatasetView, windows: Sequence[Window]) -> None:
        """Take windows that are ascending and do not overlap."""
        self._view = view
        self._nothing = np.zeros(len(windows), np.int64)
        self._most: dict[frozenset[str], Ints] = {}
        self._absences: _Absences | None = None
        whole = Window(windows[0].first, windows[-1].last)
        # Days without data have no remainder, and there may be millions of them.
        held = view.span and view.span.overlap(whole)
        if view.span is None or held is None:
            return
        self._absences = _absences(view, view.span)
        begin = (held.first - view.span.first).days
        self._days = slice(begin, begin + len(held))
        first = held.first.toordinal()
        starts = [w.first.toordinal() - first for w in windows]
        ends = [w.last.toordinal() + 1 - first for w in windows]
        self._starts, self._ends = np.clip((starts, ends), 0, len(held))

    def prime(self, models: Iterable[str]) -> None:
        """Look up many models at once; `of` is then cheap for each of them."""
        if self._absences is not None:
            self._absences.of(self._view, models)

    def prime_together(self, sides: Iterable[frozenset[str]]) -> None:
        """Work out many sets of models at once; `of` is then cheap for each set."""
        absences = self._absences
        missing = [side for side in {*sides} - self._most.keys() if side]
        if absences is None or not missing:
            return
        self.prime(frozenset().union(*missing))
        step = max(1, _CELLS // (self._days.stop - self._days.start))
        for at in range(0, len(missing), step):
            some = missing[at : at + step]
            unlisted = np.array([self._unlisted(absences, side) for side in some])
            most = self._at_most(absences, unlisted)
            self._most.update(zip(some, most, strict=True))

    def of(self, models: Iterable[str]) -> Ints:
        """Return the most that `models` can have had together: (windows,).

        On a day on which k of them were released but not listed: k times the smallest
        listed volume, and at most that day's remainder.
        """
        side = frozenset(models)
        if side not in self._most:
            self.prime_together([side])
        return self._most.get(side, self._nothing)

    def _unlisted(self, absences: _Absences, side: frozenset[str]) -> Ints:
        """Return how many of some models are out, but not listed, on each day."""
        found = np.zeros(self._days.stop - self._days.start, np.int64)
        for one in absences.of(self._view, side):
            found += one[self._days]
        return found

    def _at_most(self, absences: _Absences, unlisted: Ints) -> Ints:
        """Return what so many models can have had: (sets, windows).

        Args:
            absences: The days of the dataset.
            unlisted: How many are not listed: (sets, days).
        """
        floors = absences.floors[self._days]
        remainders = absences.remainders[self._days]
        # Not by multiplying: k times a volume may not fit into int64.
        fits = floors <= remainders // np.maximum(unlisted, 1)
        whole = np.where(unlisted > 0, remainders, 0)
        by_day = np.where(fits, floors * np.where(fits, unlisted, 0), whole)
        sums = np.zeros((len(unlisted), by_day.shape[1] + 1), np.int64)
        np.cumsum(by_day, axis=1, out=sums[:, 1:])
        return np.asarray(sums[:, self._ends] - sums[:, self._starts], np.int64)
