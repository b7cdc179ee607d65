"""Whether a list of models may be what its publisher means to say.

A list is compared with the last one that was taken from the same source. What differs
in too much at once is held until somebody has looked at it. The first list of a source
has nothing to be compared with.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from app.domain.listings import Listing
from app.services.contracts import Check

_Value = TypeVar("_Value")

# A publisher adds and retires a few models a week. A list that was cut, or another list
# at the same address, differs in far more.
_MOST_LOST = Decimal("0.3")
# Models cannot be taken out of the registry again, so a flood of them has to wait; but
# after months without a reading a list may well have grown by a third.
_MOST_NEW = Decimal("0.5")
# Spellings change one by one.
_MOST_RENAMED = Decimal("0.3")
# Prices are cut by half or by four fifths, of a few models at a time. Another unit,
# such as dollars per thousand or million tokens, moves all of them by a thousand.
_MOST_JUMPS = Decimal("0.1")
_JUMP = Decimal(5)
_ABSURD = Decimal(100)


def judge(before: Listing | None, now: Listing) -> list[Check]:
    """Compare a list with the last one that was taken.

    Args:
        before: The last one; None: there is none, or it can no longer be read.
        now: The new one.

    Returns:
        One check for each thing that may have changed too much; one that has not
        passed means that the whole list is to be held.
    """
    if before is None:
        return [Check("drift", passed=True, detail="no list to be compared with")]
    had, has = _slugs(before), _slugs(now)
    names = _both(_names(before), _names(now))
    prices = _both(_prices(before), _prices(now))
    return [
        _part("models_lost", len(had - has), len(had), _MOST_LOST),
        _part("models_new", len(has - had), len(had), _MOST_NEW),
        _part("names", sum(a != b for a, b in names), len(names), _MOST_RENAMED),
        _part("prices", sum(_jumps(a, b) for a, b in prices), len(prices), _MOST_JUMPS),
    ]


def is_absurd(before: Decimal, now: Decimal) -> bool:
    """Return whether a single price moves further than any price does.

    Models do become free, and cease to be: 0 is not looked at.
    """
    return bool(before and now) and _factor(before, now) > _ABSURD


def _part(name: str, count: int, of: int, most: Decimal) -> Check:
    detail = f"{count} of {of}, {most:.0%} at most"
    return Check(name, passed=count <= most * of, detail=detail)


def _slugs(listing: Listing) -> set[str]:
    return {model.slug for model in listing.models}


def _names(listing: Listing) -> dict[object, str]:
    # Several entries may share a slug; requests tell them apart.
    return {m.openrouter_id or m.slug: m.name for m in listing.models if m.name}


def _prices(listing: Listing) -> dict[object, Decimal]:
    return {
        (model.openrouter_id or model.slug, attribute): Decimal(price)
        for model in listing.models
        for attribute, price in model.prices.items()
    }


def _both(
    before: Mapping[object, _Value], now: Mapping[object, _Value]
) -> list[tuple[_Value, _Value]]:
    return [(before[key], now[key]) for key in before.keys() & now.keys()]


def _jumps(before: Decimal, now: Decimal) -> bool:
    if not before or not now:
        return before != now
    return _factor(before, now) > _JUMP


def _factor(before: Decimal, now: Decimal) -> Decimal:
    return max(before, now) / min(before, now)
