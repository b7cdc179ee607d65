"""For whoever operates the service: does it live, may it be sent requests?"""

from fastapi import APIRouter, Request

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
