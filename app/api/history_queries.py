"""The closed queries of the endpoints that tell of the past."""

from datetime import UTC, date, datetime, time
from typing import Any, Self

from pydantic import Field, model_validator

from app.api.complaints import Excluded, Lacking
from app.api.parameters import (
    Datasets,
    Days,
    Every,
    Measure,
    Moment,
    Text,
    When,
    Whys,
    end_of,
)
from app.api.queries import (
    Asking,
    OfModels,
    PinnablePage,
    RankingsQuery,
    ShareQuery,
    VolumeQuery,
    Within,
)
from app.domain.periods import Interval, Window
from app.domain.snapshot import Snapshot
from app.services.revisions import LedgerAsk


class RevisionsQuery(PinnablePage, OfModels):
    """Parameters of `/v1/revisions`."""

    since: When = Field(
        default=None,
        description="Revisions published from then on: a date (its start, UTC) or a "
        "moment (RFC 3339).",
    )
    until: When = Field(
        default=None,
        description="Revisions published up to then: a date (its end, UTC), or a "
        "moment.",
    )
    updated_since: Moment = Field(
        default=None,
        description="Only revisions published after this moment; for those who poll.",
    )
    kind: Whys = Field(
        default=None,
        description="`restatement` (the publisher changed its figures), `correction` "
        "(a person decided), `attribution` (who made what), `method` (a formula). "
        "A comma means or.",
        examples=["restatement"],
    )
    dataset: Text = Field(
        default=None,
        description="Revisions of this dataset's numbers only.",
        examples=["openrouter-tokens"],
    )

    def ledger_ask(self, snapshot: Snapshot, offset: int, now: datetime) -> LedgerAsk:
        """Return the question in the words of the service.

        Args:
            snapshot: The release that is asked.
            offset: Rows that a cursor has left behind.
            now: The present moment.
        """
        releases = snapshot.releases
        after, upto = 0, snapshot.release.id
        if self.since is not None:
            since = _start_of(self.since)
            after = sum(r.published_at < since for r in releases)
        if self.updated_since is not None:
            seen = sum(r.published_at <= self.updated_since for r in releases)
            after = max(after, seen)
        if self.until is not None:
            until = self.until
            moment = until if isinstance(until, datetime) else end_of(until, now)
            upto = sum(r.published_at <= moment for r in releases)
        return LedgerAsk(
            after,
            upto,
            self.list_ask(offset),
            self.dataset,
            self.kind.kinds if self.kind else frozenset(),
        )


def _start_of(when: date | datetime) -> datetime:
    if isinstance(when, datetime):
        return when
    return datetime.combine(when, time(), UTC)


class ShareSinceQuery(ShareQuery):
    """Parameters of `/v1/revisions/share`."""


class VolumeSinceQuery(VolumeQuery):
    """Parameters of `/v1/revisions/volume`."""


class RankingsSinceQuery(RankingsQuery):
    """Parameters of `/v1/revisions/rankings`."""


class _OfDays(PinnablePage):
    """Rows of a list that are about some days."""

    start_date: Days = Field(default=None, description="First day to tell of.")
    end_date: Days = Field(default=None, description="Last day to tell of.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        start, end = self.start_date, self.end_date
        if start and end and end.last < start.first:
            message = "end_date is before start_date"
            raise Excluded(message, "start_date", "end_date")
        return self

    def days(self) -> Window | None:
        """Return the days that are asked for; None: all."""
        if self.start_date is None and self.end_date is None:
            return None
        first = self.start_date.first if self.start_date else date.min
        return Window(first, self.end_date.last if self.end_date else date.max)


class EvidenceQuery(_OfDays):
    """Parameters of `/v1/datasets/{dataset}/evidence`."""


class AnnotationsQuery(_OfDays):
    """Parameters of `/v1/annotations`."""

    dataset: Text = Field(
        default=None,
        description="Notes about this dataset, and about all of them.",
        examples=["openrouter-tokens"],
    )


class CompareQuery(Asking, Within):
    """Parameters of `/v1/compare`."""

    interval: Every = Field(default=Interval.TOTAL, description="Length of one period.")
    datasets: Datasets = Field(
        default=None,
        description="Two to five slugs: the same question is asked of each. Their "
        "numbers stand side by side and are never added.",
        examples=["openrouter-tokens,ai-tools-directory"],
    )
    of: Measure = Field(default="share", description="What is compared.")

    @model_validator(mode="after")
    def _several(self) -> Self:
        if self.datasets is None:
            message = "say which datasets to ask"
            meant = "openrouter-tokens,ai-tools-directory"
            raise Lacking(message, "datasets", meant)
        return self

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name; its dataset is left open."""
        base = self.base_filters() if self.of == "share" else {}
        return super().told() | {"interval": self.interval, "base": base}
