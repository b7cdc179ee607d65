"""From a question to its table: one tally, the groups to show, and their bounds.

Shared by share, volume and rankings, so that a filter or a group means the same in
each of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from app.domain.ceilings import Ceilings
from app.domain.cube import Ints
from app.domain.membership import Cell, Cells, Judgement, Row, judge
from app.domain.observations import SeriesKind
from app.domain.periods import Window
from app.domain.questions import Ask
from app.domain.registry import (
    OTHER,
    REST,
    UNKNOWN,
    Dimension,
)
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.tally import NAMED, Bounds, Cap, Filters, Tally
from app.domain.values import ANY, Values
from app.errors import BadParameterError, Complaint, EstimateError, UnknownError
from app.services import methods, vocabulary, windows
from app.services.limits import check_size
from app.services.methods import Method
from app.services.windows import Asked, Period

_UNATTRIBUTED = (OTHER, UNKNOWN)

# Where unlisted volume may be, in the order of `Cap`.
_SIDES: tuple[Callable[[Judgement], bool], ...] = (
    lambda seen: seen.in_row,
    lambda seen: seen.in_base,
    lambda seen: seen.in_base or seen.outside,
    lambda seen: seen.in_row or seen.outside,
)


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
    view: DatasetView
    ask: Ask
    numerator: Filters
    base: Filters
    group_by: tuple[Dimension, ...]
    asked: Asked
    picked: Sequence[Group] | None = None
    """The groups to show, if other periods than those of `asked` have chosen them."""
    _caps: dict[object, Cap | None] = field(default_factory=dict, init=False)

    @cached_property
    def method(self) -> Method:
        """The formulas of the release."""
        return methods.of(self.snapshot.release)

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Every dimension the question speaks of, in the order of the contract."""
        spoken = {*self.numerator, *self.base, *self.group_by}
        return tuple(d for d in Dimension if d in spoken)

    def of_periods(self, periods: Sequence[Period]) -> "Question":
        """Return the same question, with the same groups, about some of its periods."""
        asked = replace(self.asked, periods=periods)
        return replace(self, asked=asked, picked=self.groups)

    def tally(self, periods: Sequence[Period]) -> Tally:
        """Return the volumes of these periods, by class of series."""
        measured = [self.view.measured(p.part) for p in periods]
        classes, volumes = self.view.volumes(self.dimensions, measured)
        return Tally(
            self.dimensions,
            classes,
            volumes,
            self.numerator,
            self.base,
            self.group_by,
        )

    @cached_property
    def now(self) -> Tally:
        """The tally of the periods that were asked for."""
        return self.tally(self.asked.periods)

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The groups to show: by volume of the whole window; the reserved ones last."""
        if self.picked is not None:
            return self.picked
        if not self.group_by:
            return [Group((), Cells())]
        volumes = self._of_window()
        real = [c for c in volumes if not is_reserved(c)]
        real.sort(key=lambda c: (-volumes[c], c))
        wanted = self._requested()
        shown = real[: self.ask.top]
        shown += [c for c in wanted if c not in shown and not is_reserved(c)]
        shown.sort(key=lambda c: (-volumes.get(c, 0), c))
        groups = [Group(c, Cells(frozenset({c}), negated=False)) for c in shown]
        if set(real) - set(shown):
            groups.append(self._rest(shown))
        return groups + [
            Group(c, Cells(frozenset({c}), negated=False))
            for c in product(_UNATTRIBUTED, repeat=len(self.group_by))
            if c in volumes or c in wanted
        ]

    def _of_window(self) -> dict[Cell, int]:
        """Return the volume of the whole window for each cell that ever has any."""
        there = [at for at, p in enumerate(self.asked.periods) if p.present]
        # Volumes that do not add up over time: the last ones are the window's.
        counted = there if self.view.dataset.additive else there[-1:]
        cells = self.now.cells
        volumes = np.array([*cells.values()], np.int64)
        volumes = volumes.reshape(len(cells), len(self.asked.periods))
        sums = dict(zip(cells, volumes[:, counted].sum(axis=1).tolist(), strict=True))
        ever = np.flatnonzero(volumes.any(axis=1)).tolist()
        real = [*cells]
        return {real[at]: sums[real[at]] for at in ever}

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

    def bounds(self, group: Group) -> Bounds:
        """Return the possible volumes of a group, per period."""
        return self.method.bounds(self.now, group.cells, self._cap)

    def known_not(self, group: Group) -> Ints:
        """Return the part of the base known not to be in a group, per period."""
        return self.now.known_not(group.cells, self._cap)

    def _cap(self, row: Row, base: Filters) -> Cap | None:
        """Return what unlisted volume may belong to the models a row names.

        None if the row and the base name none: then the remainder may be anyone's.
        """
        key = (tuple(row.filters.items()), row.cells)
        if key not in self._caps:
            self._caps[key] = self._cap_of(row, base)
        return self._caps[key]

    @cached_property
    def _pieces(self) -> list[tuple[int, date, Window]]:
        """The days that are added up: number of the period, stretch, days."""
        return [
            (number, day, part)
            for number, period in enumerate(self.asked.periods)
            for day, part in self.view.stretches(
                self.dimensions, self.view.measured(period.part)
            )
        ]

    @cached_property
    def _stretches(self) -> list[tuple[date, NDArray[np.intp], NDArray[np.intp]]]:
        """Each stretch, the pieces that lie in it, and the periods of these."""
        pieces: dict[date, list[int]] = {}
        for at, (_, day, _) in enumerate(self._pieces):
            pieces.setdefault(day, []).append(at)
        numbers = np.array([number for number, _, _ in self._pieces], np.intp)
        return [(day, np.array(at, np.intp), numbers[at]) for day, at in pieces.items()]

    @cached_property
    def _ceilings(self) -> Ceilings:
        ceilings = Ceilings(self.view, [part for _, _, part in self._pieces])
        for at, dimension in enumerate(self.group_by):
            if dimension in NAMED:
                labels = [group.label[at] for group in self.groups]
                ceilings.prime(self._models(dimension, labels))
        return ceilings

    def _cap_of(self, row: Row, base: Filters) -> Cap | None:
        models = self._named(row, base)
        if not models or not self._pieces:
            return None
        most = np.zeros((4, len(self.asked.periods)), np.int64)
        for day, pieces, periods in self._stretches:
            seen = {m: judge(self._possible(m, day), row, base) for m in models}
            # Mostly the sides are made of the same models.
            sides = [
                tuple(m for m, at in seen.items() if may_be(at)) for may_be in _SIDES
            ]
            held = {side: self._ceilings.of(side)[pieces] for side in {*sides} - {()}}
            for at, side in enumerate(sides):
                if side:
                    np.add.at(most[at], periods, held[side])
        return Cap(*most)

    def _named(self, row: Row, base: Filters) -> set[str]:
        """Return the models that a row or the base tells from the others.

        Those it names or leaves out, and for `rest` those of groups that were cut off.
        """
        found: set[str] = set()
        for dimension in NAMED.intersection(self.dimensions):
            for values in (row.values(dimension), base.get(dimension, ANY)):
                found |= self._models(dimension, values.items)
                if values.negated and OTHER not in values:
                    found |= self._listed
            if dimension in row.dimensions and row.cells.negated:
                found |= self._listed
        return found

    @cached_property
    def _listed(self) -> set[str]:
        """The models that were listed in the periods."""
        listed = self.view.cube.days_listed([p.part for p in self.asked.periods])
        seen = listed.sum(axis=0)
        return {
            s.subject
            for column, s in enumerate(self.view.series)
            if s.kind is SeriesKind.MODEL and seen[column]
        }

    def _models(self, dimension: Dimension, values: Iterable[str]) -> set[str]:
        if dimension is Dimension.MODEL:
            return set(values) & self.snapshot.registry.models.keys()
        bases = self.snapshot.bases
        return {m.slug for value in values for m in bases.get(value, ())}

    def _possible(self, model: str, day: date) -> dict[Dimension, Values]:
        """Return what a model may be on the days of a stretch."""
        registry = self.snapshot.registry
        return {d: registry.state(model, d, day).possible for d in self.dimensions}


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
        BadParameterError: The dataset has not this dimension.
        BadValueError: Dates or windows that cannot be (see `windows.resolve`), or an
            answer that would be too large.
    """
    view = snapshot.datasets.get(ask.dataset)
    if view is None:
        raise UnknownError("dataset", ask.dataset, snapshot.datasets, "/v1/datasets")
    group_by = ask.group_by
    if group_by is None:
        group_by = _default_groups(view, ask, default)
    for dimension in (*ask.numerator, *ask.base, *group_by):
        _check_dimension(view, dimension)
    numerator = {d: known(snapshot, view, d, v) for d, v in ask.numerator.items()}
    base = {d: known(snapshot, view, d, v) for d, v in ask.base.items()}
    asked = windows.resolve(view, ask)
    check_size(ask, numerator, group_by, len(asked.periods))
    return Question(snapshot, view, ask, numerator, base, group_by, asked)


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
