"""Templates of pages: everything put into one is escaped."""

from collections.abc import Mapping
from functools import cache
from typing import Any


def page(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a filled template of this package, as UTF-8.

    Args:
        template: Name of its file, such as `explorer.html`.
        values: What it speaks of; a name that is missing is an error. `base.html`
            needs `root`, the way from the page to `/` (`./`, `../`), and marks the
            `section` of the head that the page belongs to, if it has one.
    """
    text: str = _environment().get_template(template).render(values)
    return text.encode()


_SECTIONS = (
    ("", "Explorer"),
    ("rankings", "Rankings"),
    ("providers", "Providers"),
    ("models", "Models"),
    ("origins", "Countries"),
    ("datasets", "Datasets"),
    ("docs", "Docs"),
    ("docs/api", "API"),
    ("method", "Method"),
)
"""What the head of each page leads to: path and name."""


@cache
def _environment() -> Any:
    # Not before the first page: an answer need not wait for it.
    from jinja2 import (  # noqa: PLC0415
        Environment,
        PackageLoader,
        StrictUndefined,
        select_autoescape,
    )

    made = Environment(
        loader=PackageLoader("app.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["sections"] = _SECTIONS
    return made
