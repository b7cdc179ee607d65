"""Datasets that are known before they are first read."""

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import FIRST, NOW, Published


@pytest.mark.parametrize(
    ("dataset", "needs"),
    [
        ("openrouter-apps", ", once MODELCENSUS_OPENROUTER_API_KEY is set"),
        ("openrouter-tasks", ", once MODELCENSUS_OPENROUTER_API_KEY is set"),
        ("huggingface-downloads", ""),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        "/v1/share?dataset={}&origin=CN",
        "/v1/datasets/{}",
        "/v1/rankings.csv?dataset={}",
    ],
)
def test_a_dataset_that_was_never_read_says_how_it_is(
    asked: str, dataset: str, needs: str
) -> None:
    client = TestClient(create_app(settings(), Published(FIRST), now=Clock(NOW)))

    reply = client.get(asked.format(dataset))
    problem = reply.json()

    assert reply.status_code == 404
    assert problem["type"].rpartition("/")[2] == "not-read-yet"
    assert problem["detail"] == (
        f"{dataset} is known here, and nothing of it has been read yet: whoever runs "
        f"this service reads it with `modelcensus ingest {dataset}`{needs}."
    )
    assert "try_url" not in problem
