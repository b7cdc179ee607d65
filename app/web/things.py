"""Pages of providers, models, origins and datasets."""

from app.web.asking import View

VIEWS: dict[str, View] = {}
