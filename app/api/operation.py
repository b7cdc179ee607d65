"""For whoever operates the service: does it live, may it be sent requests, and how?"""

from fastapi import APIRouter, Request

from app.api.counted import Process
from app.api.door import Door
from app.api.front import Front
from app.api.replies import Reply
from app.errors import UnavailableError

router = APIRouter(include_in_schema=False)

_OK = b'{"status":"ok"}'
_JSON = "application/json"


@router.get("/livez")
async def get_livez() -> Reply:
    return Reply(_OK, _JSON)


@router.get("/readyz")
async def get_readyz(request: Request) -> Reply:
    if request.app.state.draining:
        raise UnavailableError("This process is shutting down; ask another one.")
    # Raises until a release has been loaded.
    _ = request.app.state.door.snapshots.current
    return Reply(_OK, _JSON)


@router.get("/metrics")
async def get_metrics(request: Request) -> Reply:
    from app.api import metrics  # noqa: PLC0415 (an answer need not wait for it)

    state = request.app.state
    door: Door = state.door
    front: Front = state.front
    held = len(front.kept), front.kept.size + door.drawn.size
    process = Process(front.traffic, state.refreshes, *held)
    standing = door.present.standing_or_none()
    snapshot = None if standing is None else standing.snapshot
    readings = door.present.readings
    body = metrics.exposition(snapshot, door.now(), readings, process)
    return Reply(body, metrics.MEDIA_TYPE)
