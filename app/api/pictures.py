"""Answers as pictures: how they are to look, and how they are made."""

from json import dumps
from typing import Any

from app.api.answers import Asked, Drawn, pinned
from app.api.pictured import Pictured
from app.api.queries import Query
from app.domain.reports import Report
from app.drawing.job import Job
from app.drawing.pool import Pool
from app.errors import BadParameterError, BadValueError, Complaint
from app.present import json
from app.present.figures import badge, figure
from app.present.figures.look import USUAL_WIDTH, WIDEST, Look, Theme
from app.present.figures.palette import STYLE
from app.present.figures.tongue import tongue
from app.present.formats import Format

_SIZED = ("theme", "lang", "width")
_TAKEN = {
    Format.SVG: _SIZED,
    Format.PNG: (*_SIZED, "scale"),
    Format.VEGA: _SIZED,
    Format.BADGE: ("lang",),
    Format.SHIELD: ("lang",),
}
_ALL = _TAKEN[Format.PNG]


def look(query: Query, form: Format) -> Look | None:
    """Return how a picture is to look; None if none is asked for.

    Raises:
        BadParameterError: A look is given to what has none.
        BadValueError: The picture would be too wide.
    """
    if not isinstance(query, Pictured):
        return None
    given = [name for name in _ALL if getattr(query, name) is not None]
    wrong = [name for name in given if name not in _TAKEN.get(form, ())]
    if wrong:
        raise _without(wrong, form)
    if not form.is_picture:
        return None
    width, scale = query.width or USUAL_WIDTH, query.scale or 1
    if width * scale > WIDEST:
        message = f"times width is more than {WIDEST} pixels"
        fix = str(max(WIDEST // width, 1))
        raise BadValueError.of("scale", str(scale), message, fix=fix)
    return Look(query.theme or Theme.AUTO, query.lang or "en", width, scale)


def _without(names: list[str], form: Format) -> BadParameterError:
    suffix, goes = Format.SVG, "a figure" if form.is_picture else "a picture"
    if "scale" in names:
        suffix, goes = Format.PNG, "a PNG"
    listed = ", ".join(names)
    return BadParameterError(
        f"{listed}: of use with {goes} alone; add {suffix} to the path.",
        complaints=[Complaint(n, None, "does not go with this format") for n in names],
        fix=dict.fromkeys(names),
    )


def draw(report: Report, asked: Asked, look: Look, drawing: Pool) -> Drawn:
    """Return an answer as a picture.

    Raises:
        DrawingError: It was not drawn in time.
        FontError: There is no font for its language here.
    """
    question = asked.path.rpartition("/")[2]
    permalink = pinned(asked, report) or ""
    match asked.form:
        case Format.BADGE:
            body = badge.svg(report, question, look.lang)
        case Format.SHIELD:
            body = json.dumps(badge.shield(report, question, look.lang))
        case Format.VEGA:
            body = _json(figure(report, question, look, permalink))
        case _:
            spec = figure(report, question, look, permalink, hovered=False)
            body = drawing.draw(_job(spec, asked.form, look))
    return Drawn([body], report.meta, report.resolved, tabular=True)


def _job(spec: dict[str, Any], form: Format, look: Look) -> Job:
    png = form is Format.PNG
    style = STYLE if look.theme is Theme.AUTO and not png else ""
    title, description = str(spec["usermeta"]["title"]), str(spec["description"])
    sample = tongue(look.lang).sample if png else ""
    text = _json(spec).decode()
    return Job(text, png, look.scale, title, description, style, sample)


def _json(spec: dict[str, Any]) -> bytes:
    return dumps(spec, ensure_ascii=False, separators=(",", ":")).encode()
