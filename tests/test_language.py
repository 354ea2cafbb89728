"""Numbers, days, lists and plural forms in the three languages, by hand."""

import pandas as pd
import pytest

from analytics import language as module
from analytics.errors import ParameterError
from analytics.language import Language, mark

EN, AR, CKB = (Language(code) for code in ("en", "ar", "ckb"))
DAY = pd.Timestamp("2017-10-16")
OPEN, CLOSE = "\u2068", "\u2069"


@pytest.mark.parametrize(
    ("language", "value", "decimals", "expected"),
    [
        (EN, 1234567.891, 2, "1,234,567.89"),
        (AR, 1234567.891, 2, "١٬٢٣٤٬٥٦٧٫٨٩"),
        (CKB, 1234567.891, 2, "١٬٢٣٤٬٥٦٧٫٨٩"),
        (EN, -1.5, 1, "−1.5"),
        (EN, -0.04, 1, "0.0"),
        (AR, 0.8, 2, "٠٫٨٠"),
        (EN, float("nan"), 0, "–"),
        (AR, float("inf"), 1, "–"),
        (Language("ar", "latn"), 1234.5, 1, "1,234.5"),
        (Language("en", "arab"), 12, 0, "١٢"),
    ],
)
def test_number(language, value, decimals, expected):
    assert language.number(value, decimals) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [(EN, "20 %"), (AR, "٢٠٪"), (CKB, "٢٠٪"), (Language("ar", "latn"), "20 %")],
)
def test_percent_is_the_distance_from_one_without_a_sign(language, expected):
    assert language.percent(0.8) == language.percent(1.2) == expected


@pytest.mark.parametrize(
    ("language", "day", "month", "year"),
    [
        (EN, "16 October 2017", "October 2017", "2017"),
        (AR, "١٦ تشرين الأول ٢٠١٧", "تشرين الأول ٢٠١٧", "٢٠١٧"),
        (CKB, "١٦ی تشرینی یەکەمی ٢٠١٧", "تشرینی یەکەمی ٢٠١٧", "٢٠١٧"),
    ],
)
def test_day_month_and_year(language, day, month, year):
    assert (language.day(DAY), language.month(DAY), language.year(DAY)) == (day, month, year)
    assert language.day(pd.NaT) == "–"


def test_arabic_months_are_those_of_iraq():
    months = [AR.month(pd.Timestamp(2017, month, 1)) for month in (1, 2, 5, 8, 12)]
    assert [name.removesuffix(" ٢٠١٧") for name in months] == [
        "كانون الثاني", "شباط", "أيار", "آب", "كانون الأول"
    ]  # fmt: skip


def test_days_name_both_ends_or_one_day():
    end = pd.Timestamp("2017-10-27")
    assert EN.days(DAY, end) == "16–27 October 2017"
    assert AR.days(DAY, end) == "١٦–٢٧ تشرين الأول ٢٠١٧"
    assert CKB.days(DAY, end) == "١٦–٢٧ی تشرینی یەکەمی ٢٠١٧"
    assert CKB.days(DAY, DAY) == CKB.days(DAY, pd.NaT) == CKB.day(DAY)


@pytest.mark.parametrize(
    ("language", "of_a_year", "of_years", "months"),
    [
        (EN, "1 January – 31 December 2021", "1 January 2017 – 31 December 2021",
         "January – December 2021"),
        (AR, "١ كانون الثاني – ٣١ كانون الأول ٢٠٢١", "١ كانون الثاني ٢٠١٧ – ٣١ كانون الأول ٢٠٢١",
         "كانون الثاني – كانون الأول ٢٠٢١"),
        (CKB, "١ی کانوونی دووەم – ٣١ی کانوونی یەکەمی ٢٠٢١",
         "١ی کانوونی دووەمی ٢٠١٧ – ٣١ی کانوونی یەکەمی ٢٠٢١", "کانوونی دووەم–کانوونی یەکەمی ٢٠٢١"),
    ],
)  # fmt: skip
def test_an_interval_says_once_what_both_its_ends_share(language, of_a_year, of_years, months):
    first, last = pd.Timestamp("2021-01-01"), pd.Timestamp("2021-12-31")
    assert language.days(first, last) == of_a_year
    assert language.days(pd.Timestamp("2017-01-01"), last) == of_years
    assert language.months(first, last) == months


@pytest.mark.parametrize(
    ("language", "three"),
    [(EN, "أ, ب and ج"), (AR, "أ، ب وج"), (CKB, "أ، ب و ج")],
)
def test_listed(language, three):
    assert language.listed(["أ", "ب", "ج"]) == three
    assert language.listed(["أ"]) == "أ"
    assert language.listed([]) == ""


def test_only_latin_text_in_a_right_to_left_sentence_is_isolated():
    assert AR.isolated("ISHM 347") == f"{OPEN}ISHM 347{CLOSE}"
    assert AR.isolated("كركوك") == "كركوك"
    assert AR.isolated("٠٫٨٠") == "٠٫٨٠"
    assert EN.isolated("ISHM 347") == "ISHM 347"
    assert f"{OPEN}a.csv{CLOSE}" in AR.text(
        "Nobody has measured what share of attacks {file} holds: a change in it may be a change in "
        "reporting.",
        file="a.csv",
    )


def test_direction():
    assert [language.direction for language in (EN, AR, CKB)] == ["ltr", "rtl", "rtl"]


def test_values_are_formatted_in_the_language():
    assert EN.text("{n} on {day}", n=1234, day=DAY) == "1,234 on 16 October 2017"
    assert AR.text("week of {day}", day=DAY) == "أسبوع ١٦ تشرين الأول ٢٠١٧"


@pytest.mark.parametrize(
    ("language", "n", "expected"),
    [
        (EN, 1, "In 2017 the records hold 1 incident."),
        (EN, 2, "In 2017 the records hold 2 incidents."),
        (EN, 0, "In 2017 the records hold 0 incidents."),
        (AR, 0, "في ٢٠١٧ لا تضم السجلات أي حادث."),
        (AR, 1, "في ٢٠١٧ تضم السجلات حادثاً واحداً."),
        (AR, 2, "في ٢٠١٧ تضم السجلات حادثين."),
        (AR, 3, "في ٢٠١٧ تضم السجلات ٣ حوادث."),
        (AR, 10, "في ٢٠١٧ تضم السجلات ١٠ حوادث."),
        (AR, 11, "في ٢٠١٧ تضم السجلات ١١ حادثاً."),
        (AR, 99, "في ٢٠١٧ تضم السجلات ٩٩ حادثاً."),
        (AR, 100, "في ٢٠١٧ تضم السجلات ١٠٠ حادث."),
        (AR, 103, "في ٢٠١٧ تضم السجلات ١٠٣ حوادث."),
        (CKB, 1, "لە ٢٠١٧دا تۆمارەکان ١ ڕووداویان تێدایە."),
        (CKB, 2, "لە ٢٠١٧دا تۆمارەکان ٢ ڕووداویان تێدایە."),
    ],
)
def test_plural(language, n, expected):
    singular = "In {period} the records hold {n} incident."
    plural = "In {period} the records hold {n} incidents."
    assert language.plural(singular, plural, n, period=language.year(DAY)) == expected


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, 0), (1, 1), (1.0, 1), (2, 2), (2.5, 5), (10, 3), (11, 4), (99, 4), (100, 5), (102, 5)],
)
def test_arabic_forms_by_the_rule_of_the_grammar(n, form):
    assert module._plural_index("ar", n) == form


def test_a_message_without_translation_is_shown_between_brackets():
    assert AR.text("Nobody says {this}", this="كذا") == "⟦Nobody says كذا⟧"
    assert CKB.plural("{n} unheard", "{n} unheard ones", 3) == "⟦٣ unheard ones⟧"
    assert EN.text("Nobody says {this}", this=1) == "Nobody says 1"


def test_a_doubted_translation_is_not_shown(tmp_path, monkeypatch):
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "analytics.po").write_text(
        'msgid "a"\nmsgstr "أ"\n\n#, fuzzy\nmsgid "b"\nmsgstr "ب"\n', encoding="utf-8"
    )
    monkeypatch.setattr(module, "_CATALOGUES", tmp_path)
    module._catalogue.cache_clear()
    try:
        assert (AR.text("a"), AR.text("b")) == ("أ", "⟦b⟧")
    finally:
        module._catalogue.cache_clear()


def test_mark_changes_nothing():
    assert mark("Rate ratio") == "Rate ratio"


def test_unknown_language_and_digits_are_refused():
    with pytest.raises(ParameterError, match=r"'fr': is not known.*en, ar, ckb"):
        Language("fr")
    with pytest.raises(ParameterError, match=r"'roman': are not known.*arab or latn"):
        Language("ar", "roman")


def test_number_beyond_reading_is_a_power_of_ten():
    assert Language("en").number(-2.66e45, 2) == "−2.7 × 10^45"
    assert Language("ar").number(1e15) == "١٫٠ × ١٠^١٥"
    assert Language("en").number(999_999_999_999_999) == "999,999,999,999,999"
