"""What the rows of `/v1/status` look like; see `schemas`."""

from datetime import date, datetime

from pydantic import Field

from app.api.rows import Closed, Freshness, RunData


class Unattributed(Closed):
    """A model of which nobody knows where it is from."""

    model: str
    volume_28d: int


class HeldDayData(Closed):
    """A day that was read and waits for a decision; what was there is kept."""

    day: date
    run: int
    as_of: datetime
    checks_failed: list[str]


class DatasetStatus(Closed):
    """How one dataset stands."""

    dataset: str
    freshness: Freshness
    data_through: date | None
    next_update_expected: datetime | None
    gaps: list[date]
    flagged: list[date]
    last_run: RunData | None
    last_good_run: RunData | None
    held_runs: list[RunData]
    held_days: list[HeldDayData]
    attribution_coverage: dict[str, float | None]
    unattributed_models: list[Unattributed]
    overdue: bool = Field(description="Whether nobody seems to read a source of it.")


class SourceStatus(Closed):
    """How one source is read."""

    source: str
    dataset: str | None = Field(description="None: it tells facts about models.")
    every_seconds: int
    last_run_at: datetime | None
    last_verdict: str | None
    overdue: bool = Field(description="Whether its last two turns were missed.")


class StatusData(Closed):
    """How everything stands."""

    release: int
    published_at: datetime
    datasets: list[DatasetStatus]
    sources: list[SourceStatus]
