"""A badge says one number, whatever there is."""

from xml.etree import ElementTree as ET

from app.present.figures import badge
from tests.present.figures.drawn import report

LONG = "<&>\"'" * 200


def test_a_badge_of_nothing_says_so() -> None:
    nothing = report(["A"], [[None]])

    assert badge.shield(nothing, "share", "en") == {
        "schemaVersion": 1,
        "label": "Share of tokens on A router by provider",
        "message": "no data",
        "color": "5d636c",
        "cacheSeconds": 3600,
    }


def test_a_badge_of_a_series_says_its_last_number() -> None:
    series = report(["A"], [[100_000], [200_000], [None]])

    told = badge.shield(series, "share", "de")
    assert told["label"] == "A share of tokens"
    assert told["message"] == "20,0\N{NO-BREAK SPACE}%"


def test_a_badge_says_the_first_group_that_has_a_number() -> None:
    told = badge.shield(report(["A", "B"], [[None, 5]]), "share", "en")

    assert (told["label"], told["message"]) == ("B share of tokens", "<0.1%")


def test_a_long_name_is_cut_and_harmless() -> None:
    made = badge.svg(report([LONG], [[454_280]]), "share", "en")

    root = ET.fromstring(made)
    assert int(root.get("width", "")) < 400
    assert str(root[0].text).startswith("<&>\"'<&>")
    assert str(root[0].text).endswith("…: 45.4%")
