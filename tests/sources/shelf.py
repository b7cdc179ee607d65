"""Upstreams that answer the same whenever they are asked."""

from urllib.parse import urlsplit

from tests.sources.upstream import Upstream


class Shelf(Upstream):
    """Bodies by path, and 404 for all else."""

    def __init__(self, **bodies: bytes) -> None:
        super().__init__()
        self.bodies: dict[str, bytes] = dict(bodies)

    def answer(self, path: str, _key: str | None) -> tuple[int, bytes]:
        body = self.bodies.get(urlsplit(path).path)
        return (404, b"{}") if body is None else (200, body)
