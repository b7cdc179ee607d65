"""What the rows of each answer look like, and the things of the registry.

For the reference and for generated clients; see `schemas`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Fraction = float | None
Count = Annotated[int, WithJsonSchema({"type": "integer", "format": "int64"})] | None
Price = Annotated[Decimal, WithJsonSchema({"type": "number"})] | None
Freshness = Literal["fresh", "late", "stale"]
Confidence = Literal["high", "medium", "low", "disputed"]


class Closed(BaseModel):
    """Nothing but what is written here."""

    # Built when one is first needed, for the reference or in a test.
    model_config = ConfigDict(extra="forbid", defer_build=True)


# Rows of questions


class Groups(Closed):
    """Two columns for each dimension of `group_by`: its value, and what to call it."""

    origin: str | None = None
    origin_name: str | None = None
    provider: str | None = None
    provider_name: str | None = None
    lab: str | None = None
    lab_name: str | None = None
    family: str | None = None
    family_name: str | None = None
    base: str | None = None
    base_name: str | None = None
    model: str | None = None
    model_name: str | None = None
    category: str | None = None
    category_name: str | None = None
    app: str | None = None
    app_name: str | None = None
    license: str | None = None
    license_name: str | None = None
    weights: str | None = None
    weights_name: str | None = None
    variant: str | None = None
    variant_name: str | None = None


PeriodStatus = Literal["final", "provisional", "partial", "missing", "not_yet"]


class Period(Groups):
    """Which period and group a row is about."""

    period_start: date
    period_end: date
    status: PeriodStatus
    days: int = Field(description="Complete days there are.")
    days_expected: int = Field(description="Days of the period.")


class ShareRow(Period):
    """A share; all numbers are null where nothing was measured."""

    volume: Count
    total: Count = Field(description="Volume of the base.")
    share: Fraction = Field(description="Volume ÷ total, 0 to 1.")
    share_low: Fraction = Field(description="The least it can be.")
    share_high: Fraction = Field(description="The most it can be.")
    share_attributed: Fraction = Field(description="Among what can be told.")
    coverage: Fraction = Field(description="The part that can be told.")
    previous: Fraction = Field(default=None, description="With `compare`.")
    change: Fraction = Field(default=None, description="With `compare`.")
    growth: Fraction = Field(default=None, description="With `compare`.")
    volume_smooth: Count = Field(default=None, description="With `smooth`.")
    share_smooth: Fraction = Field(default=None, description="With `smooth`.")


class VolumeRow(Period):
    """A volume; all numbers are null where nothing was measured."""

    volume: Count
    volume_low: Count = Field(description="The least it can be.")
    volume_high: Count = Field(description="The most it can be.")
    days_listed: Count = Field(
        default=None,
        description="Days on which anything of the group is listed. Only by model or "
        "base: what is below the list is not zero.",
    )
    previous: Count = Field(default=None, description="With `compare`.")
    change: Count = Field(default=None, description="With `compare`.")
    growth: Fraction = Field(default=None, description="With `compare`.")
    volume_smooth: Count = Field(default=None, description="With `smooth`.")


class RankingsRow(Groups):
    """One group, ranked."""

    rank: int | None = Field(description="None for unknown, other and rest.")
    previous_rank: int | None = Field(description="By volume, in the window before.")
    volume: Count
    share: Fraction
    share_low: Fraction
    share_high: Fraction
    change: Count = Field(description="Since the window before.")
    growth: Fraction = Field(description="Change ÷ volume of the window before.")
    days_listed: int | None
    period_start: date
    period_end: date
    status: PeriodStatus
    trend: Count = Field(default=None, description="With `sort=trending`.")


# Rows of the registry


class ModelRow(Closed):
    """One model, as it is claimed to be now."""

    slug: str
    name: str
    provider: str
    origin: str
    weights: str
    license: str | None
    family: str | None
    base: str
    variant: str
    released_on: str | None
    context_length: int | None
    hugging_face_id: str | None
    aliases: list[str]
    first_seen: date | None
    last_seen: date | None
    volume_28d: Count
    price_prompt_usd_per_million: Price = Field(
        description="US dollars for a million tokens sent, by OpenRouter's list; exact."
    )
    price_completion_usd_per_million: Price = Field(
        description="The same for a million tokens of the answer."
    )
    price_as_of: date | None = Field(
        description="First day on which the list had these prices."
    )


class Claim(Closed):
    """A dated claim, and what it rests on."""

    attribute: str
    value: str
    alternatives: list[str]
    confidence: Confidence
    basis: str
    evidence: str | None
    source: str
    valid_from: date | None
    valid_to: date | None
    since_release: int


class PastClaim(Claim):
    """A claim that is no longer made."""

    until_release: int


class ModelData(ModelRow):
    """One model, with every claim about it, and those that are no longer made."""

    attributions: list[Claim]
    history: list[PastClaim]


class ProviderRow(Closed):
    """One provider, and the claim behind its origin."""

    slug: str
    name: str
    organisation: str | None
    kind: str | None
    lab: str | None
    origin: str
    origin_name: str
    alternatives: list[str]
    confidence: Confidence | None
    basis: str | None
    evidence: str | None
    since_release: int | None
    aliases: list[str]
    models: int
    volume_28d: Count


class ProviderData(ProviderRow):
    """One provider, with its models and every claim about it."""

    model_slugs: list[str]
    attributions: list[Claim]
    history: list[PastClaim]


class OriginRow(Closed):
    """One country, or `unknown`."""

    origin: str
    origin_name: str
    providers: int
    models: int
    volume_28d: Count


class FamilyRow(Closed):
    """One product line."""

    family: str
    providers: list[str]
    models: int
    volume_28d: Count


class CategoryRow(Closed):
    """One use case of one dataset."""

    category: str
    category_name: str
    dataset: str


# Rows of the evidence


class DatasetRow(Closed):
    """One dataset."""

    slug: str
    name: str
    publisher: str
    metric: str
    unit: str
    grain: str
    license: str
    citation: str
    dimensions: list[str]
    default_group: str
    series: int
    days: int
    first_day: date | None
    last_day: date | None
    data_through: date | None
    source_as_of: datetime | None
    since_release: int


class DatasetData(DatasetRow):
    """One dataset, with what it covers and lacks."""

    scope: str
    url: str | None
    additive: bool
    scale: int
    revision_days: int
    top_n: int | None
    cadence_hours: int | None
    caveats: list[str]
    total: int
    gaps: list[date]
    flagged: list[date]
    releases: list[int]


class ReleaseRow(Closed):
    """One release."""

    id: int
    published_at: datetime
    kind: str
    dataset: str | None
    method_version: str
    summary: str
    digest: str


class ExportRow(Closed):
    """One file of the newest release."""

    name: str
    media_type: str = Field(description="What it is.")
    bytes: int = Field(description="How long it is.")
    sha256: str = Field(description="SHA-256 of its bytes.")
    release: int
    url: str = Field(description="Where it is, until two releases later.")


class ReleaseRun(Closed):
    """What led to a release."""

    source: str
    trigger: str
    payload_sha256: str | None
    decided_by: str | None
    decided_reason: str | None


class DaysChanged(Closed):
    """How many days of a dataset a release touched."""

    new: int
    restated: int
    settled: int
    flagged: int


class ObservationsChanged(Closed):
    """How many observations a release opened and closed."""

    opened: int
    closed: int
    volume_change: int


class ClaimsChanged(Closed):
    """How many claims a release opened and closed."""

    opened: int
    closed: int


class Changes(Closed):
    """What a release did, against the one before."""

    run: ReleaseRun | None
    days: dict[str, DaysChanged]
    observations: ObservationsChanged
    providers_added: list[str]
    models_added: list[str]
    claims: ClaimsChanged


class ReleaseData(ReleaseRow):
    """One release, and the one before it."""

    previous: int | None
    previous_digest: str | None
    changes: Changes


class RunData(Closed):
    """One reading of one source."""

    id: int
    source: str
    trigger: str
    verdict: str
    started_at: datetime
    finished_at: datetime | None
    as_of: datetime | None
    payload: str | None
    rows: dict[str, int]
    checks_failed: list[str]
    reason: str | None
