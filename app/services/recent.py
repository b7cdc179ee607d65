"""Who was seen when, and how much lately: the figures that lists carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.domain.observations import SeriesKind
from app.domain.periods import Window
from app.domain.questions import DEFAULT_DATASET
from app.domain.snapshot import DatasetView, Snapshot

DAYS = 28


@dataclass(frozen=True)
class Recent:
    """First and last days of models, and their volume in the last 28 complete days."""

    view: DatasetView | None

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Recent":
        """Return the figures of the dataset that is asked by default."""
        return cls(snapshot.datasets.get(DEFAULT_DATASET))

    @cached_property
    def window(self) -> Window | None:
        """The last 28 days that are complete; fewer if there are not so many."""
        if self.view is None or self.view.span is None:
            return None
        last = self.view.last_complete
        if last is None:
            return None
        first = max(self.view.span.first, last - timedelta(days=DAYS - 1))
        return Window(first, last)

    @cached_property
    def _volumes(self) -> Mapping[str, int]:
        if self.view is None or self.window is None:
            return {}
        found: dict[str, int] = {}
        sums = self.view.cube.volumes([self.window])[0].tolist()
        for series, volume in zip(self.view.series, sums, strict=True):
            if series.kind is SeriesKind.MODEL:
                found[series.subject] = found.get(series.subject, 0) + volume
        return found

    @cached_property
    def _seen(self) -> Mapping[str, tuple[date, date]]:
        if self.view is None:
            return {}
        found: dict[str, tuple[date, date]] = {}
        for series, days in zip(self.view.series, self.view.cube.seen(), strict=True):
            if series.kind is SeriesKind.MODEL and days is not None:
                first, last = found.get(series.subject, days)
                found[series.subject] = min(first, days[0]), max(last, days[1])
        return found

    def volume(self, models: Iterable[str]) -> int | None:
        """Return what models had together; None if there is no dataset to tell.

        A model that was not listed counts as 0, though it may have had a little.
        """
        if self.window is None:
            return None
        return sum(self._volumes.get(model, 0) for model in models)

    def first_seen(self, model: str) -> date | None:
        """Return the first day a model is listed."""
        return self._seen[model][0] if model in self._seen else None

    def last_seen(self, model: str) -> date | None:
        """Return the last day a model is listed."""
        return self._seen[model][1] if model in self._seen else None
