"""The spellings of one place name, brought together by letters and by sounds."""

from __future__ import annotations

import re
from functools import lru_cache

from analytics.letters import fold_letters

# Kinds of place and their parts, and the small words between them, folded.
_COMMON = frozenset(
    fold_letters(
        "province governorate district subdistrict sub county city town village area region "
        "center centre of the de du la provincia gobernación gouvernorat ville région muhafazat "
        "wilayat wilaya gov dist mohafaza muhafazah "
        "qada qadaa nahiya nahiyah qazay iraq irak ili ilçesi vilayeti kenti köyü bölgesi "
        "kırsalı merkezi parêzgeha parêzgeh navçeya navçe bajarê bajar gundê gund herêma "
        "nahiyeya qezaya mountain mountains mount mt valley lake island jabal jebel wadi jazira "
        "dağları dağı vadisi vadi çiyayê geliyê محافظة ولاية قضاء ناحية قرية مدينة منطقة بلدة مركز "
        "إقليم جبل جبال سلسلة وادي بحيرة جزيرة العراق استان شهرستان شهر روستای بخش وادی کوه "
        "پارێزگای پارێزگا قەزای قەزا ناحیەی ناحیە گوندی گوند شاری شارۆچکەی ناوچەی سنووری دۆڵی "
        "چیای هەرێمی عێراق провинция область город село горы "
    ).split()
)
_ARTICLES = frozenset({"al", "el", "ar", "as", "ash", "an", "ad", "adh", "at", "ath", "az", "l"})
_WORD = re.compile(r"[^\W_]+")
# Sounds that are written in more than one way, the two-letter ones first.
_SOUNDS = {
    **{
        "ee": "i",
        "oo": "u",
        "kh": "h",
        "gh": "k",
        "sh": "s",
        "ch": "c",
        "th": "t",
        "dh": "z",
        "ph": "f",
    },
    **{"q": "k", "g": "k", "x": "h", "j": "c", "p": "b", "v": "w"},
    **{"خ": "h", "ح": "h", "ه": "h", "ش": "s", "ص": "s", "س": "s", "ث": "t", "ط": "t", "ت": "t"},
    **{"ذ": "z", "ظ": "z", "ض": "z", "ز": "z", "ق": "k", "ک": "k", "گ": "k", "غ": "k", "ج": "c"},
    **{"چ": "c", "پ": "b", "ب": "b", "د": "d", "ر": "r", "ل": "l", "م": "m", "ن": "n", "ف": "f"},
    **{"б": "b", "в": "w", "г": "k", "д": "d", "ж": "c", "з": "z", "к": "k", "л": "l", "м": "m"},
    **{"н": "n", "п": "b", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h", "ц": "s", "ч": "c"},
    **{"ш": "s", "а": "a", "е": "e", "и": "i", "і": "i", "ы": "i", "о": "o", "у": "u", "я": "ia"},
}
_VOWELS = [("y", "i"), ("[ouw]+", "u"), ("e+", "a"), ("a*i+", "i"), ("a+u", "u")]
_SILENT = re.compile(r"[aeiouwyاویعئ]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")


@lru_cache(maxsize=100_000)
def fold_place(text: str) -> str:
    """Return the spelling of a place that its variants have in common.

    Examples
    --------
    >>> fold_place("محافظة الأنبار"), fold_place("Al-Anbar province"), fold_place("Xaneqîn")
    ('انبار', 'anbar', 'xaneqin')
    """
    words = _WORD.findall(fold_letters(text).replace("'", ""))
    kept = [word for word in words if word not in _COMMON and word not in _ARTICLES] or words
    return "".join(
        word.removeprefix("ال") if word.startswith("ال") and len(word) > 4 else word
        for word in kept
    ).replace("ابی", "ابو")


@lru_cache(maxsize=100_000)
def hear_place(folded: str) -> tuple[str, str]:
    """Return a folded name by its sounds, and by its consonants; empty where too little is left.

    Vowels are compared in Latin and Cyrillic only: Arabic script leaves them out.

    Examples
    --------
    >>> hear_place("hauija") == hear_place("havice")
    True
    >>> hear_place("خانقین")[1] == hear_place("xaneqin")[1]
    True
    """
    # A last h is ta marbuta or a lengthened vowel; kh is a sound of its own.
    heard = re.sub("(?<![cdgkpst])h$|ه$", "", folded)
    for written, sound in _SOUNDS.items():
        heard = heard.replace(written, sound)
    heard = re.sub(r"(.)\1+", r"\1", heard)
    consonants = _SILENT.sub("", heard)
    for pattern, vowel in _VOWELS:
        heard = re.sub(pattern, vowel, heard)
    heard = "" if _ARABIC.search(folded) or len(heard) < 3 else heard
    return heard, consonants if len(consonants) >= 3 else ""
