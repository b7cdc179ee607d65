"""One number by running sums: what the tally of the window says, whatever is asked."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.periods import Interval
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.services import asking, methods, running, share
from tests.services import asked, quoted, random_facts
from tests.services.random_facts import compared

CHINESE = Ask(
    "tokens", Interval.TOTAL, numerator={Dimension.ORIGIN: Values.of("CN")}, base={}
)


@pytest.fixture
def snapshot() -> Snapshot:
    return asked.snapshot(quoted.tokens())


def usual(snapshot: Snapshot, ask: Ask) -> Report:
    """The answer by the tally of the window itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "figures", lambda _: None)
        return share.answer(replace(snapshot), ask, None)


@compared
@given(st.data(), st.integers(0, 2**32))
def test_a_share_is_the_one_of_its_window(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    snapshot = asked.snapshot(facts)
    wish = data.draw(random_facts.wishes(facts))
    one: dict[str, Any] = {"interval": "total", "group_by": (), "smooth": None}
    asks = [asked.ask(wish), asked.ask(replace(wish, **one))]
    # The second time, what is before the days is known.
    for ask in asks + asks:
        assert share.answer(snapshot, ask, None) == usual(snapshot, ask)


@pytest.mark.parametrize(
    "other",
    [
        {"interval": Interval.MONTH},
        {"group_by": (Dimension.PROVIDER,)},
        {"numerator": {Dimension.ORIGIN: Values.all_but("CN")}, "group_by": None}
        | {"base": {Dimension.MODEL: Values.of("deepseek/v3")}},
        {"numerator": {Dimension.ORIGIN: Values.of("CN", "US")}},
    ],
)
def test_what_is_more_than_one_number_has_none(
    snapshot: Snapshot, other: dict[str, Any]
) -> None:
    def found(ask: Ask) -> running.Figures | None:
        return running.figures(asking.prepare(snapshot, ask))

    assert found(CHINESE) is not None
    assert found(replace(CHINESE, **other)) is None


def test_a_method_of_other_bounds_is_not_added_up(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = methods.METHODS["1"]
    other = replace(first, bounds=partial(first.bounds))
    monkeypatch.setitem(methods.METHODS, "1", other)

    assert running.figures(asking.prepare(snapshot, CHINESE)) is None
