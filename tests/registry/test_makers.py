"""The bundled registry says who made what, and how sure we are."""

import re
from collections import Counter, defaultdict
from datetime import date

import pytest

from app.domain.periods import parse_date
from app.domain.registry import RESERVED, Attribution, Confidence, Subject
from app.services.origins import countries
from tests.registry.bundled import MODELS, PROVIDERS, Row

CLAIMED = [*PROVIDERS.values(), *MODELS.values()]


def claim(provider: Row) -> Attribution:
    """Return what a row of providers.csv claims of the origin."""
    return Attribution(
        Subject.PROVIDER,
        provider["slug"],
        "origin",
        provider["origin"],
        Confidence(provider["confidence"]),
        provider["basis"],
        tuple(provider["alternatives"].split()),
    )


# Providers


def test_no_provider_bears_a_reserved_slug() -> None:
    assert set(PROVIDERS) & RESERVED == set()


def test_origins_are_countries() -> None:
    origins = {
        origin
        for row in PROVIDERS.values()
        for origin in [row["origin"], *row["alternatives"].split()]
    } - {""}

    assert "CN" in origins
    assert origins - set(countries()) == set()


def test_each_provider_says_who_it_is_and_why_we_think_so() -> None:
    for row in PROVIDERS.values():
        assert row["name"]
        assert row["organisation"]
        assert row["kind"] in {"lab", "finetuner", "community", "pseudo"}
        assert row["confidence"] in set(Confidence)
        assert row["evidence"] == "" or row["evidence"].startswith("https://")


def test_what_hides_a_maker_claims_neither_origin_nor_lab() -> None:
    hiding = {slug for slug, row in PROVIDERS.items() if row["kind"] == "pseudo"}

    assert hiding == {"openrouter", "stealth"}
    assert {(PROVIDERS[s]["origin"], PROVIDERS[s]["lab"]) for s in hiding} == {("", "")}


def test_a_lab_bears_the_slug_of_one_of_its_providers() -> None:
    labs = defaultdict(set)
    for slug, row in PROVIDERS.items():
        labs[row["lab"]].add(slug)
    del labs[""]

    assert all(lab in members for lab, members in labs.items())
    assert [sorted(members) for members in labs.values() if len(members) > 1] == [
        ["alibaba", "qwen"],
        ["bytedance", "bytedance-seed"],
        ["meta", "meta-llama"],
    ]


def test_the_providers_of_a_lab_have_one_origin() -> None:
    origins = defaultdict(set)
    for row in PROVIDERS.values():
        origins[row["lab"]].add(row["origin"])

    assert [lab for lab, found in origins.items() if len(found) > 1] == []


def test_doubt_widens_what_is_possible() -> None:
    claims = [claim(row) for row in PROVIDERS.values() if row["origin"]]
    disputed = {c.subject: c for c in claims if c.confidence is Confidence.DISPUTED}
    open_ones = {c.subject for c in claims if c.possible().negated}

    assert {s: (c.value, *c.alternatives) for s, c in disputed.items()} == {
        "poolside": ("US", "FR"),
        "tngtech": ("DE", "CN"),
    }
    assert open_ones == {"dots-studio", "gryphe", "infermatic"}
    assert all(not c.alternatives for c in claims if c.subject not in disputed)


def test_alternatives_belong_to_a_claim_and_differ_from_it() -> None:
    for row in PROVIDERS.values():
        alternatives = row["alternatives"].split()
        assert row["origin"] or not alternatives
        assert row["origin"] not in alternatives


@pytest.mark.parametrize("column", ["basis", "weights_basis"])
def test_a_basis_is_a_sentence_for_readers(column: str) -> None:
    texts = {row[column] for row in CLAIMED if row.get(column)}
    inside = re.compile(r"facets|thread-|recovered|leave null|decide|policy choice")

    assert len(texts) > 10
    assert [text for text in texts if inside.search(text)] == []
    assert [text for text in texts if not re.fullmatch(r"\S.*\.", text)] == []


# Models


def test_each_model_has_a_provider_who_is_named_in_its_slug() -> None:
    named = {slug: slug.partition("/")[0] for slug in MODELS}

    assert {slug: row["provider"] for slug, row in MODELS.items()} == named
    assert set(named.values()) <= set(PROVIDERS)


def test_base_and_variant_are_read_from_the_slug() -> None:
    for slug, row in MODELS.items():
        base, _, variant = slug.partition(":")
        assert (row["base"], row["variant"]) == (base, variant or "standard")


def test_no_variant_is_called_as_a_reserved_word() -> None:
    assert {row["variant"] for row in MODELS.values()} & RESERVED == set()


def test_variants_of_a_base_agree_on_all_that_is_not_theirs() -> None:
    shared = ["family", "weights", "weights_confidence", "weights_basis", "license"]
    claims = defaultdict(set)
    for row in MODELS.values():
        claims[row["base"]].add(tuple(row[name] for name in shared))

    assert [base for base, found in claims.items() if len(found) > 1] == []


def test_weights_are_claimed_with_confidence_and_basis_or_not_at_all() -> None:
    settled = {"high", "medium", "low"}
    for row in MODELS.values():
        stated = [bool(row[c]) for c in ("weights_confidence", "weights_basis")]
        assert row["weights"] in {"open", "closed", ""}
        assert stated == [bool(row["weights"])] * 2
        assert row["weights_confidence"] in settled | {""}


def test_closed_weights_are_licensed_as_such() -> None:
    pairs = Counter((row["weights"], row["license"]) for row in MODELS.values())

    assert set(pairs) == {("open", ""), ("closed", "proprietary"), ("", "")}


def test_families_are_the_lines_that_readers_ask_for() -> None:
    labs = defaultdict(set)
    for row in MODELS.values():
        labs[row["family"]].add(PROVIDERS[row["provider"]]["lab"])
    named = {row["provider"] for row in MODELS.values() if row["family"]}
    unnamed = {row["provider"] for row in MODELS.values() if not row["family"]}

    asked = {"deepseek", "qwen", "kimi", "glm", "claude", "gpt", "gpt-oss", "gemini"}
    asked |= {"gemma", "llama", "mistral", "grok", "minimax", "mimo", "hunyuan", "o"}
    assert asked <= set(labs)
    assert set(labs) & RESERVED == set()
    assert all(re.fullmatch(r"[a-z0-9-]+", family) for family in set(labs) - {""})
    assert named & unnamed == set()
    assert unnamed == {"openrouter", "stealth", "switchpoint", "alfredpros", "venice"}
    del labs[""]
    assert {family: found for family, found in labs.items() if len(found) > 1} == {}


def test_a_release_date_is_a_day_or_a_month() -> None:
    stated = [row["released_on"] for row in MODELS.values() if row["released_on"]]

    assert len(stated) > 500
    assert all(parse_date(text).first >= date(2022, 1, 1) for text in stated)


def test_lengths_of_context_are_counts() -> None:
    lengths = {row["context_length"] for row in MODELS.values()} - {""}

    assert all(re.fullmatch(r"[1-9]\d*", length) for length in lengths)
