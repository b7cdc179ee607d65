"""Readings, pushes and decisions in any order: what is published was expected, or
somebody accepted it; and what waits is what nobody has decided on.
"""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from app.store.database import Database
from tests.services.holding_machine import Done, Machine

_EXAMPLES = 6
_STEPS = 12


def test_only_what_was_expected_or_accepted_is_published(
    new_sqlite: Callable[[], str],
) -> None:
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
    assert done.held > _EXAMPLES
    assert done.late > _EXAMPLES
    assert done.accepted
    assert done.rejected
    assert done.derived > done.pins > _EXAMPLES
