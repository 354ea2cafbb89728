"""One spelling for each letter, so that words written by different hands can be compared."""

from __future__ import annotations

import re
import unicodedata

# Letters that Arabic, Persian and Sorani write differently for the same sound, after
# decomposition has taken hamza, madda and vowel marks off them.
_SAME_LETTER = str.maketrans(
    {
        **dict.fromkeys("يىېێے", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ةەھہۀۃ", "ه"),
        **dict.fromkeys("ۆۇۈٶ", "و"),
        "ڵ": "ل",
        "ڕ": "ر",
        "ٱ": "ا",
        "ı": "i",
        "،": ",",
        "؛": ";",
        **dict.fromkeys("‐‑‒–—―−ـ", "-"),
        **dict.fromkeys("'`´ʻʼʽʾʿ‘’ء", None),
    }
)
_INITIAL_HAMZA = re.compile(r"(?<!\w)ئ")
# The lengthening stroke is typed for a dash between numbers.
_DASH = re.compile("(?<=\\d)\u0640(?=\\d)")
_INVISIBLE = re.compile("[\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def fold_letters(text: str) -> str:
    """Return text with one form for each letter and digit, in lower case, single-spaced.

    Latin letters lose their accents; Arabic-script letters lose vowel signs, hamza and
    lengthening, and the forms that Arabic, Persian and Sorani have for one letter become one;
    digits become ASCII; characters that are not seen (joiners, direction marks) go.

    Examples
    --------
    >>> fold_letters("Hewlêr ٢٠٢١")
    'hewler 2021'
    >>> fold_letters("كانون الثاني") == fold_letters("کانون الثانى")
    True
    >>> fold_letters("ئەنبار"), fold_letters("کەرکووک")
    ('هنبار', 'کهرکوک')
    """
    text = _INVISIBLE.sub("", _DASH.sub("-", text))
    text = _INITIAL_HAMZA.sub("", text)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    letters = letters.translate(_SAME_LETTER).replace("وو", "و")
    digits = (str(unicodedata.digit(c)) if c.isdigit() else c for c in letters)
    return " ".join("".join(digits).split())
