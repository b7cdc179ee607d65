"""What the README shows at a terminal and in Python is what comes out."""

import re
import shlex
from pathlib import Path

import pytest

from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.cli.conftest import Run
from tests.house.tree import ROOT
from tests.web.conftest import serving

README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(title: str) -> list[str]:
    """Return what is fenced in a section."""
    section = README.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [text for _, text in FENCE.findall(section)]


@pytest.mark.usefixtures("bundled")
def test_the_readme_asks_at_a_terminal(run: Run, tmp_path: Path) -> None:
    first, shown, others = blocks("Ask at a terminal")

    ended = run(*shlex.split(first)[1:])
    ends = [run(*shlex.split(line)[1:]) for line in others.splitlines()]

    assert (ended.code, ended.err) == (0, [])
    assert [line.rstrip() for line in ended.out] == shown.splitlines()
    assert [(one.code, one.err) for one in ends] == [(0, [])] * 3
    assert ends[0].out[1].startswith("1,")
    assert "openai/gpt-oss-120b" in "".join(ends[1].out)
    assert (tmp_path / "china.svg").read_text().startswith("<svg")


def test_the_readme_asks_from_python(
    bundled: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = blocks("Ask from Python")

    snapshots = Snapshots(bundled)
    snapshots.refresh()
    with serving(snapshots) as url:
        capsys.readouterr()
        exec(code.replace("http://127.0.0.1:8000", url), {})  # noqa: S102 (our own)

    assert capsys.readouterr().out == shown
