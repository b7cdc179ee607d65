"""An upstream, a client, and retries that do not wait."""

from collections.abc import Iterator

import httpx2
import pytest
import stamina

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


@pytest.fixture
def hurried() -> Iterator[None]:
    """Retry as often as ever, without the pauses."""
    stamina.set_testing(True, attempts=100, cap=True)
    yield
    stamina.set_testing(False)
