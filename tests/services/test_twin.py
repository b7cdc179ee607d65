"""Every answer is what the slow twin computes from the same facts."""

from hypothesis import given
from hypothesis import strategies as st

from app.services import rankings, share, volume
from tests.services import asked, random_facts, twin_answers
from tests.services.random_facts import compared

SEEDS = st.integers(0, 2**32)


@compared
@given(st.data(), SEEDS)
def test_shares_are_what_the_twin_computes(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.wishes(facts))

    report = share.answer(asked.snapshot(facts), asked.ask(wish), None)

    assert list(report.rows()) == twin_answers.share(facts, wish)


@compared
@given(st.data(), SEEDS)
def test_volumes_are_what_the_twin_computes(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.wishes(facts, within=False))

    report = volume.answer(asked.snapshot(facts), asked.ask(wish), None)

    assert list(report.rows()) == twin_answers.volume(facts, wish)


@compared
@given(st.data(), SEEDS)
def test_rankings_are_what_the_twin_computes(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.ranked(facts))

    report = rankings.answer(asked.snapshot(facts), asked.ask(wish), None)

    assert list(report.rows()) == twin_answers.rankings(facts, wish)
