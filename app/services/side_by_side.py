"""One question, asked of several datasets: side by side, never blended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.periods import Window, parse_date
from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import Snapshot
from app.errors import OutsideDataError, UnknownError, closest
from app.services import share, volume, windows

_OF_ONE = frozenset({"dataset", "release", "incomplete"})
_DATES = frozenset({"start_date", "end_date"})
_ANSWERS = {"share": share.answer, "volume": volume.answer}
_Pairs = list[tuple[str, str]]


def answer(
    of: str,
    snapshot: Snapshot,
    ask: Ask,
    datasets: Sequence[str],
    now: datetime | None,
) -> Report:
    """Return the rows of each dataset, one after the other, with its name and unit.

    Args:
        of: `share` or `volume`.
        snapshot: The release to ask.
        ask: The question. Without dates, all speak of the days that the first dataset
            answers about; if another has no data then, each speaks of its own last
            days, and a warning says so.
        datasets: Slugs, in the order of the answer.
        now: The present moment, for the freshness of a live answer; None: pinned.

    Raises:
        UnknownError: There is no such dataset.
        AppError: Whatever the question raises of any of the datasets.
    """
    _check_known(snapshot, datasets)
    if ask.group_by is None and not ask.numerator:
        # By default each dataset has groups of its own, which are no one's else.
        ask = replace(ask, group_by=())
    first = _of_one(of, snapshot, replace(ask, dataset=datasets[0]), now)
    window = _window(first)
    apart = not (ask.start or ask.end) and _is_apart(snapshot, datasets, window)
    same = replace(ask, start=window, end=window, span=None)
    others = [
        _of_one(of, snapshot, replace(ask if apart else same, dataset=slug), now)
        for slug in datasets[1:]
    ]
    resolved = [p for p in first.resolved if p[0] not in _OF_ONE]
    if apart:
        resolved = [p for p in resolved if p[0] not in _DATES]
        resolved.append(("window", str(windows.span_of(ask))))
    release = [p for p in first.resolved if p[0] == "release"]
    spelt = [("of", of), *resolved, ("datasets", ",".join(datasets)), *release]
    return _joined(datasets, [first, *others], spelt, apart=apart)


def _check_known(snapshot: Snapshot, datasets: Sequence[str]) -> None:
    """Refuse a dataset that there is not.

    Raises:
        UnknownError: There is one; what is meant by it is none of the others.
    """
    known = list(snapshot.datasets)
    for slug in datasets:
        if slug not in known:
            meant = closest(slug, [k for k in known if k not in datasets])
            mended = meant and ",".join(meant if d == slug else d for d in datasets)
            raise UnknownError(
                "datasets",
                slug,
                known,
                "/v1/datasets",
                thing="dataset",
                fix={"datasets": mended},
            )


def _of_one(of: str, snapshot: Snapshot, ask: Ask, now: datetime | None) -> Report:
    try:
        return _ANSWERS[of](snapshot, ask, now)
    except OutsideDataError as error:
        if "start_date" not in (error.fix or {}):
            raise
        # The days of one dataset may be no days of another: none are safe to suggest.
        fix = {"start_date": None, "end_date": None}
        raise OutsideDataError(
            str(error), complaints=error.complaints, fix=fix
        ) from error


def _window(report: Report) -> Window:
    spelt = dict(report.resolved)
    first, last = parse_date(spelt["start_date"]), parse_date(spelt["end_date"])
    return Window(first.first, last.last)


def _is_apart(snapshot: Snapshot, datasets: Sequence[str], window: Window) -> bool:
    """Return whether one of the datasets has data, but none of these days."""
    views = [snapshot.datasets[slug] for slug in datasets if slug in snapshot.datasets]
    spans = [view.span for view in views if view.span is not None]
    return any(window.overlap(span) is None for span in spans)


def _joined(
    datasets: Sequence[str], reports: Sequence[Report], spelt: _Pairs, *, apart: bool
) -> Report:
    counts = [len(report) for report in reports]
    units = [str(report.meta["unit"]) for report in reports]
    columns = [
        Column("dataset", Kind.TEXT, _spread(datasets, counts)),
        Column("unit", Kind.TEXT, _spread(units, counts)),
    ]
    for alike in zip(*(report.columns for report in reports), strict=True):
        values = [value for column in alike for value in column.values]
        columns.append(Column(alike[0].name, alike[0].kind, values))
    metas = [report.meta for report in reports]
    warnings = _union(metas, "warnings")
    if apart:
        warnings.append(_of_other_days(datasets, reports))
    return Report(
        columns,
        {
            "quote": " ".join(str(meta["quote"]) for meta in metas),
            "citation": " ".join(str(meta["citation"]) for meta in metas),
            **{
                name: metas[0][name]
                for name in ("api_version", "method_version", "release", "published_at")
            },
            "query": {},
            "caveats": _union(metas, "caveats"),
            "warnings": warnings,
            "datasets": [{k: v for k, v in m.items() if k != "query"} for m in metas],
        },
        spelt,
    )


def _of_other_days(datasets: Sequence[str], reports: Sequence[Report]) -> str:
    told = [
        f"{slug} from {window.first} to {window.last}"
        for slug, window in zip(datasets, map(_window, reports), strict=True)
    ]
    return (
        "other_days: not every dataset has the same last days, so each tells of its "
        f"own: {', '.join(told)}; give start_date and end_date to ask all of the same"
    )


def _spread(values: Sequence[str], counts: Sequence[int]) -> list[str]:
    pairs = zip(values, counts, strict=True)
    return [value for value, count in pairs for _ in range(count)]


def _union(metas: Sequence[object], name: str) -> list[object]:
    return list(dict.fromkeys(v for meta in metas for v in meta[name]))  # type: ignore[index]
