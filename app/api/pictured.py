"""The queries of what has figures: those of its answers, and how a figure looks."""

import re
from typing import Annotated

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers
from pydantic import Field

from app.api.complaints import WrongValue
from app.api.parameters import few, integer, reader
from app.api.queries import Query, RankingsQuery, ShareQuery, VolumeQuery
from app.present.figures.look import MOST_SCALE, NARROWEST, WIDEST, Theme

_CODE = 2
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?", re.ASCII)


def _lang(text: str) -> str:
    try:
        if _TAG.fullmatch(text):
            return str(Locale.parse(text, sep="-")).replace("_", "-")
    except UnknownLocaleError:
        pass
    meant = text[:_CODE].lower() if text[:_CODE].lower() in _LANGUAGES else None
    raise WrongValue(
        "is not the tag of a language that has forms of numbers and dates here, "
        "such as en, de, fr, pt-BR or ja",
        meant=meant,
    )


_LANGUAGES = frozenset(n for n in locale_identifiers() if len(n) == _CODE)


def _pixels(text: str) -> int:
    message = f"is not a whole number of pixels from {NARROWEST} to {WIDEST}"
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise WrongValue(message)
    within = min(max(int(text), NARROWEST), WIDEST)
    if within != int(text):
        raise WrongValue(message, meant=str(within))
    return int(text)


_THEMES = {"enum": [str(t) for t in Theme]}
_WIDTHS = {"type": "integer", "minimum": NARROWEST, "maximum": WIDEST}

Background = Annotated[Theme | None, *reader(few(Theme), _THEMES)]
Lang = Annotated[str | None, *reader(_lang, {})]
Width = Annotated[int | None, *reader(_pixels, _WIDTHS)]
Scale = Annotated[int | None, *integer(MOST_SCALE)]


class Pictured(Query):
    """How a figure of an answer is to look; of use with a picture alone."""

    theme: Background = Field(
        default=None,
        description="Of a figure: `light`, `dark`, or `auto` as its reader has it (in "
        "SVG; else light). Default `auto`.",
    )
    lang: Lang = Field(
        default=None,
        description="Of a figure or badge: language of numbers, dates and countries, "
        "as a BCP 47 tag such as `de`, `pt-BR` or `ja`. Default `en`.",
    )
    width: Width = Field(
        default=None, description="Of a figure: its width in pixels. Default 720."
    )
    scale: Scale = Field(
        default=None,
        description="Of a PNG: pixels for each pixel of `width`, up to 2,400 in all. "
        "Default 1.",
    )


class PicturedShareQuery(ShareQuery, Pictured):
    """Parameters of `/v1/share` and its figures."""


class PicturedVolumeQuery(VolumeQuery, Pictured):
    """Parameters of `/v1/volume` and its figures."""


class PicturedRankingsQuery(RankingsQuery, Pictured):
    """Parameters of `/v1/rankings` and its figures."""
