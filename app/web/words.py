"""Numbers and dates as readers of a language write them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from app.domain.reports import rounded
from app.web.plain import NOTHING

_WHOLE = {1: "yMMMM", 3: "yQQQ", 12: "y"}
"""Forms of periods, by how many months they have."""
# Between them a volume has a word, as million or trillion.
_SHORT, _LONG = 1_000_000, 1_000_000_000_000_000
_NEARLY = 20_000
_ALL, _MILLION = 1_000, 1_000_000


class Words:
    """Writes in one language."""

    def __init__(self, lang: str) -> None:
        """Take a language tag, such as `de` or `pt-BR`; else English."""
        try:
            self._locale = Locale.parse(lang, sep="-")
        except (ValueError, UnknownLocaleError):
            self._locale = Locale("en")
        # Days as the sentences of answers have them: day, month, year.
        in_english = self._locale == Locale("en")
        self._days = Locale("en", "GB") if in_english else self._locale
        names = self._locale.compact_decimal_formats
        self._names: Any = "long" if "long" in names else "short"

    def share(self, fraction: float | None) -> str:
        """Return a fraction in percent: `45.4%`."""
        if fraction is None:
            return NOTHING
        if fraction in {0, 1}:
            return self._percent(int(fraction) * _ALL, "0")
        tenths = rounded(round(fraction * _MILLION), _ALL)
        if tenths == 0:
            return f"<{self._percent(1)}"
        if tenths == _ALL:
            return f">{self._percent(_ALL - 1)}"
        return self._percent(tenths)

    def growth(self, ratio: float | None) -> str:
        """Return a ratio of growth in percent, with its sign."""
        if ratio is None:
            return NOTHING
        tenths = rounded(round(ratio * _MILLION), _ALL)
        return f"{'+' if tenths > 0 else ''}{self._percent(tenths)}"

    def _percent(self, tenths: int, form: str = "0.0") -> str:
        pattern = self._locale.percent_formats[None].pattern
        shaped = pattern.replace("#0", f"#{form}")
        fraction = Decimal(tenths) / _ALL
        return str(format_percent(fraction, shaped, locale=self._locale))

    def volume(self, volume: int | None) -> str:
        """Return a volume, with a word for its thousands if it is large."""
        if volume is None:
            return NOTHING
        size = abs(volume)
        if not _SHORT <= size < _LONG:
            return str(format_decimal(volume, locale=self._locale))
        # What rounds up to a thousand of its scale is one of the next.
        above = int(10 ** len(str(size)))
        if above - size <= above // _NEARLY:
            volume = above if volume > 0 else -above
        made = format_compact_decimal(
            volume, format_type=self._names, locale=self._locale, fraction_digits=1
        )
        return str(made)

    def period(self, row: Mapping[str, Any]) -> str:
        """Return the period of a row: `April 2026`, or from day to day."""
        start = date.fromisoformat(row["period_start"])
        end = date.fromisoformat(row["period_end"])
        whole = _whole(start, end)
        if whole is not None:
            return str(format_skeleton(whole, start, locale=self._days))
        if start == end:
            return str(format_skeleton("yMMMd", start, locale=self._days))
        return str(format_interval(start, end, "yMMMd", locale=self._days))


def _whole(start: date, end: date) -> str | None:
    """Return the form of a whole month, quarter or year; None if it is none."""
    if start.day != 1 or (end + timedelta(days=1)).day != 1 or start.year != end.year:
        return None
    months = end.month - start.month + 1
    begins = (start.month - 1) % months == 0
    return _WHOLE.get(months) if begins else None
