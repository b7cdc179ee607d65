"""How long a file of a million rows takes, and how much memory.

`modelcensus ingest` as an operator runs it, in a process of its own, into a dataset of
the operator's own: 500 days of 2,000 models that nobody knows yet. Each figure is the
median of a few rounds, lowest and highest beside it; each round has a new record.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from app.domain.datasets import Dataset
from app.domain.periods import Interval
from app.domain.registry import Dimension
from app.services.declaring import Declaration, declare
from app.services.preparing import prepare
from app.settings import Settings
from app.store.database import Database
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


def ingest(url: str, file: Path) -> tuple[float, float, float]:
    """Return seconds, seconds of a processor, and MB of one run of the command."""
    command = Path(sys.executable).parent / "modelcensus"
    arguments = ["ingest", DATASET, "--file", str(file), "--as-of", READ.isoformat()]
    used, begun = processor(), time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command, by full path
        [str(command), *arguments],
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
    if f"{DAYS * MODELS} new" not in said:
        sys.exit(f"the file was not taken in: {said}")
    return seconds, processor() - used, most


def processor() -> float:
    """Return the seconds that processes of ours, now over, have kept a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(form: str, kind: str, runs: list[tuple[float, float, float]]) -> None:
    seconds, used, sizes = zip(*runs, strict=True)
    print(
        f"{form:<7}{kind:<12}{median(seconds):6.1f} s "
        f"({min(seconds):.1f} to {max(seconds):.1f}; limit {LIMITS[kind]:g}), "
        f"{median(used):.1f} s of a processor, {median(sizes):.0f} MB "
        f"({min(sizes):.0f} to {max(sizes):.0f}; limit {LIMIT_MB:g})",
        flush=True,
    )


def main() -> None:
    print(f"{DAYS * MODELS:,} rows, {ROUNDS} rounds")
    with records() as found:
        bases = {kind: prepared(found, kind) for kind in KINDS}
        for form in FORMS:
            file = write(found.folder, form)
            for kind in KINDS:
                runs = [
                    ingest(found.new(kind, like=bases[kind]), file)
                    for _ in range(ROUNDS)
                ]
                report(form, kind, runs)


if __name__ == "__main__":
    main()
