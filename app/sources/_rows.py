"""Rows of a daily ranking: a day, a model and its tokens, however they came."""

import re
from array import array
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.packed import Packed
from app.domain.periods import Window
from app.sources._values import Day, Faults, Volume, shown

EARLIEST = date(2025, 1, 1)
"""The first day that the rankings cover; nothing before it can be true."""

MOST_ROWS = 51
"""Rows of one day: the 50 largest models and the remainder."""

_REMAINDER = "other"
_SLUG = re.compile(r"[A-Za-z0-9~][\w.:@+~-]*/[\w.:@+~-]+", re.ASCII)
_LONGEST_SLUG = 200
_CATEGORY = re.compile(r"[a-z0-9][a-z0-9_:.-]{0,99}", re.ASCII)


@lru_cache(maxsize=4096)
def check_slug(text: str) -> str:
    """Return the name of a model, or `other`, as it is.

    Raises:
        ValueError: It is neither.
    """
    fits = len(text) <= _LONGEST_SLUG
    if text == _REMAINDER or (fits and _SLUG.fullmatch(text)):
        return text
    msg = f"{shown(text)} is not a model such as author/model, nor 'other'"
    raise ValueError(msg)


def check_category(value: object) -> str:
    """Return the name of a use case as it is.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, str) and _CATEGORY.fullmatch(value):
        return value
    msg = f"{shown(value)} is not a category such as programming or code:review"
    raise ValueError(msg)


class Row(BaseModel):
    """One row as published; more fields than these are kept aside, not refused."""

    model_config = ConfigDict(strict=True, extra="allow")

    date: Day
    model_permaslug: Annotated[str, AfterValidator(check_slug)]
    total_tokens: Volume


class Rows:
    """Rows in columns, 20 bytes each, that still know where they stand.

    A million rows as objects would take 200 MB.
    """

    def __init__(self, word: str) -> None:
        """Begin without rows; `word` is what one is called: `row` or `line`."""
        self._word = word
        self._numbers = array("I")
        self._days = array("I")
        self._codes = array("I")
        self._volumes = array("q")
        self._known: dict[tuple[str, str | None], int] = {}

    def add(
        self,
        number: int,
        day: date,
        subject: str,
        volume: int,
        category: str | None = None,
    ) -> None:
        """Add what the `number`-th row or line says; `other` is the remainder."""
        code = self._known.setdefault((subject, category), len(self._known))
        self._numbers.append(number)
        self._days.append(day.toordinal())
        self._codes.append(code)
        self._volumes.append(volume)

    def __len__(self) -> int:
        return len(self._numbers)

    def span(self) -> Window:
        """Return the first to the last day; there is at least one row."""
        return Window(
            date.fromordinal(min(self._days)), date.fromordinal(max(self._days))
        )

    def observations(self) -> Sequence[Observation]:
        """Return what the rows say, in their order."""
        names = [
            (
                SeriesKind.REMAINDER if subject == _REMAINDER else SeriesKind.MODEL,
                subject,
                category,
            )
            for subject, category in self._known
        ]
        return Packed.from_arrays(names, self._codes, self._days, self._volumes)

    def check(
        self, window: Window, earliest: date, most: int | None, faults: Faults
    ) -> None:
        """Note rows that are outside of `window`, too early, there twice or too many.

        Args:
            window: Days that may be told of.
            earliest: The first day that there can be.
            most: Rows that one day may have; None: any number.
            faults: Where to note them.
        """
        days = np.frombuffer(self._days, np.uint32)
        again = self._repeats(days)
        outside = (days < window.first.toordinal()) | (days > window.last.toordinal())
        early = days < earliest.toordinal()
        for index in np.flatnonzero(outside | early | again).tolist():
            day = date.fromordinal(self._days[index])
            where = f"{self._word} {self._numbers[index]}"
            if outside[index]:
                faults.add(where, f"{day} is outside {window.first} to {window.last}")
            elif early[index]:
                faults.add(where, f"{day} is before {earliest}, the first day")
            if again[index]:
                faults.add(where, f"{day} {self._name(index)} occurs twice")
        if most is not None:
            _check_counts(days[~again], most, faults)

    def _repeats(self, days: np.ndarray) -> np.ndarray:
        """Return of each row whether an earlier one has the same day and series."""
        codes = np.frombuffer(self._codes, np.uint32)
        keys = days.astype(np.uint64) << np.uint64(32) | codes
        order = np.argsort(keys, kind="stable")
        again = np.zeros(len(keys), bool)
        again[order[1:]] = keys[order[1:]] == keys[order[:-1]]
        return again

    def _name(self, index: int) -> str:
        subject, category = list(self._known)[self._codes[index]]
        return subject if category is None else f"{subject} in {category}"


def _check_counts(days: np.ndarray, most: int, faults: Faults) -> None:
    for day, count in zip(*np.unique(days, return_counts=True), strict=True):
        if count > most:
            name = str(date.fromordinal(int(day)))
            faults.add(name, f"has {count} rows, more than {most}")


def batch(
    dataset: str,
    rows: Rows,
    *,
    window: Window,
    as_of: datetime,
    fetched_at: datetime,
    faults: Faults,
    warnings: Sequence[str] = (),
    earliest: date = EARLIEST,
    most: int | None = MOST_ROWS,
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
        earliest: A day before it is a fault.
        most: More rows of one day than these are a fault; None: any number.
    """
    rows.check(window, earliest, most, faults)
    faults.check_moment(as_of, rows.span().last, fetched_at)
    return Batch(dataset, window, as_of, rows.observations(), list(warnings))
