"""What is worked out once for a question, whatever its dates."""

import gc
import weakref
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.judged import Judged
from app.domain.periods import Interval, Window
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.services import plans, rankings, share, volume
from app.services.plans import Plan
from tests.domain import examples
from tests.services import asked, quoted

MAY = Window(date(2026, 5, 1), date(2026, 5, 31))
JUNE = Window(date(2026, 6, 1), date(2026, 6, 14))
CHINESE = {Dimension.ORIGIN: Values.of("CN")}


@pytest.fixture
def snapshot() -> Snapshot:
    return asked.snapshot(quoted.tokens())


def ask(window: Window, **other: Any) -> Ask:
    return Ask("tokens", Interval.TOTAL, start=window, end=window, **other)


def plans_of(snapshot: Snapshot) -> list[Plan]:
    return [one for one in snapshot.kept.values() if isinstance(one, Plan)]


def test_other_dates_judge_nothing_anew(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    share.answer(snapshot, ask(MAY, numerator=CHINESE), None)

    def never(*_: object) -> None:
        pytest.fail("judged again")

    monkeypatch.setattr(Judged, "_sums_of", never)
    monkeypatch.setattr(Judged, "_point", never)
    share.answer(snapshot, ask(JUNE, numerator=CHINESE), None)

    assert len(plans_of(snapshot)) == 1


def test_a_plan_answers_as_if_it_were_new(snapshot: Snapshot) -> None:
    for answer in (share.answer, volume.answer, rankings.answer):
        for groups in ((), (Dimension.BASE,), (Dimension.ORIGIN, Dimension.WEIGHTS)):
            answer(snapshot, ask(MAY, group_by=groups, top=2), None)

            later = answer(snapshot, ask(JUNE, group_by=groups, top=2), None)

            afresh = replace(snapshot)
            alone = answer(afresh, ask(JUNE, group_by=groups, top=2), None)
            assert list(later.rows()) == list(alone.rows())
            assert (later.meta, later.resolved) == (alone.meta, alone.resolved)


def test_a_name_is_that_of_the_last_day_asked_for(snapshot: Snapshot) -> None:
    renamed = examples.claim(
        "deepseek", "name", "Deep Seek", valid_from=JUNE.first, since=1
    )
    registry = replace(
        snapshot.registry, attributions=(*snapshot.registry.attributions, renamed)
    )
    later = replace(snapshot, registry=registry)
    by_provider = {"numerator": {Dimension.PROVIDER: Values.of("deepseek")}}

    told = [
        str(share.answer(later, ask(window, **by_provider), None).meta["quote"])
        for window in (MAY, JUNE, MAY)
    ]

    assert ["Deep Seek" in one for one in told] == [False, True, False]


def test_a_release_keeps_a_bounded_number_of_plans(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_PLANS", 3)

    for code in ("CN", "US", "FR", "DE", "IT"):
        filters = {Dimension.ORIGIN: Values.of(code)}
        share.answer(snapshot, ask(MAY, numerator=filters), None)

    assert len(snapshot.kept) == 3


def test_plans_of_too_many_classes_are_forgotten(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_base = {"group_by": (Dimension.BASE,)}
    share.answer(snapshot, ask(MAY, **by_base), None)
    assert len(plans_of(snapshot)) == 1
    monkeypatch.setattr(plans, "_CLASSES", 7)

    share.answer(snapshot, ask(MAY, numerator=CHINESE), None)

    assert plans_of(snapshot) == []


def test_a_release_that_nobody_holds_is_gone_at_once(snapshot: Snapshot) -> None:
    other = replace(snapshot)
    gc.collect()
    gc.disable()
    try:
        for answer in (share.answer, volume.answer, rankings.answer):
            answer(other, ask(MAY, group_by=(Dimension.BASE,), top=1), None)
        held = weakref.ref(other)
        assert other.kept
        del other
        assert held() is None
    finally:
        gc.enable()
