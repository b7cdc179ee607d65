"""The explorer in a browser: with and without a script, for eyes, ears and hands."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]
    Axe,
)
from playwright.sync_api import Browser, Page, expect

from tests.api.small import WEIRD
from tests.web.conftest import Visit, visiting

pytestmark = pytest.mark.browser

MOST_BYTES = 150_000
"""Of the first view: the page, its style, its scripts."""

PAGES = [
    "/",
    "/share?origin=CN&interval=month",
    "/share?origin=CN&start_date=2026-04&end_date=2026-04&release=3",
    "/volume?group_by=provider&interval=day",
    "/rankings",
    "/share?origin=XX",
    "/share?provider=depseek",
    "/providers",
    "/providers/dots-studio",
    "/models?q=gpt&limit=5",
    "/models/openai/gpt-oss-120b",
    "/origins/CN",
    "/datasets",
    "/datasets/openrouter-tokens",
    "/providers/depseek",
    "/method",
    "/docs",
    "/docs/start",
    "/docs/journalists",
    "/docs/services",
    "/docs/embedders",
    "/docs/operators",
    "/docs/glossary",
    "/docs/decisions",
    "/docs/performance",
    "/docs/api",
    "/problems/bad-value",
]
"""Every page there is, as far as pages differ. The small census has WEIRD names."""


@pytest.fixture
def plain(browser: Browser) -> Iterator[Visit]:
    """Return a page without scripts."""
    with visiting(browser, java_script_enabled=False) as visit:
        yield visit


def number(page: Page) -> str:
    return page.locator(".told .figure").inner_text()


def told(page: Page) -> str:
    return page.locator("#said").text_content() or ""


def test_a_question_is_answered_without_a_script(
    served_bundle: str, plain: Visit
) -> None:
    page = plain.page
    page.goto(served_bundle)
    page.get_by_label("Country of the lab").fill("CN")
    page.get_by_label("Or from").fill("2026-04")
    page.get_by_label("To", exact=True).fill("2026-04")
    page.get_by_role("button", name="Ask").click()

    assert number(page) == "45.4%"
    assert "China-based labs" in page.locator("h1").inner_text()
    drawn = "async img => { await img.decode(); return img.naturalWidth > 300; }"
    assert page.locator(".chart img").evaluate(drawn)
    page.get_by_text("Permanent link shows").click()
    pinned = page.locator("#copy-pinned").input_value()
    page.goto(pinned)
    assert number(page) == "45.4%"
    page.get_by_role("link", name="Volume").click()
    assert number(page) == "44.1 trillion tokens"
    assert page.locator("[data-copy]").first.is_hidden()
    assert plain.hosts <= {"127.0.0.1", ""}


def test_a_question_is_answered_with_a_script(served_bundle: str, visit: Visit) -> None:
    page = visit.page
    page.goto(served_bundle)
    page.get_by_label("Country of the lab").fill("CN")
    page.get_by_label("Weights", exact=True).select_option("open")
    page.wait_for_url("**/share?origin=CN&weights=open")
    page.get_by_label("Last", exact=True).fill("12w")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share?origin=CN&weights=open&window=12w")
    expect(page).to_have_title(re.compile("^Open-weight models from China"))

    assert told(page) == page.locator(".told").get_attribute("data-said")
    assert page.evaluate("document.activeElement.name") == "window"
    loads = [url for url in visit.urls if url.endswith("/static/pages.css")]
    assert len(loads) == 1, "a page was loaded anew"
    page.get_by_role("link", name="Rankings").nth(1).click()
    page.wait_for_url("**/rankings?origin=CN&weights=open&window=12w")
    page.go_back()
    expect(page).to_have_title(re.compile(": share of tokens"))
    assert page.get_by_label("Country of the lab").input_value() == "CN"
    assert visit.hosts <= {"127.0.0.1", ""}
    assert visit.complaints == []


def test_what_one_is_writing_stays(served_bundle: str, visit: Visit) -> None:
    page = visit.page
    page.goto(served_bundle)
    page.evaluate(
        """() => {
          const { weights, provider } = document.forms[0];
          weights.value = "open";
          weights.dispatchEvent(new Event("change", { bubbles: true }));
          provider.focus();
          provider.value = "deeps";
        }"""
    )
    page.wait_for_url("**/share?weights=open")

    expect(page.locator("h1")).to_contain_text("Open-weight models")
    assert page.evaluate("document.activeElement.value") == "deeps"
    page.keyboard.type("eek")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share?weights=open&provider=deepseek")


def test_dates_and_a_window_replace_each_other(
    served_bundle: str, visit: Visit
) -> None:
    page = visit.page
    page.goto(f"{served_bundle}/share?window=12w")
    page.get_by_label("Or from").fill("2026-04")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share?start_date=2026-04")

    assert page.get_by_label("Last", exact=True).input_value() == ""


def test_what_is_wrong_is_said_and_mended(served_bundle: str, visit: Visit) -> None:
    page = visit.page
    page.goto(served_bundle)
    page.get_by_label("Provider").fill("depseek")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ask this instead").click()
    page.wait_for_url("**/share?provider=deepseek")

    assert "DeepSeek" in page.locator("h1").inner_text()


def test_everything_is_copied_with_one_click(
    served_bundle: str, browser: Browser
) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(browser, permissions=allowed) as visit:
        page = visit.page
        page.goto(f"{served_bundle}/share?origin=CN")
        keys = page.locator("textarea").evaluate_all("all => all.map(a => a.id)")
        for key in keys:
            page.locator(f".copies [data-copy={key}]").click()
            expect(page.locator("#said")).to_have_text(re.compile(" copied.$"))
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == page.locator(f"#{key}").input_value()
            page.evaluate("said.textContent = ''")
        page.locator("[data-copy=copy-live]").click()
        page.goto(page.evaluate("navigator.clipboard.readText()"))

    assert len(keys) == 8
    assert visit.complaints == []


def test_the_chart_tells_its_numbers_where_it_is_pointed_at(
    served_bundle: str, visit: Visit
) -> None:
    page = visit.page
    page.goto(f"{served_bundle}/share?origin=CN&interval=month")
    page.dispatch_event(".chart", "pointerenter", {"pointerType": "touch"})
    page.wait_for_load_state("networkidle")
    assert not any(url.endswith("vega.js") for url in visit.urls)
    page.locator(".chart").hover()
    page.wait_for_selector(".chart svg")
    box = page.locator(".chart svg").bounding_box()
    assert box is not None
    for at in range(int(box["width"] * box["height"] / 400)):
        right, down = divmod(at, int(box["height"] / 20))
        page.mouse.move(box["x"] + right * 20, box["y"] + down * 20)
        if page.locator(".tip").is_visible():
            break

    assert "China" in page.locator(".tip").inner_text()
    assert visit.complaints == []


def test_models_are_suggested(served_bundle: str, visit: Visit) -> None:
    page = visit.page
    page.goto(served_bundle)
    page.get_by_label("Model", exact=True).press_sequentially("oss-120b")
    expect(page.locator("#l-model option").first).to_have_attribute(
        "value", re.compile("oss-120b")
    )
    offered = page.locator("#l-model option").evaluate_all(
        "all => all.map(o => o.value)"
    )

    assert "openai/gpt-oss-120b" in offered


def test_the_keyboard_goes_everywhere(served_bundle: str, visit: Visit) -> None:
    page = visit.page
    page.goto(served_bundle)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || ''"))
    assert {"origin", "weights", "window", "compare"} <= reached


@pytest.mark.parametrize("path", PAGES)
def test_no_barrier_is_found(served_bundle: str, visit: Visit, path: str) -> None:
    page = visit.page
    page.goto(f"{served_bundle}{path}")
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => { d.open = true })"
    )
    looks: list[tuple[Literal["light", "dark"], int]] = [("light", 1280), ("dark", 320)]
    for scheme, width in looks:
        # Colours on their way from one scheme to the other are not looked at.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page)
        assert found.violations_count == 0, (scheme, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") == width

    assert visit.hosts <= {"127.0.0.1", ""}


@pytest.mark.parametrize(
    "path", ["/", "/rankings?group_by=provider", "/providers/panda"]
)
def test_hostile_names_do_nothing(served: str, visit: Visit, path: str) -> None:
    visit.page.goto(f"{served}{path}")

    assert visit.page.locator("main b").count() == 0
    assert (path == "/") or visit.page.get_by_text(WEIRD).count() > 0
    assert visit.complaints == []


def test_the_first_view_is_light(served_bundle: str, visit: Visit) -> None:
    sizes: dict[str, int] = {}
    visit.page.on("response", lambda r: sizes.update({r.url: len(r.body())}))
    visit.page.goto(served_bundle)
    visit.page.wait_for_load_state("networkidle")
    code = {url: size for url, size in sizes.items() if "/v1/" not in url}

    assert any(url.endswith("explorer.js") for url in code)
    assert not any(url.endswith("vega.js") for url in code)
    assert sum(code.values()) <= MOST_BYTES, code


def test_on_paper_there_is_the_answer_alone(served_bundle: str, visit: Visit) -> None:
    visit.page.goto(f"{served_bundle}/share?origin=CN")
    visit.page.emulate_media(media="print", color_scheme="dark")
    shown = visit.page.locator(".chart img").evaluate("img => img.currentSrc")

    assert "theme=light" in shown
    assert visit.page.locator("form").is_hidden()
    assert visit.page.locator(".masthead nav").is_hidden()
    assert visit.page.locator(".told .figure").is_visible()
    assert "release=5" in visit.page.locator(".citation").inner_text()
    assert visit.page.locator("button:visible").count() == 0
