"""Upstreams that serve the bundled days, spoilt in one way, and a record to read them.

The record holds six weeks to 31 July, and the models of that time; the upstreams tell
the last of these and two days more, as they were.
"""

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2

from app.domain.datasets import Run
from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.services import bundle, declaring, ingest
from app.services.ingest import Job
from app.sources.openrouter_exports import OpenRouterExports
from app.store.database import Database
from tests.registry.bundled import BUNDLE, FOLDER, MODELS, USAGE, Row
from tests.services.published import TOKENS
from tests.services.replayed import days
from tests.sources import exports, given
from tests.sources.exports import FakeExports
from tests.sources.upstream import FakeOpenRouter

BEGIN, KNOWN = date(2026, 6, 20), date(2026, 7, 31)
CONFIRMED = datetime(2026, 8, 1, 2, 1, 37, tzinfo=UTC)
SATURDAY, SUNDAY = date(2026, 8, 1), date(2026, 8, 2)
NEW = {SATURDAY, SUNDAY}
READ = datetime(2026, 8, 3, 2, 1, 37, tzinfo=UTC)
NOW = READ + timedelta(minutes=4)
ASKED = Window(date(2026, 7, 4), SUNDAY)
FILE = date(2026, 8, 3)

_NEEDED = {"slug", "base", "variant", "provider"}
"""Of a model: what else is known of it is read again with every payload, in vain."""

Days = dict[date, dict[str, int]]
"""What an upstream tells: day → model → tokens."""


def true_days() -> Days:
    """Return what both upstreams tell if nothing is spoilt."""
    return {day: dict(rows) for day, rows in days(ASKED.first, SUNDAY).items()}


def to_json(told: Days, **meta: object) -> bytes:
    """Return a Data API answer, without any order but that of `told`."""
    rows = [
        {"date": str(day), "model_permaslug": model, "total_tokens": str(tokens)}
        for day, listed in told.items()
        for model, tokens in listed.items()
    ]
    about = {
        "as_of": f"{READ:%Y-%m-%dT%H:%M:%S}.000Z",
        "version": "v1",
        "start_date": str(ASKED.first),
        "end_date": str(ASKED.last),
    }
    body = {"data": rows, "meta": about | meta}
    return json.dumps(body, separators=(",", ":")).encode()


def to_csv(told: Days) -> bytes:
    """Return an export file."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(exports.HEADER.split(","))
    for day, listed in told.items():
        total = max(sum(listed.values()), 1)
        for rank, (model, tokens) in enumerate(listed.items(), 1):
            shown = "" if model == "other" else rank
            lines.writerow([day, model, shown, tokens, tokens / total])
    return out.getvalue().encode()


class SpoiltApi(FakeOpenRouter):
    """A Data API that answers with given bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.body = b""

    def answer(self, _path: str, _key: str | None) -> tuple[int, bytes]:
        return 200, self.body


class SpoiltExports(FakeExports):
    """Export files, of which a manifest may be any bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.told: bytes | None = None

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        if self.told is not None and path.endswith("json"):
            return 200, self.told
        return super().answer(path, key)


@dataclass
class Reading:
    """A record of one's own, and how it reads each upstream."""

    database: Database
    client: httpx2.Client

    def api(self, upstream: SpoiltApi, *, now: datetime = NOW) -> Run:
        source = given.source(upstream.url, now=now)
        fetch = partial(source.fetch, self.client, ASKED)
        return self._take(source.name, fetch, source.parse, now)

    def export(self, upstream: SpoiltExports) -> Run:
        source = OpenRouterExports(
            upstream.url, lambda: NOW, timedelta(seconds=5), timedelta(hours=6)
        )
        fetch = partial(source.fetch, self.client, ASKED)
        return self._take(source.name, fetch, source.parse, NOW)

    def _take(
        self,
        name: str,
        fetch: Callable[[], Payload],
        parse: Callable[[Payload], list[Batch]],
        now: datetime,
    ) -> Run:
        job = Job(name, TOKENS, "cli")
        (run,) = ingest.take(self.database, fetch, parse, job, now=lambda: now)
        return run


def prepare(database: Database, folder: Path) -> None:
    """Fill a record with the bundled registry, and its days to 31 July.

    Args:
        database: With tables and without rows.
        folder: Where there is room for a bundle.
    """
    there = Path(shutil.copytree(FOLDER, folder / "bundle"))
    rows = [
        {**row, "as_of": f"{CONFIRMED:%Y-%m-%dT%H:%M:%SZ}"}
        for row in USAGE
        if str(BEGIN) <= row["date"] <= str(KNOWN)
    ]
    listed = {row["model_permaslug"] for row in USAGE if str(BEGIN) <= row["date"]}
    _write(there / "openrouter-tokens.csv", rows)
    few = [
        {name: row[name] if name in _NEEDED else "" for name in row}
        for slug, row in MODELS.items()
        if slug in listed
    ]
    _write(there / "models.csv", few)
    (there / "bundle.json").write_text(json.dumps(_plan()))
    assert bundle.load(database, there)
    with database.write() as session:
        declaring.bind(session, TOKENS, "rankings")


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def _plan() -> Mapping[str, object]:
    others = [r for r in BUNDLE["releases"] if r.get("dataset") != TOKENS]
    one = next(r for r in BUNDLE["releases"] if r.get("dataset") == TOKENS)
    read = {
        "as_of": f"{CONFIRMED:%Y-%m-%dT%H:%M:%SZ}",
        "start_date": str(BEGIN),
        "end_date": str(KNOWN),
    }
    return {**BUNDLE, "releases": [*others, {**one, **read}]}
