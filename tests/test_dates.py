"""Texts of dates read by hand; each test day carries its weekday where that matters."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.dates import parse_dates
from analytics.errors import WindowError

# 27 December 2021 is a Monday, 23 December 2021 a Thursday.
MONDAY = "2021-12-27"


def read(text, published_on=None, **options):
    row = parse_dates([text], published_on=published_on, **options).iloc[0]
    if row["reason"]:
        return row["reason"]
    days = sorted({f"{row['date_start']:%Y-%m-%d}", f"{row['date_end']:%Y-%m-%d}"})
    return "/".join(days)


ONE_DAY = [
    "2021-10-28",
    "2021/10/28",
    "2021-10-28T14:30:00Z",
    "2021-10-28 14:30",
    "28/10/2021",
    "28.10.2021",
    "28-10-2021",
    "20211028",
    "28ـ10ـ2021",
    "28 ت1 2021",
    "٢٨/١٠/٢٠٢١",
    "۲۸/۱۰/۲۰۲۱",
    "28 October 2021",
    "October 28, 2021",
    "28 Oct 2021",
    "28-Oct-21",
    "Oct. 28th, 2021",
    "the 28th of October 2021",
    "Thursday, 28 October 2021",
    "THURSDAY 28 OCTOBER 2021",
    "2021 Oct 28",
    "28 تشرين الأول 2021",
    "٢٨ أكتوبر ٢٠٢١",
    "28 تشرين الأول/أكتوبر 2021",
    "28 أكتوبر (تشرين الأول) 2021",
    "يوم الخميس 28 تشرين الاول 2021",
    "الخميس الموافق 28 أكتوبر 2021",
    "٢٨ تشرين الأول من عام ٢٠٢١",
    "28ی تشرینی یەکەمی 2021",
    "٢٨ی ئۆکتۆبەری ٢٠٢١",
    "پێنجشەممە، 28ی تشرینی یەکەمی 2021",
    "ڕۆژی پێنجشەممە ٢٨ی تشرینی یەکەمی ساڵی ٢٠٢١",
    "۶ آبان ۱۴۰۰",
    "6 آبان 1400",
    "1400/08/06",
    "28ê Cotmehê 2021",
    "28 Ekim 2021",
    "28 octobre 2021",
    "22 ربيع الأول 1443",
    "22 ربيع الأول 1443 هـ",
    "28 October 2021 الموافق 22 ربيع الأول 1443",
    "6ی گەڵاڕێزانی 2721ی کوردی",
]


@pytest.mark.parametrize("text", ONE_DAY)
def test_one_day_in_many_hands(text):
    assert read(text) == "2021-10-28"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("8 آبان 1400", "2021-10-30"),
        ("۳۰ اسفند ۱۳۹۹", "2021-03-20"),
        ("29 Rabi II 1443", "2021-12-04"),
        ("٢٩ ربيع الآخر ١٤٤٣", "2021-12-04"),
        ("1 رمضان 1442", "2021-04-13"),
        ("5 كانون الثاني 2022", "2022-01-05"),
        ("5 يناير 2022", "2022-01-05"),
        ("٥ی کانوونی دووەمی ٢٠٢٢", "2022-01-05"),
        ("05-Jan-22", "2022-01-05"),
        ("05 January 2022", "2022-01-05"),
        ("5ی کانونی یەکەم 2021", "2021-12-05"),
        ("25 Berfanbar 2021", "2021-12-25"),
        ("29 February 2020", "2020-02-29"),
        ("04/04/2021", "2021-04-04"),
        ("٣/٤/٢٠٢١", "2021-04-03"),
        ("2021", "2021-01-01/2021-12-31"),
        ("سنة 2021", "2021-01-01/2021-12-31"),
        ("October 2021", "2021-10-01/2021-10-31"),
        ("2020-02", "2020-02-01/2020-02-29"),
        ("10/2021", "2021-10-01/2021-10-31"),
        ("تشرين الأول 2021", "2021-10-01/2021-10-31"),
        ("Aban 1400", "2021-10-23/2021-11-21"),
        ("Q2 2020", "2020-04-01/2020-06-30"),
        ("early October 2021", "2021-10-01/2021-10-10"),
        ("منتصف تشرين الأول 2021", "2021-10-11/2021-10-20"),
        ("mid-October 2021", "2021-10-11/2021-10-20"),
        ("late February 2021", "2021-02-21/2021-02-28"),
        ("28 Oct - 10 Nov 2021", "2021-10-28/2021-11-10"),
        ("28 October 2021 to 10 November 2021", "2021-10-28/2021-11-10"),
        ("28-30 October 2021", "2021-10-28/2021-10-30"),
        ("October 28 – 30, 2021", "2021-10-28/2021-10-30"),
        ("between 28 and 30 October 2021", "2021-10-28/2021-10-30"),
        ("من 28 تشرين الأول إلى 10 تشرين الثاني 2021", "2021-10-28/2021-11-10"),
        ("2021-10-28/2021-11-10", "2021-10-28/2021-11-10"),
        ("2021-10-28 - 2021-11-10", "2021-10-28/2021-11-10"),
        ("28 Dec - 3 Jan 2022", "2021-12-28/2022-01-03"),
        ("Oct - Nov 2021", "2021-10-01/2021-11-30"),
        ("2020-2021", "2020-01-01/2021-12-31"),
        ("night of 4 December 2021", "2021-12-04/2021-12-05"),
        ("ليلة 4 كانون الأول 2021", "2021-12-03/2021-12-05"),
    ],
)
def test_intervals_without_publication(text, days):
    frame = parse_dates([text])
    assert read(text) == days
    assert not frame["is_resolved"].any()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", "2021-12-27"),
        ("yesterday", "2021-12-26"),
        ("أمس", "2021-12-26"),
        ("أمس الأحد", "2021-12-26"),
        ("دوێنێ", "2021-12-26"),
        ("ئەمڕۆ", "2021-12-27"),
        ("the day before yesterday", "2021-12-25"),
        ("أول أمس", "2021-12-25"),
        ("پێرێ", "2021-12-25"),
        ("last night", "2021-12-26/2021-12-27"),
        ("yesterday night", "2021-12-26/2021-12-27"),
        ("دوێشەو", "2021-12-26/2021-12-27"),
        ("three days ago", "2021-12-24"),
        ("قبل ثلاثة أيام", "2021-12-24"),
        ("منذ يومين", "2021-12-25"),
        ("سێ ڕۆژ لەمەوبەر", "2021-12-24"),
        # weeks that began on Sunday 19 or Monday 20 December, or seven days: all inside
        ("last week", "2021-12-19/2021-12-26"),
        ("الأسبوع الماضي", "2021-12-19/2021-12-26"),
        ("هەفتەی ڕابردوو", "2021-12-19/2021-12-26"),
        # the week of 19/20 December, and 17-23 December about the day itself
        ("a week ago", "2021-12-17/2021-12-26"),
        ("قبل أسبوع", "2021-12-17/2021-12-26"),
        # October, and 12 October to 11 November about 27 October
        ("two months ago", "2021-10-01/2021-11-11"),
        ("قبل شهرين", "2021-10-01/2021-11-11"),
        ("دوو مانگ لەمەوبەر", "2021-10-01/2021-11-11"),
        ("پێش دوو مانگ", "2021-10-01/2021-11-11"),
        ("last month", "2021-11-01/2021-11-30"),
        ("الشهر الماضي", "2021-11-01/2021-11-30"),
        ("مانگی ڕابردوو", "2021-11-01/2021-11-30"),
        ("last year", "2020-01-01/2020-12-31"),
        ("this year", "2021-01-01/2021-12-27"),
        ("past two weeks", "2021-12-13/2021-12-26"),
        ("Sunday", "2021-12-26"),
        ("on Monday", "2021-12-27"),
        ("last Monday", "2021-12-20"),
        ("الأحد الماضي", "2021-12-26"),
        ("Sunday night", "2021-12-26/2021-12-27"),
        ("late on Saturday", "2021-12-25/2021-12-26"),
        ("early on Saturday", "2021-12-25"),
        ("يوم الجمعة الماضي", "2021-12-24"),
        ("أول أمس السبت", "2021-12-25"),
        ("ئەم هەفتەیە", "2021-12-26/2021-12-27"),
        ("26 December", "2021-12-26"),
        ("28 December", "2020-12-28"),
        ("in October", "2021-10-01/2021-10-31"),
    ],
)
def test_relative_forms_are_resolved_and_marked(text, days):
    assert read(text, MONDAY) == days
    assert parse_dates([text], published_on=MONDAY)["is_resolved"].all()
    assert "published_on is not known" in read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31 February 2021", "there is no 31 February 2021; correct the date"),
        ("2021-02-29", "there is no 29 February 2021"),
        ("31/02/2021", "there is no 31 February 2021"),
        ("2021-13-01", "there is no month 13"),
        ("2021-00-01", "there is no month 0"),
        ("@0", "'@' is not understood"),
        ("about 12 of last month", "it is about a day"),
        ("about 5 December 2021", "it is about a day; give the first and the last it may be"),
        ("31 كانون الأول الجاري", "2021-12-31 lies after 2021-12-27, when it was published"),
        ("5 كانون الثاني الجاري", "its two names of the month disagree"),
        ("30 Esfand 1400", "there is no 30 month 12 1400"),
        ("30 صفر 1443", "there is no 30 month 2 1443"),
        ("Sunday, 5 August 2021", "5 August 2021 is a Thursday, not a Sunday"),
        ("الأحد 5 آب 2021", "5 August 2021 is a Thursday, not a Sunday"),
        ("03/04/2021", "03/04/2021 can be read in two ways"),
        ("12/31/2021", "is not day first"),
        ("28/10/21", "a year of two digits"),
        ("5 October 20219", "'20219' is not understood"),
        ("5 Octember 2021", "'octember' is not understood"),
        ("several days ago", "'several' is not understood"),
        ("before 5 October 2021", "'before' is not understood"),
        ("5 October or 6 October 2021", "'or' is not understood"),
        ("5 تشرين الأول/يناير 2021", "two names of the month disagree"),
        ("week of 6 December 2021", "not understood as a whole"),
        ("2010 2003", "not understood as a whole"),
        ("20102003", "'20102003' is not understood"),
        ("5 October 1443", "are of two calendars"),
        ("15ی بەفرانباری 2021", "are of two calendars"),
        ("10 Nov 2021 - 28 Oct 2021", "2021-11-10 lies after 2021-10-28"),
        ("28 October 2021 الموافق 10 ربيع الأول 1443", "two calendars disagree"),
        ("28", "it has no month"),
        ("", "it is empty"),
        ("nan", "'nan' is not understood"),
        ("28 October 1999", "1999-10-28 lies before 2003-01-01"),
        ("1 1 1 1", "not understood as a whole"),
    ],
)
def test_reasons(text, reason):
    assert reason in read(text, MONDAY)


def test_numeric_order_can_be_stated():
    assert read("03/04/2021", day_first=True) == "2021-04-03"
    assert read("03/04/2021", day_first=False) == "2021-03-04"
    assert read("28/10/21", day_first=True) == "2021-10-28"


def test_plausible_window():
    assert read("2021-12-28", latest=MONDAY).startswith("2021-12-28 lies after 2021-12-27")
    # A year that has begun by the last day is an interval that touches the window.
    assert read("2021", latest=MONDAY) == "2021-01-01/2021-12-31"
    assert read("28 October 1999", earliest="1990-01-01") == "1999-10-28"
    with pytest.raises(WindowError, match="earliest"):
        parse_dates([], earliest="01/01/2003")


def test_rows_are_distinct_pairs_in_order_of_appearance():
    texts = ["yesterday", "2021-10-28", "yesterday", "2021-10-28"]
    frame = parse_dates(
        texts, published_on=["2021-10-02", "2021-10-30", "2021-10-03", "2021-10-30"]
    )
    assert frame["text"].tolist() == ["yesterday", "2021-10-28", "yesterday"]
    assert frame["date_start"].dt.day.tolist() == [1, 28, 2]
    assert list(parse_dates([])) == list(frame)
    assert str(parse_dates([])["date_start"].dtype) == "datetime64[us]"


def test_precision_is_the_calendar_unit_filled():
    texts = ["2021-10-28", "10/2021", "Q2 2020", "2021", "28-30 October 2021"]
    precision = parse_dates(texts)["precision"].tolist()
    assert precision == ["day", "month", "quarter", "year", "range"]


@given(st.dates(pd.Timestamp("2003-01-01").date(), pd.Timestamp("2035-12-31").date()))
def test_every_day_is_read_back(day):
    iso = f"{day:%Y-%m-%d}"
    texts = [
        iso,
        f"{day:%A %d %B %Y}",
        f"{day:%b} {day.day}, {day.year}",
        f"٠{day.day}/{day.month}/{day.year}",
    ]
    frame = parse_dates(texts[:3])
    assert (frame["date_start"] == pd.Timestamp(iso)).all()
    assert (frame["date_end"] == pd.Timestamp(iso)).all()


@given(st.text(max_size=30))
def test_any_text_is_accepted_or_rejected_with_a_reason(text):
    row = parse_dates([text], published_on=MONDAY).iloc[0]
    assert (row["reason"] == "") == (not pd.isna(row["date_start"]))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("this morning", "2021-12-27", "2021-12-27"),
        ("last Thursday night", "2021-12-23", "2021-12-24"),
        ("12 من الشهر الجاري", "2021-12-12", "2021-12-12"),
        ("the end of last month", "2021-11-01", "2021-11-30"),
        ("beginning of this month", "2021-12-01", "2021-12-27"),
        ("أوائل من الشهر الجاري", "2021-12-01", "2021-12-27"),
        ("الربع الأول من العام الماضي", "2020-01-01", "2020-03-31"),
        ("الثاني عشر من الشهر الماضي", "2021-11-12", "2021-11-12"),
        ("5 كانون الأول الجاري", "2021-12-05", "2021-12-05"),
        ("كانون الأول من العام الماضي", "2020-12-01", "2020-12-31"),
        ("the 5th of last month", "2021-11-05", "2021-11-05"),
        ("٣ی ئەم مانگە", "2021-12-03", "2021-12-03"),
        ("٣ی مانگی ڕابردوو", "2021-11-03", "2021-11-03"),
        ("الشهر المنصرم", "2021-11-01", "2021-11-30"),
        ("ليلة السبت على الأحد", "2021-12-25", "2021-12-26"),
        ("قبل نحو شهرين", "2021-10-01", "2021-11-11"),
        ("late last week", "2021-12-19", "2021-12-26"),
        ("earlier this month", "2021-12-01", "2021-12-27"),
        ("يوم أمس الأول", "2021-12-25", "2021-12-25"),
        ("نهاية الأسبوع الماضي", "2021-12-19", "2021-12-26"),
        ("ثلاثة أسابيع مضت", "2021-12-03", "2021-12-12"),
        ("خلال ال24 ساعة الماضية", "2021-12-26", "2021-12-27"),
        ("هەفتەیەک لەمەوبەر", "2021-12-17", "2021-12-26"),
        ("لە هەفتەی ڕابردوودا", "2021-12-19", "2021-12-26"),
        ("بەر لە دوو ڕۆژ", "2021-12-25", "2021-12-25"),
        ("ئەم بەیانییە", "2021-12-27", "2021-12-27"),
    ],
)
def test_more_relative_forms(text, start, end):
    row = parse_dates([text], published_on="2021-12-27").iloc[0]
    assert (str(row["date_start"].date()), str(row["date_end"].date())) == (start, end)
    assert row["is_resolved"]
    assert "published_on is not known" in parse_dates([text])["reason"][0]


@pytest.mark.parametrize("text", ["قبل أيام", "days ago", "weeks ago", "past months", "tomorrow"])
def test_how_many_is_not_guessed(text):
    assert parse_dates([text], published_on="2021-12-27")["reason"][0]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("جانفي", 1), ("فيفري", 2), ("أفريل", 4), ("ماي", 5), ("جوان", 6), ("جويلية", 7),
        ("يوليوز", 7), ("أوت", 8), ("غشت", 8), ("شتنبر", 9), ("نونبر", 11), ("دجنبر", 12),
    ],
)  # fmt: skip
def test_months_of_the_maghreb(text, month):
    assert parse_dates([f"3 {text} 2021"])["date_start"][0] == pd.Timestamp(2021, month, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("في الثالث من كانون الأول 2021", "2021-12-03"),
        ("الخامس والعشرين من تشرين الثاني/نوفمبر 2021", "2021-11-25"),
        ("الحادي عشر من أيلول 2021", "2021-09-11"),
        ("الثلاثين من كانون الثاني 2022", "2022-01-30"),
        ("الأسبوع الأول من كانون الأول 2021", None),
        ("النصف الثاني من كانون الأول 2021", None),
        ("الأول والثاني من كانون الأول 2021", None),
    ],
)
def test_days_of_the_month_as_arabic_ordinals(text: str, day: str | None) -> None:
    found = parse_dates([text])
    for column in ("date_start", "date_end"):
        assert found[column].dt.strftime("%Y-%m-%d").fillna("").tolist() == [day or ""]


# Published on Monday 27 December 2021: Friday was the 24th.
PHRASES = {
    "2021-12-24/2021-12-26": ["weekend", "at the weekend", "last weekend", "hafta sonu"],
    "2021-12-24/2021-12-25": [
        "خلال عطلة نهاية الأسبوع", "عطلة نهاية الأسبوع الماضية", "لە پشووی کۆتایی هەفتەدا",
    ],
    "2021-12-26/2021-12-27": [
        "between Sunday and Monday", "night between Sunday and Monday", "بين الأحد والاثنين",
        "ليلة الأحد/الإثنين", "ليلة الأحد الاثنين", "يومي الأحد والاثنين",
        "لە نێوان یەکشەممە و دووشەممەدا", "شەوی یەکشەممە لەسەر دووشەممە",
        "in the past 24 hours", "خلال الـ24 ساعة الماضية", "خلال الساعات الأربع والعشرين الماضية",
        "لە ماوەی ٢٤ کاتژمێری ڕابردوودا", "لە ماوەی بیست و چوار کاتژمێری ڕابردوودا",
    ],
    "2021-12-20/2021-12-24": ["between Monday and Friday"],
    "2021-12-24/2021-12-26 ": ["خلال الأيام الثلاثة الماضية", "the past three days"],
    "2021-06-01/2021-09-23": [
        "summer 2021", "the summer of 2021", "this summer", "صيف عام 2021", "هذا الصيف",
        "هاوینی ٢٠٢١", "هاوینی ساڵی 2021", "été 2021", "havîna 2021",
    ],
    "2021-03-01/2021-06-21": ["spring 2021", "ربيع 2021", "بەهاری 2021"],
    "2021-09-01/2021-12-22": ["autumn 2021", "fall 2021", "خريف 2021", "پایزی 2021"],
    "2020-12-01/2021-03-21": ["winter 2020-21", "winter 2020/2021", "شتاء 2020-2021"],
    "2021-10-25/2021-10-31": ["2021-W43", "2021W43"],
    "2021-10-28": ["2021-W43-4"],
    "2020-12-28/2021-01-03": ["2020-W53"],
    "2021-01-01/2021-06-30": ["first half of 2021", "النصف الأول من عام 2021", "نیوەی یەکەمی 2021"],
    "2021-07-01/2021-09-30": ["Q3 2021", "الربع الثالث من 2021", "چارەکی سێیەمی 2021"],
    "2021-01-01/2021-12-27": [
        "since January", "since the beginning of the year", "منذ مطلع العام",
        "منذ بداية العام الجاري", "منذ 1 كانون الثاني 2021", "لە سەرەتای ئەمساڵەوە", "ئەمساڵ",
    ],
    # What cannot be told is refused.
    "it may be of two winters; write winter 2020-2021": ["winter 2021", "شتاء 2021", "زستانی 2021"],
    "2021 has no week 53; correct the week": ["2021-W53"],
    "it is not understood as a whole; write the day as 2021-10-28": [
        "summer", "last summer", "within 24 hours", "نهاية الأسبوع", "کۆتایی هەفتە",
        "week 43 of 2021",
    ],
    "part of 1400, a year that is not Gregorian; give the days": ["spring 1400"],
    "it names two weekdays; give the day of the month": ["الأحد الاثنين"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "days"), [(text, days) for days, texts in PHRASES.items() for text in texts]
)
def test_phrases_of_the_news(text, days):
    assert read(text, MONDAY) == days.strip()


def test_a_weekend_that_is_not_over_ends_with_the_report():
    assert read("weekend", "2021-12-25") == "2021-12-24/2021-12-25"
    assert read("last weekend", "2021-12-25") == "2021-12-17/2021-12-19"
    assert read("عطلة نهاية الأسبوع", "2021-12-24") == "2021-12-24"
    assert read("this winter", "2022-01-19") == "2021-12-01/2022-01-19"
    assert read("weekend").startswith("it is relative and published_on is not known")
