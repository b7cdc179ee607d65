"""The script that draws charts in a browser, made by the package that draws them here.

`python -m app.web.vega` prints it; with `keep`, it is written beside the other static
files, as installing does, so that a server need not run what makes it.
"""

import subprocess
import sys
from pathlib import Path

MADE = Path(__file__).parent / "static" / "vega.js"

# Expressions are interpreted, not compiled: a page need not allow a script to make one.
_SNIPPET = """
globalThis.drawChart = (element, spec, options) =>
  vegaEmbed(element, spec, { ...options, ast: true });
"""


def script() -> bytes:
    """Return the script: a module that defines `drawChart(element, spec, options)`.

    The options are those of vega-embed; the promise it returns is too.
    """
    if MADE.exists():
        return MADE.read_bytes()
    # In a process that ends: what makes it takes 100 MB.
    made = subprocess.run(
        [sys.executable, "-m", "app.web.vega"], capture_output=True, check=True
    )
    return made.stdout


def _main() -> None:
    from vl_convert import javascript_bundle  # noqa: PLC0415 (only this needs it)

    made = javascript_bundle(_SNIPPET, vl_version="6.4")
    if sys.argv[1:] == ["keep"]:
        MADE.write_text(made, encoding="utf-8")
    else:
        sys.stdout.buffer.write(made.encode())


if __name__ == "__main__":
    _main()
