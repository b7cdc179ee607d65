"""An upstream on the loopback, and a client to read it with."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.sources.upstream import FakeOpenRouter


@pytest.fixture
def upstream() -> Iterator[FakeOpenRouter]:
    """An OpenRouter that knows nothing yet."""
    with FakeOpenRouter() as fake:
        yield fake


@pytest.fixture(scope="session")
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as opened:
        yield opened
