"""What the rows of the answers about the past look like."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app.api.rows import Closed, Count, Fraction, Groups, Period, PeriodStatus


class RevisionRow(Closed):
    """One number or claim that a release changed."""

    release: int
    published_at: datetime
    kind: Literal["restatement", "correction", "attribution", "method"]
    dataset: str | None
    period_start: date | None
    period_end: date | None
    subject_kind: str | None
    subject: str | None
    attribute: str
    old_value: str | None = Field(description="Volumes as digits, exactly.")
    new_value: str | None
    change: Count = Field(description="New minus old volume.")
    growth: Fraction = Field(description="The change as a fraction of the old volume.")
    reason: str


class SinceRow(Groups):
    """Which row of a pinned answer is another now, and how far it moved."""

    period_start: date
    period_end: date
    change: Fraction
    growth: Fraction
    volume_then: Count
    volume_now: Count


class ShareSinceRow(SinceRow):
    """A share then and now."""

    share_then: Fraction
    share_now: Fraction
    share_low_then: Fraction
    share_low_now: Fraction
    share_high_then: Fraction
    share_high_now: Fraction
    total_then: Count
    total_now: Count


class VolumeSinceRow(SinceRow):
    """A volume then and now."""

    volume_low_then: Count
    volume_low_now: Count
    volume_high_then: Count
    volume_high_now: Count


class RankingsSinceRow(SinceRow):
    """A rank then and now."""

    share_then: Fraction
    share_now: Fraction
    rank_then: int | None
    rank_now: int | None


class EvidenceRow(Closed):
    """Which reading the numbers of one day come from."""

    period_start: date
    period_end: date
    status: PeriodStatus
    total: int
    rows: int
    source_as_of: datetime
    flagged: Literal["yes", "no"] = Field(
        description="Whether a later reading left the day out; its values were kept."
    )
    since_release: int
    run: int
    source: str
    payload_sha256: str | None
    payload_url: str | None
    fetched_at: datetime | None


class AnnotationRow(Closed):
    """Something to know about some days."""

    dataset: str | None
    date_from: date
    date_to: date
    kind: str
    text: str
    url: str | None
    since_release: int


class ComparisonRow(Period):
    """A row of one dataset."""

    dataset: str
    unit: str
    volume: Count
    total: Count = None
    share: Fraction = None
    share_low: Fraction = None
    share_high: Fraction = None
    share_attributed: Fraction = None
    coverage: Fraction = None
    volume_low: Count = None
    volume_high: Count = None
    days_listed: Count = None
    previous: float | None = None
    change: float | None = None
    growth: Fraction = None
