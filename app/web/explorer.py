"""The explorer."""

from app.web.asking import View

VIEWS: dict[str, View] = {}
