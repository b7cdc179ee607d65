"""What becomes of one day of a batch, given what is known of that day.

Readings are ordered by their `as_of`, day by day, so that the same readings lead to the
same end in whatever order they arrive. A day is restated as a whole or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.domain.datasets import Dataset

Volumes = Mapping[str, int]
"""Key of a series → volume, of one day."""


class Arrival(StrEnum):
    """What a batch does to a day."""

    NEW = "new"
    RESTATED = "restated"
    SETTLED = "settled"
    """The same numbers, read so late that the day's status moved on."""
    RETURNED = "returned"
    """The same numbers, of a day that a reading in between had left out."""
    MISSED = "missed"
    """The batch covers the day and leaves it out: its values are kept, flagged."""
    SAME = "same"
    SUPERSEDED = "superseded"
    """A later reading is known already."""
    CONFLICT = "conflict"
    """The same moment of reading, other numbers: one of the two is wrong."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a day before a batch arrives.

    Attributes:
        volumes: As published; empty if the day is not.
        as_of: Reading that is published; None: the day is not.
        flagged: As published.
        confirmed: The last reading that told the day.
        missed: The last reading that left it out.
    """

    volumes: Volumes = field(default_factory=dict)
    as_of: datetime | None = None
    flagged: bool = False
    confirmed: datetime | None = None
    missed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a day.

    Attributes:
        arrival: In one word.
        as_of: Reading to publish; None: the day stays unpublished.
        flagged: To publish.
        confirmed: To remember.
        missed: To remember.
        opened: Volumes that are new or other than before.
        closed: Series whose published volume ends.
    """

    arrival: Arrival
    as_of: datetime | None
    flagged: bool
    confirmed: datetime | None
    missed: datetime | None
    opened: Volumes = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    @property
    def publishes(self) -> bool:
        """Whether a reader can tell the difference."""
        return self.arrival not in {
            Arrival.SAME,
            Arrival.SUPERSEDED,
            Arrival.CONFLICT,
        }


def told(
    day: date, volumes: Volumes, as_of: datetime, known: Known, dataset: Dataset
) -> Outcome:
    """Return what becomes of a day that a batch tells.

    Args:
        day: The day.
        volumes: All that the batch lists for it.
        as_of: When the batch was read.
        known: What is known of the day.
        dataset: Whose day it is.
    """
    if known.confirmed is not None and as_of < known.confirmed:
        return _kept(Arrival.SUPERSEDED, known)
    differs = known.as_of is None or dict(known.volumes) != dict(volumes)
    if known.confirmed == as_of:
        return _kept(Arrival.CONFLICT if differs else Arrival.SAME, known)
    flagged = known.missed is not None and known.missed > as_of
    if differs:
        arrival = Arrival.NEW if known.as_of is None else Arrival.RESTATED
        was = known.volumes
        changed = {k: v for k, v in volumes.items() if was.get(k) != v}
        closed = frozenset(k for k, v in was.items() if volumes.get(k) != v)
        return Outcome(arrival, as_of, flagged, as_of, known.missed, changed, closed)
    arrival = _confirmed(day, as_of, known, dataset, flagged=flagged)
    published = as_of if arrival is Arrival.SETTLED else known.as_of
    return Outcome(arrival, published, flagged, as_of, known.missed)


def missed(as_of: datetime, known: Known) -> Outcome:
    """Return what becomes of a day that a batch covers and does not tell."""
    if known.confirmed is not None and as_of <= known.confirmed:
        return _kept(Arrival.SUPERSEDED, known)
    last = max(as_of, known.missed or as_of)
    flagged = known.as_of is not None
    arrival = Arrival.MISSED if flagged != known.flagged else Arrival.SAME
    return Outcome(arrival, known.as_of, flagged, known.confirmed, last)


def _kept(arrival: Arrival, known: Known) -> Outcome:
    return Outcome(arrival, known.as_of, known.flagged, known.confirmed, known.missed)


def _confirmed(
    day: date, as_of: datetime, known: Known, dataset: Dataset, *, flagged: bool
) -> Arrival:
    if known.as_of is not None and dataset.status(day, known.as_of) != dataset.status(
        day, as_of
    ):
        return Arrival.SETTLED
    return Arrival.SAME if flagged == known.flagged else Arrival.RETURNED
