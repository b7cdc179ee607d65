"""One question, asked of several datasets: side by side, never blended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.periods import parse_date
from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import Snapshot
from app.services import share, volume

_OF_ONE = frozenset({"dataset", "release", "incomplete"})
_ANSWERS = {"share": share.answer, "volume": volume.answer}


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
        ask: The question; relative dates are those of the first dataset, so that all
            speak of the same days.
        datasets: Slugs, in the order of the answer.
        now: The present moment, for the freshness of a live answer; None: pinned.

    Raises:
        AppError: Whatever the question raises of any of the datasets.
    """
    if ask.group_by is None and not ask.numerator:
        # By default each dataset has groups of its own, which are no one's else.
        ask = replace(ask, group_by=())
    first = _ANSWERS[of](snapshot, replace(ask, dataset=datasets[0]), now)
    spelt = dict(first.resolved)
    same = replace(
        ask,
        start=parse_date(spelt["start_date"]),
        end=parse_date(spelt["end_date"]),
        span=None,
    )
    others = [
        _ANSWERS[of](snapshot, replace(same, dataset=slug), now)
        for slug in datasets[1:]
    ]
    return _joined(of, datasets, [first, *others])


def _joined(of: str, datasets: Sequence[str], reports: Sequence[Report]) -> Report:
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
    resolved = [p for p in reports[0].resolved if p[0] not in _OF_ONE]
    release = [p for p in reports[0].resolved if p[0] == "release"]
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
            "warnings": _union(metas, "warnings"),
            "datasets": [{k: v for k, v in m.items() if k != "query"} for m in metas],
        },
        [("of", of), *resolved, ("datasets", ",".join(datasets)), *release],
    )


def _spread(values: Sequence[str], counts: Sequence[int]) -> list[str]:
    pairs = zip(values, counts, strict=True)
    return [value for value, count in pairs for _ in range(count)]


def _union(metas: Sequence[object], name: str) -> list[object]:
    return list(dict.fromkeys(v for meta in metas for v in meta[name]))  # type: ignore[index]
