"""The service in this process: the same answers as over HTTP, without a server."""

import asyncio
from typing import cast

import httpx2
from fastapi import FastAPI

from app.api.cache import Clock
from app.main import create_app
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database


class Inside(httpx2.BaseTransport):
    """Answers what a client asks from the record of the settings."""

    def __init__(self, settings: Settings, now: Clock) -> None:
        """Open the record.

        Raises:
            RecordError: There is none, or it is of another version.
        """
        self._database = Database(settings.database_url)
        self._snapshots = Snapshots(self._database, past=settings.past_snapshots)
        changed = {
            "access_log": False,
            "figure_workers": max(1, settings.figure_workers),
        }
        self._front = create_app(
            settings.model_copy(update=changed), self._snapshots, now=now
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer as the service does."""
        # First, and not when it begins: a failure is to be heard of, not logged.
        self._snapshots.refresh()
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        app = cast(FastAPI, self._front.app)
        transport = httpx2.ASGITransport(app=self._front)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport) as client,
        ):
            # Read whole: what it is read from ends here.
            answer = await client.request(
                request.method, request.url, headers={"Accept-Encoding": "identity"}
            )
            # What runs beside it has to begin before it can end.
            await asyncio.sleep(0)
        return httpx2.Response(
            answer.status_code, headers=answer.headers, content=answer.content
        )

    def close(self) -> None:
        """Close the record."""
        self._database.close()
