"""Entries of a bibliography."""

import pytest

from app.present import bibtex

META = {
    "quote": "Models handled 45.0% of tokens.",
    "citation": "Source: R&D_1, release 2.",
    "release": 2,
    "published_at": "2026-10-03T00:00:00Z",
}
URL = "https://census.example/v1/share?origin=CN&release=2"


def test_an_entry_is_written_whole() -> None:
    assert bibtex.entry(META, URL) == (
        "@misc{modelcensus-2-e469f9af,\n"
        "  title = {{Models handled 45.0\\% of tokens.}},\n"
        "  author = {{Model Census}},\n"
        "  year = {2026},\n"
        "  version = {release 2},\n"
        "  note = {Source: R\\&D\\_1, release 2.},\n"
        "  url = {https://census.example/v1/share?origin=CN&release=2}\n"
        "}"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("%", r"\%"),
        ("&", r"\&"),
        ("_", r"\_"),
        ("#", r"\#"),
        ("$", r"\$"),
        ("{", r"\{"),
        ("}", r"\}"),
        ("\\", r"\textbackslash{}"),
        ("~", r"\textasciitilde{}"),
        ("^", r"\textasciicircum{}"),
        (r"\{~}%", r"\textbackslash{}\{\textasciitilde{}\}\%"),
        ("a\0~", "a\0\\textasciitilde{}"),
        ("~~", r"\textasciitilde{}\textasciitilde{}"),
        ("Wörter – 中", "Wörter – 中"),  # noqa: RUF001 (as quotes write it)
    ],
)
def test_what_means_something_to_tex_is_escaped(text: str, escaped: str) -> None:
    entry = bibtex.entry({**META, "quote": text, "citation": text}, URL)

    assert f"  title = {{{{{escaped}}}}},\n" in entry
    assert f"  note = {{{escaped}}},\n" in entry


def test_a_key_names_its_url_and_nothing_else() -> None:
    def key(entry: str) -> str:
        return entry.partition(",")[0]

    same = bibtex.entry({**META, "quote": "Another."}, URL)
    other = bibtex.entry(META, f"{URL}&interval=day")
    assert key(same) == key(bibtex.entry(META, URL)) != key(other)
