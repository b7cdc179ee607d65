"""Countries by ISO 3166-1 alpha-2 code, and what to call them."""

import re
from functools import cache

from babel import Locale

from app.domain.registry import UNKNOWN

# Babel's territories of two letters hold regions and exceptional reservations too.
_NOT_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB"}
    | {"XK", "ZZ"}
)


ALSO = {"UK": "GB", "USA": "US"}
"""What people call a country that has another code."""
_ALPHA_2 = re.compile("[A-Z]{2}")


@cache
def countries() -> dict[str, str]:
    """Return the English short name of every country, by code, ascending."""
    territories = Locale("en").territories
    return {
        code: _plain(territories[code])
        for code in sorted(territories)
        if _ALPHA_2.fullmatch(code) and code not in _NOT_COUNTRIES
    }


def _plain(name: str) -> str:
    # CLDR's name of Hong Kong and Macao says whose they are; a label need not.
    return name.replace(" SAR China", "")


def name(code: str) -> str | None:
    """Return what to call an origin; None if there is no such country."""
    return "Unknown" if code == UNKNOWN else countries().get(code)


def is_origin(code: str) -> bool:
    """Return whether `code` can be asked for: a country's, or `unknown`."""
    return code == UNKNOWN or code in countries()
