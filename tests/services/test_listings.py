"""Lists of models: what they add to the registry, and what they must not touch."""

from datetime import date

import pytest
from structlog.testing import capture_logs

from app.domain.listings import ListedModel, Listing
from app.domain.registry import (
    ALWAYS,
    Alias,
    Attribution,
    Confidence,
    Dimension,
    Model,
    Subject,
)
from app.services import leases, listings_told
from app.services.curate import Edit
from tests.domain import examples
from tests.services import published
from tests.services.listing_reader import (
    DAY,
    NOW,
    OURS,
    TODAY,
    ListReader,
    entry,
    many,
    twenty,
)
from tests.services.reading import verdicts

TOMORROW = TODAY + DAY


def listed(attribute: str, value: str, day: date = ALWAYS) -> Attribution:
    return Attribution(
        Subject.MODEL,
        "acme/one",
        attribute,
        value,
        Confidence.HIGH,
        "OpenRouter's list of models.",
        source=OURS,
        valid_from=day,
    )


# What is added


def test_a_list_adds_what_nobody_has_said(lists: ListReader) -> None:
    before = lists.claims("acme/one")

    run = lists.read(
        entry(
            "acme/one",
            "Acme: One",
            hugging_face_id="Acme/One-7B",
            context_length=131072,
            prompt="0.000000252",
            completion="0.00",
        )
    )

    assert lists.claims("acme/one") == sorted(
        [
            *before,
            listed("name", "Acme: One"),
            listed("context_length", "131072"),
            listed("price_prompt", "0.000000252", TODAY),
            listed("price_completion", "0", TODAY),
        ],
        key=lambda claim: claim.attribute,
    )
    assert lists.registry().aliases[1:] == (
        Alias("huggingface", "Acme/One-7B", "acme/one", "base"),
    )
    assert (run.source, run.dataset, run.trigger) == (OURS, None, "cli")
    assert (run.verdict, run.as_of, run.reason) == ("published", NOW, None)
    assert run.counts == {"in": 1, "new": 0, "changed": 1, "same": 0, "rejected": 0}
    assert [check["name"] for check in run.checks] == [
        *("drift", "unmatched", "absurd_prices")
    ]
    release = published.load(lists.database).release
    assert (release.id, release.kind, release.run) == (2, "registry", run.id)
    assert (release.published_at, release.dataset) == (NOW, None)
    assert release.summary == (
        "OpenRouter's list of models: 2 new facts, 2 new prices, 1 new alias."
    )


def test_an_unknown_model_is_introduced_as_usage_would_introduce_it(
    lists: ListReader,
) -> None:
    run = lists.read(
        entry("acme/one:free"),
        entry("newcomer/x", id="newcomer/x-latest"),
        entry("stealth/ox"),
    )

    now = lists.registry()
    assert now.models["acme/one:free"] == Model("acme/one:free", "acme/one", "free", 2)
    assert now.models["newcomer/x"] == Model("newcomer/x", "newcomer/x", "standard", 2)
    assert now.providers["newcomer"] == 2
    day = TODAY
    assert now.state("acme/one:free", Dimension.WEIGHTS, day).point == "open"
    assert now.state("newcomer/x", Dimension.ORIGIN, day).point == "unknown"
    assert now.claim(Subject.MODEL, "stealth/ox", "provider", day) == Attribution(
        Subject.MODEL,
        "stealth/ox",
        "provider",
        "stealth",
        Confidence.LOW,
        "A pseudonym: the maker has not said who it is.",
        source="slug",
        since=2,
    )
    assert Alias("openrouter", "newcomer/x-latest", "newcomer/x") in now.aliases
    assert run.counts == {"in": 3, "new": 3, "changed": 0, "same": 0, "rejected": 0}
    assert lists.summary() == (
        "OpenRouter's list of models: 3 new models, 3 new facts, 1 new alias."
    )


def test_a_new_variant_has_what_is_claimed_of_its_base_whatever_a_list_says(
    lists: ListReader,
) -> None:
    told = [
        ListedModel(slug, weights="closed", license="MIT")
        for slug in ("acme/one:free", "newcomer/x")
    ]

    found = listings_told.of(Listing(OURS, NOW, told), lists.registry())

    assert [(c.subject, c.attribute, c.value) for c in found.edit.claims] == [
        ("newcomer/x", "license", "MIT"),
        ("newcomer/x", "weights", "closed"),
    ]


def test_a_list_that_says_the_same_makes_no_release(lists: ListReader) -> None:
    said = many(3, prompt="0.000001", context_length=8, hugging_face_id="acme/m")
    lists.read(*said)
    once = published.told(published.load(lists.database))

    again = lists.later().read(*said)
    same = {"context_length": 8, "hugging_face_id": "acme/m"}
    respelt = lists.later().read(*many(3, prompt="0.0000010", **same))

    assert again.verdict == respelt.verdict == "unchanged"
    assert again.counts == {"in": 3, "new": 0, "changed": 0, "same": 3, "rejected": 0}
    assert again.as_of == NOW + DAY
    assert published.told(published.load(lists.database)) == once


def test_what_a_list_no_longer_says_stays(lists: ListReader) -> None:
    said = entry("acme/one", hugging_face_id="a/b", context_length=8, prompt="0.1")
    others = many(5)
    lists.read(said, *others)
    before = lists.claims("acme/one")

    lists.later().read(entry("acme/one"), *others)
    gone = lists.later().read(*others)

    assert gone.verdict == "unchanged"
    assert lists.claims("acme/one") == before
    assert published.head(lists.database) == 2


def test_a_fact_that_a_list_corrects_is_replaced(lists: ListReader) -> None:
    others = many(5)
    lists.read(entry("acme/one", "One", context_length=8), *others)

    run = lists.later().read(entry("acme/one", "One!", context_length=16), *others)

    assert lists.rows("acme/one", "name", "context_length") == [
        ("context_length", "16", OURS, ALWAYS, None),
        ("name", "One!", OURS, ALWAYS, None),
    ]
    history = lists.registry().history(Subject.MODEL, "acme/one")
    assert {(c.value, c.since, c.until) for c in history} == {
        ("8", 2, 3),
        ("One", 2, 3),
    }
    assert run.counts == {"in": 6, "new": 0, "changed": 1, "same": 5, "rejected": 0}
    assert lists.summary() == "OpenRouter's list of models: 2 other facts."


@pytest.mark.parametrize("source", ["curation", "bundle", "modelsdev"])
def test_what_somebody_else_claims_is_never_touched(
    lists: ListReader, source: str
) -> None:
    told = [
        examples.claim(
            "acme/one", "name", "Uno", source=source, evidence="https://a.b"
        ),
        examples.claim("acme/one", "context_length", "9", source=source),
        examples.claim("acme/one", "price_prompt", "7", source=source, basis="A bill."),
    ]
    published.apply(lists.database, published.claims(*told))
    before = lists.claims("acme/one")

    run = lists.read(entry("acme/one", "One", context_length=8, prompt="0.1"))

    assert run.verdict == "unchanged"
    assert lists.claims("acme/one") == before


def test_a_decision_on_a_listed_fact_stands_from_then_on(lists: ListReader) -> None:
    others = many(5)
    lists.read(entry("acme/one", "One"), *others)
    decided = examples.claim("acme/one", "name", "Uno", valid_from=TOMORROW)
    published.apply(lists.database, published.claims(decided))
    before = lists.claims("acme/one")

    lists.later().read(entry("acme/one", "Un"), *others)

    assert lists.claims("acme/one") == before


def test_a_repository_that_is_known_already_is_kept(lists: ListReader) -> None:
    known = Alias("huggingface", "Acme/One", "acme/one", "base")
    published.apply(lists.database, Edit(aliases=[known]))

    lists.read(entry("acme/one", hugging_face_id="Acme/Other"))

    assert lists.registry().aliases[1:] == (known,)


def test_the_name_of_a_model_does_not_become_that_of_another(lists: ListReader) -> None:
    hijack = entry("evil/x", id="acme/one")

    lists.read(hijack)

    assert [a.target for a in lists.registry().aliases] == ["acme/one"]


def test_the_name_of_a_new_model_does_not_become_that_of_another(
    lists: ListReader,
) -> None:
    lists.say(
        entry("new/x-2026", "X 2026", canonical_slug="new/x-2026", id="new/x"),
        entry("new/x", "X", id="new/x-old"),
    )
    lists.read()

    found = {(a.external_id, a.target) for a in lists.registry().aliases}
    assert {named for named in found if "new/" in named[0]} == {("new/x-old", "new/x")}


def test_what_two_entries_of_one_model_say_differently_is_not_taken(
    lists: ListReader,
) -> None:
    one = {"canonical_slug": "acme/one", "context_length": 8, "completion": "0.2"}
    run = lists.read(
        entry("acme/a", "A", prompt="0.1", **one),
        entry("acme/b", "B", prompt="0.3", **one),
    )

    attributes = ("name", "price_prompt", "context_length", "price_completion")
    assert lists.rows("acme/one", *attributes) == [
        ("context_length", "8", OURS, ALWAYS, None),
        ("price_completion", "0.2", OURS, TODAY, None),
    ]
    assert {(a.external_id, a.target) for a in lists.registry().aliases} == {
        *(("acme/uno", "acme/one"), ("acme/a", "acme/one"), ("acme/b", "acme/one"))
    }
    assert run.counts == {"in": 2, "new": 0, "changed": 2, "same": 0, "rejected": 0}


# One reader at a time


def test_a_list_that_somebody_else_reads_is_left_to_them(lists: ListReader) -> None:
    lists.say(*twenty())
    lease = leases.acquire(lists.database, OURS, "elsewhere", NOW)

    assert lists.try_to_read() is None
    assert verdicts(lists.database) == []

    assert lease is not None
    leases.release(lists.database, lease, NOW)
    assert lists.read().verdict == "published"


def test_a_list_that_another_process_has_just_read_is_not_read_again(
    lists: ListReader,
) -> None:
    lists.say(*twenty())

    assert lists.try_to_read(wanted=lambda: False) is None

    assert verdicts(lists.database) == []
    assert lists.shelf.asked == []
    assert lists.try_to_read(wanted=lambda: True) is not None


def test_a_run_whose_process_ended_is_closed_by_the_next(lists: ListReader) -> None:
    def _die() -> None:
        raise MemoryError

    lists.meanwhile.append(_die)
    lists.say(*twenty())
    with pytest.raises(MemoryError):
        lists.try_to_read()
    assert verdicts(lists.database) == ["running"]

    lists.later().read()

    assert verdicts(lists.database) == ["failed", "published"]
    ended = published.run_row(lists.database, 1).reason
    assert ended == "The process ended before the run did."


def test_a_reader_that_wakes_up_late_writes_nothing(lists: ListReader) -> None:
    other = ListReader(lists.database, lists.shelf, lists.client, NOW + leases.LASTS)
    lists.meanwhile.append(other.try_to_read)

    late = lists.read(*twenty())

    assert late.verdict == "failed"
    assert late.reason == (f"Another process reads {OURS} by now; nothing was written.")
    assert published.head(lists.database) == 2
    assert published.load(lists.database).release.run != late.id


def test_each_reading_leaves_one_line_in_the_log(lists: ListReader) -> None:
    with capture_logs() as lines:
        run = lists.read(*twenty())

    assert lines == [
        {
            "event": "list of models read",
            "log_level": "info",
            "source": OURS,
            "run": run.id,
            "verdict": "published",
            "release": 2,
            "new": 20,
            "changed": 0,
            "same": 0,
            "rejected": 0,
        }
    ]


# models.dev


def test_modelsdev_adds_to_the_models_that_its_names_stand_for(
    lists: ListReader,
) -> None:
    twice = Alias("openrouter", "acme/uno-two", "acme/one")
    also = Alias("openrouter", "acme/uno-two", "bolt/two:free")
    published.apply(lists.database, Edit(aliases=[twice, also]))
    told = {"release_date": "2026-05", "limit": {"context": 8}}

    run = lists.read_modelsdev(
        **dict.fromkeys(("acme/uno", "acme/uno-two", "nobody/x"), told)
    )

    assert lists.rows("acme/one", "name", "released_on", "context_length") == [
        ("context_length", "8", "modelsdev", ALWAYS, None),
        ("name", "acme/uno", "modelsdev", ALWAYS, None),
        ("released_on", "2026-05", "modelsdev", ALWAYS, None),
    ]
    assert lists.rows("bolt/two:free", "released_on") == []
    assert set(lists.registry().models) == {"acme/one", "bolt/two:free"}
    assert run.counts == {"in": 3, "new": 0, "changed": 1, "same": 0, "rejected": 2}
    assert lists.summary() == "models.dev: 3 new facts."


def test_modelsdev_leaves_what_the_list_of_openrouter_says(lists: ListReader) -> None:
    lists.read(entry("acme/one", "One"))

    lists.read_modelsdev(**{"acme/one": {"release_date": "2026-05-01"}})

    assert lists.rows("acme/one", "name", "released_on") == [
        ("name", "One", OURS, ALWAYS, None),
        ("released_on", "2026-05-01", "modelsdev", ALWAYS, None),
    ]
