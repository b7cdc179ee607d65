"""Modules stay readable."""

from tests.house.tree import ROOT, modules

MOST_LINES = 400


def test_modules_stay_readable() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in modules("app", "bench", "migrations", "tests")
    }

    assert lines
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}
