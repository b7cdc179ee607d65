"""How long a file of a million rows takes, and how much memory.

`modelcensus ingest` as an operator runs it, in a process of its own, into a dataset of
the operator's own: 500 days of 2,000 models that nobody knows yet. Each figure is the
median of a few rounds, lowest and highest beside it; each round has a new record.

Before each round the same rows go into the same table by the barest way the driver has,
`executemany` or `COPY`: the ratio is of that time. The file that is told once more at
the end must write nothing.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from app.domain.datasets import Dataset
from app.domain.periods import Interval
from app.domain.registry import Dimension
from app.services.declaring import Declaration, declare
from app.services.preparing import prepare
from app.settings import Settings
from app.store.database import Database
from app.store.dialect import insert_many
from app.store.tables import SeriesRow
from app.store.types import epoch_day
from bench.records import KINDS, Records, records

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
DAYS = 500
MODELS = 2_000
FIRST = date(2025, 1, 1)
READ = datetime(2026, 6, 1, tzinfo=UTC)
DATASET = "gateway"
FORMS = ("csv", "ndjson")
LIMITS = {"sqlite": 60.0, "postgresql": 30.0}
LIMIT_MB = 300.0
RATIOS = {"sqlite": 0.35, "postgresql": 0.3}
RESULTS = Path(__file__).parent / "results"


def rows() -> Iterator[tuple[date, str, int]]:
    """Yield day, model and volume; the volumes neither fall nor rise evenly."""
    for day in range(DAYS):
        for model in range(MODELS):
            volume = (day * 7919 + model * 104_729) % 999_983 * (model + 1)
            yield FIRST + timedelta(days=day), f"acme/m-{model:04}", volume


def write(folder: Path, form: str) -> Path:
    path = folder / f"million.{form}"
    with path.open("w") as file:
        if form == "csv":
            file.write("date,model_permaslug,total_tokens\n")
        for day, model, volume in rows():
            if form == "csv":
                file.write(f"{day},{model},{volume}\n")
            else:
                file.write(
                    f'{{"date":"{day}","model_permaslug":"{model}",'
                    f'"total_tokens":"{volume}"}}\n'
                )
    return path


def prepared(found: Records, kind: str) -> str:
    """Return the URL of a record with the bundle and the dataset."""
    url = found.new(kind)
    database = Database(url, create=True)
    prepare(database, Settings().registry_dir, READ)
    dataset = Dataset(
        slug=DATASET,
        name="Gateway",
        publisher="Acme",
        scope="What goes through our gateway.",
        metric="Tokens",
        unit="tokens",
        grain=Interval.DAY,
        license="ours",
        citation="Acme",
        url="",
        dimensions=(Dimension.MODEL, Dimension.PROVIDER),
        default_group=Dimension.PROVIDER,
        additive=True,
        scale=1,
        revision_days=0,
        top_n=None,
        cadence_hours=None,
        caveats=(),
    )
    with database.write() as session:
        declare(session, Declaration(dataset, "structure"), run=None, now=READ)
    database.close()
    return url


def peak(pid: int) -> float:
    """Return the most memory that a process has had so far, in MB; 0: it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def raw(url: str) -> float:
    """Return the seconds in which the driver alone writes the rows, and commits."""
    database = Database(url)
    with database.write() as session:
        number = session.execute(text("SELECT max(id) FROM release")).scalar_one()
        started = "started_at, verdict, rows_in, rows_new, rows_changed, rows_same"
        session.execute(
            text(
                f"INSERT INTO run (id, source, trigger, {started}, rows_rejected, "  # noqa: S608
                f"checks) VALUES (999, 'file', 'cli', {_MOMENT[database.dialect]}, "
                "'running', 0, 0, 0, 0, 0, '[]')"
            )
        )
        insert_many(session, SeriesRow, [_series(n, number) for n in range(MODELS)])
    begun = time.perf_counter()
    with database.write() as session:
        driver = session.connection().connection
        if database.dialect == "postgresql":
            with driver.cursor().copy(f"COPY {_INTO} FROM STDIN") as copy:
                for day, series, volume in _numbers():
                    copy.write_row((day, series, volume, number, 999))
        else:
            told = (
                (epoch_day(day), series, volume, number, 999)
                for day, series, volume in _numbers()
            )
            driver.executemany(_INSERT, told)
    took = time.perf_counter() - begun
    database.close()
    return took


_INTO = "observation (period_start, series, volume, release_from, run)"
_INSERT = f"INSERT INTO {_INTO} VALUES (?, ?, ?, ?, ?)"  # noqa: S608 (names of ours)
_MOMENT = {"sqlite": "'2026-06-01T00:00:00.000000Z'", "postgresql": "now()"}
_FIRST_SERIES = 1_000_000


def _series(number: int, release: int) -> dict[str, object]:
    return {
        "id": _FIRST_SERIES + number,
        "dataset": DATASET,
        "kind": "model",
        "key": f"model:acme/m-{number:04}",
        "subject": f"acme/m-{number:04}",
        "category": None,
        "release_from": release,
    }


def _numbers() -> Iterator[tuple[date, int, int]]:
    for at, (day, _, volume) in enumerate(rows()):
        yield day, _FIRST_SERIES + at % MODELS, volume


def ingest(url: str, file: Path, *, again: bool = False) -> tuple[float, float, float]:
    """Return seconds, seconds of a processor, and MB of one run of the command."""
    arguments = ["ingest", DATASET, "--file", str(file), "--as-of", READ.isoformat()]
    used, begun = processor(), time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", "app", *arguments],
        env=os.environ | {"MODELCENSUS_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, peak(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    said, _ = process.communicate()
    if f"{DAYS * MODELS} {'same' if again else 'new'}" not in said:
        sys.exit(f"the file was not taken in: {said}")
    return seconds, processor() - used, most


def processor() -> float:
    """Return the seconds that processes of ours, now over, have kept a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(
    form: str, kind: str, runs: list[tuple[float, float, float]], bare: list[float]
) -> list[object]:
    """Print what one form and database took, and return it as a row."""
    seconds, used, sizes = zip(*runs, strict=True)
    ratio = median(b / s for b, s in zip(bare, seconds, strict=True))
    print(
        f"{form:<7}{kind:<12}{median(seconds):6.1f} s "
        f"({min(seconds):.1f} to {max(seconds):.1f}; limit {LIMITS[kind]:g}), "
        f"{median(used):.1f} s of a processor, {median(sizes):.0f} MB "
        f"({min(sizes):.0f} to {max(sizes):.0f}; limit {LIMIT_MB:g}), "
        f"{ratio:.2f} of the bare driver (limit {RATIOS[kind]:g})",
        flush=True,
    )
    told = [round(median(part), 2) for part in (seconds, used, bare)]
    return [form, kind, *told, round(ratio, 2), RATIOS[kind], round(median(sizes))]


def main() -> None:
    print(f"{DAYS * MODELS:,} rows, {ROUNDS} rounds")
    table = []
    with records() as found:
        bases = {kind: prepared(found, kind) for kind in KINDS}
        for form in FORMS:
            file = write(found.folder, form)
            for kind in KINDS:
                bare, runs = [], []
                for _ in range(ROUNDS):
                    bare.append(raw(found.new(kind, like=bases[kind])))
                    url = found.new(kind, like=bases[kind])
                    runs.append(ingest(url, file))
                ingest(url, file, again=True)
                table.append(report(form, kind, runs, bare))
    RESULTS.mkdir(exist_ok=True)
    result = {
        "title": "A file of a million rows",
        "columns": [
            *("form", "database", "seconds", "of a processor", "bare driver, seconds"),
            *("ratio", "target", "MB"),
        ],
        "rows": table,
        "note": "The command as an operator runs it, contracts included. The same file "
        "once more writes nothing.",
    }
    (RESULTS / "million.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
