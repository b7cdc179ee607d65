"""What every upstream is to us: something to ask for, a fetch, and a pure parse."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

import httpx2

from app.domain.listings import Listing
from app.domain.observations import Batch, Payload
from app.domain.periods import Window


class Source(Protocol):
    """One upstream that one dataset is read from."""

    @property
    def name(self) -> str:
        """What runs and errors call it; no two sources share a name."""

    @property
    def dataset(self) -> str:
        """Slug of the dataset that it feeds."""

    @property
    def every(self) -> timedelta:
        """How often it is worth reading."""

    def windows(self, known: Window | None, today: date) -> Sequence[Window]:
        """Return the windows to fetch now, in the order to fetch them.

        Publishing them in this order grows what is known without leaving a hole, also
        when it stops half-way.

        Args:
            known: First to last day that the record has; None: it has none.
            today: The current UTC day.
        """

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        """Return what the upstream says of `window`, unread. Network only.

        Raises:
            UpstreamError: It did not answer, or not with a payload.
        """

    def parse(self, payload: Payload) -> list[Batch]:
        """Read a payload: one batch per `as_of`, ascending. Pure.

        Raises:
            SourceError: It cannot be read as what the source promises; nothing of it
                may be used.
        """


class RegistrySource(Protocol):
    """One upstream that tells facts about models, and no volumes."""

    @property
    def name(self) -> str:
        """What runs and errors call it; no two sources share a name."""

    @property
    def every(self) -> timedelta:
        """How often it is worth reading."""

    def fetch(self, client: httpx2.Client) -> Payload:
        """Return the whole list, unread. Network only.

        Raises:
            UpstreamError: It did not answer, or not with a payload.
        """

    def parse(self, payload: Payload) -> Listing:
        """Read a payload. Pure.

        Raises:
            SourceError: It cannot be read as what the source promises; nothing of it
                may be used.
        """
