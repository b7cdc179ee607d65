"""A warehouse to read, and what is asked of it."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from app.sources.warehouse import Warehouse
from tests.sources.given import window

NOW = datetime(2026, 8, 22, 2, tzinfo=UTC)
ALL = window("2020-01-01", "2026-08-21")
ROLL_UP = (
    "SELECT day AS period, model, SUM(tokens) AS volume FROM events "
    "GROUP BY day, model ORDER BY day, model"
)
BOUND = (
    "SELECT day AS period, model, tokens AS volume FROM events "
    "WHERE day BETWEEN :start_date AND :end_date AND tokens > 5 ORDER BY day, tokens"
)


def warehouse(
    url: str = "sqlite://", query: str = ROLL_UP, seconds: float = 5
) -> Warehouse:
    return Warehouse(
        "warehouse-gateway",
        "our-tokens",
        SecretStr(url),
        query,
        lambda: NOW,
        timedelta(seconds=seconds),
        timedelta(days=1),
    )
