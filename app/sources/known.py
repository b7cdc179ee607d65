"""Every upstream this version reads, as the settings say."""

from collections.abc import Callable
from datetime import datetime

from app.domain.observations import Batch, Payload
from app.settings import Settings
from app.sources._data_api import Quotas, new_quotas
from app.sources.huggingface import HuggingFace
from app.sources.modelsdev import ModelsDev
from app.sources.openrouter_apps import OpenRouterApps
from app.sources.openrouter_exports import OpenRouterExports
from app.sources.openrouter_models import OpenRouterModels
from app.sources.openrouter_rankings import OpenRouterRankings
from app.sources.openrouter_tasks import OpenRouterTasks
from app.sources.source import RegistrySource, Source
from app.sources.warehouse import Warehouse

Clock = Callable[[], datetime]


def sources(
    settings: Settings, now: Clock, quotas: Quotas | None = None
) -> list[Source]:
    """Return every source of volumes, also those that cannot be read without a key.

    Args:
        settings: Settings of this deployment.
        now: The clock.
        quotas: What the key may ask; None: all that is published, counted in this
            process alone.
    """
    return [
        *_keyed(settings, now, quotas),
        _exports(settings, now),
        _hub(settings, now),
        *_warehouses(settings, now),
    ]


def scheduled(
    settings: Settings, now: Clock, quotas: Quotas | None = None
) -> list[Source]:
    """Return the sources to read without being asked to.

    With a key the Data API, which restates a month; without one the exports, which tell
    the same.
    """
    key = settings.openrouter_api_key
    has_key = key is not None and key.get_secret_value().strip()
    openrouter = _keyed(settings, now, quotas) if has_key else [_exports(settings, now)]
    return [*openrouter, _hub(settings, now), *_warehouses(settings, now)]


def named(
    settings: Settings, now: Clock, name: str, quotas: Quotas | None = None
) -> list[Source]:
    """Return the source of this name, or those that feed the dataset of this name.

    Of several that tell the same, those that are read on schedule.
    """
    found = sources(settings, now, quotas)
    exact = [source for source in found if source.name == name]
    usual = [s for s in scheduled(settings, now, quotas) if s.dataset == name]
    return exact or usual or [s for s in found if s.dataset == name]


def registries(settings: Settings, now: Clock) -> list[RegistrySource]:
    """Return every source of facts about models; none of them needs a key."""
    timeout = settings.source_timeout
    openrouter, modelsdev = str(settings.openrouter_url), str(settings.modelsdev_url)
    return [
        OpenRouterModels(openrouter, now, timeout, settings.openrouter_models_every),
        ModelsDev(modelsdev, now, timeout, settings.modelsdev_every),
    ]


def parsers(
    settings: Settings, now: Clock
) -> dict[str, Callable[[Payload], list[Batch]]]:
    """Return how each source reads a payload, by its name."""
    return {source.name: source.parse for source in sources(settings, now)}


def _keyed(settings: Settings, now: Clock, quotas: Quotas | None) -> list[Source]:
    url, key = str(settings.openrouter_url), settings.openrouter_api_key
    timeout, quotas = settings.source_timeout, quotas or new_quotas()
    kinds = (
        (OpenRouterRankings, settings.openrouter_every),
        (OpenRouterTasks, settings.openrouter_tasks_every),
        (OpenRouterApps, settings.openrouter_apps_every),
    )
    return [kind(url, key, now, timeout, every, quotas) for kind, every in kinds]


def _exports(settings: Settings, now: Clock) -> Source:
    url, every = str(settings.openrouter_url), settings.openrouter_exports_every
    return OpenRouterExports(url, now, settings.source_timeout, every)


def _hub(settings: Settings, now: Clock) -> Source:
    url, every = str(settings.huggingface_url), settings.huggingface_every
    models = settings.huggingface_models
    return HuggingFace(url, now, settings.source_timeout, every, models)


def _warehouses(settings: Settings, now: Clock) -> list[Source]:
    return [
        Warehouse(
            f"warehouse-{one.name}",
            one.dataset,
            one.url,
            one.query,
            now,
            settings.source_timeout,
            one.every,
        )
        for one in settings.warehouses
    ]
