"""A dataset of one's own, declared by command, and pushed into as the README says."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from app.store import work
from app.store.database import Database
from tests.api.gateway import opened
from tests.cli.conftest import Run
from tests.house.tree import ROOT
from tests.services import published

README = (ROOT / "README.md").read_text()
SECTION = README.partition("## Publish your own numbers")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
ADD = (
    *("datasets", "add", "our-gateway", "--name", "Our gateway"),
    *("--publisher", "Example Corp", "--license", "CC-BY-4.0"),
    *("--citation", "Source: Example Corp, as of {as_of}."),
    *("--url", "https://example.com/usage", "--by", "Ann"),
)


def commands(block: str) -> list[list[str]]:
    """Return the commands of a block, each as its words."""
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def test_the_readme_publishes(bundled: Database, run: Run, tmp_path: Path) -> None:
    declaring, sending = BLOCKS
    declared, made = [run(*words[1:]) for words in commands(declaring)]
    assert (declared.code, declared.out) == (0, ["our-gateway: release 6"])
    (key,) = made.out
    printf, curl = sending.replace("\\\n", " ").splitlines()
    subprocess.run(["/bin/sh", "-c", printf], cwd=tmp_path, check=True)  # noqa: S603
    words = shlex.split(curl.replace("$KEY", key))
    headers = dict(w.split(": ") for w in words if ": " in w)
    body = (tmp_path / words[words.index("--data-binary") + 1][1:]).read_bytes()
    client = opened(bundled, key).client

    reply = client.post(
        words[-1].removeprefix("http://127.0.0.1:8000"), content=body, headers=headers
    )

    assert reply.status_code == 201, reply.text
    assert reply.json()["release"] == 7
    (asked,) = re.findall(r"`(/v1/share\?\S+)`", SECTION)
    answer = client.get(asked).json()
    assert [(row["origin"], row["volume"]) for row in answer["data"]] == [
        ("US", 1_200_000),
        ("CN", 800_000),
        ("unknown", 70_000),
    ]
    assert "tokens at Example Corp" in answer["meta"]["quote"]


def test_a_declaration_is_one_release_and_says_who_made_it(
    bundled: Database, run: Run
) -> None:
    ended = run(*ADD)

    assert (ended.code, ended.out) == (0, ["our-gateway: release 6"])
    snapshot = published.load(bundled)
    assert snapshot.release.summary == (
        "New dataset: Our gateway (tokens processed of Example Corp)."
    )
    dataset = snapshot.datasets["our-gateway"].dataset
    assert (dataset.scope, dataset.unit, dataset.grain, dataset.revision_days) == (
        "tokens on Example Corp",
        "tokens",
        "day",
        7,
    )
    with bundled.read() as session:
        row = session.scalars(work.last_runs()).all()[0]
        assert (row.source, row.decided_by, row.verdict) == (
            "registry",
            "Ann",
            "published",
        )
        assert session.scalars(work.contract("our-gateway")).all() == ["steady"]


@pytest.mark.usefixtures("bundled")
def test_the_same_declaration_again_says_so(run: Run) -> None:
    run(*ADD)

    ended = run(*ADD)

    assert (ended.code, ended.out) == (0, ["our-gateway: declared already"])


def test_another_declaration_of_the_same_name_is_refused(
    bundled: Database, run: Run
) -> None:
    run(*ADD)

    ended = run(*ADD, "--top", "50", "--contract", "rankings")

    assert (ended.code, ended.err) == (
        1,
        [
            (
                "modelcensus: top_n: our-gateway is declared already, and otherwise: "
                "top_n is None; contract is steady. What is published is not declared "
                "again: choose another slug"
            )
        ],
    )
    assert published.head(bundled) == 6


REFUSED = {
    "--license": ("CC-BY", "license: give the SPDX identifier of a licence for data"),
    "--url": ("our page", "url: give the address of a page about the numbers"),
    "--citation": ("{x}", "citation: only {as_of}, the moment of the numbers"),
    "--contract": ("strict", "contract: no such contract"),
}


@pytest.mark.parametrize("option", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(
    bundled: Database, run: Run, option: str
) -> None:
    value, sentence = REFUSED[option]

    ended = run(*ADD, option, value)

    assert (ended.code, len(ended.err)) == (1, 1)
    assert ended.err[0].startswith(f"modelcensus: {sentence}")
    assert published.head(bundled) == 5


@pytest.mark.usefixtures("bundled")
def test_a_dimension_that_there_is_not_is_refused(run: Run) -> None:
    ended = run(*ADD, "--dimensions", "origin,colour")

    assert ended.code == 2
    assert "'colour' is not one of" in " ".join(ended.err)


@pytest.mark.usefixtures("bundled")
def test_datasets_are_listed(run: Run) -> None:
    run(*ADD)

    ended = run("datasets", "list")

    assert (ended.code, sorted(ended.out)) == (
        0,
        [
            (
                "ai-tools-directory: tools listed of A public directory of AI tools, "
                "LicenseRef-unstated; 2026-10-10 to 2026-10-10"
            ),
            (
                "openrouter-tokens: tokens processed of OpenRouter, CC-BY-4.0; "
                "2026-03-30 to 2026-08-21"
            ),
            "our-gateway: tokens processed of Example Corp, CC-BY-4.0; no days yet",
        ],
    )


def test_dimensions_are_kept_in_the_order_of_the_contract(
    bundled: Database, run: Run
) -> None:
    run(*ADD, "--dimensions", "model,origin", "--no-additive", "--cadence-hours", "6")

    dataset = published.load(bundled).datasets["our-gateway"].dataset
    assert dataset.dimensions == ("origin", "model")
    assert (dataset.additive, dataset.cadence_hours) == (False, 6)


def test_a_dataset_has_one_key_to_it(bundled: Database, run: Run) -> None:
    run(*ADD)
    key = ("keys", "create", "Gate", "--scope", "ingest", "--dataset")
    assert run(*key, "our-gateway").code == 0

    second, unknown = run(*key, "our-gateway"), run(*key, "our-gatewa")

    assert (second.code, unknown.code) == (1, 1)
    assert "owns it; revoke that one first" in second.err[0]
    assert "Did you mean our-gateway?" in unknown.err[0]
    with bundled.read() as session:
        assert len(session.scalars(work.api_keys()).all()) == 1
