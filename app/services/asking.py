"""From a question to its table: one tally, the groups to show, and their bounds.

Shared by share, volume and rankings, so that a filter or a group means the same in
each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from app.domain.classes import Classes
from app.domain.cube import Ints
from app.domain.judged import Judged
from app.domain.membership import Cell, Cells
from app.domain.questions import Ask
from app.domain.registry import (
    OTHER,
    REST,
    UNKNOWN,
    Dimension,
)
from app.domain.selection import NAMED, Filters, Selection
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.tally import Bounds, Tally
from app.domain.values import ANY, Values
from app.errors import BadParameterError, Complaint, EstimateError, UnknownError
from app.services import declaring, plans, vocabulary, windows
from app.services.caps import Caps
from app.services.limits import check_size
from app.services.methods import Method
from app.services.plans import Plan
from app.services.windows import Asked, Period

_UNATTRIBUTED = (OTHER, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Group:
    """One group of an answer: its label, and the cells it is made of."""

    label: Cell
    cells: Cells

    @property
    def reserved(self) -> bool:
        """Whether it stands outside `top` and has no rank."""
        return all(part in {*_UNATTRIBUTED, REST} for part in self.label) and bool(
            self.label
        )


@dataclass(frozen=True)
class Question:
    """A question that can be answered: everything looked up and checked."""

    snapshot: Snapshot
    plan: Plan
    ask: Ask
    asked: Asked
    picked: Sequence[Group] | None = None
    """The groups to show, if other periods than those of `asked` have chosen them."""

    @property
    def view(self) -> DatasetView:
        """The dataset that is asked."""
        return self.plan.view

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Every dimension the question speaks of, in the order of the contract."""
        return self.plan.selection.dimensions

    @property
    def numerator(self) -> Filters:
        """Filters of the numerator."""
        return self.plan.selection.numerator

    @property
    def base(self) -> Filters:
        """Filters of the base."""
        return self.plan.selection.base

    @property
    def group_by(self) -> tuple[Dimension, ...]:
        """Dimensions of the groups."""
        return self.plan.selection.group_by

    @property
    def method(self) -> Method:
        """The formulas of the release."""
        return self.plan.method

    def of_periods(self, periods: Sequence[Period]) -> "Question":
        """Return the same question, with the same groups, about some of its periods."""
        asked = replace(self.asked, periods=periods)
        return replace(self, asked=asked, picked=self.groups)

    def tally(self, periods: Sequence[Period]) -> Tally:
        """Return the volumes of other periods, for the groups of the question."""
        found = self._tally(periods)
        found.prime([group.cells for group in self.groups])
        return found

    def _tally(self, periods: Sequence[Period]) -> Tally:
        measured = [self.view.measured(p.part) for p in periods]
        return self.tally_of(*self.view.volumes(self.dimensions, measured))

    def tally_of(self, classes: Classes, volumes: Ints) -> Tally:
        """Return what the question says of volumes by class: (classes, columns)."""
        return Tally(
            self.dimensions,
            classes,
            volumes,
            self.numerator,
            self.base,
            self.group_by,
            self.judged(classes),
        )

    def judged(self, classes: Classes) -> Judged:
        """Return what the question says of classes, whatever its dates."""
        return self.plan.judged(classes, self.snapshot)

    @cached_property
    def volumes(self) -> Tally:
        """The volumes of the periods that were asked for, by class of series."""
        return self._tally(self.asked.periods)

    @cached_property
    def now(self) -> Tally:
        """The same, with those of the groups to show."""
        self.volumes.prime([group.cells for group in self.groups])
        return self.volumes

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The groups to show: by volume of the whole window; the reserved ones last."""
        if self.picked is not None:
            return self.picked
        if self.only_group is not None:
            return [self.only_group]
        volumes = self._of_window()
        real = [c for c in volumes if not is_reserved(c)]
        real.sort(key=lambda c: (-volumes[c], c))
        shown, left_out = real[: self.ask.top], len(real) > self.ask.top
        wanted = self.plan.once("requested", self._requested)
        added = [c for c in wanted if c not in shown and not is_reserved(c)]
        if added:
            shown = sorted([*shown, *added], key=lambda c: (-volumes.get(c, 0), c))
            left_out = bool(set(real) - set(shown))
        reserved = [
            c
            for c in product(_UNATTRIBUTED, repeat=len(self.group_by))
            if c in volumes or c in wanted
        ]
        rest = [self._rest(shown)] if left_out else []
        return [*map(self._group, shown), *rest, *map(self._group, reserved)]

    @property
    def only_group(self) -> Group | None:
        """The group to show, if there can be no other on any day."""
        (found,) = self.plan.once("only group", lambda: (self._only_group(),))
        return found

    def _only_group(self) -> Group | None:
        if not self.group_by:
            return Group((), Cells())
        # A numerator of one cell holds no other, and what is asked for is shown.
        wanted = self.plan.once("requested", self._requested)
        return self._group(wanted[0]) if len(wanted) == 1 else None

    def _group(self, cell: Cell) -> Group:
        """Return the group of one cell; the same one for all dates."""
        return self.plan.once(
            ("group", cell),
            lambda: Group(cell, Cells(frozenset({cell}), negated=False)),
        )

    def _of_window(self) -> dict[Cell, int]:
        """Return the volume of the whole window for each cell that ever has any."""
        if len(self.asked.periods) == 1:
            return self._of_period()
        there = [at for at, p in enumerate(self.asked.periods) if p.present]
        # Volumes that do not add up over time: the last ones are the window's.
        counted = there if self.view.dataset.additive else there[-1:]
        cells, volumes = self.volumes.by_cell
        some = volumes if len(counted) == volumes.shape[1] else volumes[:, counted]
        sums: list[int] = some.sum(axis=1).tolist()
        ever = (volumes != 0).any(axis=1)
        told = zip(cells, sums, ever.tolist(), strict=True)
        return {cell: volume for cell, volume, is_there in told if is_there}

    def _of_period(self) -> dict[Cell, int]:
        """Return the same of the only period."""
        (present,) = (period.present > 0 for period in self.asked.periods)
        cells, volumes = self.volumes.by_cell
        told = zip(cells, volumes[:, 0].tolist(), strict=True)
        return {cell: volume * present for cell, volume in told if volume}

    def _rest(self, shown: Sequence[Cell]) -> Group:
        width = len(self.group_by)
        reserved = product(_UNATTRIBUTED, repeat=width)
        return Group((REST,) * width, Cells(frozenset([*shown, *reserved])))

    def _requested(self) -> list[Cell]:
        """Return the cells whose every part was asked for by name."""
        chosen = [self.numerator.get(d, ANY) for d in self.group_by]
        if any(values.negated for values in chosen):
            return []
        return sorted(product(*(sorted(values.items) for values in chosen)))

    @cached_property
    def _caps(self) -> Caps:
        return Caps(self.plan, self.asked.periods, [g.cells for g in self.groups])

    def bounds(self, group: Group) -> Bounds:
        """Return the possible volumes of a group, per period."""
        return self.method.bounds(self.now, group.cells, self._caps.of)

    def known_not(self, group: Group) -> Ints:
        """Return the part of the base known not to be in a group, per period."""
        return self.now.known_not(group.cells, self._caps.of)


def is_reserved(cell: Cell) -> bool:
    """Return whether a cell is unattributed or unlisted volume, which has no rank."""
    return bool(cell) and all(part in _UNATTRIBUTED for part in cell)


def prepare(snapshot: Snapshot, ask: Ask, default: Dimension | None = None) -> Question:
    """Look up and check everything that a question names.

    Args:
        snapshot: The release to ask.
        ask: The question.
        default: Group by this dimension if the question does not say; None: by what
            the filters name.

    Raises:
        UnknownError: No dataset, provider, model… of this name.
        UnreadError: Nothing of the dataset has been read yet.
        BadParameterError: The dataset has not this dimension.
        BadValueError: Dates or windows that cannot be (see `windows.resolve`), or an
            answer that would be too large.
    """
    key = (
        ask.dataset,
        tuple(ask.numerator.items()),
        tuple(ask.base.items()),
        ask.group_by,
        default,
    )
    plan = plans.kept(snapshot, key, lambda: _plan(snapshot, ask, default))
    asked = windows.resolve(plan.view, ask)
    selection = plan.selection
    check_size(ask, selection.numerator, selection.group_by, len(asked.periods))
    return Question(snapshot, plan, ask, asked)


def _plan(snapshot: Snapshot, ask: Ask, default: Dimension | None) -> Plan:
    view = snapshot.datasets.get(ask.dataset)
    if view is None:
        raise declaring.no_dataset(ask.dataset, snapshot.datasets)
    group_by = ask.group_by
    if group_by is None:
        group_by = _default_groups(view, ask, default)
    for dimension in (*ask.numerator, *ask.base, *group_by):
        _check_dimension(view, dimension)
    numerator = {d: known(snapshot, view, d, v) for d, v in ask.numerator.items()}
    base = {d: known(snapshot, view, d, v) for d, v in ask.base.items()}
    spoken = {*numerator, *base, *group_by}
    dimensions = tuple(d for d in Dimension if d in spoken)
    return Plan(
        snapshot.release,
        snapshot.registry,
        snapshot.bases,
        view,
        Selection(dimensions, numerator, base, group_by),
    )


def check_exact(question: Question) -> None:
    """Refuse to tell volumes where there are only estimates.

    Raises:
        EstimateError: The numbers of the dataset come from a sample.
    """
    dataset = question.view.dataset
    if dataset.sampled:
        raise EstimateError(dataset.slug, dataset.scope)


def _default_groups(
    view: DatasetView, ask: Ask, default: Dimension | None
) -> tuple[Dimension, ...]:
    if default is not None:
        has_it = default in view.dataset.dimensions
        return (default if has_it else view.dataset.default_group,)
    if not ask.numerator:
        return (view.dataset.default_group,)
    including = [
        d for d in Dimension if d in ask.numerator and not ask.numerator[d].negated
    ]
    return tuple(including) if len(including) in {1, 2} else ()


def _check_dimension(view: DatasetView, dimension: Dimension) -> None:
    if dimension in view.dataset.dimensions:
        return
    has = ", ".join(view.dataset.dimensions)
    raise BadParameterError(
        f"{view.dataset.slug} has no {dimension}; it can be asked by {has}.",
        complaints=[
            Complaint(
                dimension,
                None,
                "not a dimension of this dataset",
                tuple(view.dataset.dimensions),
            )
        ],
        fix={dimension: None, f"within_{dimension}": None, "group_by": None},
    )


_SEE = {
    Dimension.ORIGIN: "/v1/origins",
    Dimension.PROVIDER: "/v1/providers",
    Dimension.LAB: "/v1/providers",
    Dimension.FAMILY: "/v1/families",
    Dimension.CATEGORY: "/v1/categories",
    Dimension.APP: "/v1/rankings",
}


def known(
    snapshot: Snapshot, view: DatasetView, dimension: Dimension, values: Values
) -> Values:
    """Return a filter with aliases of models resolved.

    Raises:
        UnknownError: The registry of this release has no such value. Origins are not
            looked up: a country without any lab is a fair question.
    """
    if dimension is Dimension.ORIGIN:
        return values
    names = vocabulary.names_of(snapshot, view, dimension)
    found = set()
    for value in sorted(values.items):
        name = value if value in names else _alias(snapshot, dimension, value)
        if name not in names:
            see = _SEE.get(dimension, "/v1/models")
            raise UnknownError(dimension, value, sorted(names), see)
        found.add(name)
    return Values(frozenset(found), negated=values.negated)


def _alias(snapshot: Snapshot, dimension: Dimension, value: str) -> str:
    if dimension not in NAMED:
        return value
    targets = {a.target for a in snapshot.registry.aliases if a.external_id == value}
    if len(targets) != 1:
        return value
    (target,) = targets
    model = snapshot.registry.models.get(target)
    return model.base if model and dimension is Dimension.BASE else target
