"""What is known of a model on a day, against claims read one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.registry import (
    ALWAYS,
    OTHER,
    UNKNOWN,
    WEIGHTS,
    Attribution,
    Confidence,
    Dimension,
    Registry,
    State,
    Subject,
    everything,
    unattributed,
)
from app.domain.values import ANY, Values
from tests.domain.examples import claim, law, registry

DAY = date(2026, 6, 1)
BEFORE = DAY - timedelta(days=1)
ONE = "acme/one"
ANY_WEIGHTS = Values.of("open", "closed", UNKNOWN)

DAYS = st.integers(0, 8).map(lambda n: DAY + timedelta(days=n))
ATTRIBUTES = ("origin", "provider", "lab", "weights", "family")
SUBJECTS = (ONE, "acme", "bolt")
VALUES = ("acme", "bolt", "open", "closed")


@st.composite
def claims(draw: st.DrawFn) -> Attribution:
    start = draw(DAYS | st.just(ALWAYS))
    length = draw(st.integers(1, 5))
    end = max(start, DAY) + timedelta(days=length)
    attribute = draw(st.sampled_from(ATTRIBUTES))
    # Nothing else can be claimed of weights: who edits the registry is refused.
    values = WEIGHTS if attribute == Dimension.WEIGHTS else VALUES
    return claim(
        draw(st.sampled_from(SUBJECTS)),
        attribute,
        draw(st.sampled_from(values)),
        confidence=draw(st.sampled_from(Confidence)),
        alternatives=tuple(draw(st.lists(st.sampled_from(values), max_size=2))),
        valid_from=start,
        valid_to=draw(st.sampled_from([None, end])),
    )


# A subject's claims about one attribute all begin on different days.
many = st.lists(
    claims(), max_size=12, unique_by=lambda a: (a.subject, a.attribute, a.valid_from)
)


def last_to_begin(
    told: Sequence[Attribution], subject: str, attribute: str, day: date
) -> Attribution | None:
    about = [
        a
        for a in told
        if (a.subject, a.attribute) == (subject, attribute)
        and a.valid_from <= day
        and (a.valid_to is None or day < a.valid_to)
    ]
    return max(about, key=lambda a: a.valid_from, default=None)


def may_be(found: Attribution | None, dimension: Dimension) -> Values:
    """Return the possible values as the method lists them, line by line."""
    every = ANY_WEIGHTS if dimension is Dimension.WEIGHTS else ANY
    if found is None:
        return every
    if found.confidence in {"high", "medium"}:
        return Values.of(found.value)
    if found.confidence == "disputed":
        return Values.of(found.value, *found.alternatives)
    return Values.of(found.value, *found.alternatives) if found.alternatives else every


def state_of(told: Sequence[Attribution], dimension: Dimension, day: date) -> State:
    own = last_to_begin(told, ONE, dimension, day)
    if own or dimension not in {Dimension.ORIGIN, Dimension.LAB}:
        return State(own.value if own else UNKNOWN, may_be(own, dimension))
    maker = last_to_begin(told, ONE, "provider", day)
    theirs = last_to_begin(told, maker.value, dimension, day) if maker else None
    point = theirs.value if theirs else UNKNOWN
    makers = may_be(maker, Dimension.PROVIDER)
    if makers.negated:
        return State(point, ANY)
    possible = Values()
    for slug in makers.items:
        possible |= may_be(last_to_begin(told, slug, dimension, day), dimension)
    return State(point, possible)


@law
@given(many, st.sampled_from(ATTRIBUTES).map(Dimension), DAYS)
def test_what_is_known_follows_from_the_claims_that_hold(
    told: list[Attribution], dimension: Dimension, day: date
) -> None:
    known = registry([ONE], *told)

    assert known.state(ONE, dimension, day) == state_of(told, dimension, day)


@law
@given(many, st.sampled_from(ATTRIBUTES).map(Dimension), DAYS)
def test_the_best_judgement_is_possible(
    told: list[Attribution], dimension: Dimension, day: date
) -> None:
    state = registry([ONE], *told).state(ONE, dimension, day)

    assert state.point in state.possible


@law
@given(many, st.lists(st.sampled_from(ATTRIBUTES).map(Dimension), unique=True))
def test_nothing_changes_between_boundaries(
    told: list[Attribution], dimensions: list[Dimension]
) -> None:
    known = registry([ONE], *told)
    boundaries = known.boundaries(dimensions)

    days = [BEFORE + timedelta(days=n) for n in range(20)]
    changed = [
        day
        for before, day in pairwise(days)
        if any(
            known.state(ONE, d, before) != known.state(ONE, d, day) for d in dimensions
        )
    ]
    assert set(changed) <= set(boundaries)
    assert boundaries == sorted(set(boundaries))


def test_boundaries_are_where_claims_about_a_dimension_begin_or_end() -> None:
    end = DAY + timedelta(days=9)
    known = registry(
        [ONE],
        claim(ONE, "weights", "closed", valid_to=DAY),
        claim(ONE, "weights", "open", valid_from=DAY),
        claim(ONE, "provider", "acme", valid_from=BEFORE, valid_to=end),
        claim("acme", "origin", "US"),
    )

    assert known.boundaries([Dimension.WEIGHTS]) == [DAY]
    assert known.boundaries([Dimension.PROVIDER]) == [BEFORE, end]
    assert known.boundaries([Dimension.ORIGIN]) == [BEFORE, end]
    assert known.boundaries([Dimension.LAB, Dimension.WEIGHTS]) == [BEFORE, DAY, end]
    assert known.boundaries([Dimension.MODEL, Dimension.FAMILY]) == []


def test_a_claim_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    week = timedelta(days=7)
    told = claim(ONE, "weights", "open", valid_from=DAY, valid_to=DAY + week)

    assert not told.holds(BEFORE)
    assert told.holds(DAY)
    assert told.holds(BEFORE + week)
    assert not told.holds(DAY + week)
    assert replace(told, valid_to=None).holds(date.max)
    assert claim(ONE, "weights", "open").holds(date.min)


@pytest.mark.parametrize(
    ("confidence", "alternatives", "possible"),
    [
        ("high", (), Values.of("US")),
        ("high", ("FR",), Values.of("US")),
        ("medium", ("FR",), Values.of("US")),
        ("disputed", ("FR", "DE"), Values.of("US", "FR", "DE")),
        ("disputed", (), Values.of("US")),
        ("low", ("FR",), Values.of("US", "FR")),
        ("low", (), ANY),
    ],
)
def test_confidence_says_what_is_possible(
    confidence: str, alternatives: tuple[str, ...], possible: Values
) -> None:
    told = claim(
        ONE,
        "origin",
        "US",
        confidence=Confidence(confidence),
        alternatives=alternatives,
    )

    assert told.possible() == possible
    assert registry([ONE], told).state(ONE, Dimension.ORIGIN, DAY) == State(
        "US", possible
    )


def test_a_weak_claim_about_weights_leaves_three_values() -> None:
    known = registry([ONE], claim(ONE, "weights", "open", confidence=Confidence.LOW))

    assert known.state(ONE, Dimension.WEIGHTS, DAY) == State("open", ANY_WEIGHTS)


def test_a_models_own_claim_outranks_its_providers() -> None:
    known = registry(
        [ONE, "acme/two"],
        claim(ONE, "provider", "acme"),
        claim("acme/two", "provider", "acme"),
        claim("acme", "origin", "US"),
        claim(ONE, "origin", "FR", confidence=Confidence.MEDIUM, valid_from=DAY),
    )

    assert known.state(ONE, Dimension.ORIGIN, BEFORE) == State("US", Values.of("US"))
    assert known.state(ONE, Dimension.ORIGIN, DAY) == State("FR", Values.of("FR"))
    assert known.state("acme/two", Dimension.ORIGIN, DAY).point == "US"


def test_only_origin_and_lab_are_taken_from_the_provider() -> None:
    known = registry(
        [ONE],
        claim(ONE, "provider", "acme"),
        claim("acme", "lab", "Acme Labs"),
        claim("acme", "weights", "open"),
        claim("acme", "family", "anvil"),
    )

    assert known.state(ONE, Dimension.LAB, DAY).point == "Acme Labs"
    assert known.state(ONE, Dimension.WEIGHTS, DAY) == State(UNKNOWN, ANY_WEIGHTS)
    assert known.state(ONE, Dimension.FAMILY, DAY) == State(UNKNOWN, ANY)


def test_a_provider_that_may_be_another_has_the_origins_of_both() -> None:
    known = registry(
        [ONE],
        claim(
            ONE,
            "provider",
            "acme",
            confidence=Confidence.DISPUTED,
            alternatives=("bolt",),
        ),
        claim("acme", "origin", "US"),
        claim("bolt", "origin", "DE", confidence=Confidence.LOW, alternatives=("CN",)),
    )

    state = known.state(ONE, Dimension.ORIGIN, DAY)

    assert state == State("US", Values.of("US", "DE", "CN"))


def test_a_provider_of_the_same_country_whoever_it_is_settles_the_origin() -> None:
    disputed = claim(
        ONE, "provider", "acme", confidence=Confidence.DISPUTED, alternatives=("bolt",)
    )
    known = registry(
        [ONE], disputed, claim("acme", "origin", "US"), claim("bolt", "origin", "US")
    )

    assert known.state(ONE, Dimension.ORIGIN, DAY) == State("US", Values.of("US"))


def test_a_provider_that_hides_another_may_come_from_anywhere() -> None:
    known = registry(
        [ONE],
        claim(ONE, "provider", "stealth", confidence=Confidence.LOW),
        claim("stealth", "origin", "US"),
    )

    assert known.state(ONE, Dimension.PROVIDER, DAY) == State("stealth", ANY)
    assert known.state(ONE, Dimension.ORIGIN, DAY) == State("US", ANY)


def test_without_a_provider_nothing_is_known_of_the_origin() -> None:
    known = registry([ONE], claim("acme", "origin", "US"))

    assert known.state(ONE, Dimension.ORIGIN, DAY) == State(UNKNOWN, ANY)


def test_identity_is_never_in_doubt() -> None:
    known = registry(["acme/one:free"], claim("acme/one:free", "base", "acme/two"))

    def state(dimension: Dimension) -> State:
        return known.state("acme/one:free", dimension, DAY)

    assert state(Dimension.MODEL) == State("acme/one:free", Values.of("acme/one:free"))
    assert state(Dimension.BASE) == State("acme/one", Values.of("acme/one"))
    assert state(Dimension.VARIANT) == State("free", Values.of("free"))


def test_claims_are_listed_by_attribute_and_validity() -> None:
    early = claim(ONE, "weights", "closed", valid_to=DAY)
    late = claim(ONE, "weights", "open", valid_from=DAY)
    name = claim(ONE, "name", "One")
    known = registry([ONE], late, claim("acme", "name", "Acme"), early, name)

    assert known.claims(Subject.MODEL, ONE) == [name, early, late]
    assert known.claims(Subject.PROVIDER, ONE) == []
    assert known.value(Subject.MODEL, ONE, "weights", BEFORE) == "closed"
    assert known.value(Subject.MODEL, ONE, "weights", DAY) == "open"
    assert known.value(Subject.MODEL, ONE, "price", DAY) is None


def test_the_remainder_may_be_anyones_but_is_no_listed_model() -> None:
    other = State(OTHER, Values.of(OTHER))

    assert {d: unattributed(d) for d in Dimension} == {
        Dimension.ORIGIN: State(UNKNOWN, ANY),
        Dimension.PROVIDER: State(UNKNOWN, ANY),
        Dimension.LAB: State(UNKNOWN, ANY),
        Dimension.FAMILY: State(UNKNOWN, ANY),
        Dimension.BASE: other,
        Dimension.MODEL: other,
        Dimension.CATEGORY: State(UNKNOWN, ANY),
        Dimension.APP: State(UNKNOWN, ANY),
        Dimension.LICENSE: State(UNKNOWN, ANY),
        Dimension.WEIGHTS: State(UNKNOWN, ANY_WEIGHTS),
        Dimension.VARIANT: State(UNKNOWN, ANY),
    }


def test_weights_are_the_only_dimension_with_a_list_of_values() -> None:
    assert set(WEIGHTS) == ANY_WEIGHTS.items
    assert [d for d in Dimension if everything(d) != ANY] == [Dimension.WEIGHTS]


def test_a_registry_is_equal_by_what_it_was_told() -> None:
    told = claim(ONE, "weights", "open")

    assert registry([ONE], told) == registry([ONE], told)
    assert registry([ONE], told) != registry([ONE])
    assert Registry({}, {}, ()).boundaries(Dimension) == []


def test_what_is_claimed_of_anything_at_any_time_is_known() -> None:
    known = registry(
        ["acme/one"],
        claim("acme/one", "license", "MIT", valid_to=date(2026, 1, 1)),
        claim("acme/one", "license", "BSD", valid_from=date(2026, 1, 1)),
        claim("bolt/two", "license", "GPL", alternatives=("LGPL",)),
        claim("acme/one", "family", "one"),
    )

    assert known.claimed("license") == {"MIT", "BSD", "GPL", "LGPL"}
    assert known.claimed("lab") == set()
