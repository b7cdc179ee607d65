"""How much of the unlisted volume can belong to a model that is not listed.

A dataset lists the largest series of a day and the remainder of all others. A model
that is not listed on a day had at most the smallest listed volume, and at most the
remainder. See docs/method.md, section "Unlisted volume".
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from app.domain.cube import Flags, Ints
from app.domain.observations import MAX_VOLUME
from app.domain.periods import Window
from app.domain.snapshot import DatasetView


class Ceilings:
    """The most that models can have had, unlisted, in each of some windows."""

    def __init__(self, view: DatasetView, windows: Sequence[Window]) -> None:
        """Take windows that are ascending and do not overlap."""
        self._view = view
        self._windows = windows
        whole = Window(windows[0].first, windows[-1].last)
        held = view.span and view.span.overlap(whole)
        # Days without data have no remainder, and there may be millions of them.
        self._whole = held or Window(whole.first, whole.first)
        self._seen: dict[str, Flags] = {}

    @cached_property
    def _remainders(self) -> Ints:
        by_day = self._view.cube.by_day(self._whole, self._view.remainders)
        return np.asarray(by_day.sum(axis=1), np.int64)

    @cached_property
    def _floors(self) -> Ints:
        # A day that lists no model says nothing of how small the others are.
        found = self._view.floors
        floors = [found.get(day, MAX_VOLUME) for day in self._whole.days()]
        return np.array(floors, np.int64)

    @cached_property
    def _edges(self) -> tuple[Ints, Ints]:
        first = self._whole.first
        starts = [(w.first - first).days for w in self._windows]
        ends = [(w.last - first).days + 1 for w in self._windows]
        most = len(self._whole)
        return np.clip(starts, 0, most), np.clip(ends, 0, most)

    def prime(self, models: Iterable[str]) -> None:
        """Look up many models at once; `of` is then cheap for each of them."""
        missing = sorted({*models} - self._seen.keys())
        if not missing:
            return
        unlisted = np.ones((len(missing), len(self._whole)), np.bool_)
        known = self._view.column_of
        listed = [(n, known[m]) for n, m in enumerate(missing) if m in known]
        if listed:
            numbers, columns = zip(*listed, strict=True)
            seen = self._view.cube.listed(self._whole, columns)
            unlisted[list(numbers)] = ~seen.T
        for number, model in enumerate(missing):
            released = self._view.released(model)
            if released and released > self._whole.first:
                unlisted[number, : (released - self._whole.first).days] = False
        self._seen.update(zip(missing, unlisted, strict=True))

    def of(self, models: Iterable[str]) -> Ints:
        """Return the most that `models` can have had together: (windows,).

        On a day on which k of them were released but not listed: k times the smallest
        listed volume, and at most that day's remainder.
        """
        models = set(models)
        self.prime(models)
        unlisted = np.zeros(len(self._whole), np.int64)
        for model in models:
            unlisted += self._seen[model]
        # Not by multiplying: k times a volume may not fit into int64.
        fits = self._floors <= self._remainders // np.maximum(unlisted, 1)
        whole = np.where(unlisted > 0, self._remainders, 0)
        by_day = np.where(fits, self._floors * np.where(fits, unlisted, 0), whole)
        sums = np.concatenate(([0], np.cumsum(by_day)))
        starts, ends = self._edges
        return np.asarray(sums[ends] - sums[starts], np.int64)
