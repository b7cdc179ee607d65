"""The days of a dataset, in columns: how many of a window are there, how settled.

Every question asks that, of many windows: each is two looks into running sums.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.domain.datasets import Dataset, Day, Status
from app.domain.periods import Window

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The days of a dataset at one release, ascending.

    Attributes:
        days: Every day the dataset has.
        told: What is known of each.
        moments: When each was read, in microseconds since 1970.
        settled: How many days before each one, and of all, are complete, and final.
    """

    days: Sequence[date]
    told: Sequence[Day]
    moments: Ints
    settled: Ints

    @classmethod
    def of(cls, dataset: Dataset, days: Mapping[date, Day]) -> Self:
        """Work out the days of a dataset, ascending."""
        # To the microsecond, like the moments themselves.
        moments = [day.as_of.replace(tzinfo=None) for day in days.values()]
        settled = np.zeros((len(days) + 1, 2), np.int64)
        for at, (day, told) in enumerate(days.items(), start=1):
            status = dataset.status(day, told.as_of)
            settled[at] = status is not Status.PARTIAL, status is Status.FINAL
        return cls(
            [*days],
            [*days.values()],
            np.array(moments, "datetime64[us]").astype(np.int64),
            np.cumsum(settled, axis=0),
        )

    def moved(self, dataset: Dataset, days: Mapping[date, Day]) -> "Calendar":
        """Return the calendar of these days of the same dataset.

        Only what follows the first day that is another one is worked out.
        """
        pairs = zip(self.days, days, self.told, days.values(), strict=False)
        others = (
            at
            for at, (mine, its, was, now) in enumerate(pairs)
            if mine != its or was is not now
        )
        same = next(others, min(len(self.days), len(days)))
        rest = Calendar.of(dataset, dict(islice(days.items(), same, None)))
        before = self.settled[: same + 1]
        return Calendar(
            [*days],
            [*days.values()],
            np.concatenate((self.moments[:same], rest.moments)),
            np.concatenate((before, before[-1] + rest.settled[1:])),
        )

    def _between(self, window: Window) -> tuple[int, int]:
        """Return where the days of a window begin and end among those there are."""
        # Not in numpy: to hand two days over to it costs more than to look for them.
        first = bisect_left(self.days, window.first)
        return first, bisect_right(self.days, window.last, first)

    def count(self, window: Window) -> tuple[int, int, int]:
        """Return how many days of a window are there, complete, and final."""
        first, last = self._between(window)
        item = self.settled.item
        complete = item(last, 0) - item(first, 0)
        return last - first, complete, item(last, 1) - item(first, 1)

    def known(self, window: Window) -> Sequence[Day]:
        """Return the days of a window that are there, ascending."""
        first, last = self._between(window)
        return self.told[first:last]

    def last(self, window: Window) -> date | None:
        """Return the last day of a window that is there; None if none is."""
        first, last = self._between(window)
        return None if first == last else self.days[last - 1]

    def read(self, window: Window) -> tuple[datetime, datetime] | None:
        """Return the oldest and the newest moment the days of a window are of.

        None if none of them is there.
        """
        first, last = self._between(window)
        if first == last:
            return None
        read = self.moments[first:last]
        at = first + int(read.argmin()), first + int(read.argmax())
        return self.told[at[0]].as_of, self.told[at[1]].as_of
