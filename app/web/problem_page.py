"""What a browser shows where there is no page, or none yet."""

from collections.abc import Mapping
from typing import Any

from app.web import embeds, templating
from app.web.asking import Made
from app.web.pages import PLAIN


def problem_page(path: str, public: str, problem: Mapping[str, Any]) -> Made:
    """Return a page that says what a problem says.

    Args:
        path: What was asked for.
        public: Where readers reach this service, without a slash at the end.
        problem: The answer of `/v1`: title, status, detail, a URL that works.
    """
    title, detail, status = problem["title"], problem["detail"], problem["status"]
    better: str | None = problem.get("try_url")
    if path.startswith("/embed/"):
        return embeds.wrong(path, public, title, detail, better=better, status=status)
    values = {
        "root": "../" * (path.count("/") - 1) or "./",
        "problem": problem,
        "better": better,
    }
    return Made(templating.page("problem.html", values), PLAIN, status=status)
