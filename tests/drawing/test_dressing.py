"""A drawn picture says what it is to who cannot see it, whatever the words are."""

import io
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from app.drawing.dressing import captioned, dressed

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" class="marks" width="9">'
    '<g role="graphics-object" aria-roledescription="mark" class="a">'
    '<text fill="#16191d">role="img"</text></g></svg>'
)
HOSTILE = "</desc><script>1</script>\0\x1b & \ufffe \"'"


def test_an_svg_is_one_image_with_a_name() -> None:
    made = dressed(DRAWN, "Title", "It shows <this>.", "[fill]{fill:red}")

    assert made == (
        b'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="9" role="img" '
        b'aria-label="Title"><title>Title</title><desc>It shows &lt;this&gt;.</desc>'
        b'<style>[fill]{fill:red}</style><g><text fill="#16191d">role="img"</text></g>'
        b"</svg>"
    )


def test_without_a_style_there_is_none() -> None:
    root = ET.fromstring(dressed(DRAWN, "T", "D", ""))

    assert [child.tag for child in root] == [f"{SVG}title", f"{SVG}desc", f"{SVG}g"]


def test_words_stay_words() -> None:
    root = ET.fromstring(dressed(DRAWN, HOSTILE, HOSTILE, ""))

    shown = "</desc><script>1</script> &  \"'"
    assert root.findtext(f"{SVG}title") == shown
    assert root.findtext(f"{SVG}desc") == shown
    assert root.get("aria-label") == shown
    assert list(root.iter(f"{SVG}script")) == []


@pytest.mark.parametrize("text", ["Märkte: 中国 45.4 %", HOSTILE])
def test_a_png_holds_its_words_and_every_pixel(text: str) -> None:
    noise = Image.effect_noise((90, 40), 60).convert("RGBA")
    before = io.BytesIO()
    noise.save(before, "PNG", compress_level=0)

    made = captioned(before.getvalue(), text, text)

    image = Image.open(io.BytesIO(made))
    image.load()
    shown = text.translate({0: None, 0x1B: None, 0xFFFE: None})
    assert getattr(image, "text", {}) == {"Title": shown, "Description": shown}
    assert image.tobytes() == noise.tobytes()
    assert len(made) < len(before.getvalue())
