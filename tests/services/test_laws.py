"""What is true of every answer, whatever is asked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.services import rankings, share, volume
from tests.services import asked, random_facts
from tests.services.random_facts import compared

SEEDS = st.integers(0, 2**32)
# Names keep their spelling, also where they begin a sentence.
NAMES = (*random_facts.MODELS, *random_facts.PROVIDERS)
Row = dict[str, object]


def sums(rows: Iterable[Row], column: str) -> dict[object, int]:
    """The sum of a column per period; none where the period has no number."""
    found: dict[object, int] = defaultdict(int)
    for row in rows:
        if row[column] is not None:
            found[row["period_start"]] += int(str(row[column]))
    return found


@compared
@given(st.data(), SEEDS)
def test_without_a_filter_all_groups_sum_to_the_total(
    data: st.DataObject, seed: int
) -> None:
    facts = random_facts.facts(seed)
    wish = replace(data.draw(random_facts.wishes(facts)), filters={})

    rows = list(share.answer(asked.snapshot(facts), asked.ask(wish), None).rows())

    totals = {
        r["period_start"]: int(str(r["total"])) for r in rows if r["total"] is not None
    }
    assert sums(rows, "volume") == totals


@compared
@given(st.data(), SEEDS)
def test_groups_sum_to_the_volume_of_no_group(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.wishes(facts, within=False))
    snapshot = asked.snapshot(facts)

    grouped = volume.answer(snapshot, asked.ask(wish), None).rows()
    whole = replace(wish, group_by=())
    together = volume.answer(snapshot, asked.ask(whole), None).rows()

    apart, of_all = sums(grouped, "volume"), sums(together, "volume")
    assert {start: apart.get(start, 0) for start in of_all} == of_all


@compared
@given(st.data(), SEEDS)
def test_a_share_lies_between_its_bounds(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.wishes(facts))

    rows = share.answer(asked.snapshot(facts), asked.ask(wish), None).rows()

    for row in rows:
        if row["share"] is not None:
            low, point, high = (
                int(str(row[c])) for c in ("share_low", "share", "share_high")
            )
            assert 0 <= low <= point <= high <= 1_000_000


@compared
@given(st.data(), SEEDS)
def test_everything_is_all_of_it(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = data.draw(random_facts.wishes(facts))
    everything = replace(wish, filters={}, group_by=())

    rows = share.answer(asked.snapshot(facts), asked.ask(everything), None).rows()

    assert all(
        row["share"] == row["share_low"] == row["share_high"] == 1_000_000
        for row in rows
        if row["share"] is not None
    )


@compared
@given(st.data(), SEEDS)
def test_a_filter_never_changes_the_total(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    wish = replace(data.draw(random_facts.wishes(facts)), group_by=())
    snapshot = asked.snapshot(facts)

    filtered = share.answer(snapshot, asked.ask(wish), None).rows()
    unfiltered = share.answer(snapshot, asked.ask(replace(wish, filters={})), None)

    assert sums(filtered, "total") == sums(unfiltered.rows(), "total")


@compared
@given(st.data(), SEEDS)
def test_every_answer_can_be_quoted(data: st.DataObject, seed: int) -> None:
    facts = random_facts.facts(seed)
    snapshot = asked.snapshot(facts)
    wish = data.draw(random_facts.wishes(facts))
    ranked = data.draw(random_facts.ranked(facts))

    quotes = [
        share.answer(snapshot, asked.ask(wish), None).meta["quote"],
        volume.answer(snapshot, asked.ask(replace(wish, within={})), None).meta[
            "quote"
        ],
        rankings.answer(snapshot, asked.ask(ranked), None).meta["quote"],
    ]

    for quote in map(str, quotes):
        assert quote[0].isupper() or quote.startswith(NAMES)
        assert quote.endswith(".")
        assert not any(part in quote for part in ("None", "  ", "=", "~", "()", " ,"))
