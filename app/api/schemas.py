"""What the answers look like, for the reference and for generated clients.

Answers are not made from these models; a test holds real answers to them.
"""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import Field

from app.api.history_rows import (
    AnnotationRow,
    ComparisonRow,
    EvidenceRow,
    RankingsSinceRow,
    RevisionRow,
    ShareSinceRow,
    VolumeSinceRow,
)
from app.api.rows import (
    CategoryRow,
    Closed,
    DatasetData,
    DatasetRow,
    ExportRow,
    FamilyRow,
    Freshness,
    ModelData,
    ModelRow,
    OriginRow,
    ProviderData,
    ProviderRow,
    RankingsRow,
    ReleaseData,
    ReleaseRow,
    ShareRow,
    VolumeRow,
)
from app.api.status_rows import StatusData

_Data = TypeVar("_Data")
_Meta = TypeVar("_Meta")


class Links(Closed):
    """Where to go from an answer."""

    self: str = Field(description="This answer, as it was asked for.")
    permalink: str = Field(
        default="",
        description="The same, spelt out and pinned to its release. Not where an "
        "answer is about all releases.",
    )
    revisions: str = Field(
        default="",
        description="What has changed in just this answer since its release. Answers "
        "to questions only.",
    )
    dataset: str = Field(default="", description="The dataset it is from.")
    evidence: str = Field(
        default="", description="The readings behind it, day by day, by their hashes."
    )
    next: str = Field(default="", description="The next page of a list, if any.")
    csv: str = Field(default="", description="The rows as CSV.")
    json_: str = Field(alias="json", description="This answer, by its suffix.")
    docs: str = Field(description="The reference of all questions.")
    method: str = Field(description="How the numbers are made.")
    svg: str = Field(
        default="", description="This answer as a figure. Answers to questions only."
    )
    png: str = Field(default="", description="The same figure in pixels.")
    embed: str = Field(default="", description="The same figure as a page to embed.")


class AskedFor(Closed):
    """The question, twice."""

    requested: dict[str, str] = Field(description="As it was asked.")
    resolved: dict[str, str] = Field(description="As it was understood.")


class Note(Closed):
    """Something to know about some days."""

    dataset: str | None
    date_from: date
    date_to: date
    kind: str
    text: str
    url: str | None


class ListMeta(Closed):
    """What stands beside a list, or one thing."""

    quote: str = Field(description="The answer in one sentence, to be quoted.")
    citation: str = Field(description="How to credit the numbers.")
    api_version: str
    method_version: str
    dataset: str | None
    license: str | None
    source_as_of: datetime | None
    source_as_of_oldest: datetime | None
    release: int
    published_at: datetime
    query: AskedFor
    count: int = Field(default=0, description="Rows on all pages. Lists only.")
    caveats: list[str]
    warnings: list[str]
    citation_short: str = Field(description="The credit that fits under a chart.")
    bibtex: str = Field(
        default="", description="The answer as an entry of a bibliography."
    )


class QuestionMeta(Closed):
    """What stands beside the answer to a question."""

    quote: str = Field(description="The answer in one sentence, to be quoted.")
    citation: str = Field(description="How to credit the numbers.")
    unit: str
    api_version: str
    method_version: str
    dataset: str
    license: str
    source_as_of: datetime | None
    source_as_of_oldest: datetime | None
    release: int
    published_at: datetime
    data_through: date | None = Field(description="Last complete day there is.")
    freshness: Freshness = Field(default="fresh", description="Live answers only.")
    next_update_expected: datetime | None = Field(
        default=None, description="Live answers only."
    )
    query: AskedFor
    numerator: str
    base: str
    unlisted_volume: int = Field(
        default=0,
        description="The part of the base that is listed under no name; where "
        "`unknown` holds it.",
    )
    caveats: list[str]
    warnings: list[str]
    annotations: list[Note]
    citation_short: str = Field(description="The credit that fits under a chart.")
    bibtex: str = Field(
        default="", description="The answer as an entry of a bibliography."
    )


class Because(Closed):
    """A release between then and now."""

    release: int
    published_at: datetime
    kind: str
    dataset: str | None
    summary: str


class SinceMeta(QuestionMeta):
    """What stands beside the rows that have changed."""

    release_then: int = Field(description="The release the answer was pinned to.")
    count: int
    because: list[Because] = Field(
        description="The releases since, but for those of other datasets."
    )


class ComparisonMeta(Closed):
    """What stands beside a comparison of datasets."""

    quote: str
    citation: str
    api_version: str
    method_version: str
    release: int
    published_at: datetime
    query: AskedFor
    caveats: list[str]
    warnings: list[str]
    datasets: list[dict[str, Any]] = Field(
        description="What stands beside the answer of each dataset."
    )
    bibtex: str = Field(
        default="", description="The answer as an entry of a bibliography."
    )


class Answer(Closed, Generic[_Data, _Meta]):
    """Every answer."""

    data: _Data
    meta: _Meta
    links: Links


class Share(Answer[list[ShareRow], QuestionMeta]):
    """Answer of `/v1/share`."""


class Volume(Answer[list[VolumeRow], QuestionMeta]):
    """Answer of `/v1/volume`."""


class Rankings(Answer[list[RankingsRow], QuestionMeta]):
    """Answer of `/v1/rankings`."""


class Models(Answer[list[ModelRow], ListMeta]):
    """A list of models."""


class Model(Answer[ModelData, ListMeta]):
    """One model."""


class Providers(Answer[list[ProviderRow], ListMeta]):
    """A list of providers."""


class Provider(Answer[ProviderData, ListMeta]):
    """One provider."""


class Origins(Answer[list[OriginRow], ListMeta]):
    """A list of origins."""


class Families(Answer[list[FamilyRow], ListMeta]):
    """A list of families."""


class Categories(Answer[list[CategoryRow], ListMeta]):
    """A list of categories."""


class Datasets(Answer[list[DatasetRow], ListMeta]):
    """A list of datasets."""


class Dataset(Answer[DatasetData, ListMeta]):
    """One dataset."""


class Releases(Answer[list[ReleaseRow], ListMeta]):
    """A list of releases."""


class Release(Answer[ReleaseData, ListMeta]):
    """One release."""


class Exports(Answer[list[ExportRow], ListMeta]):
    """Files of a whole release."""


class Status(Answer[StatusData, ListMeta]):
    """How everything stands."""


class Revisions(Answer[list[RevisionRow], ListMeta]):
    """What later releases changed."""


class ShareSince(Answer[list[ShareSinceRow], SinceMeta]):
    """What has changed in a share."""


class VolumeSince(Answer[list[VolumeSinceRow], SinceMeta]):
    """What has changed in a volume."""


class RankingsSince(Answer[list[RankingsSinceRow], SinceMeta]):
    """What has changed in a ranking."""


class Evidence(Answer[list[EvidenceRow], ListMeta]):
    """The readings behind the numbers of a dataset."""


class Annotations(Answer[list[AnnotationRow], ListMeta]):
    """What to know about some days."""


class Comparison(Answer[list[ComparisonRow], ComparisonMeta]):
    """One question, asked of several datasets."""


class Complaint(Closed):
    """What is wrong with one parameter."""

    parameter: str
    value: str = Field(default="", description="What was given, 100 characters of it.")
    message: str
    allowed: list[str] = Field(default=[], description="All that can be, if few.")
    did_you_mean: str = Field(default="", description="What may have been meant.")


class Problem(Closed):
    """A failure (RFC 9457)."""

    type: str = Field(description="A page about failures of this kind.")
    title: str
    status: int
    detail: str = Field(description="What to do.")
    errors: list[Complaint] = Field(default=[], description="A parameter each.")
    try_url: str = Field(default="", description="A URL that works instead.")
    request_id: str = Field(default="", description="To report a failure of ours.")
