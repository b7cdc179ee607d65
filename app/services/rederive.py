"""Whether published observations follow from the payloads they are said to come from.

Each run's payload is parsed again, by the source that read it, and compared with every
row that the run wrote: days, series, volumes, totals.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from app.domain.observations import Batch, Payload
from app.errors import SourceError
from app.services import subjects
from app.services.publish import key_of
from app.sources import files, pushed
from app.store import history, work
from app.store.tables import PayloadRow, RunRow

Parse = Callable[[Payload], list[Batch]]
Told = dict[date, dict[str, int]]
"""Day → key of a series → volume."""


def check(session: Session, parsers: Mapping[str, Parse]) -> tuple[int, list[str]]:
    """Derive again what every run published.

    Args:
        session: Read session.
        parsers: Name of a source → how it reads a payload.

    Returns:
        How many observations follow from their payload, and what does not.
    """
    looked_at, problems = 0, []
    for run in session.scalars(history.runs_that_published()).all():
        counted, found = _run(session, run, parsers)
        looked_at += counted
        problems += found
    return looked_at, problems


def _run(
    session: Session, run: RunRow, parsers: Mapping[str, Parse]
) -> tuple[int, list[str]]:
    row = session.scalars(work.payload(run.payload or "")).one_or_none()
    if row is None:
        return 0, [f"Run {run.id} has no payload to derive its numbers from."]
    days = session.execute(history.days_of_run(run.id or 0)).all()
    try:
        told = _told(session, run, row, [day for day, *_ in days], parsers)
    except (SourceError, zlib.error, KeyError) as error:
        return 0, [f"The payload of run {run.id} cannot be read again: {error}"]
    session.expunge(row)
    problems = [
        f"Run {run.id}, {day}: the day is not what the payload says."
        for day, total, rows, flagged in days
        # A day that the payload leaves out is kept as it was, and flagged.
        if (day in told or not flagged)
        and (sum(told[day].values()), len(told[day])) != (total, rows)
    ]
    counted = 0
    for key, day, volume in session.execute(history.observations_of_run(run.id or 0)):
        counted += 1
        if told.get(day, {}).get(key) != volume:
            problems.append(f"Run {run.id}, {day}, {key}: not what the payload says.")
    return counted, problems


def _told(
    session: Session,
    run: RunRow,
    row: PayloadRow,
    days: list[date],
    parsers: Mapping[str, Parse],
) -> Told:
    """Return what a run's payload says as of its moment of reading."""
    body = zlib.decompress(row.body)
    payload = Payload(body, row.media_type, row.url, row.fetched_at)
    batches = _as_of(run, _parsed(run, payload, days, parsers))
    if not batches and run.as_of is not None:
        # The same bytes are kept once, with the moment they were first fetched; a
        # source may take that for the moment of reading.
        again = replace(payload, fetched_at=run.as_of)
        batches = _as_of(run, _parsed(run, again, days, parsers))
    found: Told = defaultdict(dict)
    for batch in batches:
        told = subjects.resolve_again(session, batch, run.id or 0)
        for observation in told.observations:
            found[observation.day][key_of(observation)] = observation.volume
    return found


def _as_of(run: RunRow, batches: Iterable[Batch]) -> list[Batch]:
    return [batch for batch in batches if batch.as_of == run.as_of]


def _parsed(
    run: RunRow, payload: Payload, days: list[date], parsers: Mapping[str, Parse]
) -> Iterator[Batch]:
    dataset, as_of = run.dataset or "", run.as_of
    if run.source.startswith(pushed.SOURCE) and as_of is not None:
        yield from pushed.parse_again(payload.body, dataset, as_of)
    elif not payload.url.startswith("file:"):
        yield from parsers[run.source](payload)
    elif payload.body.startswith(b"slug,name") and as_of is not None:
        yield from files.parse_categories(payload, dataset, day=days[0], as_of=as_of)
    else:
        given = None if files.tells_as_of(payload) else as_of
        yield from files.parse(payload, dataset, as_of=given)
