"""Every upstream this version reads, as the settings say."""

from collections.abc import Callable
from datetime import datetime

from app.settings import Settings
from app.sources.openrouter_rankings import OpenRouterRankings
from app.sources.source import Source


def sources(settings: Settings, now: Callable[[], datetime]) -> list[Source]:
    """Return every source, also those that lack a key and cannot be read yet."""
    return [
        OpenRouterRankings(
            str(settings.openrouter_url),
            settings.openrouter_api_key,
            now,
            settings.source_timeout,
            settings.openrouter_every,
        )
    ]


def scheduled(settings: Settings, now: Callable[[], datetime]) -> list[Source]:
    """Return the sources that can be read without being asked to."""
    if settings.openrouter_api_key is None:
        return []
    return sources(settings, now)
