"""What has changed since an answer was pinned: the same question, then and now."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.periods import parse_date
from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report, fraction
from app.domain.snapshot import Snapshot
from app.services import meta, rankings, share, volume
from app.services.limits import MOST_REQUESTED, MOST_ROWS

Answer = Callable[[Snapshot, Ask, None], Report]
Row = dict[str, object]

ANSWERS: dict[str, Answer] = {
    "share": share.answer,
    "volume": volume.answer,
    "rankings": rankings.answer,
}
_MOST = 100
# What is compared; the first one is the number that is quoted.
_MEASURES: dict[str, tuple[str, ...]] = {
    "share": ("share", "share_low", "share_high", "volume", "total"),
    "volume": ("volume", "volume_low", "volume_high"),
    "rankings": ("volume", "share", "rank"),
}


def answer(of: str, then: Snapshot, now: Snapshot, ask: Ask) -> Report:
    """Return the rows of an answer that are not what they were.

    Args:
        of: `share`, `volume` or `rankings`.
        then: The release the answer was pinned to.
        now: The release to compare it with.
        ask: The question; relative dates are those of `then`.

    Returns:
        A row per period and group whose numbers differ: each measure as it was
        (`…_then`) and as it is (`…_now`); `change` is the difference of the first
        measure and `growth` its ratio to what it was. Groups that either answer shows
        are compared, also if the other counts them in `rest`. `meta.because` names the
        releases in between, but for those of other datasets.

    Raises:
        AppError: Whatever the question itself raises, of either release.
    """
    before = ANSWERS[of](then, ask, None)
    spelt = dict(before.resolved)
    same = replace(
        ask,
        start=parse_date(spelt["start_date"]),
        end=parse_date(spelt["end_date"]),
        span=None,
    )
    after = ANSWERS[of](now, same, None)
    # A group that left the shown ones is not gone: it is looked for among more.
    more = replace(same, top=_more(ask, before))
    sides = _Sides(
        _MEASURES[of],
        _Side(before, ANSWERS[of](then, more, None)),
        _Side(after, ANSWERS[of](now, more, None)),
    )
    columns = sides.columns()
    told = {k: v for k, v in after.meta.items() if k not in {"quote", "count"}}
    return Report(
        columns,
        {
            "quote": _quote(sides, then, now),
            **told,
            "release_then": then.release.id,
            "count": len(sides.changed),
            "because": _because(then, now, ask.dataset),
        },
        before.resolved,
    )


def _more(ask: Ask, before: Report) -> int:
    """Return how many groups to look among; as many as are asked for if that is far."""
    periods = {row["period_start"] for row in before.rows()}
    fits = len(periods) * (_MOST + MOST_REQUESTED) <= MOST_ROWS
    return _MOST if fits else ask.top


@dataclass(frozen=True, slots=True)
class _Side:
    """An answer as it is shown, and with more groups than are shown."""

    shown: Report
    more: Report


class _Sides:
    """The rows of one question in two releases, side by side."""

    def __init__(self, measures: tuple[str, ...], then: _Side, now: _Side) -> None:
        self._measures = measures
        self._kinds = {column.name: column.kind for column in then.shown.columns}
        grouped = dict(then.shown.resolved)["group_by"].split(",")
        dimensions = [d for d in grouped if d in self._kinds]
        names = [n for d in dimensions for n in (d, f"{d}_name")]
        self._labels = ["period_start", "period_end", *names]
        self._key = ["period_start", *dimensions]
        self.then, self.now = self._known(then), self._known(now)
        keys = dict.fromkeys((*self._rows(then.shown), *self._rows(now.shown)))
        self.changed = [
            key
            for key in keys
            if self._values(self.then, key) != self._values(self.now, key)
        ]

    def _known(self, side: _Side) -> dict[tuple[object, ...], Row]:
        """Return the rows of both answers; what is the rest is as it is shown."""
        return self._rows(side.more) | self._rows(side.shown)

    def _rows(self, report: Report) -> dict[tuple[object, ...], Row]:
        return {tuple(row[k] for k in self._key): row for row in report.rows()}

    def _values(
        self, side: dict[tuple[object, ...], Row], key: tuple[object, ...]
    ) -> list[object]:
        row = side.get(key)
        return [None if row is None else row[m] for m in self._measures]

    def columns(self) -> list[Column]:
        """Return labels, each measure then and now, and how far the first one moved."""
        rows = [self.now.get(key) or self.then[key] for key in self.changed]
        found = [
            Column(name, self._kinds[name], [row[name] for row in rows])
            for name in self._labels
        ]
        for at, measure in enumerate(self._measures):
            for word, side in (("then", self.then), ("now", self.now)):
                values = [self._values(side, key)[at] for key in self.changed]
                found.append(Column(f"{measure}_{word}", self._kinds[measure], values))
        moves = [self._move(key) for key in self.changed]
        first = self._kinds[self._measures[0]]
        return [
            *found,
            Column("change", first, [change for change, _ in moves]),
            Column("growth", Kind.FRACTION, [growth for _, growth in moves]),
        ]

    def _move(self, key: tuple[object, ...]) -> tuple[int | None, int | None]:
        was, is_now = (self._values(side, key)[0] for side in (self.then, self.now))
        if not isinstance(was, int) or not isinstance(is_now, int):
            return None, None
        return is_now - was, fraction(is_now - was, was)


def _quote(sides: _Sides, then: Snapshot, now: Snapshot) -> str:
    since = f"since release {then.release.id} (now release {now.release.id})"
    if not sides.changed:
        return f"Nothing in this answer has changed {since}."
    count = len(sides.changed)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return f"{rows} of this answer {'has' if count == 1 else 'have'} changed {since}."


def _because(then: Snapshot, now: Snapshot, dataset: str) -> list[dict[str, object]]:
    # What another dataset published moves nothing in this one.
    return [
        {
            "release": release.id,
            "published_at": meta.moment(release.published_at),
            "kind": release.kind,
            "dataset": release.dataset,
            "summary": release.summary,
        }
        for release in now.releases
        if release.id > then.release.id and release.dataset in {None, dataset}
    ]
