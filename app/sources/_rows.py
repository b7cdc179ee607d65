"""Rows of a daily ranking: a day, a model and its tokens, however they came."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.sources._values import Day, Faults, Volume, shown

EARLIEST = date(2025, 1, 1)
"""The first day that the rankings cover; nothing before it can be true."""

MOST_ROWS = 51
"""Rows of one day: the 50 largest models and the remainder."""

_REMAINDER = "other"
_SLUG = re.compile(r"[A-Za-z0-9~][\w.:@+~-]*/[\w.:@+~-]+", re.ASCII)
_LONGEST_SLUG = 200


def _check_slug(text: str) -> str:
    fits = len(text) <= _LONGEST_SLUG
    if text == _REMAINDER or (fits and _SLUG.fullmatch(text)):
        return text
    msg = f"{shown(text)} is not a model such as author/model, nor 'other'"
    raise ValueError(msg)


class Row(BaseModel):
    """One row as published; more fields than these are kept aside, not refused."""

    model_config = ConfigDict(strict=True, extra="allow")

    date: Day
    model_permaslug: Annotated[str, AfterValidator(_check_slug)]
    total_tokens: Volume

    def observation(self) -> Observation:
        """Return what the row says; `other` is the remainder."""
        rest = self.model_permaslug == _REMAINDER
        kind = SeriesKind.REMAINDER if rest else SeriesKind.MODEL
        return Observation(self.date, kind, self.model_permaslug, self.total_tokens)


@dataclass(frozen=True, slots=True)
class Placed:
    """An observation and where it stands in its payload: `row 7`, `line 8`."""

    where: str
    what: Observation


def span(rows: Sequence[Placed]) -> Window:
    """Return the first to the last day of `rows`, of which there is at least one."""
    days = {row.what.day for row in rows}
    return Window(min(days), max(days))


def batch(
    dataset: str,
    rows: Sequence[Placed],
    *,
    window: Window,
    as_of: datetime,
    fetched_at: datetime,
    faults: Faults,
    warnings: Sequence[str] = (),
) -> Batch:
    """Return `rows` as the batch of one `as_of`; what cannot be goes to `faults`.

    Args:
        dataset: Slug of the dataset.
        rows: At least one, of any days.
        window: Days that the payload tells of; a row outside is a fault.
        as_of: When the upstream knew this, UTC.
        fetched_at: When it was read, by our clock.
        faults: Collects what is wrong; the batch is of use only if nothing is.
        warnings: What is odd without being wrong.
    """
    seen: set[tuple[date, str]] = set()
    for row in rows:
        key = (row.what.day, row.what.subject)
        if row.what.day not in window:
            faults.add(row.where, f"{row.what.day} is outside {_words(window)}")
        elif row.what.day < EARLIEST:
            faults.add(row.where, f"{row.what.day} is before {EARLIEST}, the first day")
        if key in seen:
            faults.add(row.where, f"{key[0]} {key[1]} occurs twice")
        seen.add(key)
    for day, count in Counter(day for day, _ in seen).items():
        if count > MOST_ROWS:
            faults.add(str(day), f"has {count} rows, more than {MOST_ROWS}")
    faults.check_moment(as_of, span(rows).last, fetched_at)
    return Batch(dataset, window, as_of, [row.what for row in rows], list(warnings))


def _words(window: Window) -> str:
    return f"{window.first} to {window.last}"
