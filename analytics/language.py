"""Numbers, days and messages in the languages of the reports: English, Arabic, Sorani Kurdish."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd
from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from analytics.errors import ParameterError

LANGUAGES = ("en", "ar", "ckb")
# Iraq's own forms: day before month, Levantine month names in Arabic.
_LOCALES = {"en": "en_GB", "ar": "ar_IQ", "ckb": "ckb_IQ"}
_CATALOGUES = Path(__file__).parent / "locale"
# CLDR's pattern for a month with its year puts the year first in Sorani, which nobody writes.
_MONTH_OF_YEAR = {"en": "MMMM y", "ar": "MMMM y", "ckb": "MMMM'ی' y"}
# (between items, before the last): CLDR has no Sorani list.
_LISTED = {"en": (", ", " and "), "ar": ("، ", " و"), "ckb": ("، ", " و ")}
_ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_TOO_LONG = 1e15
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True)
class Language:
    """One language: what a number, a day and a message look like in it.

    Parameters
    ----------
    code : {"en", "ar", "ckb"}
    digits : {"arab", "latn"}, optional
        Arabic-Indic by default in Arabic and Sorani, Latin in English.

    Raises
    ------
    ParameterError
        A language or digits that are not there.

    Examples
    --------
    >>> Language("en").number(1234.5, 1), Language("ckb").number(1234.5, 1)
    ('1,234.5', '١٬٢٣٤٫٥')
    >>> print(Language("ar").day(pd.Timestamp("2017-10-16")))
    ١٦ تشرين الأول ٢٠١٧
    """

    code: str = "en"
    digits: Literal["arab", "latn", ""] = ""

    def __post_init__(self) -> None:
        if self.code not in LANGUAGES:
            raise ParameterError(
                f"language {self.code!r}", "is not known", f"Choose one of {', '.join(LANGUAGES)}"
            )
        if self.digits not in ("arab", "latn", ""):
            raise ParameterError(f"digits {self.digits!r}", "are not known", "Choose arab or latn")

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    @property
    def arrow(self) -> str:
        """The sign between what was and what is: it points where one reads on."""
        return "→" if self.direction == "ltr" else "←"

    @property
    def locale(self) -> Locale:
        """The Babel locale."""
        return _locale(self.code)

    @property
    def numbering(self) -> str:
        """The CLDR numbering system: ``latn`` or ``arab``."""
        return self.digits or ("latn" if self.code == "en" else "arab")

    def text(self, message: str, /, **values: object) -> str:
        """Return a message in this language, its ``{placeholders}`` filled.

        Whole numbers and days among the values are formatted; give other numbers as text made by
        `number`. Names are wrapped in direction isolates, so that a Latin name keeps its order
        inside an Arabic sentence. A message without a translation comes back in English between
        ⟦ and ⟧, to be seen.
        """
        return self._fill(self._translated(message), values)

    def plural(self, singular: str, plural: str, n: float, /, **values: object) -> str:
        """Return the form of a message that goes with ``n``, which fills ``{n}``."""
        values.setdefault("n", n)
        if self.code == "en":
            return self._fill(singular if n == 1 else plural, values)
        found = _look_up(self.code, singular)
        forms = found if isinstance(found, tuple | list) else ()
        form = _plural_index(self.code, n)
        if form >= len(forms) or not forms[form]:
            return self._fill(f"⟦{plural}⟧", values)
        return self._fill(forms[form], values)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with a fixed number of decimals, grouped; unknown is an en dash.

        From 10^15 on, where grouped digits are no longer read, it is given as a power of ten.
        """
        if value is None or not math.isfinite(value):
            return "–"
        if abs(value) >= _TOO_LONG:
            exponent = math.floor(math.log10(abs(value)))
            return f"{self.number(value / 10**exponent, 1)} × {self._in_digits(f'10^{exponent}')}"
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        rounded = round(float(value), decimals) + 0.0  # no minus zero
        # Babel's numbering system changes the separators only; the digits are ours to change.
        text = _format_decimal(rounded, pattern, self.code, self.numbering)
        return self._in_digits(text.replace("-", "−"))

    def percent(self, value: float, decimals: int = 0) -> str:
        """Return a ratio's distance from one as a percentage: 0.8 is 20 %, without a sign."""
        number = self.number(100 * abs(value - 1), decimals)
        return f"{number} %" if self.numbering == "latn" else f"{number}٪"

    def share(self, value: float) -> str:
        """Return a share as a percentage: 0.2 is 20 %; unknown is an en dash."""
        return self.percent(1 + value) if math.isfinite(value) else "–"

    def day(self, day: pd.Timestamp) -> str:
        """Return a day in full: 16 October 2017."""
        return self._date(day, "long")

    def month(self, day: pd.Timestamp) -> str:
        """Return a month with its year: October 2017."""
        return self._date(day, _MONTH_OF_YEAR[self.code])

    def month_name(self, day: pd.Timestamp) -> str:
        """Return a month without its year, short where the language has a short form: Oct."""
        return self._date(day, "LLL")

    def weekday(self, day: pd.Timestamp) -> str:
        """Return a day of the week, short where the language has a short form: Mon."""
        return self._date(day, "ccc")

    def year(self, day: pd.Timestamp) -> str:
        """Return a year, without a thousands separator."""
        return self._date(day, "y")

    def days(self, start: pd.Timestamp, end: pd.Timestamp) -> str:
        """Return an interval of days, inclusive, no longer than need be: 16–27 October 2017.

        One day where both are the same.
        """
        if start == end or pd.isna(start) or pd.isna(end):
            return self.day(start)
        return self._interval(start, end, "yMMMd", month="MMMM")

    def months(self, start: pd.Timestamp, end: pd.Timestamp, *, is_short: bool = False) -> str:
        """Return an interval of months, inclusive: January – March 2021."""
        return self._interval(start, end, "yMMM", month="MMM" if is_short else "MMMM")

    def listed(self, items: Sequence[str]) -> str:
        """Return items as a list in a sentence: a, b and c."""
        between, before_last = _LISTED[self.code]
        *head, last = [self.isolated(item) for item in items] or [""]
        return f"{between.join(head)}{before_last}{last}" if head else last

    def isolated(self, text: str) -> str:
        """Return text that keeps its own direction inside a right-to-left sentence."""
        if self.direction == "ltr" or not any(unicodedata.bidirectional(c) == "L" for c in text):
            return text
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"

    def _translated(self, message: str) -> str:
        if self.code == "en":
            return message
        found = _look_up(self.code, message)
        return found if isinstance(found, str) and found else f"⟦{message}⟧"

    def _fill(self, message: str, values: dict[str, object]) -> str:
        return message.format_map({name: self._formatted(value) for name, value in values.items()})

    def _formatted(self, value: object) -> str:
        if isinstance(value, pd.Timestamp):
            return self.day(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value)
        return self.isolated(str(value))

    def _date(self, day: pd.Timestamp, pattern: str) -> str:
        if pd.isna(day):
            return "–"
        text = format_date(day.to_pydatetime(), pattern, locale=self.locale)
        # CLDR spells the two months of one name in two ways in Sorani.
        return self._in_digits(text.replace("کانونی", "کانوونی"))

    def _interval(self, start: pd.Timestamp, end: pd.Timestamp, skeleton: str, month: str) -> str:
        """An interval after CLDR's pattern, which says once what both ends share."""
        differs = "y" if start.year != end.year else "M" if start.month != end.month else "d"
        patterns = self.locale.interval_formats[skeleton][differs]
        return "".join(
            # Not every font has the thin space that some patterns hold.
            self._date(day, re.sub("M+", month, pattern).replace("\u2009", " "))
            for day, pattern in zip((start, end), patterns, strict=True)
        )

    def _in_digits(self, text: str) -> str:
        return text.translate(_ARABIC_INDIC) if self.numbering == "arab" else text


def mark(message: str) -> str:
    """Return a message unchanged: marks for the catalogues what `Language.text` gets by a name."""
    return message


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> Catalog:
    """The gettext catalogue of a language, read from its .po file."""
    path = _CATALOGUES / code / "LC_MESSAGES" / "analytics.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES[code])


@lru_cache(maxsize=4096)
def _format_decimal(value: float, pattern: str, code: str, numbering: str) -> str:
    # A report prints the same few numbers again and again.
    return format_decimal(value, pattern, _locale(code), numbering_system=numbering)


def _look_up(code: str, message: str) -> object:
    """What a catalogue gives for a message; nothing where a translator has yet to agree."""
    entry = _catalogue(code).get(message)
    return entry.string if entry and not entry.fuzzy else None


def _plural_index(code: str, n: float) -> int:
    """Index of the gettext plural form, as the catalogue's own header defines it."""
    # The tags in the order in which gettext numbers a language's forms.
    order = ("zero", "one", "two", "few", "many", "other")
    rule = Locale.parse(code).plural_form
    tags = [tag for tag in order if tag in (*rule.tags, "other")]
    return tags.index(rule(n))
