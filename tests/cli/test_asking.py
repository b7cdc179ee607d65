"""`modelcensus share` and so on: what is asked at a terminal, and answered."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.commands import asking
from app.commands.asking_options import LISTS, LOOKS, QUESTIONS, Told
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.api.conftest import PUBLIC
from tests.api.gateway import opened
from tests.cli.conftest import Ended, Run
from tests.house.tree import ROOT
from tests.web.conftest import serving

pytestmark = pytest.mark.usefixtures("bundled")

CONTRACT = json.loads((ROOT / "openapi" / "openapi.json").read_text())
APRIL = ("--start-date", "2026-04", "--end-date", "2026-04", "--release", "5")
CITED = (
    "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27:00Z. Licensed "
    "under CC BY 4.0. Aggregated and classified by Model Census, release 5."
)


def lines(ended: Ended) -> list[str]:
    """Return what was printed, without what the eye does not see."""
    return [line.replace("\N{EN DASH}", "-").rstrip() for line in ended.out]


def parameters(path: str) -> set[str]:
    """Return the names of what a path takes."""
    known = CONTRACT["components"]["parameters"]
    refs = [one["$ref"] for one in CONTRACT["paths"][path]["get"]["parameters"]]
    return {known[ref.rpartition("/")[2]]["name"] for ref in refs}


def allowed(path: str) -> dict[str, tuple[str, ...]]:
    """Return the values of each parameter that has a few."""
    known = CONTRACT["components"]["parameters"]
    refs = [one["$ref"] for one in CONTRACT["paths"][path]["get"]["parameters"]]
    found = [known[ref.rpartition("/")[2]] for ref in refs]
    schemas = {one["name"]: one["schema"] for one in found}
    return {n: tuple(s["enum"]) for n, s in schemas.items() if "enum" in s}


@pytest.mark.parametrize(("name", "told"), [*QUESTIONS.items(), *LISTS.items()])
def test_every_parameter_is_an_option(name: str, told: dict[str, Told]) -> None:
    path = f"/v1/{name}"

    assert set(told) == parameters(path)
    few = {n: one.values for n, one in told.items() if n in allowed(path)}
    assert few == allowed(path)


def test_every_look_of_a_figure_is_an_option() -> None:
    both = parameters("/v1/share.{suffix}") - parameters("/v1/share")

    assert set(LOOKS) == both - {"suffix"}


# Tables


def test_a_number_is_a_table_of_one_line(run: Run) -> None:
    ended = run("share", "--origin", "CN", *APRIL)

    assert (ended.code, ended.err) == (0, [])
    assert lines(ended) == [
        (
            "Models from China-based labs handled 45.4% of tokens on OpenRouter in "
            "April 2026 (bounds 45.4%-55.2%)."
        ),
        "",
        " Origin                            Share       Bounds  Volume",
        " ────────────────────────────────────────────────────────────",
        " China   ████████████████████████  45.4%  45.4%-55.2%   44.1T",
        "",
        "2026-04-01 to 2026-04-30, final.",
        CITED,
    ]


def test_volumes_are_lines(run: Run) -> None:
    ended = run(
        *("volume", "--group-by", "none", "--interval", "month", "--release=5"),
        *("--start-date", "2026-04", "--end-date", "2026-07"),
    )

    assert (ended.code, ended.err) == (0, [])
    assert lines(ended)[2:5] == [
        " Group  Over time  Volume  Bounds",
        " ────────────────────────────────",
        " All    ▄▄▇█       248.4T  248.4T",
    ]


def test_what_is_to_be_known_is_noted(run: Run) -> None:
    ended = run("volume", "--interval", "month", "--release", "5")

    assert (
        "Note: window_clamped: 6m begins before the data; it was cut to 2026-03-30."
        in ended.out
    )


def test_rankings_have_ranks(run: Run) -> None:
    ended = run("rankings", "--top", "2", "--group-by", "provider", *APRIL)

    assert (ended.code, ended.err) == (0, [])
    assert lines(ended)[2:6] == [
        " #  Provider                             Share       Bounds  Volume  Growth",
        " ──────────────────────────────────────────────────────────────────────────",
        " 1  Anthropic  █████▋                    14.5%  14.5%-24.2%   14.0T",
        " 2  Google     █████▌                    14.2%  14.2%-23.9%   13.8T",
    ]


def test_colours_are_for_terminals(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run("share", "--origin", "CN", *APRIL)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("share", "--origin", "CN", *APRIL)

    assert "\x1b[36m█" in "".join(coloured.out)
    assert "\x1b[36m" not in "".join(plain.out)


def test_a_narrow_pipe_says_how_wide_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    ended = run("rankings", "--top", "3", *APRIL)

    lines = [line for line in ended.out if line.startswith(" ")]
    assert max(map(len, lines)) <= 40


# Lists


def test_lists_say_how_many_there_are_and_where_to_go_on(run: Run) -> None:
    first = run("providers", "--q", "seek", "--release", "5")
    assert lines(first) == [
        "",
        " Slug      Name      Origin name  Models  Volume 28d",
        " ───────────────────────────────────────────────────",
        " deepseek  DeepSeek  China            29       67.8T",
        "",
        "1 of 1. Model Census lists 1 provider in release 5.",
    ]

    page = run("models", "--limit", "2", "--release", "5")
    told, cursor = page.out[-1].rsplit(" ", 1)
    following = run("models", "--limit", "2", "--cursor", cursor)

    assert told == "The next: --cursor"
    assert following.code == 0
    assert page.out[3:5] != following.out[3:5]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_shown(run: Run, name: str) -> None:
    ended = run(name, "--limit", "1")

    assert (ended.code, ended.err) == (0, [])
    assert len(ended.out[3].split()) > 1


def test_a_narrow_terminal_has_two_columns_at_least(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")

    ended = run("models", "--limit", "1")

    assert ended.out[1].split() == ["Slug", "Name"]


# Other forms


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_other_forms_are_the_answers_of_the_service(
    bundled: Database, run: Run, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_PUBLIC_URL", PUBLIC)
    client = opened(bundled, "").client
    # In the order of the options, whatever the order they are given in.
    query = "origin=CN&release=5&start_date=2026-04&end_date=2026-04"

    ended = run("share", "--origin", "CN", "--format", form, *APRIL)

    answer = client.get(f"/v1/share.{form}?{query}")
    assert answer.status_code == 200
    assert (ended.code, ended.err) == (0, [])
    assert ended.out == answer.text.splitlines()


def test_wide_tables_are_for_files(run: Run) -> None:
    ended = run("share", "--shape", "wide", "--format", "csv", "--top", "1", *APRIL)

    assert ended.out == [
        "period_start,period_end,status,days,days_expected,China,Rest,Unknown",
        "2026-04-01,2026-04-30,final,30,30,0.454280,0.448139,0.097581",
    ]


# What cannot be asked


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("share", "--orign", "CN"),
            (
                "orign: no such parameter here. Did you mean origin? Parameters are "
                "never ignored."
            ),
        ),
        (
            ("share", "--origin", "China"),
            (
                "origin: 'China' is not the ISO 3166-1 alpha-2 code of a country (as "
                "CN), nor unknown; see /v1/origins. Did you mean CN?"
            ),
        ),
        (
            ("share", "--formt", "csv"),
            "--formt: no such option here. Did you mean --format?",
        ),
        (
            ("models", "--format", "xml"),
            "--format: 'xml' is not one of table, csv, json, ndjson.",
        ),
        (("share", "CN"), "CN: begin with what it is, as in --origin CN."),
        (("share", "--orign"), "--orign: give it a value, as in --orign CN."),
        (
            ("share", "--origin", "CN", "--origin", "US"),
            ("origin: given more than once. Put several values into one, with commas."),
        ),
        (
            ("share", "--shape", "wide"),
            "shape goes with a table: add .csv to the path.",
        ),
        (
            ("figure", "share", "-o", "share.pdf"),
            (
                "share.pdf: end the name in one of .vl.json, .badge.json, .badge.svg, "
                ".svg, .png."
            ),
        ),
    ],
)
def test_what_cannot_be_asked_is_a_line(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    ended = run(*words)

    assert (ended.code, ended.out) == (2, [])
    assert ended.err == [f"modelcensus: {sentence}"]


def test_a_record_that_is_not_there_is_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", "sqlite:///nowhere.db")

    ended = run("share")

    assert (ended.code, ended.out, len(ended.err)) == (1, [], 1)
    assert ended.err[0].startswith("modelcensus: ")


def test_an_empty_record_is_a_line(
    new_sqlite: Callable[[], str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", new_sqlite())

    ended = run("share")

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        "modelcensus: No release has been loaded yet; try again shortly."
    ]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "no address", "ftp://127.0.0.1", "http://127.0.0.1:x"]
)
def test_a_service_that_is_not_there_is_a_line(run: Run, url: str) -> None:
    ended = run("share", "--url", url)

    assert (ended.code, ended.out, len(ended.err)) == (1, [], 1)
    assert " cannot be asked: " in ended.err[0]


# Elsewhere


def test_a_service_answers_as_the_record_does(bundled: Database, run: Run) -> None:
    here = run("share", "--origin", "CN", *APRIL)

    with serving(Snapshots(bundled)) as url:
        there = run("share", "--origin", "CN", "--url", url, *APRIL)
        refused = run("share", "--origin", "XX", "--url", url)

    assert (here.code, here) == (0, there)
    assert (refused.code, len(refused.err)) == (2, 1)


# Figures


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("x.svg", b"<svg"),
        ("x.png", b"\x89PNG"),
        ("x.vl.json", b'{"$schema"'),
        ("x.badge.json", b'{"schemaVersion":1'),
    ],
)
def test_figures_are_drawn_into_files(
    run: Run, tmp_path: Path, name: str, begins: bytes
) -> None:
    ended = run("figure", "share", "--origin", "CN", "--output", name, *APRIL)

    assert (ended.code, ended.out, ended.err) == (0, [f"{name} written"], [])
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_figures_take_their_look(run: Run, tmp_path: Path) -> None:
    look = ("--theme", "dark", "--lang", "de", "--width", "400")

    ended = run("figure", "rankings", "-o", "x.svg", *look, *APRIL)

    assert ended.code == 0
    assert 'width="400"' in (tmp_path / "x.svg").read_text()


def test_a_file_that_cannot_be_written_is_a_line(run: Run) -> None:
    ended = run("figure", "share", "-o", "nowhere/x.badge.svg", *APRIL)

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        "modelcensus: nowhere/x.badge.svg cannot be written: No such file or directory."
    ]


# In a shell


def test_shells_complete_commands_options_and_values(tmp_path: Path) -> None:
    def completed(words: str) -> set[str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [Path(sys.executable).parent / "modelcensus"],
            env={
                "PYTHONPATH": str(ROOT),
                "_MODELCENSUS_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split(" ")) - 1),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return set(done.stdout.split())

    assert completed("modelcensus ra") == {"rankings"}
    assert completed("modelcensus share --interval w") == {"week"}
    assert completed("modelcensus share --format n") == {"ndjson"}
    assert "--within-origin" in completed("modelcensus share --within-o")


def test_options_that_have_a_few_values_complete_them() -> None:
    complete = asking._completing(("day", "week"))  # noqa: SLF001 - what shells call

    assert (complete(""), complete("w"), complete("x")) == (
        ["day", "week"],
        ["week"],
        [],
    )
