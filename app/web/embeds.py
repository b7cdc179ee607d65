"""Figures for other sites."""

from app.web.asking import View

VIEWS: dict[str, View] = {}
