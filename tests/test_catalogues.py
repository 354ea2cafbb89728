"""Every message has its translations, and a translation says what the message says."""

import gettext
import importlib.util
import re
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest
from babel.messages.catalog import Catalog

from analytics.language import Language, _plural_index
from analytics.names import describe_ratio, name_measure, name_period, name_term
from analytics.periods import Window
from analytics.words import (
    describe_level,
    describe_note,
    describe_rates,
    describe_records,
    describe_totals,
)
from analytics.words.notes import MESSAGES, REASONS

ROOT = Path(__file__).parents[1]
LANGUAGES = ("ar", "ckb")
FORMS = {"ar": 6, "ckb": 2}
WINDOW = Window("2016-01-01", "2018-12-31")
# Arabic names none, one and two of a thing without a numeral.
WITHOUT_NUMERAL = {"ar": (0, 1, 2), "ckb": ()}


def load_script():
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "scripts" / "catalogues.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


catalogues = load_script()


@pytest.fixture(scope="module")
def template():
    return catalogues.extract_messages()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request):
    return catalogues.read_catalogue(request.param)


def messages(catalogue):
    return [message for message in catalogue if message.id]


def forms_of(message):
    """Pair each form of a translation with its number; a message without plural has one."""
    return list(enumerate([message.string] if isinstance(message.string, str) else message.string))


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_extraction_finds_every_kind_of_message(template):
    expected = [
        "Rate ratio",  # a table, by its short name
        "{group} {total}",  # a call within a call
        "That the earlier trend would have gone on is an assumption, not a finding.",
        "Changes at the key dates, as rate ratios",  # the code of a notebook
        "What this report cannot show",  # its prose
        "End of the coalition combat mission",  # a definition
        "How this report was made",  # the page
        "Packages",  # the provenance
    ]
    assert [text for text in expected if text not in template] == []


def test_nothing_is_missing_and_nothing_is_left_over(catalogue, template):
    assert [message.id for message in catalogues.list_missing(catalogue)] == []
    kept, wanted = ({m.id for m in messages(each)} for each in (catalogue, template))
    assert (wanted - kept, kept - wanted) == (set(), set()), "run scripts/catalogues.py"


def test_translations_keep_the_placeholders(catalogue):
    code = str(catalogue.locale)
    for message in messages(catalogue):
        source = message.id if isinstance(message.id, str) else message.id[1]
        for form, text in forms_of(message):
            wanted = placeholders(source)
            if message.pluralizable and form in WITHOUT_NUMERAL[code] and "{n}" not in text:
                wanted.remove("n")
            assert placeholders(text) == wanted, text
        assert "%1" not in source or re.findall("%[12]", source) == re.findall("%[12]", text)


def test_translations_are_in_their_script_and_digits(catalogue):
    for message in messages(catalogue):
        for _, text in forms_of(message):
            said = re.sub(r"\{\w+\}|%[12]|\(variance\)", "", text)
            assert not re.search(r"[A-Za-z0-9%⟦⟧]", said), text


def test_a_letter_of_the_other_language_is_a_slip():
    letters = {"ar": "پچڤگژەێۆیک", "ckb": "ةىيكثذصضطظ"}
    for code, foreign in letters.items():
        for message in messages(catalogues.read_catalogue(code)):
            for _, text in forms_of(message):
                assert not set(foreign) & set(text), text


def test_plural_forms_are_complete_and_in_the_order_they_are_read(catalogue):
    code = str(catalogue.locale)
    assert catalogue.num_plurals == FORMS[code]
    chosen = gettext.c2py(catalogue.plural_expr)
    assert [chosen(n) for n in range(1200)] == [_plural_index(code, n) for n in range(1200)]
    plurals = [message for message in messages(catalogue) if message.pluralizable]
    assert len(plurals) >= 4
    assert {len(message.string) for message in plurals} == {FORMS[code]}


def test_update_keeps_translations_and_doubts_what_was_reworded():
    catalogue, template = Catalog(locale="ar"), Catalog()
    catalogue.add("The strip between the lines", "الشريط")
    catalogue.add("Rate", "المعدل")
    for text in ("Rate", "The strip between two lines", "95 % interval"):
        template.add(text)
    catalogues.update_catalogue(catalogue, template)
    assert catalogue["Rate"].string == "المعدل"
    assert catalogue["The strip between two lines"].fuzzy
    assert not catalogue["95 % interval"].flags
    missing = {message.id for message in catalogues.list_missing(catalogue)}
    assert missing == {"The strip between two lines", "95 % interval"}


def sentences(language):
    """Yield what is said of small frames, through as many messages as one call reaches."""
    bounds = [(0.8, 0.7, 0.9), (2.5, 1.1, 4.0), (1.2, 0.7, 2.1), (1.0, 0.9, 1.1), (0.0, 0.0, 1.0)]
    for ratio, low, high in bounds:
        row = ("level[2017-10-16]", ratio, low, high)
        terms = pd.DataFrame([row], columns=["term", "ratio", "ci_lower", "ci_upper"])
        yield from describe_level(terms, interval="week", window=WINDOW, language=language)
        yield describe_ratio(ratio, language)
    balance = {"inside": 2.5, "outside": 0.5, "with_interval_date": 1, "without_governorate": 1}
    for total in (0, 1, 2, 3, 11, 100):
        counted = {"incidents": total, **balance}
        yield from describe_records(counted, WINDOW, language=language)
    yield from describe_rates(pd.DataFrame(), language=language)
    yield from (name_term(f"{kind}[2017-10-16]", language) for kind in ("level", "slope", "joint"))
    for interval in ("day", "week", "month", "quarter", "year"):
        yield name_period(pd.Timestamp("2017-10-16"), interval, language)
    yield from (name_measure(what, language) for what in ("incidents", "killed", "arrested"))
    by_zone = pd.DataFrame({"zone": ["strip", "elsewhere"], "count": [3.0, 2.5]})
    yield describe_totals(by_zone, language=language)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_of_a_report_is_left_in_english(code):
    said = [*sentences(Language(code))]
    assert len(said) > 30
    assert [text for text in said if "⟦" in text or re.search("[A-Za-z]", text)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_note_of_a_model_is_said_with_its_reason(code):
    for note, message in MESSAGES.items():
        values = dict.fromkeys(placeholders(message), 3)
        values |= {"date": "2017-10-16", "dates": "2017-10-16 and 2017-10-25", "term": "trend"}
        for reason in REASONS:
            said = describe_note(note, values | {"reason": reason}, language=Language(code))
            assert "⟦" not in said, said


def test_whole_sentence_in_arabic():
    terms = pd.DataFrame(
        [("level[2017-10-16]", 0.8, 0.7, 0.9), ("trend", 1.0, 0.9, 1.1)],
        columns=["term", "ratio", "ci_lower", "ci_upper"],
    )
    (said,) = describe_level(terms, interval="week", window=WINDOW, language=Language("ar"))
    assert said == (
        "عند ١٦ تشرين الأول ٢٠١٧ كان مستوى الحوادث المبلَّغ عنها أقل بنسبة ٢٠٪ مقارنةً بالاتجاه "
        "السابق لذلك (نسبة المعدلات ٠٫٨٠، مجال ثقة ٩٥٪ من ٠٫٧٠ إلى ٠٫٩٠؛ العدّ لكل أسبوع، "
        "١ كانون الثاني ٢٠١٦ – ٣١ كانون الأول ٢٠١٨). المجال يستبعد عدم التغيّر: السجلات تُظهر "
        "انخفاضاً."
    )


def test_whole_sentence_in_sorani():
    terms = pd.DataFrame(
        [("level[2017-10-16]", 0.8, 0.7, 0.9), ("trend", 1.0, 0.9, 1.1)],
        columns=["term", "ratio", "ci_lower", "ci_upper"],
    )
    (said,) = describe_level(terms, interval="week", window=WINDOW, language=Language("ckb"))
    assert said == (
        "لە ١٦ی تشرینی یەکەمی ٢٠١٧دا ئاستی ڕووداوەکانی ڕاپۆرتکراو ٢٠٪ کەمتر بوو بە بەراورد لەگەڵ "
        "ڕەوتی پێش ئەوە (ڕێژەی تێکڕاکان ٠٫٨٠، مەودای متمانەی ٩٥٪ لە ٠٫٧٠ تا ٠٫٩٠؛ ژماردن لە هەر "
        "هەفتەیەکدا، ١ی کانوونی دووەمی ٢٠١٦ – ٣١ی کانوونی یەکەمی ٢٠١٨). مەوداکە نەگۆڕان ڕەت "
        "دەکاتەوە: تۆمارەکان دابەزین پیشان دەدەن."
    )
