"""Batches, edits and pins in any order, for long: does the record stay what it should?

At least 10,000 steps of the machine that the tests run for a moment, on SQLite. It
stops at the first step after which the record is not what a plain model of it says, or
a pinned answer is not what it was, and shows the shortest way there.
"""

import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import structlog
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app.store import migrate
from app.store.database import Database
from tests.services.machine import Done, Machine

STEPS = 10_000
LIMIT_SECONDS = 720
SEED = 20_261_124
_EXAMPLES = 25
_STEPS_OF_ONE = 20


def records(folder: Path) -> Callable[[], Database]:
    """Return what makes a new record in place of the one before."""
    template, path = folder / "template.db", folder / "census.db"
    made = Database(f"sqlite:///{template}", create=True)
    migrate.upgrade(made)
    made.close()

    def new() -> Database:
        shutil.copy(template, path)
        return Database(f"sqlite:///{path}")

    return new


def run(folder: Path) -> Done:
    """Run machines until there were enough steps; each round has a seed of its own."""
    done = Done()
    new = records(folder)
    for number in count(SEED):
        run_state_machine_as_test(
            seed(number)(Machine.on(new, done)),
            settings=settings(
                max_examples=_EXAMPLES,
                stateful_step_count=_STEPS_OF_ONE,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        print(f"{done.steps:>6,} steps, {done.releases:,} releases", flush=True)
        if done.steps >= STEPS:
            break
    return done


def main() -> None:
    # Every batch is logged; only what goes wrong is of interest here.
    level = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=level)
    print(f"{STEPS:,} steps or more, seed {SEED}", flush=True)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = run(Path(folder))
    seconds = time.perf_counter() - begun
    print(
        f"{done.steps:,} steps in {done.examples:,} records, {seconds:.0f} s; "
        f"{done.releases:,} releases; {done.pins:,} pinned answers compared: all alike"
    )
    if seconds > LIMIT_SECONDS:
        sys.exit(f"slower than {LIMIT_SECONDS} s")


if __name__ == "__main__":
    main()
