"""What the pages say of the code is so."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from tests.house.tree import ROOT, files, modules

README = (ROOT / "README.md").read_text()
METHOD = (ROOT / "docs" / "method.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
PAGES = [path for path in files() if path.suffix == ".md"]

OF_WRITING_AND_RUNNING = {
    "HeldDayData",
    "Problem",
    "PushCounts",
    "PushedAnswer",
    "RunData",
    "SourceStatus",
}
# What numbers a thing or counts the rows at hand needs no method.
COUNTED = {"bytes", "count", "id", "run", "rows"}
MOST_LINES_OF_A_DECISION = 50


def anchor(heading: str) -> str:
    """Return the anchor that a heading has where the pages are shown."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def headings(text: str) -> list[str]:
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)


def links(text: str) -> list[str]:
    """Return the targets of links that stay in the project."""
    found: list[str] = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in found if "://" not in target]


def default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value is None:
        return "none"
    if isinstance(value, Path):
        return "in the package"
    if not isinstance(value, str | int):
        value = Settings.model_construct().model_dump(mode="json")[name]
    return f"`{str(value).rstrip('/')}`"


def setting_row(name: str) -> str:
    description = Settings.model_fields[name].description
    return f"| `MODELCENSUS_{name.upper()}` | {default(name)} | {description} |"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_each_setting_is_described(name: str) -> None:
    description = Settings.model_fields[name].description

    assert description
    assert description.endswith(".")
    assert setting_row(name) in README.splitlines()


def test_no_setting_is_described_that_is_not_there() -> None:
    described = re.findall(r"^\| `MODELCENSUS_([A-Z_]+)`", README, re.MULTILINE)

    assert described == [name.upper() for name in Settings.model_fields]


def test_each_command_of_the_readme_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))

    assert {"serve", "test"} <= named
    assert named <= targets


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)

    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607 - make is where the machine has it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert {line.split()[0] for line in shown.splitlines()} == set(phony.split())


def numbers(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the fields of a schema that hold a number."""
    for name, field in schema.get("properties", {}).items():
        kinds = {kind.get("type") for kind in (field, *field.get("anyOf", ()))}
        if kinds & {"integer", "number"}:
            yield name


def test_the_method_names_every_published_number() -> None:
    contract = json.loads((ROOT / "openapi" / "openapi.json").read_text())
    schemas = contract["components"]["schemas"]
    published = {
        # Then and now are told of once, for all of them.
        re.sub("_(then|now)$", "_then", name)
        for title, schema in schemas.items()
        if title not in OF_WRITING_AND_RUNNING
        for name in numbers(schema)
    }
    named = set(re.findall(r"`([a-z][a-z0-9_]*)`", METHOD))

    assert {"share_low", "volume_28d", "share_then"} <= published
    assert {re.sub("_then$", "", name) for name in published} - named <= COUNTED


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page.read_text()):
        name, _, fragment = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        if fragment:
            anchors = {anchor(heading) for heading in headings(there.read_text())}
            assert fragment in anchors, target


def test_pages_link_to_each_other() -> None:
    assert {"docs/method.md", "CHANGELOG.md", "LICENSE"} <= set(links(README))
    assert len(links(METHOD)) > 10


def test_sections_that_code_refers_to_exist() -> None:
    known = set(headings(METHOD))
    pattern = re.compile(r'method\.md, sections?\s+("[^"]+"(?:,?(?: and)?\s+"[^"]+")*)')
    named = {
        name
        for path in modules("app")
        for found in pattern.findall(path.read_text())
        for name in re.findall(r'"([^"]+)"', found)
    }

    assert {"Bounds", "Share"} <= named
    assert named <= known


def test_the_changelog_keeps_its_form() -> None:
    lines = CHANGELOG.splitlines()
    releases = [line for line in lines if line.startswith("## ")]
    kinds = {line.removeprefix("### ") for line in lines if line.startswith("### ")}
    entry = re.compile(r"(#{1,3} .+|- [A-Z`/].+|  \S.*|)")

    assert lines[0] == "# Changelog"
    assert releases[0] == "## Unreleased"
    assert all(
        re.fullmatch(r"## \d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", r) for r in releases[1:]
    )
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    body = lines[lines.index("## Unreleased") :]
    assert [line for line in body if not entry.fullmatch(line)] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert len(numbers) > 5


@pytest.mark.parametrize("path", DECISIONS, ids=[p.name for p in DECISIONS])
def test_a_decision_keeps_its_form(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert re.fullmatch(rf"# {path.name[:4]} \S.+", lines[0])
    assert re.fullmatch(
        r"Status: (proposed|accepted|superseded by \d{4}), \d{4}-\d\d-\d\d", lines[2]
    )
    assert [line[3:] for line in lines if line.startswith("## ")] == [
        "Context",
        "Decision",
        "Consequences",
        "Considered",
    ]
    assert len(lines) <= MOST_LINES_OF_A_DECISION
