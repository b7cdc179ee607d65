"""Upstreams that answer in pages, on the loopback, as they are documented."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.sources.upstream import Upstream


class FakeApps(Upstream):
    """The ranking of applications: `tokens` by rank, one app each."""

    def __init__(self, tokens: Sequence[int]) -> None:
        super().__init__()
        self.tokens = tokens
        self.end = "2026-05-11"
        self.as_of = "2026-05-12T02:00"

    def name(self, place: int) -> str | None:
        """Return the name of an app, by its place."""
        return f"App {place}"

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        if not key:
            return 401, b"{}"
        query = parse_qs(urlsplit(path).query)
        limit, offset = int(query["limit"][0]), int(query["offset"][0])
        if limit > 100 or offset > 100:
            return 400, b"{}"
        data = [
            {
                "rank": n + 1,
                "app_id": 1_000 - n,
                "app_name": self.name(n),
                "total_tokens": str(tokens),
                "total_requests": tokens // 1_000,
            }
            for n, tokens in enumerate(self.tokens)
        ][offset : offset + limit]
        meta = {
            "as_of": f"{self.as_of}:0{offset // 100}.000Z",
            "version": "v1",
            "start_date": "2026-04-12",
            "end_date": self.end,
        }
        return 200, json.dumps({"data": data, "meta": meta}).encode()


class FakeHub(Upstream):
    """The models of a hub by downloads, with a link to each next page."""

    def __init__(self, downloads: Sequence[int]) -> None:
        super().__init__()
        self.downloads = downloads
        self.next_url: str | None = None
        self.rate_limit: str | None = None
        self.names: Mapping[int, str] = {}
        """What the repositories at some places are called, if not as usual."""

    def answer(self, path: str, _key: str | None) -> tuple[int, bytes]:
        first, limit = self._place(path)
        page = [
            {
                "_id": "…",
                "id": self.names.get(n, f"acme-lab/model-{n}"),
                "private": False,
                "gated": False,
                "downloads": count,
                "tags": ["transformers", "license:mit"],
            }
            for n, count in enumerate(self.downloads)
        ][first : first + limit]
        return 200, json.dumps(page).encode()

    def headers(self, path: str) -> dict[str, str]:
        first, limit = self._place(path)
        if first + limit >= len(self.downloads):
            return {}
        query = {"sort": "downloads", "limit": limit, "cursor": f"{first + limit}=="}
        url = self.next_url or f"{self.url}/api/models?{urlencode(query)}"
        return {"Link": f'<{url}>; rel="next"'}

    @staticmethod
    def _place(path: str) -> tuple[int, int]:
        query = parse_qs(urlsplit(path).query)
        assert query["sort"] == ["downloads"]
        cursor = query.get("cursor", ["0=="])[0]
        return int(cursor.removesuffix("==")), int(query["limit"][0])
