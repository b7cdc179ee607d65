"""Embeds in the pages of others: in a real browser, in frames of another origin."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]
    Axe,
)
from playwright.sync_api import Browser, FrameLocator

from tests.web.conftest import Host, Visit, visiting

pytestmark = pytest.mark.browser

README = Path(__file__).parents[2] / "README.md"


def framed(served: str, url: str, *, script: bool = True, more: str = "") -> str:
    """Return what a site would paste."""
    host = f'<script async src="{served}/static/embed-host.js"></script>'
    return (
        f'<iframe src="{served}{url}" title="Figure" width="100%" height="90" {more}>'
        f"</iframe>{host if script else ''}"
    )


def height(visit: Visit) -> int:
    box = visit.page.locator("iframe").first.bounding_box()
    assert box is not None
    return round(box["height"])


def inside(visit: Visit) -> FrameLocator:
    return visit.page.frame_locator("iframe").first


def drawn(frame: FrameLocator) -> bool:
    image = frame.locator("picture img")
    image.wait_for(timeout=10_000)
    is_there: bool = image.evaluate(
        "async i => { await i.decode(); return i.naturalWidth > 0; }"
    )
    return is_there


def fits(visit: Visit, *, borders: int = 4) -> bool:
    """Whether the frame is as high as what it holds, once it is."""
    tall = "document.documentElement.getBoundingClientRect().height"
    for _ in range(50):
        content = inside(visit).locator("html").evaluate(f"() => Math.ceil({tall})")
        if height(visit) - borders == content:
            return True
        visit.page.wait_for_timeout(50)
    return False


def test_an_embed_fits_into_the_page_of_another_origin(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    visit.page.goto(hosted(framed(served_bundle, "/embed/share?origin=CN")))
    frame = inside(visit)

    assert drawn(frame)
    assert "Models from China" in frame.locator(".quote").inner_text()
    assert fits(visit)
    before = height(visit)
    assert before > 200
    visit.page.set_viewport_size({"width": 340, "height": 700})
    assert fits(visit)
    frame.locator("summary").click()
    assert fits(visit)
    assert height(visit) > before
    assert visit.hosts <= {"localhost", "127.0.0.1", ""}
    assert visit.complaints == []


def test_values_show_where_they_are_pointed_at(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    url = "/embed/share?group_by=origin&interval=week"
    visit.page.goto(hosted(framed(served_bundle, url)))
    frame = inside(visit)
    assert drawn(frame)
    assert not any(asked.endswith("vega.js") for asked in visit.urls)
    frame.locator(".chart").hover()
    chart = frame.locator(".chart svg")
    chart.wait_for()
    box = chart.bounding_box()
    assert box is not None
    tip = frame.locator(".tip")
    for part in range(1, 40):
        x, y = box["x"] + box["width"] * part / 40, box["y"] + box["height"] / 2
        visit.page.mouse.move(x, y)
        if tip.is_visible():
            break

    assert "%" in tip.inner_text()
    assert fits(visit)
    visit.page.set_viewport_size({"width": 340, "height": 700})
    assert fits(visit)
    root = frame.locator("html")
    assert root.evaluate("e => e.scrollWidth === e.clientWidth")
    assert visit.hosts <= {"localhost", "127.0.0.1", ""}
    assert visit.complaints == []


def test_what_cannot_be_drawn_here_is_drawn_there_or_told(
    served_bundle: str, visit: Visit
) -> None:
    visit.page.route("**/*.svg?*", lambda route: route.abort())
    visit.page.goto(f"{served_bundle}/embed/share?origin=CN")
    visit.page.locator(".chart svg").wait_for()
    said = visit.page.locator(".chart svg").text_content()
    assert said is not None
    assert "58.5%" in said

    visit.page.route("**/*.vl.json?*", lambda route: route.abort())
    visit.page.goto(f"{served_bundle}/embed/share?origin=CN")
    visit.page.locator("h1:not(.heard)").wait_for()
    box = visit.page.locator(".number").bounding_box()
    assert box is not None
    assert box["height"] > 40
    assert visit.page.locator(".chart *").count() == 0


def test_the_code_of_the_readme_shows_a_figure(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    (code,) = re.findall(r"```html\n(.*?)```", README.read_text(), re.DOTALL)
    visit.page.goto(hosted(code.replace("http://127.0.0.1:8000", served_bundle)))

    assert drawn(inside(visit))
    assert fits(visit, borders=0)
    assert visit.page.get_by_text("Source: OpenRouter").is_visible()
    assert visit.complaints == []


@pytest.mark.parametrize("sandbox", ["", "allow-scripts"])
def test_a_sandboxed_embed_shows(
    served_bundle: str, hosted: Host, visit: Visit, sandbox: str
) -> None:
    code = framed(served_bundle, "/embed/volume", more=f'sandbox="{sandbox}"')
    visit.page.goto(hosted(code))

    assert "tokens" in inside(visit).locator(".quote").inner_text()
    assert inside(visit).locator("picture img").bounding_box() is not None


def test_an_embed_is_complete_without_a_script(
    served_bundle: str, hosted: Host, browser: Browser
) -> None:
    with visiting(browser, java_script_enabled=False) as visit:
        visit.page.goto(hosted(framed(served_bundle, "/embed/rankings")))
        frame = inside(visit)
        frame.locator("summary").click()

        assert frame.locator("h1").inner_text()
        assert frame.locator("picture img").get_attribute("alt")
        assert frame.locator("tbody tr").count() > 10
        assert "Licensed under CC BY 4.0." in frame.locator("footer").inner_text()
        assert visit.hosts <= {"localhost", "127.0.0.1", ""}
        assert visit.complaints == []


@pytest.mark.parametrize("kind", ["share", "volume", "rankings"])
def test_hostile_names_break_nothing(
    served: str, hosted: Host, visit: Visit, kind: str
) -> None:
    group = "base" if kind == "rankings" else "provider"
    code = framed(served, f"/embed/{kind}?group_by={group}")
    visit.page.goto(hosted(code))
    frame = inside(visit)
    assert drawn(frame)
    frame.locator("summary").click()
    frame.locator(".chart").hover()
    frame.locator(".chart svg").wait_for()

    assert frame.locator(".quote b, td b, h1 b, .chart b").count() == 0
    assert visit.complaints == []


def test_a_hostile_page_around_changes_nothing(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    attack = """<script>
      const frame = document.querySelector("iframe");
      window.caught = [];
      frame.addEventListener("load", () => {
        for (const data of [null, "x", {type: "modelcensus:height", height: 9},
            {type: "modelcensus:theme", theme: "<b>"}, {html: "<h1>Other</h1>"}])
          frame.contentWindow.postMessage(data, "*");
        for (const touch of [
            () => frame.contentDocument.body.remove(),
            () => frame.contentWindow.document.title,
            () => { frame.contentWindow.drawChart = 1; }])
          try { window.caught.push(String(touch())); }
          catch (e) { window.caught.push(e.name); }
      });
    </script>"""
    code = framed(served_bundle, "/embed/share?origin=CN", script=False) + attack
    visit.page.goto(hosted(code))
    assert drawn(inside(visit))
    caught = visit.page.evaluate("window.caught")

    assert caught[1:] == ["SecurityError", "SecurityError"]
    assert "Models from China" in inside(visit).locator(".quote").inner_text()
    assert "Model Census" in inside(visit).locator("footer").inner_text()
    assert height(visit) == 94


def test_a_page_heeds_the_heights_of_its_own_embeds_alone(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    lie = "{type: 'modelcensus:height', height: 7777}"
    liar = hosted(
        f"<script>setInterval(() => parent.postMessage({lie}, '*'), 20)</script>"
    )
    visit.page.goto(
        hosted(
            framed(served_bundle, "/embed/share?origin=CN")
            + f'<iframe src="{liar}" title="Other" height="100"></iframe>'
            f"<script>postMessage({lie}, '*')</script>"
        )
    )
    assert fits(visit)
    visit.page.wait_for_timeout(100)
    other = visit.page.locator("iframe").nth(1).bounding_box()

    assert other is not None
    assert other["height"] == 104
    for wrong in ("-1", "0", "1e9", "'9px'", "null", "12.5", "{}"):
        sent = (
            f"parent.postMessage({{type: 'modelcensus:height', height: {wrong}}}, '*')"
        )
        inside(visit).locator("html").evaluate(f"() => {sent}")
    visit.page.wait_for_timeout(100)
    assert fits(visit)


def test_only_embeds_show_in_frames(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    page = hosted(framed(served_bundle, "/method", script=False))
    visit.page.goto(f"{page}?open")
    visit.page.wait_for_timeout(200)

    assert inside(visit).locator("main").count() == 0
    assert any("frame-ancestors" in said for said in visit.complaints)


def test_a_problem_is_told_in_the_frame(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    visit.page.goto(hosted(framed(served_bundle, "/embed/share?origin=XX")))
    frame = inside(visit)

    assert frame.locator("h1").inner_text() == "Bad value"
    assert fits(visit)
    frame.get_by_role("link", name="This works").click()
    assert drawn(frame)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "url",
    [
        "/embed/share?origin=CN",
        "/embed/volume?group_by=provider&interval=week",
        "/embed/rankings",
        "/embed/rankings?theme=dark",
        "/embed/share?origin=XX",
    ],
)
def test_everybody_can_read_an_embed_on_a_small_screen(
    served_bundle: str, browser: Browser, url: str, scheme: Any
) -> None:
    size = {"width": 320, "height": 640}
    with visiting(browser, viewport=size, color_scheme=scheme) as visit:
        visit.page.goto(served_bundle + url)
        if visit.page.locator("summary").count():
            visit.page.locator("summary").click()
        assert barriers(visit) == ""
        if visit.page.locator(".chart").count():
            visit.page.locator(".chart").hover()
            visit.page.locator(".chart svg").wait_for()
            assert barriers(visit) == ""


def barriers(visit: Visit) -> str:
    """Return what keeps somebody from reading the page; nothing if there is nothing."""
    found = Axe().run(visit.page)
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        return f"{wide} pixels wide"
    return str(found.generate_report()) if found.violations_count else ""
