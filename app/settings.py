"""Everything that differs between deployments: environment `MODELCENSUS_…` or `.env`.

Built once in a command and passed down; nothing imports a global.
"""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one deployment; frozen, and closed to unknown names in `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="MODELCENSUS_", env_file=".env", extra="ignore", frozen=True
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
        description="Key for OpenRouter's Data API. Without one nothing is fetched.",
    )
    openrouter_url: HttpUrl = Field(
        default=HttpUrl("https://openrouter.ai"),
        description="Where OpenRouter's API is reached.",
    )
    openrouter_every: timedelta = Field(
        default=timedelta(hours=6), description="How often OpenRouter is read."
    )
    source_timeout: timedelta = Field(
        default=timedelta(seconds=60),
        description="Longest wait for one source, in all.",
    )
    refresh_every: timedelta = Field(
        default=timedelta(seconds=1),
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
    access_log: bool = Field(
        default=True, description="Whether each request is a line on standard output."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe level that is logged.",
    )
    registry_dir: Path = Field(
        default=Path(__file__).parent / "registry",
        description="Folder of the bundled facts that a new record starts with.",
    )
