"""Batches and edits in any order: the record is what a plain model of it says.

And no answer that was pinned to a release ever changes.
"""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from app.store.database import Database
from tests.services.machine import Done, Machine

_EXAMPLES = 15
_STEPS = 15


def test_the_record_is_what_a_plain_model_says(new_sqlite: Callable[[], str]) -> None:
    done = Done()
    run_state_machine_as_test(
        Machine.on(lambda: Database(new_sqlite()), done),
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert done.steps > _EXAMPLES
    assert done.pins >= 3 * done.releases
