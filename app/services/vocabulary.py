"""What can be asked for: every value that a dimension has in a release."""

from app.domain.registry import OTHER, UNKNOWN, WEIGHTS, Dimension
from app.domain.snapshot import DatasetView, Snapshot


def names_of(snapshot: Snapshot, view: DatasetView, dimension: Dimension) -> set[str]:
    """Return every value of a dimension that can be asked for in this release."""
    registry = snapshot.registry
    match dimension:
        case Dimension.PROVIDER:
            found = set(registry.providers)
        case Dimension.MODEL:
            found = {*registry.models, OTHER}
        case Dimension.BASE:
            found = {*snapshot.bases, OTHER}
        case Dimension.VARIANT:
            found = {m.variant for m in registry.models.values()}
        case Dimension.CATEGORY:
            found = set(view.categories)
        case Dimension.APP:
            found = set(view.apps)
        case Dimension.WEIGHTS:
            found = set(WEIGHTS)
        case _:
            found = set(registry.claimed(dimension))
    return found | {UNKNOWN}
