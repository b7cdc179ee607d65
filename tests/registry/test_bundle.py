"""The bundled files hold together, and say what is published of them."""

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from app.domain.datasets import Annotation, Dataset
from app.domain.registry import Dimension
from tests.house.tree import ROOT
from tests.registry.bundled import (
    BUNDLE,
    DATASETS,
    DECLARED,
    FOLDER,
    MODELS,
    PROVIDERS,
    USAGE,
    Row,
    table,
)

SORTED_BY_SLUG = ["providers.csv", "models.csv", "categories.csv"]
TABLES = [*SORTED_BY_SLUG, "openrouter-tokens.csv"]
RELEASES: list[dict[str, Any]] = BUNDLE["releases"]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def days() -> dict[date, list[Row]]:
    found = defaultdict(list)
    for row in USAGE:
        found[date.fromisoformat(row["date"])].append(row)
    return found


def total(day: date, slug: str | None = None) -> int:
    return sum(
        int(row["total_tokens"])
        for row in days()[day]
        if slug in {None, row["model_permaslug"]}
    )


# Files


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_written_plainly(name: str) -> None:
    data = (FOLDER / name).read_bytes()

    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    rows = table(name)
    assert all(None not in row and None not in row.values() for row in rows)
    cells = [cell for row in rows for cell in row.values()]
    assert cells == [cell.strip() for cell in cells]


@pytest.mark.parametrize("name", SORTED_BY_SLUG)
def test_a_table_is_sorted_and_says_nothing_twice(name: str) -> None:
    slugs = [row["slug"] for row in table(name)]

    assert slugs == sorted(set(slugs))


def test_columns_are_those_that_loading_knows() -> None:
    columns = {name: ",".join(table(name)[0]) for name in TABLES}

    assert columns == {
        "providers.csv": "slug,name,organisation,kind,lab,origin,alternatives,"
        "confidence,basis,evidence",
        "models.csv": "slug,base,variant,name,provider,family,weights,"
        "weights_confidence,weights_basis,license,released_on,context_length,"
        "openrouter_id,hugging_face_id",
        "categories.csv": "slug,name,tools_listed",
        "openrouter-tokens.csv": "date,model_permaslug,total_tokens,as_of",
    }


def test_the_page_beside_the_files_counts_them_right() -> None:
    page = (FOLDER / "README.md").read_text()
    counts = {name: f"{len(table(name)):,}" for name in TABLES}
    counts["datasets.json"] = str(len(DATASETS))
    counts["declared.json"] = str(len(DECLARED))

    stated = re.findall(r"^\| `([^`]+)` \| ([\d,]+) \|", page, re.MULTILINE)
    assert dict(stated) == counts
    assert {path.name for path in FOLDER.iterdir()} == {
        "README.md",
        "bundle.json",
        *counts,
    }


# Usage


def test_usage_is_as_it_was_read() -> None:
    data = (FOLDER / "openrouter-tokens.csv").read_bytes()

    digest = "fcceb978ced3c28a8cce6e92e100f54e6ee44d0c5e111c7e58c53d1ebfd86ae4"
    assert sha256(data).hexdigest() == digest


def test_145_days_of_50_models_and_the_remainder() -> None:
    found = days()

    assert list(found) == [date(2026, 3, 30) + timedelta(n) for n in range(145)]
    for rows in found.values():
        slugs = [row["model_permaslug"] for row in rows]
        volumes = [int(row["total_tokens"]) for row in rows[:-1]]
        assert len(set(slugs)) == 51
        assert slugs[-1] == "other"
        assert volumes == sorted(volumes, reverse=True)
        assert len({row["as_of"] for row in rows}) == 1


def test_each_model_that_was_used_is_in_the_registry() -> None:
    used = {row["model_permaslug"] for row in USAGE} - {"other"}

    assert len(used) > 150
    assert used - set(MODELS) == set()


def test_each_model_that_was_used_has_a_name() -> None:
    used = {row["model_permaslug"] for row in USAGE} - {"other"}

    assert [slug for slug in used if not MODELS[slug]["name"]] == []


def test_april_adds_up_to_what_is_published() -> None:
    volumes: Counter[str] = Counter()
    for row in USAGE:
        if row["date"].startswith("2026-04"):
            slug = row["model_permaslug"]
            provider = MODELS[slug]["provider"] if slug in MODELS else ""
            origin = PROVIDERS[provider]["origin"] if provider else ""
            volumes[origin or "unknown"] += int(row["total_tokens"])

    attributed = volumes.total() - volumes["unknown"]
    assert volumes.total() == 97_142_542_677_421
    assert volumes["CN"] == 44_129_943_053_400
    assert round(volumes["CN"] / volumes.total(), 6) == 0.454280
    assert round(volumes["CN"] / attributed, 6) == 0.503403
    assert round(attributed / volumes.total(), 6) == 0.902419


def test_china_among_open_weights_in_april_is_what_is_published() -> None:
    volumes: Counter[str] = Counter()
    for row in USAGE:
        weights = MODELS.get(row["model_permaslug"], {}).get("weights")
        if row["date"].startswith("2026-04") and weights == "open":
            provider = MODELS[row["model_permaslug"]]["provider"]
            volumes[PROVIDERS[provider]["origin"]] += int(row["total_tokens"])

    assert round(volumes["CN"] / volumes.total(), 4) == 0.8244


# Datasets and releases


def test_datasets_are_told_as_the_domain_knows_them() -> None:
    datasets = [
        Dataset(
            **fields
            | {
                "dimensions": tuple(map(Dimension, fields["dimensions"])),
                "default_group": Dimension(fields["default_group"]),
                "caveats": tuple(fields["caveats"]),
            }
        )
        for fields in DATASETS
    ]

    assert [d.slug for d in datasets] == ["openrouter-tokens", "ai-tools-directory"]
    assert [d.license for d in datasets] == ["CC-BY-4.0", "LicenseRef-unstated"]
    assert [d.top_n for d in datasets] == [50, None]
    assert all(d.default_group in d.dimensions for d in datasets)
    assert all("{as_of}" in d.citation for d in datasets)


def test_caveats_have_their_paragraph() -> None:
    method = (ROOT / "docs" / "method.md").read_text()
    told = [*DATASETS, *DECLARED]
    caveats = {caveat for dataset in told for caveat in dataset["caveats"]}

    assert len(caveats) == 9
    assert caveats <= set(re.findall(r"^### (\S+)$", method, re.MULTILINE))


def test_five_releases_in_order() -> None:
    published = [moment(release["published_at"]) for release in RELEASES]

    assert [(r["kind"], r.get("dataset"), r["files"]) for r in RELEASES] == [
        ("registry", None, ["providers.csv", "models.csv"]),
        ("data", "ai-tools-directory", ["categories.csv"]),
        ("data", "openrouter-tokens", ["openrouter-tokens.csv"]),
        ("data", "openrouter-tokens", ["openrouter-tokens.csv"]),
        ("data", "openrouter-tokens", ["openrouter-tokens.csv"]),
    ]
    assert all(earlier < later for earlier, later in pairwise(published))
    assert {p.date() for p in published} == {date(2026, 10, 11)}


def test_nothing_is_published_before_it_was_read() -> None:
    readings = {moment(row["as_of"]) for row in USAGE}
    readings |= {moment(r["as_of"]) for r in RELEASES if "as_of" in r}

    assert max(readings) <= min(moment(r["published_at"]) for r in RELEASES)


def test_each_reading_of_usage_is_one_release() -> None:
    read = defaultdict(list)
    for row in USAGE:
        read[row["as_of"]].append(row["date"])
    usage = [r for r in RELEASES if r.get("dataset") == "openrouter-tokens"]

    told = [(r["as_of"], r["start_date"], r["end_date"]) for r in usage]
    assert told == [(a, min(d), max(d)) for a, d in sorted(read.items())]
    for release in usage:
        assert release["start_date"] in release["summary"]
        assert release["end_date"] in release["summary"]
        assert release["as_of"].replace("T", " at ")[:19] in release["summary"]


def test_the_counts_of_a_directory_are_of_a_day_that_had_ended() -> None:
    (release,) = [r for r in RELEASES if r.get("dataset") == "ai-tools-directory"]
    tools = [int(row["tools_listed"]) for row in table("categories.csv")]

    last = date.fromisoformat(release["end_date"])
    assert release["start_date"] == release["end_date"]
    assert moment(release["as_of"]).date() > last
    assert f"{len(tools)} categories" in release["summary"]
    assert min(tools) > 0


def test_the_registry_says_how_much_it_holds() -> None:
    summary = RELEASES[0]["summary"]

    assert summary.startswith(f"{len(PROVIDERS)} providers and {len(MODELS)} models")


def test_held_days_are_accepted_with_a_true_reason() -> None:
    accepted = {date.fromisoformat(a["day"]): a["reason"] for a in BUNDLE["accepted"]}
    launch, jump = date(2026, 4, 3), date(2026, 4, 8)
    day = timedelta(1)
    model = "qwen/qwen3.6-plus-04-02:free"

    assert list(accepted) == [launch, jump]
    first, told = launch - day, accepted[launch]
    assert total(first - day, model) == 0
    assert f"{model}, listed for the first time the day before with" in told
    assert f"{billions(first, model)} billion tokens" in told
    assert f"{total(launch, model) / 1e12:.2f} trillion" in told
    assert part(total(launch, model), total(launch)) in told
    preview, fallen = "qwen/qwen3.6-plus-preview:free", "xiaomi/mimo-v2-pro-20260318"
    assert f"preview ({billions(first, preview)} billion) is no longer listed" in told
    assert total(launch, preview) == 0
    fell = f"falls from {billions(first, fallen)} to {billions(launch, fallen)} billion"
    assert fell in told
    assert part(total(launch) - total(first), total(first)) in told
    eve, told = jump - day, accepted[jump]
    assert f"{model}, with {billions(eve, model)} billion" in told
    assert part(total(eve, model), total(eve)) in told
    assert f"{(total(eve) - total(jump)) / 1e9:.0f} billion" in told
    assert total(jump, model) == 0


def billions(day: date, model: str) -> str:
    return f"{total(day, model) / 1e9:.0f}"


def part(of: int, whole: int) -> str:
    return f"{of / whole:.1%}".replace("%", " %")


def test_annotations_speak_of_days_and_models_that_are_there() -> None:
    notes = [
        Annotation(
            **fields
            | {
                "date_from": date.fromisoformat(fields["date_from"]),
                "date_to": fields["date_to"] and date.fromisoformat(fields["date_to"]),
            }
        )
        for fields in BUNDLE["annotations"]
    ]
    known = set(days())

    assert notes == sorted(notes, key=lambda note: note.date_from)
    for note in notes:
        assert note.kind in {"variant", "stealth", "reading"}
        assert {note.date_from, note.date_to or note.date_from} <= known
        named = re.findall(r"\b[a-z]+/[\w.:-]*\w", note.text)
        assert set(named) <= set(MODELS)
        assert bool(named) is (note.kind != "reading")


def test_a_stealth_model_is_listed_on_the_days_of_its_note() -> None:
    notes = {
        note["text"].partition(",")[0].partition(" ")[0]: note
        for note in BUNDLE["annotations"]
        if note["kind"] == "stealth"
    }
    listed = defaultdict(list)
    for row in USAGE:
        if row["model_permaslug"].partition("/")[0] in {"openrouter", "stealth"}:
            listed[row["model_permaslug"]].append(row["date"])

    told = {
        s: (n["date_from"], n["date_to"] or n["date_from"]) for s, n in notes.items()
    }
    assert told == {slug: (found[0], found[-1]) for slug, found in listed.items()}
