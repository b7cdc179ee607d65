"""Numbers, days and countries in the forms of a language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from babel import Locale
from babel.dates import format_interval, format_skeleton
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    format_decimal,
    format_percent,
    parse_pattern,
)

from app.domain.periods import Interval, Window
from app.domain.reports import rounded

_MILLION = 1_000_000
_TENTH = 1_000
_COMPACT = 1_000
_NEARLY = 20_000
_HOUSE = Locale("en", "GB")
"""Days as the sentences of answers have them: day, month, year."""


@lru_cache(maxsize=64)
def tongue(lang: str) -> "Tongue":
    """Return the forms of a language tag, such as `de` or `pt-BR`."""
    return Tongue(Locale.parse(lang, sep="-"), is_house=lang == "en")


@dataclass(frozen=True)
class Tongue:
    """The forms of one language.

    Attributes:
        locale: Where they are from.
        is_house: Whether they are those of our own sentences.
    """

    locale: Locale
    is_house: bool

    @property
    def days(self) -> Locale:
        """The locale of dates."""
        return _HOUSE if self.is_house else self.locale

    @property
    def sample(self) -> str:
        """Letters that it needs: what it calls itself."""
        return str(self.locale.get_language_name() or "")

    def percent(self, millionths: int) -> str:
        """Return a share in millionths: `45.4%`, `45,4 %`, `<0.1%`."""
        tenths = rounded(millionths, _TENTH)
        if tenths == 0 and millionths:
            return f"<{self._percent(_TENTH)}"
        if tenths * _TENTH == _MILLION and millionths < _MILLION:
            return f">{self._percent(_MILLION - _TENTH)}"
        return self._percent(millionths)

    def growth(self, millionths: int) -> str:
        """Return a relative change: `+8.1%`."""
        tenths = rounded(millionths, _TENTH)
        if tenths == 0 and millionths:
            return self._percent(0)
        sign = "+" if tenths > 0 else ""
        return f"{sign}{self._percent(millionths)}"

    def _percent(self, millionths: int) -> str:
        whole, tenths = self._patterns
        pattern = whole if millionths in {0, _MILLION} else tenths
        return str(pattern.apply(Decimal(millionths) / _MILLION, self.locale))

    @cached_property
    def _patterns(self) -> tuple[NumberPattern, NumberPattern]:
        """How a percentage is written without decimals, and with one."""
        usual = self.locale.percent_formats[None].pattern
        return parse_pattern(usual), parse_pattern(re.sub("0(?!.*0)", "0.0", usual))

    def ticked(self, millionths: int) -> str:
        """Return a share on an axis, with as few decimals as it has."""
        return str(
            format_percent(
                Decimal(millionths) / _MILLION,
                locale=self.locale,
                decimal_quantization=False,
            )
        )

    def amount(self, number: int) -> str:
        """Return a volume in short: `44.1T`; exactly, if it is small."""
        if abs(number) < _COMPACT:
            return self.exact(number)
        # What rounds up to a thousand of its scale is one of the next.
        above = 10 ** len(str(abs(number)))
        if above - abs(number) <= above // _NEARLY:
            number = above if number > 0 else -above
        return str(
            format_compact_decimal(number, locale=self.locale, fraction_digits=1)
        )

    def short(self, number: int) -> str:
        """Return a volume on an axis: `50T`, `2.5T`."""
        return str(
            format_compact_decimal(number, locale=self.locale, fraction_digits=1)
        )

    def exact(self, number: int) -> str:
        """Return a volume in full: `44,129,943,053,400`."""
        return str(format_decimal(number, locale=self.locale))

    def day(self, day: date) -> str:
        """Return a day: `3 Apr 2026`."""
        return str(format_skeleton("yMMMd", day, locale=self.days))

    def short_day(self, day: date) -> str:
        """Return a day without its year: `3 Apr`."""
        return str(format_skeleton("MMMd", day, locale=self.days))

    def span(self, window: Window) -> str:
        """Return a window: `April 2026`, `Q2 2026`, `1–28 Apr 2026`."""  # noqa: RUF002
        first, last = window.first, window.last
        match window.calendar_kind():
            case Interval.MONTH:
                return self.month(first)
            case Interval.QUARTER:
                return str(format_skeleton("yQQQ", first, locale=self.days))
            case Interval.YEAR:
                return self.year(first)
            case _:
                pass
        if first == last:
            return self.day(first)
        return str(format_interval(first, last, "yMMMd", locale=self.days))

    def month(self, day: date, *, short: bool = False) -> str:
        """Return a month: `April 2026`, `Apr 2026`."""
        skeleton = "yMMM" if short else "yMMMM"
        return str(format_skeleton(skeleton, day, locale=self.days))

    def year(self, day: date) -> str:
        """Return a year."""
        return str(format_skeleton("y", day, locale=self.days))

    def country(self, code: str, name: str) -> str:
        """Return what to call a country; `name` is what it is called in English."""
        if self.locale.language == "en":
            return name
        return str(self.locale.territories.get(code, name))

    def listed(self, parts: Sequence[str]) -> str:
        """Return the parts of a line, told apart."""
        return " · ".join(part for part in parts if part)
