"""What later releases changed of what was published: by how much, and why.

Definitions: docs/method.md, section "Releases and revisions".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from app.domain.datasets import Release
from app.domain.questions import ListAsk
from app.domain.registry import ALWAYS, UNKNOWN, Confidence, Dimension, Subject
from app.domain.reports import Kind, Report, fraction
from app.domain.snapshot import Snapshot
from app.services import catalog, declaring, listing, meta, prices
from app.services.listing import Record, Shape
from app.store import history
from app.store.tables import AttributionRow

_Name = tuple[int, str, str, str, date]


class Why(StrEnum):
    """Why a number or a claim is another than before."""

    RESTATEMENT = "restatement"
    """The publisher changed its figures."""
    CORRECTION = "correction"
    """A person decided what was right."""
    ATTRIBUTION = "attribution"
    """Who made what is judged in another way."""
    METHOD = "method"
    """A formula changed."""


@dataclass(frozen=True, slots=True)
class LedgerAsk:
    """Which revisions: made by the releases after `after`, up to `upto`.

    Attributes:
        after: Number of a release; 0 for all.
        upto: Number of a release.
        listed: Filters and page.
        dataset: Slug; None: all of them.
        kinds: Reasons; empty: all.
    """

    after: int
    upto: int
    listed: ListAsk = field(default_factory=ListAsk)
    dataset: str | None = None
    kinds: frozenset[Why] = frozenset()


SHAPE = Shape(
    "revision",
    "revisions",
    {
        "release": Kind.INTEGER,
        "published_at": Kind.TIME,
        "kind": Kind.TEXT,
        "dataset": Kind.TEXT,
        "period_start": Kind.DATE,
        "period_end": Kind.DATE,
        "subject_kind": Kind.TEXT,
        "subject": Kind.TEXT,
        "attribute": Kind.TEXT,
        "old_value": Kind.TEXT,
        "new_value": Kind.TEXT,
        "change": Kind.INTEGER,
        "growth": Kind.FRACTION,
        "reason": Kind.TEXT,
    },
    searched=("subject", "attribute"),
    order="-release",
)


def ledger(session: Session, snapshot: Snapshot, ask: LedgerAsk) -> Report:
    """Return every change of a published number or claim, the newest first.

    Args:
        session: Read session: history is in the record, not in memory.
        snapshot: The newest release; its registry says what a filter means.
        ask: Which revisions.

    Returns:
        A row per series and day, or per claim. `old_value` and `new_value` are spelt
        out: volumes as digits. A series that was not listed before has no old value,
        one that is no longer listed no new one: its volume is in the remainder.
        `change` is the difference of volumes, `growth` its ratio to the old one.

    Raises:
        UnknownError: No such dataset, or a filter names what the registry has not.
    """
    rows = [
        row
        for row in _Ledger(session, snapshot, ask).rows()
        if not ask.kinds or row["kind"] in ask.kinds
    ]
    return listing.report(
        snapshot, ask.listed, SHAPE, rows, also=_spelt_out(snapshot, ask)
    )


def _spelt_out(snapshot: Snapshot, ask: LedgerAsk) -> list[tuple[str, str]]:
    """Return the parameters that ask the same for good."""
    published = [meta.moment(r.published_at) for r in snapshot.releases]
    found = []
    if ask.after:
        # The first release that counts; after the last one there is none.
        found.append(("updated_since", published[ask.after - 1]))
    if ask.upto < len(published):
        found.append(("until", published[ask.upto - 1]))
    if ask.kinds:
        found.append(("kind", ",".join(sorted(ask.kinds))))
    if ask.dataset is not None:
        found.append(("dataset", ask.dataset))
    return found


class _Ledger:
    """Reads the revisions that a question is about."""

    def __init__(self, session: Session, snapshot: Snapshot, ask: LedgerAsk) -> None:
        self._session = session
        self._snapshot = snapshot
        self._ask = ask
        self._releases: Mapping[int, Release] = {r.id: r for r in snapshot.releases}
        decided = history.decided_releases(ask.after, ask.upto)
        self._decided = set(session.scalars(decided))
        self._filters = catalog.known(snapshot, ask.listed)

    def rows(self) -> Iterator[Record]:
        """Yield every revision of the question, in no order."""
        datasets = self._snapshot.datasets
        wanted = self._ask.dataset
        if wanted is not None and wanted not in datasets:
            raise declaring.no_dataset(wanted, datasets)
        for slug in datasets:
            if wanted in {None, slug}:
                yield from self._restatements(slug)
        if self._ask.dataset is None:
            yield from self._claims()
            yield from self._methods()

    def _in_range(self, release: int) -> bool:
        return self._ask.after < release <= self._ask.upto

    def _restatements(self, dataset: str) -> Iterator[Record]:
        after, upto = self._ask.after, self._ask.upto
        days = set(self._session.execute(history.restated_days(dataset, after, upto)))
        found: dict[tuple[int, date, str], list[int | None]] = {}
        subjects: dict[str, tuple[str, str]] = {}
        statement = history.revised_observations(dataset, after, upto)
        for key, kind, subject, day, volume, begun, ended in self._session.execute(
            statement
        ):
            subjects[key] = kind, subject
            # What one release closes is the old value, what it opens the new one.
            for release, at in ((ended, 0), (begun, 1)):
                if release is not None and (day, release) in days:
                    found.setdefault((release, day, key), [None, None])[at] = volume
        for (release, day, key), (old, new) in sorted(found.items()):
            kind, subject = subjects[key]
            if self._concerns(kind, subject, day):
                yield self._restated(dataset, release, day, (kind, subject), (old, new))

    def _restated(
        self,
        dataset: str,
        release: int,
        day: date,
        series: tuple[str, str],
        volumes: tuple[int | None, int | None],
    ) -> Record:
        old, new = volumes
        change = None if old is None or new is None else new - old
        why = Why.CORRECTION if release in self._decided else Why.RESTATEMENT
        return {
            **self._of(release, why),
            "dataset": dataset,
            "period_start": day,
            "period_end": day,
            "subject_kind": series[0],
            "subject": series[1],
            "attribute": "volume",
            "old_value": None if old is None else str(old),
            "new_value": None if new is None else str(new),
            "change": change,
            "growth": None if change is None or old is None else fraction(change, old),
            "reason": self._releases[release].summary,
        }

    def _claims(self) -> Iterator[Record]:
        """Yield claims that were changed, ended, or made of what was known before."""
        found: dict[_Name, dict[str, AttributionRow]] = {}
        after, upto = self._ask.after, self._ask.upto
        for row in self._session.scalars(history.changed_claims(after, upto)):
            for release, side in ((row.release_to, "old"), (row.release_from, "new")):
                if release is not None and self._in_range(release):
                    name = (release, row.subject_kind, row.subject, row.attribute)
                    found.setdefault((*name, row.valid_from), {})[side] = row
        for (release, kind, subject, attribute, valid_from), sides in sorted(
            found.items()
        ):
            # A price that moves on with time revises nothing that was published.
            is_price = attribute.startswith(prices.PREFIX)
            known = self._since(kind, subject) < release and not is_price
            if known and self._concerns(kind, subject, date.max):
                row = sides.get("new") or sides["old"]
                yield {
                    **self._of(release, Why.ATTRIBUTION),
                    "dataset": None,
                    "period_start": None if valid_from == ALWAYS else valid_from,
                    "period_end": row.valid_to and row.valid_to - timedelta(days=1),
                    "subject_kind": kind,
                    "subject": subject,
                    "attribute": attribute,
                    "old_value": _spelt(sides.get("old")),
                    "new_value": _spelt(sides.get("new")),
                    "change": None,
                    "growth": None,
                    "reason": row.basis,
                }

    def _methods(self) -> Iterator[Record]:
        if self._ask.listed.filters:
            return
        for release in self._snapshot.releases:
            if release.kind == "method" and self._in_range(release.id):
                before = self._releases.get(release.id - 1)
                yield {
                    **self._of(release.id, Why.METHOD),
                    **dict.fromkeys(list(SHAPE.kinds)[3:]),
                    "attribute": "method_version",
                    "old_value": before.method_version if before else None,
                    "new_value": release.method_version,
                    "reason": release.summary,
                }

    def _of(self, release: int, why: Why) -> dict[str, object]:
        published_at = self._releases[release].published_at
        return {"release": release, "published_at": published_at, "kind": str(why)}

    def _since(self, kind: str, subject: str) -> int:
        """Return the release that introduced a subject; 0 if nobody knows it."""
        registry = self._snapshot.registry
        if kind == Subject.PROVIDER:
            return registry.providers.get(subject, 0)
        model = registry.models.get(subject)
        return model.since if model else 0

    def _concerns(self, kind: str, subject: str, day: date) -> bool:
        """Return whether a subject is, by best judgement on a day, in the filters."""
        return all(
            self._value(kind, subject, dimension, day) in values
            for dimension, values in self._filters.items()
        )

    def _value(self, kind: str, subject: str, dimension: Dimension, day: date) -> str:
        registry = self._snapshot.registry
        if kind == Subject.MODEL and subject in registry.models:
            return registry.state(subject, dimension, day).point
        if kind == Subject.PROVIDER and dimension is Dimension.PROVIDER:
            return subject
        if kind == Subject.PROVIDER:
            return registry.value(Subject.PROVIDER, subject, dimension, day) or UNKNOWN
        return subject if kind == dimension else UNKNOWN


def _spelt(row: AttributionRow | None) -> str | None:
    """Return a claim's value and alternatives, and how sure it is if it is not."""
    if row is None:
        return None
    values = " or ".join([row.value, *row.alternatives])
    doubtful = row.confidence in {Confidence.LOW, Confidence.DISPUTED}
    return f"{values} ({row.confidence})" if doubtful else values
