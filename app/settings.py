"""Everything that differs between deployments: environment `MODELCENSUS_…` or `.env`.

Built once in a command and passed down; nothing imports a global.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_DAILY = timedelta(days=1)
_SLUG = "^[a-z0-9][a-z0-9-]{0,49}$"

# Nobody's upstream is asked by the second; and a moment too far off is none.
Every = Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=366))]


class Warehouse(BaseModel):
    """A database that a dataset is read from; `sources.warehouse` says how.

    Attributes:
        name: What runs and errors call it, after `warehouse-`.
        dataset: Slug of a dataset that was declared.
        url: SQLAlchemy URL of the database.
        query: SQL that returns `period`, `model`, `volume` and perhaps `category`.
        every: How often to ask.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=_SLUG)]
    dataset: Annotated[str, Field(pattern=_SLUG)]
    url: SecretStr
    query: Annotated[str, Field(min_length=1)]
    every: Every = _DAILY


def _read_json(value: object) -> object:
    # Here and not by the library, whose complaint would be of another kind.
    return json.loads(value) if isinstance(value, str) else value


def _check_names(warehouses: tuple[Warehouse, ...]) -> tuple[Warehouse, ...]:
    if len({warehouse.name for warehouse in warehouses}) < len(warehouses):
        msg = "two warehouses have the same name"
        raise ValueError(msg)
    return warehouses


class Settings(BaseSettings):
    """Settings of one deployment; frozen, and closed to unknown names in `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="MODELCENSUS_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        # What was refused may be, or hold, a password.
        hide_input_in_errors=True,
    )

    database_url: str = Field(
        default="sqlite:///modelcensus.db",
        description="SQLAlchemy URL of the record: SQLite or PostgreSQL.",
    )
    host: str = Field(default="127.0.0.1", description="Address to serve on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to serve on.")
    workers: int = Field(default=1, ge=1, le=64, description="Serving processes.")
    public_url: HttpUrl = Field(
        default=HttpUrl("http://127.0.0.1:8000"),
        description="Where readers reach this service; every link starts with it.",
    )
    openrouter_api_key: SecretStr | None = Field(
        default=None,
        description="Key for OpenRouter's Data API; without one its exports are read.",
    )
    openrouter_url: HttpUrl = Field(
        default=HttpUrl("https://openrouter.ai"),
        description="Where OpenRouter is reached.",
    )
    openrouter_every: Every = Field(
        default=timedelta(hours=6),
        description="How often the rankings of OpenRouter's Data API are read.",
    )
    openrouter_exports_every: Every = Field(
        default=timedelta(hours=6),
        description="How often OpenRouter's exports are read, if there is no key.",
    )
    openrouter_tasks_every: Every = Field(
        default=_DAILY, description="How often OpenRouter's task shares are read."
    )
    openrouter_apps_every: Every = Field(
        default=_DAILY, description="How often OpenRouter's app rankings are read."
    )
    openrouter_models_every: Every = Field(
        default=_DAILY, description="How often OpenRouter's list of models is read."
    )
    modelsdev_url: HttpUrl = Field(
        default=HttpUrl("https://models.dev"),
        description="Where models.dev is reached.",
    )
    modelsdev_every: Every = Field(
        default=_DAILY, description="How often the list of models.dev is read."
    )
    huggingface_url: HttpUrl = Field(
        default=HttpUrl("https://huggingface.co"),
        description="Where the Hugging Face Hub is reached.",
    )
    huggingface_every: Every = Field(
        default=_DAILY, description="How often downloads from the Hub are read."
    )
    huggingface_models: int = Field(
        default=1_000,
        ge=1,
        le=2_000,
        description="Most downloaded repositories of the Hub that are read.",
    )
    warehouses: Annotated[
        tuple[Warehouse, ...],
        NoDecode,
        BeforeValidator(_read_json),
        AfterValidator(_check_names),
    ] = Field(
        default=(),
        description="Databases to read, as JSON: name, dataset, url, query, every.",
    )
    source_timeout: timedelta = Field(
        default=timedelta(seconds=60),
        ge=timedelta(seconds=1),
        description="Longest wait for one source, in all.",
    )
    refresh_every: timedelta = Field(
        default=timedelta(seconds=1),
        ge=timedelta(milliseconds=10),
        description="How often a serving process looks for a new release.",
    )
    past_snapshots: int = Field(
        default=4, ge=1, le=100, description="Past releases kept in memory."
    )
    cache_size: int = Field(
        default=64_000_000,
        ge=1_000_000,
        description="Bytes of finished answers kept in memory, per process.",
    )
    figure_workers: int = Field(
        default=1,
        ge=0,
        le=16,
        description="Processes that draw figures, per serving process; 0: no figures.",
    )
    figure_queue: int = Field(
        default=64,
        ge=0,
        le=10_000,
        description="Figures that may wait to be drawn; more are refused.",
    )
    figure_timeout: timedelta = Field(
        default=timedelta(seconds=10),
        ge=timedelta(milliseconds=100),
        description="Longest time from asking for a figure to having it.",
    )
    access_log: bool = Field(
        default=True, description="Whether each request is a line on standard output."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe level that is logged.",
    )
    exports_dir: Path | None = Field(
        default=None,
        description="Folder of the files of whole releases; none: a temporary one.",
    )
    registry_dir: Path = Field(
        default=Path(__file__).parent / "registry",
        description="Folder of the bundled facts that a new record starts with.",
    )
