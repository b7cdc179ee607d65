"""Pictures of the pages, as the README shows them: `docs/images`.

A server of its own, with the bundled data; Debian's chromium looks at it. Nothing is
asked of the network: the addresses of all sources lead nowhere.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench.startup import free_port

FOLDER = Path(__file__).parents[1] / "docs" / "images"
PATIENCE = 60
MOST_BYTES = 150_000
COLOURS = 192
NOWHERE = "http://127.0.0.1:9"
SOURCES = ("OPENROUTER_URL", "MODELSDEV_URL", "HUGGINGFACE_URL")


@dataclass(frozen=True, slots=True)
class Picture:
    """What to look at, and how."""

    name: str
    path: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"


_CHINA = "/share?origin=CN&interval=week"

PICTURES = (
    Picture("explorer-1280", _CHINA, 1280, 960),
    Picture("explorer-1280-dark", "/", 1280, 960, "dark"),
    Picture("explorer-768", "/volume?interval=week&group_by=weights", 768, 1024),
    Picture("explorer-320", _CHINA, 320, 900),
    Picture("explorer-320-dark", "/rankings", 320, 900, "dark"),
)


@contextmanager
def served() -> Iterator[str]:
    """Serve the bundled data; the URL of the server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "MODELCENSUS_DATABASE_URL": f"sqlite:///{folder}/census.db",
            "MODELCENSUS_PUBLIC_URL": url,
            "MODELCENSUS_ACCESS_LOG": "false",
            **{f"MODELCENSUS_{name}": NOWHERE for name in SOURCES},
        }
        server = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "app", "serve", "--port", str(port)],
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"{url}/readyz")
            yield url
        finally:
            server.terminate()
            server.wait(PATIENCE)


def wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    sys.exit(f"nobody answers at {url}")


def take(browser: Browser, url: str, picture: Picture) -> bytes:
    """Return what a page looks like, as a PNG of few colours."""
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
    )
    page.goto(f"{url}{picture.path}", wait_until="networkidle")
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    small = io.BytesIO()
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("no chromium: install Debian's")
    FOLDER.mkdir(exist_ok=True)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for picture in PICTURES:
            made = take(browser, url, picture)
            if len(made) > MOST_BYTES:
                sys.exit(f"{picture.name} has {len(made)} bytes")
            (FOLDER / f"{picture.name}.png").write_bytes(made)
            print(f"{picture.name}: {len(made):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
