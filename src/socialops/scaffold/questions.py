"""What the issue forms ask, in the four languages: the one list from which forms are written and answers are read.

An issue's body has nothing but headings and answers, so the heading is what tells the field: no two fields of any
language may share one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("en", "tr", "he", "ro")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: *field* is what of a post it fills, *heading* and *help* are its words by language.

    *answer*: `line`, `text`, `one` or `several` of the workspace's own names.
    """

    field: str
    answer: str
    heading: Mapping[str, str]
    help: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """One issue form: its file's stem, its label, the questions in order, those that must be answered."""

    name: str
    label: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    questions: tuple[str, ...]
    required: frozenset[str]


def _four(en: str, tr: str, he: str, ro: str) -> dict[str, str]:
    return {"en": en, "tr": tr, "he": he, "ro": ro}


QUESTIONS: Final = {
    question.field: question
    for question in (
        Question(
            "title",
            "line",
            _four("Title", "Başlık", "כותרת", "Titlu"),
            _four(
                "For the team; never published.",
                "Ekip içindir; yayımlanmaz.",
                "לצוות בלבד; לא מתפרסם.",
                "Pentru echipă; nu se publică.",
            ),
        ),
        Question(
            "channels",
            "several",
            _four("Channels", "Kanallar", "ערוצים", "Canale"),
            _four("Where it goes.", "Nerede yayımlanacağı.", "היכן זה יתפרסם.", "Unde apare."),
        ),
        Question(
            "kind",
            "one",
            _four("Kind of post", "Gönderi türü", "סוג הפוסט", "Tipul postării"),
            _four(
                "Leave it open when you are not sure.",
                "Emin değilseniz boş bırakın.",
                "אפשר להשאיר ריק אם אין ודאות.",
                "Lăsați gol dacă nu sunteți siguri.",
            ),
        ),
        Question(
            "campaign",
            "one",
            _four("Campaign", "Kampanya", "קמפיין", "Campanie"),
            _four("If it belongs to one.", "Bir kampanyaya aitse.", "אם זה שייך לאחד.", "Dacă ține de una."),
        ),
        Question(
            "pillar",
            "one",
            _four("Pillar", "Tema", "נושא", "Temă"),
            _four(
                "The theme of the strategy that it serves.",
                "Stratejide hizmet ettiği tema.",
                "הנושא באסטרטגיה שזה משרת.",
                "Tema din strategie pe care o servește.",
            ),
        ),
        Question(
            "audience",
            "one",
            _four("Audience", "Hedef kitle", "קהל יעד", "Public"),
            _four("Who it is for.", "Kimin için olduğu.", "למי זה מיועד.", "Pentru cine este."),
        ),
        Question(
            "authors",
            "several",
            _four("Authors", "Yazarlar", "כותבים", "Autori"),
            _four("Who writes it.", "Kimin yazdığı.", "מי כותב.", "Cine scrie."),
        ),
        Question(
            "approver",
            "one",
            _four("Approver", "Onaylayan", "מאשר או מאשרת", "Cine aprobă"),
            _four(
                "Who answers for it.",
                "Sorumluluğu kimin üstlendiği.",
                "מי אחראי לזה.",
                "Cine răspunde de ea.",
            ),
        ),
        Question(
            "lang",
            "one",
            _four("Language", "Dil", "שפה", "Limbă"),
            _four("The language of the post.", "Gönderinin dili.", "שפת הפוסט.", "Limba postării."),
        ),
        Question(
            "date",
            "line",
            _four("Date", "Tarih", "תאריך", "Data"),
            _four(
                "As 2026-12-01 09:30, the clock where the channel lives.",
                "2026-12-01 09:30 biçiminde, kanalın saatiyle.",
                "כמו 2026-12-01 09:30, לפי השעון של הערוץ.",
                "Ca 2026-12-01 09:30, după ceasul canalului.",
            ),
        ),
        Question(
            "link",
            "line",
            _four("Link", "Bağlantı", "קישור", "Legătură"),
            _four(
                "A whole address, with https://.",
                "https:// ile başlayan tam adres.",
                "כתובת מלאה, עם https://.",
                "O adresă întreagă, cu https://.",
            ),
        ),
        Question(
            "tags",
            "line",
            _four("Hashtags", "Etiketler", "תגיות", "Etichete"),
            _four(
                "With spaces between them.",
                "Aralarında boşlukla.",
                "עם רווחים ביניהן.",
                "Cu spații între ele.",
            ),
        ),
        Question(
            "paid",
            "one",
            _four("Paid by somebody", "Ücretli iş birliği", "תוכן ממומן", "Conținut plătit"),
            _four(
                "Whether somebody pays us for it: then the post has to say so.",
                "Biri bunun için ödeme yapıyor mu; yapıyorsa gönderi bunu söylemeli.",
                "האם מישהו משלם על זה; אם כן, הפוסט חייב לומר זאת.",
                "Dacă cineva plătește pentru ea; atunci postarea trebuie să o spună.",
            ),
        ),
        Question(
            "description",
            "text",
            _four("What it is for", "Amacı", "המטרה", "Scopul"),
            _four(
                "What should readers know or do afterwards? Never published.",
                "Okuyan ne bilsin, ne yapsın? Yayımlanmaz.",
                "מה הקוראים ידעו או יעשו אחר כך? לא מתפרסם.",
                "Ce să știe sau să facă cititorii după aceea? Nu se publică.",
            ),
        ),
        Question(
            "happened",
            "text",
            _four("What happened", "Ne oldu", "מה קרה", "Ce s-a întâmplat"),
            _four(
                "What is known, since when, and who else knows. No names of people outside the team.",
                "Ne biliniyor, ne zamandan beri, başka kim biliyor. Ekip dışından kimsenin adı yazılmasın.",
                "מה ידוע, ממתי, ומי עוד יודע. בלי שמות של אנשים מחוץ לצוות.",
                "Ce se știe, de când, și cine mai știe. Fără nume din afara echipei.",
            ),
        ),
        Question(
            "text",
            "text",
            _four("Text of the post", "Gönderinin metni", "טקסט הפוסט", "Textul postării"),
            _four(
                "As it should appear, as far as you know it.",
                "Bildiğiniz kadarıyla, görünmesi gerektiği gibi.",
                "כפי שיופיע, עד כמה שידוע.",
                "Așa cum ar trebui să apară, atât cât știți.",
            ),
        ),
    )
}
"""The text is asked last: whatever looks like a heading in it is part of it."""

FORMS: Final = (
    Form(
        "idea",
        "idea",
        _four("An idea for a post", "Bir gönderi fikri", "רעיון לפוסט", "O idee de postare"),
        _four(
            "Tell us in two lines; somebody makes a post of it.",
            "İki satırda anlatın; biri ondan gönderi yapar.",
            "ספרו בשתי שורות; מישהו יעשה מזה פוסט.",
            "Spuneți în două rânduri; cineva face din ea o postare.",
        ),
        ("title", "channels", "pillar", "lang", "link", "description", "text"),
        frozenset({"title", "description"}),
    ),
    Form(
        "brief",
        "brief",
        _four("A brief", "İş tanımı", "בריף", "Un brief"),
        _four(
            "Everything a writer needs to begin.",
            "Yazanın başlamak için bilmesi gereken her şey.",
            "כל מה שנדרש כדי להתחיל לכתוב.",
            "Tot ce îi trebuie celui care scrie ca să înceapă.",
        ),
        (
            "title",
            "channels",
            "kind",
            "campaign",
            "pillar",
            "audience",
            "authors",
            "approver",
            "lang",
            "date",
            "link",
            "tags",
            "paid",
            "description",
            "text",
        ),
        frozenset({"title", "channels", "description"}),
    ),
    Form(
        "crisis",
        "crisis",
        _four("Something is going wrong", "Bir sorun var", "משהו משתבש", "Ceva nu merge bine"),
        _four(
            "First look at brand/crisis. This asks the team for a statement; it holds no post back.",
            "Önce brand/crisis sayfalarına bakın. Bu, ekipten açıklama ister; hiçbir gönderiyi durdurmaz.",
            "קודם כול לעיין ב־brand/crisis. הטופס מבקש מהצוות הודעה; הוא לא עוצר אף פוסט.",
            "Întâi citiți brand/crisis. Formularul cere echipei o declarație; nu oprește nicio postare.",
        ),
        ("title", "channels", "approver", "lang", "link", "happened", "text"),
        frozenset({"title", "happened"}),
    ),
)

YES: Final = _four("yes", "evet", "כן", "da")
NO: Final = _four("no", "hayır", "לא", "nu")
