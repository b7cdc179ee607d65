"""Days are told apart by the clock: one that is wrong reads nothing."""

import httpx2
import pytest

from app.errors import UpstreamError
from tests.sources.given import DAY, source
from tests.sources.upstream import FakeOpenRouter


@pytest.mark.parametrize(
    ("date", "age", "works"),
    [
        ("Sat, 22 Aug 2026 02:01:38 GMT", None, True),
        ("Fri, 21 Aug 2026 02:01:38 GMT", None, False),  # we are a day ahead
        ("Sun, 23 Aug 2026 02:01:38 GMT", None, False),  # we are a day behind
        ("Sat, 22 Aug 2026 03:01:39 GMT", None, False),
        ("Fri, 21 Aug 2026 02:01:38 GMT", "86400", True),  # kept for a day
        ("Fri, 21 Aug 2026 14:01:38 GMT", None, True),
        ("Fri, 21 Aug 2026 14:01:37 GMT", None, False),
        ("Sat, 22 Aug 2026 02:01:38 GMT", "86400", True),
        ("yesterday", None, True),
        ("Fri, 21 Aug 2026 02:01:38 GMT", "long", True),
    ],
)
def test_a_clock_that_is_wrong_is_caught_by_the_time_of_the_upstream(
    client: httpx2.Client, date: str, age: str | None, *, works: bool
) -> None:
    class _Dated(FakeOpenRouter):
        def headers(self, _path: str) -> dict[str, str]:
            return {"Date": date} | ({"Age": age} if age else {})

    with _Dated() as upstream:
        if works:
            source(upstream.url).fetch(client, DAY)
            return
        with pytest.raises(UpstreamError) as caught:
            source(upstream.url).fetch(client, DAY)

    assert str(caught.value).startswith("openrouter-rankings: it is 2026-08-2")
    assert str(caught.value).endswith(
        "there and 2026-08-22T02:01:38Z here: set the clock."
    )
