"""What can be asked: one question, typed, before anything is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.periods import Interval, Span, Window
from app.domain.registry import Dimension
from app.domain.values import Values

DEFAULT_DATASET = "openrouter-tokens"


class Sort(StrEnum):
    """How rankings are ordered."""

    VOLUME = "volume"
    GROWTH = "growth"
    TRENDING = "trending"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about volumes; None means: take the default of the contract.

    Attributes:
        dataset: Slug.
        start: What `start_date` was given as: its days; only `.first` counts.
        end: What `end_date` was given as; only `.last` counts.
        span: `window`; excludes `start` and `end`.
        numerator: Filters that select the numerator, by dimension.
        base: Filters that narrow the base (`within_…`), by dimension.
        group_by: None: default; empty: one group, of everything that is asked for.
        smooth: Days of the trailing mean, or None.
    """

    dataset: str
    interval: Interval
    start: Window | None = None
    end: Window | None = None
    span: Span | None = None
    include_unfinished: bool = False
    numerator: Mapping[Dimension, Values] = field(default_factory=dict)
    base: Mapping[Dimension, Values] = field(default_factory=dict)
    group_by: tuple[Dimension, ...] | None = None
    top: int = 20
    compare: bool = False
    smooth: int | None = None
    sort: Sort = Sort.VOLUME
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListAsk:
    """A question for a list: filters, a search text, an order and a page."""

    filters: Mapping[Dimension, Values] = field(default_factory=dict)
    q: str | None = None
    sort: str | None = None
    """A column, `-` before it for descending; None: the list's own order."""
    limit: int = 100
    offset: int = 0
    """Rows to skip, from an opaque cursor."""
