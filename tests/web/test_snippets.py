"""What the guides show to be typed does what they say."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from app.console import app as console
from app.settings import Settings
from tests.house.tree import ROOT
from tests.web.conftest import Host, visiting
from tests.web.snippets import (
    EXAMPLE,
    GUIDES,
    Snippet,
    addresses,
    commands,
    snippets,
)

PROGRAMS = {
    "python": [sys.executable, "-W", "error", "-c"],
    "r": ["Rscript", "-e"],
    "sh": ["bash", "-euo", "pipefail", "-c"],
    "ts": ["node", "--input-type=module", "-e"],
}


def each(*languages: str) -> pytest.MarkDecorator:
    """Give a test each snippet of these languages that this machine can run."""
    found = [s for s in snippets(*languages) if shutil.which(_program(s))]
    return pytest.mark.parametrize("snippet", found, ids=[str(s) for s in found])


def _program(snippet: Snippet) -> str:
    return PROGRAMS.get(snippet.language, ["sh"])[0]


def run(snippet: Snippet, served: str, folder: Path) -> str:
    """Run code of a guide; what it prints, with the addresses of the guide."""
    clean = {k: v for k, v in os.environ.items() if "MODELCENSUS" not in k}
    done = subprocess.run(  # noqa: S603 - code of our own documents
        [*PROGRAMS[snippet.language], snippet.code.replace(EXAMPLE, served)],
        cwd=folder,
        env=clean | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(served, EXAMPLE)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder of one's own, in which the command is known."""
    command = tmp_path / "modelcensus"
    command.write_text(
        "#!/bin/sh\nMODELCENSUS_LOG_LEVEL=ERROR "
        f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m app "$@"\n'
    )
    command.chmod(0o755)
    return tmp_path


def test_nothing_that_is_shown_is_passed_over() -> None:
    fences = sum(path.read_text().count("```") for path in GUIDES)
    known = {*PROGRAMS, "http", "html", "ini", "markdown", "sheets", "text"}
    found = snippets(*known)

    assert sum(1 + (s.shown is not None) for s in found) * 2 == fences
    assert {s.language for s in found} == known


@each("python", "r", "ts")
def test_a_program_prints_what_the_guide_says(
    served_bundle: str, tmp_path: Path, snippet: Snippet
) -> None:
    printed = run(snippet, served_bundle, tmp_path)

    assert printed == (snippet.shown or "")


@pytest.mark.parametrize("document", ["services", "embedders", "operators"])
def test_commands_do_what_the_guide_says(
    served_bundle: str, desk: Path, document: str
) -> None:
    found = [s for s in snippets("sh") if s.document == document]

    assert found
    for snippet in found:
        if "sqlite3" in snippet.code and not shutil.which("sqlite3"):
            continue
        printed = run(snippet, served_bundle, desk)
        assert printed.strip(), snippet
        # Agents are told of failures within an answer that is fine.
        assert '"isError":true' not in printed
        assert snippet.shown in {None, printed}


def test_no_guide_has_commands_that_are_not_run() -> None:
    found = {snippet.document for snippet in snippets("sh")}

    assert found == {"services", "embedders", "operators"}


def test_every_address_answers(bundled: TestClient) -> None:
    public = "https://census.example"
    # What is only the beginning of an address.
    named = set(addresses()) - {"/*", "/oembed"}
    asked = {path: bundled.get(path.replace(EXAMPLE, public)) for path in named}

    assert len(asked) > 30
    wrong = {path: reply.status_code for path, reply in asked.items()}
    assert {p: s for p, s in wrong.items() if s != 200} == {
        "/v1/share?origin=China": 422,
        # Agents post there.
        "/mcp": 405,
    }


def test_a_cell_of_a_sheet_holds_what_the_guide_says(bundled: TestClient) -> None:
    formula = re.compile(rf'=INDEX\(IMPORTDATA\("{EXAMPLE}(.*)"\), (\d+), (\d+)\)\n')
    cells = [s for s in snippets("sheets") if formula.fullmatch(s.code)]

    assert len(cells) == 1
    for cell in cells:
        found = formula.fullmatch(cell.code)
        assert found
        path, row, column = found.groups()
        table = list(csv.reader(io.StringIO(bundled.get(path).text)))
        assert f"{table[int(row) - 1][int(column) - 1]}\n" == cell.shown


@each("http")
def test_a_table_is_what_the_guide_says(bundled: TestClient, snippet: Snippet) -> None:
    reply = bundled.get(snippet.code.removeprefix("GET ").strip())

    assert reply.text.splitlines() == (snippet.shown or "").splitlines()


@pytest.mark.browser
@each("html")
def test_what_is_pasted_into_a_page_shows_there(
    served_bundle: str, browser: Browser, hosted: Host, snippet: Snippet
) -> None:
    # `open`: of a site that does not ask what it shows to agree to it.
    url = hosted(snippet.code.replace(EXAMPLE, served_bundle))
    with visiting(browser) as visit:
        visit.page.goto(f"{url}?open", wait_until="networkidle")
        pictures = visit.page.locator("img").evaluate_all(
            "all => Promise.all(all.map(async i => {"
            " i.loading = 'eager'; await i.decode(); return i.naturalWidth > 300 }))"
        )
        frames = [f for f in visit.page.frames if f.url.startswith(served_bundle)]
        told = visit.page.locator("#share").all_inner_texts()

        assert all(pictures)
        assert pictures or frames or told
        assert all(frame.locator("h1, h2, table").count() for frame in frames)
        assert all("OpenRouter" in each and "release" in each for each in told)
        assert visit.complaints == []


@each("ini")
def test_settings_are_those_there_are(
    snippet: Snippet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in snippet.code.splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
        field = name.removeprefix("MODELCENSUS_").lower()
        assert str(getattr(Settings(_env_file=None), field)).rstrip("/") == value


def test_commands_are_those_there_are() -> None:
    named = commands()

    assert ["ingest"] in [words[:1] for words in named]
    assert ["runs", "accept"] in named
    for words in named:
        known = typer.main.get_command(console)
        for word in words:
            # What follows a command that has no commands is a name.
            if not hasattr(known, "commands"):
                break
            assert word in known.commands, words
            known = known.commands[word]
