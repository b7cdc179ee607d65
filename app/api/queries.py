"""The closed query of each endpoint: every parameter it takes, and no other."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.complaints import Excluded, NoSuchParameter
from app.api.parameters import (
    Compare,
    Days,
    Every,
    Groups,
    Limit,
    Moment,
    Order,
    Origins,
    Relative,
    ReleaseNumber,
    Shape,
    Slugs,
    Smooth,
    Text,
    Top,
    Unfinished,
    Weights,
    When,
)
from app.domain.periods import Interval
from app.domain.questions import DEFAULT_DATASET, Ask, ListAsk, Sort
from app.domain.registry import Dimension
from app.domain.values import Values

LIST = "A comma means or; a minus in front of each value means all but these."
_FILTERS = {
    prefix: [(f"{prefix}{dimension}", dimension) for dimension in Dimension]
    for prefix in ("", "within_")
}


class Query(BaseModel):
    """Parameters of one endpoint; an unknown one is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_others(cls, given: object) -> object:
        if isinstance(given, dict):
            known = cls.model_fields
            unknown = [str(name) for name in given if name not in known]
            if unknown:
                raise NoSuchParameter(unknown, tuple(known), given)
        return given

    def filters(self) -> dict[Dimension, Values]:
        """Return the filters that were given."""
        return {}


class Pinnable(Query):
    """A question that can be asked of a past release."""

    release: ReleaseNumber = Field(
        default=None,
        description="Ask this release. Its answers never change.",
        examples=["5"],
    )
    as_of: When = Field(
        default=None,
        description="Ask the last release published by then: a date (its end, UTC) "
        "or a moment (RFC 3339). Excludes `release`.",
    )

    @model_validator(mode="after")
    def _one_release(self) -> Self:
        if self.release is not None and self.as_of is not None:
            message = "release and as_of exclude each other; leave one out"
            raise Excluded(message, "release", "as_of")
        return self


class OfModels(Query):
    """A filter for each dimension that a model has."""

    origin: Origins = Field(
        default=None,
        description="Country of the seat of the developing lab, ISO 3166-1 alpha-2, or "
        f"`unknown`. {LIST}",
        examples=["CN", "-CN", "CN,US"],
    )
    provider: Slugs = Field(
        default=None,
        description=f"Who develops and releases the model. {LIST}",
        examples=["deepseek"],
    )
    lab: Slugs = Field(
        default=None,
        description=f"The lab behind one or several providers. {LIST}",
        examples=["deepseek"],
    )
    family: Slugs = Field(
        default=None, description=f"Product line. {LIST}", examples=["qwen"]
    )
    base: Slugs = Field(
        default=None,
        description=f"A model with all its variants. {LIST}",
        examples=["openai/gpt-oss-120b"],
    )
    model: Slugs = Field(
        default=None,
        description=f"One exact variant of a model. {LIST}",
        examples=["openai/gpt-oss-120b:free"],
    )
    license: Slugs = Field(default=None, description=f"Licence of the weights. {LIST}")
    weights: Weights = Field(
        default=None,
        description=f"`open`, `closed` or `unknown`. {LIST}",
        examples=["open"],
    )
    variant: Slugs = Field(
        default=None,
        description=f"`standard`, `free`, `thinking`… {LIST}",
        examples=["free"],
    )

    def filters(self) -> dict[Dimension, Values]:
        """Return the filters that were given."""
        return dict(self._given(""))

    def _given(self, prefix: str) -> Iterator[tuple[Dimension, Values]]:
        given = self.model_fields_set
        for name, dimension in _FILTERS[prefix]:
            if name in given:
                values = getattr(self, name)
                if values is not None:
                    yield dimension, values


class OfCategories(Query):
    """A filter for the use case, which a model has not."""

    category: Slugs = Field(
        default=None,
        description=f"Use case, where the dataset has them. {LIST}",
    )


class OfApps(Query):
    """A filter for what uses models, where a dataset counts that."""

    app: Slugs = Field(
        default=None,
        description=f"Application, as `app-123`, where the dataset has them. {LIST}",
    )


class Filtered(OfApps, OfCategories, OfModels):
    """A filter for each dimension."""


_BASE = "Narrows the base of the share; takes what `{}` takes."


class Within(Filtered):
    """A second filter for each dimension, that narrows the base."""

    within_origin: Origins = Field(
        default=None, description=_BASE.format("origin"), examples=["CN"]
    )
    within_provider: Slugs = Field(default=None, description=_BASE.format("provider"))
    within_lab: Slugs = Field(default=None, description=_BASE.format("lab"))
    within_family: Slugs = Field(default=None, description=_BASE.format("family"))
    within_base: Slugs = Field(default=None, description=_BASE.format("base"))
    within_model: Slugs = Field(default=None, description=_BASE.format("model"))
    within_category: Slugs = Field(default=None, description=_BASE.format("category"))
    within_app: Slugs = Field(default=None, description=_BASE.format("app"))
    within_license: Slugs = Field(default=None, description=_BASE.format("license"))
    within_weights: Weights = Field(
        default=None, description=_BASE.format("weights"), examples=["open"]
    )
    within_variant: Slugs = Field(default=None, description=_BASE.format("variant"))

    def base_filters(self) -> dict[Dimension, Values]:
        """Return the filters of the base that were given."""
        return dict(self._given("within_"))


class Asking(Pinnable, Filtered):
    """What all questions have in common, whatever their datasets."""

    measure: ClassVar[str] = "volume"
    """The column that becomes the cells of a wide table."""

    start_date: Days = Field(
        default=None,
        description="First day: the start of a date, month, ISO week, quarter or year. "
        "Never moved to where the data begin.",
    )
    end_date: Days = Field(
        default=None, description="Last day, included: the end of what is given."
    )
    window: Relative = Field(
        default=None,
        description="Days, weeks, months or years up to the last complete one, or "
        "`all`. Excludes the dates. Default, by interval: total 28d, day 90d, week "
        "12w, month 6m, else all.",
    )
    group_by: Groups = Field(
        default=None,
        description="One or two dimensions, or `none`. Default: what the filters "
        "include; without a filter `origin`; rankings `base`.",
        examples=["origin", "origin,weights"],
    )
    top: Top = Field(
        default=20,
        description="Groups to show, by volume of the whole window; the others are "
        "added up as `rest`.",
    )
    compare: Compare = Field(
        default=None,
        description="Adds `previous`, `change` and `growth`: the period before. "
        "Rankings always have them.",
    )

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.window is not None and (self.start_date or self.end_date):
            message = "window excludes start_date and end_date; leave one out"
            raise Excluded(message, "start_date", "window")
        return self

    def ask(self) -> Ask:
        """Return the question in the words of the domain."""
        return Ask(**self.told())

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name."""
        return {
            "dataset": DEFAULT_DATASET,
            "interval": Interval.TOTAL,
            "start": self.start_date,
            "end": self.end_date,
            "span": self.window,
            "numerator": self.filters(),
            "group_by": None if self.group_by is None else self.group_by.dimensions,
            "top": self.top,
            "compare": self.compare is not None,
        }


class Question(Asking):
    """What share, volume and rankings have in common."""

    dataset: Text = Field(
        default=DEFAULT_DATASET,
        description="Whose numbers. Numbers of two datasets are never added.",
        examples=["openrouter-tokens"],
    )
    shape: Shape = Field(
        default="long",
        description="`wide` has a column per group, for chart tools. For CSV.",
    )

    @property
    def long(self) -> bool:
        """Whether the answer may have many rows, and take as long to be made."""
        return True

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name."""
        return super().told() | {"dataset": str(self.dataset)}


_INTERVAL = "Length of one period. Weeks are ISO weeks, from Monday."
_INCOMPLETE = "Whether the unfinished period at the end is shown."
_SMOOTH = "Adds trailing means over 7 or 28 days; needs `interval=day`."


class ShareQuery(Question, Within):
    """Parameters of `/v1/share`."""

    measure: ClassVar[str] = "share"

    interval: Every = Field(default=Interval.TOTAL, description=_INTERVAL)
    incomplete: Unfinished = Field(default="exclude", description=_INCOMPLETE)
    smooth: Smooth = Field(default=None, description=_SMOOTH)

    @property
    def long(self) -> bool:
        """Whether the answer may take long: not that of one dimension in one window."""
        groups = self.group_by.dimensions if self.group_by is not None else ()
        return self.interval is not Interval.TOTAL or len(groups) > 1

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name."""
        base = {"base": self.base_filters()}
        return super().told() | _over_time(self) | base


class VolumeQuery(Question):
    """Parameters of `/v1/volume`."""

    interval: Every = Field(default=Interval.DAY, description=_INTERVAL)
    incomplete: Unfinished = Field(default="exclude", description=_INCOMPLETE)
    smooth: Smooth = Field(default=None, description=_SMOOTH)
    updated_since: Moment = Field(
        default=None,
        description="Only periods that a release after this moment may have changed.",
    )

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name."""
        since = {"updated_since": self.updated_since}
        return super().told() | _over_time(self) | since


class RankingsQuery(Question, Within):
    """Parameters of `/v1/rankings`."""

    sort: Order = Field(
        default=Sort.VOLUME,
        description="What ranks: volume, growth since the window before, or trending "
        "(volume minus the mean of the three windows before).",
    )

    def told(self) -> dict[str, Any]:
        """Return the fields of the question, by name."""
        return super().told() | {"base": self.base_filters(), "sort": self.sort}


def _over_time(query: ShareQuery | VolumeQuery) -> dict[str, Any]:
    return {
        "interval": query.interval,
        "include_unfinished": query.incomplete == "include",
        "smooth": int(query.smooth[:-1]) if query.smooth else None,
    }


class Page(Query):
    """Which rows of a list."""

    q: Text = Field(default=None, description="Text to look for in slugs and names.")
    sort: Text = Field(
        default=None,
        description="A column to order by, `-` before it for descending.",
    )
    limit: Limit = Field(default=100, description="Most rows on one page.")
    cursor: Text = Field(
        default=None,
        description="Next page, from `links.next`. Opaque; it stays on its release.",
    )

    def list_ask(self, offset: int) -> ListAsk:
        """Return the question in the words of the domain; `offset` is the cursor's."""
        return ListAsk(self.filters(), self.q, self.sort, self.limit, offset)


class PinnablePage(Page, Pinnable):
    """Which rows of a list of one release."""

    @model_validator(mode="after")
    def _one_page(self) -> Self:
        for name in ("release", "as_of"):
            if self.cursor is not None and getattr(self, name) is not None:
                message = f"cursor stays on its release and excludes {name}"
                raise Excluded(message, "cursor", name)
        return self


class ModelsQuery(PinnablePage, OfModels):
    """Parameters of the lists that models can select from."""


class CategoriesQuery(PinnablePage, OfCategories):
    """Parameters of `/v1/categories`."""

    def filters(self) -> dict[Dimension, Values]:
        """Return the filters that were given."""
        return {} if self.category is None else {Dimension.CATEGORY: self.category}


class ItemQuery(Pinnable):
    """Parameters of one thing of the registry."""


class Nothing(Query):
    """No parameters at all."""
