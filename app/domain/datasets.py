"""What a dataset is, and what is known of each of its days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.domain.observations import SeriesKind
from app.domain.registry import Dimension

_SETTLED_AFTER = timedelta(hours=1)
_SAMPLED = "sampled"
_SCALED = "millionths of "


class Status(StrEnum):
    """How settled a day or a period is."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    PARTIAL = "partial"
    MISSING = "missing"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One published body of numbers: one publisher, metric, unit, grain and licence."""

    slug: str
    name: str
    publisher: str
    scope: str
    """What the numbers are of, after "of": `tokens on OpenRouter`."""
    metric: str
    unit: str
    grain: str
    license: str
    citation: str
    """How to credit the publisher; `{as_of}` stands for the moment."""
    url: str
    dimensions: tuple[Dimension, ...]
    default_group: Dimension
    additive: bool
    scale: int
    revision_days: int
    top_n: int | None
    cadence_hours: int | None
    """Hours between two publications; None: published once."""
    caveats: tuple[str, ...]
    since: int = 0
    """Release that introduced it."""

    @property
    def sampled(self) -> bool:
        """Whether its numbers are estimates from a sample, so that none is exact."""
        return any(caveat.startswith(_SAMPLED) for caveat in self.caveats)

    @property
    def counted(self) -> str:
        """What its unit is a number or a part of: `tokens`."""
        return self.unit.removeprefix(_SCALED)

    @property
    def trailing(self) -> bool:
        """Whether each day tells of a window that ends with it, and is read again."""
        return not self.additive and self.cadence_hours is not None

    @property
    def kinds(self) -> frozenset[SeriesKind]:
        """What its series may be."""
        if self.default_group is Dimension.APP:
            return frozenset({SeriesKind.APP})
        if self.default_group is Dimension.CATEGORY:
            return frozenset({SeriesKind.CATEGORY})
        return frozenset({SeriesKind.MODEL, SeriesKind.REMAINDER})

    def status(self, day: date, as_of: datetime) -> Status:
        """Return how settled a day is that was read at `as_of`.

        Final or provisional, or partial if volumes add up and the day was read before
        it ended; what does not add up is whole whenever it is read. Judged by the
        data's own moment, never by today's date.
        """
        end = datetime.combine(day, time(), UTC) + timedelta(days=1)
        if self.additive and as_of < end + _SETTLED_AFTER:
            return Status.PARTIAL
        if self.revision_days and as_of < end + timedelta(days=self.revision_days):
            return Status.PROVISIONAL
        return Status.FINAL


@dataclass(frozen=True, slots=True)
class Day:
    """What a release knows about one day of a dataset."""

    as_of: datetime
    total: int
    rows: int
    flagged: bool
    """A later batch that covers the day left it out; its values were kept."""
    since: int
    """Release that published it."""
    run: int


@dataclass(frozen=True, slots=True)
class Release:
    """One atomic publication."""

    id: int
    published_at: datetime
    kind: str
    method_version: str
    dataset: str | None
    run: int | None
    summary: str
    digest: str
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What it did, against the one before; see `app.services.changes`."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something a reader of a chart should know about some days."""

    dataset: str | None
    """None: about every dataset."""
    date_from: date
    date_to: date | None
    """Last day; None: one day."""
    kind: str
    text: str
    url: str | None = None
    since: int = 0
    """Release that published it."""


DECISION = "decision"
"""Trigger of a run that carries out what somebody decided, and reads nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to read one source, as shown in status."""

    id: int
    source: str
    dataset: str | None
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    verdict: str
    as_of: datetime | None
    payload: str | None
    counts: dict[str, int]
    checks: list[dict[str, object]]
    reason: str | None
