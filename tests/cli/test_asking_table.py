"""Tables, lines and short forms, by what they look like."""

from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from rich.console import Console

from app.client import Answer
from app.commands import asking_table as table
from app.commands.asking_sparks import bar, percent, short, spark


def console(width: int, *, terminal: bool = True) -> Console:
    return Console(
        file=StringIO(), width=width, force_terminal=terminal, color_system=None
    )


def shown(out: Console) -> list[str]:
    assert isinstance(out.file, StringIO)
    told = out.file.getvalue().replace("\N{EN DASH}", "-")
    return [line.rstrip() for line in told.splitlines()]


def row(origin: str, name: str, month: int, share: float | None) -> dict[str, Any]:
    status = "final" if share is not None else "missing"
    return {
        "period_start": f"2026-0{month}-01",
        "period_end": f"2026-0{month}-30",
        "status": status,
        "days": 30,
        "days_expected": 30,
        "origin": origin,
        "origin_name": name,
        "volume": None if share is None else int(share * 10**12),
        "total": 10**12,
        "share": share,
        "share_low": share,
        "share_high": None if share is None else share + 0.1,
    }


META = {"quote": "A sentence.", "citation": "A source.", "warnings": []}


def answer(*rows: dict[str, Any]) -> Answer:
    return Answer(list(rows), META, {})


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], 20, "▁▂▃▄▅▆▇██"),
        ([1, None, 1], 20, "█ █"),
        ([0, 0], 20, "▁▁"),
        ([None, None], 20, "  "),
        ([1, 3, 4, 4, None, None], 3, "▅█ "),
        ([], 3, ""),
    ],
)
def test_a_line_begins_at_zero_and_has_gaps(
    values: list[float | None], width: int, line: str
) -> None:
    assert spark(values, width) == line


def test_lines_and_bars_do_without_blocks() -> None:
    assert spark([0, 4, 8], 20, blocks=False) == "_+#"
    assert bar(1, 2, 8, blocks=False) == "####"


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(4, "████"), (2, "██"), (0.5, "▌"), (0.001, ""), (0, ""), (None, "")],
)
def test_a_bar_is_as_long_as_its_value(value: float | None, drawn: str) -> None:
    assert bar(value, 4, 4) == drawn


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (None, ""),
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (999_960, "1.0M"),
        (44_129_943_053_400, "44.1T"),
        (-2_500_000_000, "-2.5B"),
        (1_234_567_890_123_456, "1,234.6T"),
    ],
)
def test_counts_are_short(count: int | None, told: str) -> None:
    assert short(count) == told


def test_percentages_have_one_decimal() -> None:
    assert [percent(share) for share in (None, 0, 0.0001, 0.4543, 1)] == [
        "",
        "0.0%",
        "<0.1%",
        "45.4%",
        "100.0%",
    ]


def test_wide_characters_keep_columns_straight() -> None:
    out = console(60)

    table.show_question(
        out,
        answer(
            row("CN", "中国", 4, 0.25),
            row("US", "United States", 4, 0.5),
            row("CN", "中国", 5, 0.5),
            row("US", "United States", 5, None),
        ),
    )

    assert shown(out) == [
        "A sentence.",
        "",
        " Origin         Over time    Share       Bounds  Volume",
        " ──────────────────────────────────────────────────────",
        " 中国           ▅█           50.0%  50.0%-60.0%  500.0B",
        " United States  █          missing",
        "",
        "Figures: 2026-05-01 to 2026-05-30, missing. Lines: since",
        "2026-04-01, each from 0 to its highest; a gap where a period",
        "is missing or cut.",
        "A source.",
    ]


@pytest.mark.parametrize("width", [30, 40, 50, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(width: int) -> None:
    out = console(width)

    table.show_question(
        out,
        answer(
            row("CN", "A country with quite a long name", 4, 0.25),
            row("CN", "A country with quite a long name", 5, 0.5),
        ),
    )

    lines = shown(out)
    assert max(map(len, lines)) <= width
    assert "50.0%-60.0%" in "".join(lines)
    assert any("▅█" in line for line in lines) == (width >= 50)


def test_sentences_are_whole_lines_where_a_program_reads() -> None:
    out = console(20, terminal=False)
    long = answer(row("CN", "China", 4, 0.5))
    long.meta["quote"] = told = "A sentence that is longer than what is shown. " * 2

    table.show_question(out, long)

    META["quote"] = "A sentence."
    assert shown(out)[0] == told.rstrip()


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    out = console(60)

    table.show_question(out, answer(row("CN", "\x1b[2JChi[red]na\n", 4, 0.5)))

    assert "\N{REPLACEMENT CHARACTER}[2JChi[red]na" in "".join(shown(out))


def test_the_volume_of_a_cut_period_is_a_gap() -> None:
    def volume(month: int, count: int, status: str) -> dict[str, Any]:
        told = row("CN", "China", month, 0.5)
        kept = {name: told[name] for name in list(told)[:7]}
        counts = {"volume": count, "volume_low": count, "volume_high": count}
        return kept | counts | {"status": status, "growth": 0.25}

    out = console(70)

    table.show_question(
        out,
        answer(
            volume(3, 10, "partial"), volume(4, 800, "final"), volume(5, 900, "final")
        ),
    )

    assert shown(out)[2:5] == [
        " Origin  Over time  Volume  Bounds  Growth",
        " ─────────────────────────────────────────",
        " China    ██           900     900  +25.0%",
    ]


def test_cut_periods_say_how_many_days_they_have() -> None:
    out = console(80)
    cut = row("CN", "China", 4, 0.5) | {"status": "partial", "days": 2}

    table.show_question(out, answer(cut))

    assert "2026-04-01 to 2026-04-30, partial, 2 of 30 days." in shown(out)


def test_an_output_of_few_characters_does_with_those(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(body, encoding="ascii"))

    out = table.console()
    table.show_question(
        out, answer(row("CN", "中国", 4, 0.25), row("CN", "中国", 5, 0.5))
    )
    out.file.flush()

    line = body.getvalue().decode("ascii").splitlines()[4]
    assert line == "|??   |+#        |50.0% |50.0%?60.0% |500.0B|"


def test_what_nobody_knows_is_an_empty_cell() -> None:
    out = console(80)
    known = {"slug": "acme/one", "name": None, "origin": "unknown", "volume_28d": 2_000}

    table.show_list(out, "models", Answer([known], META | {"count": 1}, {}))

    assert shown(out)[1:4] == [
        " Slug      Name  Origin   Weights  Volume 28d",
        " ────────────────────────────────────────────",
        " acme/one        unknown                 2.0k",
    ]


def test_nothing_is_a_sentence_and_no_table() -> None:
    out = console(80)

    table.show_question(out, answer())
    table.show_list(out, "models", Answer([], META | {"count": 0}, {}))

    assert shown(out) == ["A sentence.", "A source.", "0 of 0. A sentence."]
