"""A figure is Vega-Lite, in its place, and says what it must, whatever it is of."""

import pytest

from app.domain.reports import Report
from app.present.figures import Theme
from tests.present.figures.drawn import Values, drawn, layer, outside, report, words

MILLION = 1_000_000
SPACE = "\N{NO-BREAK SPACE}"
BEYOND = 2**63 - 1
HOSTILE = '<script>alert(1)</script>\0\x1b[31m\u202e & "q\'uote" ' + "x" * 5_000


@pytest.mark.parametrize("width", [200, 320, 720, 1280, 2400])
@pytest.mark.parametrize(
    ("answer", "question"),
    [
        (report(["Acme"], [[454_280]]), "share"),
        (report(["Acme", "Panda"], [[454_280, 545_720]]), "share"),
        (report(["Acme"], [[100_000], [None], [200_000]]), "share"),
        (report([f"Group {n}" for n in range(12)], [[80_000] * 12] * 9), "share"),
        (report([f"Group {n}" for n in range(400)], [[2_500] * 400]), "share"),
        (report([f"Group {n}" for n in range(400)], [[2_500] * 400] * 3), "share"),
        (report([HOSTILE, HOSTILE], [[1, MILLION - 1]], title=HOSTILE), "share"),
        (report([HOSTILE] * 3, [[300_000] * 3] * 4, title=HOSTILE), "share"),
        (report(["Acme"], [[BEYOND]], measure="volume"), "volume"),
        (report(["Acme", "B"], [[BEYOND // 2] * 2] * 3, measure="volume"), "volume"),
    ],
)
def test_every_word_is_on_the_sheet(answer: Report, question: str, width: int) -> None:
    spec = drawn(answer, question, width=width)

    pad = spec["padding"]
    assert pad["left"] + spec["width"] + pad["right"] == width
    assert min(pad.values()) >= 0 < min(spec["width"], spec["height"])
    assert outside(spec) == []
    assert len({one["name"] for one in spec["layer"]}) == len(spec["layer"])


@pytest.mark.parametrize("width", [320, 720])
def test_a_figure_says_where_its_numbers_are_from(width: int) -> None:
    spec = drawn(report(["Acme"], [[454_280]]), width=width)

    said = " ".join(words(spec))
    assert "Share of tokens on A router by provider" in said
    assert "% of all tokens · 17 Aug 2026" in said
    assert "45.4%" in said
    assert (
        "Source: A router (CC-BY-4.0) via Model Census, release 2, as of 1 Oct 2026"
        in said
    )
    assert spec["usermeta"] == {
        "title": "Share of tokens on A router by provider",
        "quote": "This is the answer.",
        "citation": "Source: A router.",
        "license": "CC-BY-4.0",
        "dataset": "openrouter-tokens",
        "release": 2,
        "published_at": "2026-10-03T00:00:00Z",
        "permalink": "https://census.example/v1/share?release=2",
    }
    assert spec["description"] == (
        "Share of tokens on A router by provider. This is the answer. Source: A router "
        "(CC-BY-4.0) via Model Census, release 2, as of 1 Oct 2026"
    )


def test_what_is_hostile_is_shown_as_text_without_what_does_something() -> None:
    spec = drawn(report([HOSTILE, "Acme"], [[500_000, 500_000]], title=HOSTILE))

    said = words(spec)
    assert said[0].startswith('<script>alert(1)</script>[31m & "q\'uote"')
    assert all(text.isprintable() for text in said)
    assert all(len(text) < 400 for text in said)


def test_nothing_is_told_and_not_drawn() -> None:
    spec = drawn(report(["Acme"], [[None]]))

    assert "This is the answer." in words(spec)
    assert layer(spec, "data") == []


def test_a_value_beyond_floats_keeps_its_digits_as_text() -> None:
    spec = drawn(report(["A", "B"], [[BEYOND, 1]], measure="volume"), "volume")

    first, second = layer(spec, "data")
    assert first["number"] == "9,223,372,036,854,775,807 tokens"
    assert first["value"] == float(BEYOND)
    assert second["number"] == "1 tokens"


def test_the_whole_is_stacked_and_its_top_is_the_total() -> None:
    names = [f"Group {n}" for n in range(11)]
    values = [[90_909] * 10 + [90_910]] * 2
    spec = drawn(report(names, values))

    rows = layer(spec, "data")
    tops = {row["period"]: row["high"] for row in rows}
    assert tops == {"17 Aug 2026": 1.0, "18 Aug 2026": 1.0}
    # Eight groups have colours; three are one.
    assert [row["group"] for row in rows[:9]] == [*names[:8], "Rest"]
    assert rows[8]["value"] == 0.272728
    assert rows[8]["bounds"] == "of each group alone"
    assert "3 smaller groups are added up as one." in words(spec)


def test_a_part_is_drawn_as_lines_broken_where_there_is_nothing() -> None:
    part = report(["A"], [[100_000], [None], [300_000]], numerator="provider=a")
    spec = drawn(part)

    rows = layer(spec, "lines")
    assert [(row["period_start"], row["value"]) for row in rows] == [
        ("2026-08-17", 0.1),
        ("2026-08-19", 0.3),
    ]
    assert len({row["run"] for row in rows}) == 2


def test_what_is_not_settled_is_marked_and_said() -> None:
    statuses = ["final", "missing", "provisional", "partial"]
    values: Values = [[100_000], [None], [200_000], [300_000]]
    part = report(["A"], values, statuses=statuses, numerator="provider=a")
    spec = drawn(part)

    assert "Dashed: provisional · Hollow: partial · Grey: no data." in words(spec)
    assert len(layer(spec, "gaps")) == 1
    assert {row["dash"] for row in layer(spec, "lines")} == {True, False}
    hollow = [row for row in layer(spec, "points") if row["fill"] == "#ffffff"]
    assert [row["period_start"] for row in hollow] == ["2026-08-20"]


def test_a_stack_is_paler_where_it_is_not_settled() -> None:
    statuses = ["final", "provisional", "partial"]
    spec = drawn(report(["A", "B"], [[400_000, 600_000]] * 3, statuses=statuses))

    assert "Paler: provisional or partial." in words(spec)
    assert len(layer(spec, "veil")) == len(layer(spec, "veil-2")) == 1


def test_annotations_are_lines_with_letters_and_their_text_below() -> None:
    notes = [
        {"date_from": day, "date_to": day, "text": f"Note of {day}."}
        for day in ("2026-08-17", "2026-08-18", "2026-08-30")
    ]
    spec = drawn(report(["A"], [[100_000]] * 3, annotations=notes))

    said = words(spec)
    assert len(layer(spec, "remarks")) == 2
    assert [row["text"] for row in layer(spec, "remark-letters")] == ["A", "B"]
    assert "A  17 Aug 2026: Note of 2026-08-17." in said
    assert not any("2026-08-30" in text for text in said)


@pytest.mark.parametrize(
    ("lang", "number", "country"),
    [
        ("en", "45.4%", "China"),
        ("de", "45,4\xa0%", "China"),
        ("fr", "45,4\xa0%", "Chine"),
        ("ja", "45.4%", "中国"),
    ],
)
def test_numbers_and_countries_are_in_the_forms_of_a_language(
    lang: str, number: str, country: str
) -> None:
    answer = report(["China", "Acme"], [[454_280, 1]])
    spec = drawn(_by_origin(answer), lang=lang)

    first = layer(spec, "data")[0]
    assert (first["number"], first["group"]) == (number, country)


def _by_origin(answer: Report) -> Report:
    renamed = {"provider": "origin", "provider_name": "origin_name"}
    columns = [
        type(c)(renamed.get(c.name, c.name), c.kind, c.values) for c in answer.columns
    ]
    codes = {"origin": ["CN", "unknown"]}
    columns = [type(c)(c.name, c.kind, codes.get(c.name, c.values)) for c in columns]
    resolved = [("group_by", "origin"), *answer.resolved[1:]]
    return Report(columns, answer.meta, resolved, title=answer.title)


def test_themes_have_colours_of_their_own() -> None:
    answer = report(["A", "B"], [[400_000, 600_000]])

    themes = {t: drawn(answer, theme=t) for t in (Theme.LIGHT, Theme.DARK)}
    assert {t: s["background"] for t, s in themes.items()} == {
        "light": "#ffffff",
        "dark": "#12161c",
    }
    assert str(themes[Theme.DARK]).count("#ffffff") == 0


def test_nothing_in_a_figure_is_fetched_or_worked_out() -> None:
    spec = drawn(report(["A", "B"], [[400_000, 600_000]] * 3))

    text = str({**spec, "$schema": "", "usermeta": ""})
    assert not any(word in text for word in ("http", "expr", "signal", "url", "href"))


def test_more_periods_than_can_be_seen_are_thinned_and_that_is_said() -> None:
    spec = drawn(report(["A"], [[n] for n in range(2_000)], numerator="provider=a"))

    rows = layer(spec, "lines")
    assert len(rows) == 667
    assert rows[-1]["value"] == 0.001999
    assert rows[0]["value"] == 0.000001
    assert "Drawn is one day in 3; all are in the data." in words(spec)


def test_a_group_without_any_number_has_no_line_and_no_name() -> None:
    part = report(["A", "B"], [[100_000, None]] * 2, numerator="provider=a")
    spec = drawn(part)

    assert {row["group"] for row in layer(spec, "lines")} == {"A"}
    assert not any(text.startswith("B") for text in words(spec))


def test_a_stack_leaves_a_gap_where_nothing_is_known() -> None:
    values: Values = [[400_000, 600_000], [None, None]] * 35
    spec = drawn(report(["A", "B"], values))

    rows = layer(spec, "data")
    assert len({row["run"] for row in rows}) == 2 * 35


def test_what_was_not_used_at_all_is_zero_and_not_missing() -> None:
    spec = drawn(report(["A"], [[0], [0]], measure="volume"), "volume")

    assert [row["value"] for row in layer(spec, "lines")] == [0.0, 0.0]
    assert {"0", "1"} <= set(words(spec))


def test_a_ranking_of_what_has_no_rank_shows_it_all_the_same() -> None:
    answer = report(["Unknown"], [[400_000]], numerator="provider=unknown")
    nameless = [
        type(c)(c.name, c.kind, ["unknown"] if c.name == "provider" else c.values)
        for c in answer.columns
    ]
    ranks = [type(nameless[0])(n, nameless[3].kind, [None]) for n in RANKS]
    twice = [
        type(c)(c.name, c.kind, [*c.values, *c.values]) for c in [*nameless, *ranks]
    ]
    other = [
        type(c)(c.name, c.kind, ["unknown", "other"] if c.name == "provider" else v)
        for c, v in ((c, c.values) for c in twice)
    ]
    spec = drawn(Report(other, answer.meta, answer.resolved), "rankings")

    assert [row["value"] for row in layer(spec, "data")] == [0.4, 0.4]


RANKS = ("rank", "previous_rank")


@pytest.mark.parametrize(
    ("interval", "days", "first", "last"),
    [
        ("day", 3, "17 Aug", "19 Aug"),
        ("day", 14, "17 Aug", "24 Aug"),
        ("day", 120, "Sept 2026", "Dec 2026"),
        ("day", 720, "Jan 2027", "Jul 2028"),
        ("month", 3, "Aug 2026", "Aug 2026"),
        ("year", 12, "2026", "2026"),
    ],
)
def test_times_are_named_as_far_as_there_is_room(
    interval: str, days: int, first: str, last: str
) -> None:
    part = report(["A"], [[1]] * days, numerator="provider=a", interval=interval)
    spec = drawn(part, width=480)

    named = [row["text"] for row in layer(spec, "x-labels")]
    assert outside(spec) == []
    assert (named[0], named[-1]) == (first, last)
    assert 2 <= len(named) <= 12
