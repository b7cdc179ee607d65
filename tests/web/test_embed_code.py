"""The code that others paste: it works anywhere, and names the source."""

from html.parser import HTMLParser

import pytest

from app.web.embed_code import Figure, frame, picture

PUBLIC = "https://census.example"
WEIRD = "a\"b'c<script>&amp;</figure>"


def figure(
    *query: tuple[str, str], title: str = "China", quote: str = "45%."
) -> Figure:
    answer = {
        "meta": {
            "quote": quote,
            "citation_short": "A router (CC-BY-4.0) via Model Census, release 5",
            "release": 5,
        }
    }
    return Figure.of(PUBLIC, "share", query, answer, title)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(code)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_frame_is_live_fluid_and_names_its_source() -> None:
    assert frame(figure(("origin", "CN"), ("theme", "dark")), height=400) == (
        '<figure style="margin:0;max-width:720px">'
        '<iframe src="https://census.example/embed/share?origin=CN&amp;theme=dark" '
        'title="China" width="720" height="400" loading="lazy" '
        'style="border:0;width:100%"></iframe>'
        '<figcaption>Source: <a href="https://census.example/share?origin=CN">'
        "A router (CC-BY-4.0) via Model Census</a></figcaption></figure>"
    )


def test_a_frame_can_be_given_the_height_of_what_it_holds() -> None:
    plain, fitted = frame(figure()), frame(figure(), fitted=True)

    assert fitted == plain + (
        '<script async src="https://census.example/static/embed-host.js"></script>'
    )


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert picture(figure(("origin", "CN"), ("release", "5")), width=480) == (
        '<figure style="margin:0;max-width:480px">'
        '<a href="https://census.example/share?origin=CN&amp;release=5">'
        '<img src="https://census.example/v1/share.png?origin=CN&amp;release=5&amp;'
        'width=480&amp;scale=2" alt="45%." width="480" loading="lazy" '
        'style="max-width:100%;height:auto"></a>'
        "<figcaption>Source: "
        '<a href="https://census.example/share?origin=CN&amp;release=5">'
        "A router (CC-BY-4.0) via Model Census, release 5</a></figcaption></figure>"
    )


def test_what_stands_beside_a_live_picture_stays_true() -> None:
    _, _, (_, image), *_ = Tags(picture(figure())).tags

    assert image["alt"] == "45%. (Release 5; this may show a later one.)"


@pytest.mark.parametrize("code", [frame, picture])
def test_hostile_names_stay_text(code: object) -> None:
    hostile = figure(("provider", WEIRD), title=WEIRD, quote=WEIRD)
    assert callable(code)
    found = Tags(code(hostile))

    assert {tag for tag, _ in found.tags} <= {
        "figure",
        "iframe",
        "a",
        "img",
        "figcaption",
    }
    assert found.text == "Source: A router (CC-BY-4.0) via Model Census"
    urls = [
        value for _, a in found.tags for n, value in a.items() if n in {"src", "href"}
    ]
    assert all(url is not None and url.startswith(f"{PUBLIC}/") for url in urls)


def test_a_page_and_its_embed_are_found_by_oembed() -> None:
    shown = figure(("origin", "CN"), ("lang", "de"))

    assert shown.linked() == (
        (
            "link",
            (
                "<https://census.example/oembed?url=https%3A%2F%2Fcensus.example%2Fembed"
                '%2Fshare%3Forigin%3DCN%26lang%3Dde&format=json>; rel="alternate"; '
                'type="application/json+oembed"'
            ),
        ),
        (
            "link",
            (
                "<https://census.example/oembed?url=https%3A%2F%2Fcensus.example%2Fembed"
                '%2Fshare%3Forigin%3DCN%26lang%3Dde&format=xml>; rel="alternate"; '
                'type="text/xml+oembed"'
            ),
        ),
    )
    assert shown.oembed("json", page=True) == (
        "https://census.example/oembed?url=https%3A%2F%2Fcensus.example%2Fshare"
        "%3Forigin%3DCN&format=json"
    )
