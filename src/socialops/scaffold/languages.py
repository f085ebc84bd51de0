"""What a new workspace says in each language it can begin in: first posts, examples of rules, the holding statement.

Languages that are not here begin in English, and the team puts its own words there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language; `{name}` is the team's or brand's name."""

    lang: str
    title: str
    hurry: tuple[str, ...]
    """What a rule of the voice page forbids."""
    rushed: str
    """A text that breaks that rule."""
    calm: str
    """A text that keeps it."""
    openings: tuple[str, ...]
    """How an alt text must not begin."""
    holding: str
    thanks: str
    tag: str
    first: str
    """The first post, for the real channels; a draft."""
    practice: tuple[str, ...]
    """Posts for the practice channel; a line of three dashes makes a thread."""


ENGLISH = Wording(
    lang="en",
    title="English",
    hurry=("last chance", "hurry", "only today", "while stocks last"),
    rushed="Hurry, only today!",
    calm="The course is open until 10 January.",
    openings=("image of", "picture of", "photo of"),
    holding="We have heard that [what happens] with [what, which ones]. We are looking into it now. Until we know "
    "more: [what to do]. We will write here again by [day, time].",
    thanks="Thank you, that was kind. May we show it to the others? We would name you the way you like.",
    tag="Hello",
    first="Hello. We are {name}. Here you will see how our work comes about, now and then what goes wrong, and always "
    "how it ends.",
    practice=(
        "Is this thing on? {name} is practising here, where nobody can see it.",
        """What happens to a post before it goes out, in three parts.
---
Somebody writes it as a file, and asks for a review. The check reads it first: is it too long, does every picture say
what is on it, does the time exist?
---
Then a colleague reads it. What they see is what goes out, to the letter. This very thread went that way.""",
    ),
)
TURKISH = Wording(
    lang="tr",
    title="Türkçe",
    hurry=("son fırsat", "son şans", "acele edin", "stoklarla sınırlı"),
    rushed="Acele edin, yarın bitiyor!",
    calm="Kurs 10 Ocak'a kadar açık.",
    openings=("fotoğrafta", "resimde"),
    holding="[Ne, hangileri] ile ilgili [ne olduğu] yönünde bildirim aldık, şu anda inceliyoruz. Daha fazlasını "
    "öğrenene kadar: [ne yapmalı]. En geç [gün, saat] yeniden yazacağız.",
    thanks="Teşekkür ederiz, ne güzel. Başkalarına da gösterebilir miyiz? Adınızı nasıl isterseniz öyle yazarız.",
    tag="Merhaba",
    first="Merhaba, biz {name}. Burada işimizin nasıl ortaya çıktığını göreceksiniz; arada bir neyin ters gittiğini, "
    "her zaman da sonunu.",
    practice=(
        "Ses geliyor mu? {name} burada deneme yapıyor, kimse görmüyor.",
        """Bir gönderi yayımlanmadan önce neler olur? Üç adımda anlatıyoruz.
---
Biri onu bir dosya olarak yazar ve okunmasını ister. Önce denetim bakar: çok mu uzun, her resmin açıklaması var mı?
---
Sonra bir arkadaşımız okur. Ne gördüyse, harfi harfine o yayımlanır. Bu dizi de öyle geldi.""",
    ),
)
HEBREW = Wording(
    lang="he",
    title="עברית",
    hurry=("הזדמנות אחרונה", "מהרו", "רק היום", "עד גמר המלאי"),
    rushed="מהרו, רק היום!",
    calm="הקורס פתוח עד 10 בינואר.",
    openings=("תמונה של", "בתמונה"),
    holding="קיבלנו דיווחים על [מה קורה] ב[מה, אילו]. אנחנו בודקים את זה עכשיו. עד שנדע יותר: [מה לעשות]. נעדכן כאן "
    "שוב עד [יום, שעה].",
    thanks="תודה, איזה יופי. אפשר להראות גם לאחרים? נכתוב את השם איך שנוח לך.",
    tag="שלום",
    first="שלום, כאן {name}. כאן אפשר לראות איך העבודה שלנו נעשית, מדי פעם גם מה משתבש, ותמיד איך זה נגמר.",
    practice=(
        "זה עובד? כאן {name} מתאמנים, ואף אחד לא רואה.",
        """מה קורה לפוסט לפני שהוא יוצא? בשלושה שלבים.
---
מישהי כותבת אותו כקובץ ומבקשת שיקראו. קודם בודקת המערכת: האם הוא ארוך מדי, האם לכל תמונה יש תיאור?
---
אחר כך קורא עמית. מה שהוא רואה הוא מה שיוצא, אות באות. גם השרשור הזה יצא כך.""",
    ),
)
ROMANIAN = Wording(
    lang="ro",
    title="Română",
    hurry=("ultima șansă", "grăbiți-vă", "doar azi", "în limita stocului"),
    rushed="Grăbiți-vă, doar azi!",
    calm="Cursul e deschis până pe 10 ianuarie.",
    openings=("imagine cu", "poză cu"),
    holding="Am aflat că [ce se întâmplă] la [ce, care]. Verificăm chiar acum. Până știm mai multe: [ce e de făcut]. "
    "Revenim aici cel târziu [zi, oră].",
    thanks="Mulțumim, ce frumos. Putem să arătăm și altora? Scriem numele așa cum doriți.",
    tag="Salut",
    first="Bună, noi suntem {name}. Aici veți vedea cum se naște munca noastră, din când în când ce nu iese, și mereu "
    "cum se termină.",
    practice=(
        "Se aude? Exersăm aici, unde nu vede nimeni.",
        """Ce se întâmplă cu o postare înainte să apară? În trei pași.
---
Cineva o scrie într-un fișier și cere să fie citită. Întâi se uită verificarea: e prea lungă, are fiecare imagine o
descriere?
---
Apoi o citește un coleg. Ce vede el este ce apare, literă cu literă. Și firul acesta a venit așa.""",
    ),
)
WORDINGS = {wording.lang: wording for wording in (ENGLISH, TURKISH, HEBREW, ROMANIAN)}


def wordings(languages: Sequence[str]) -> tuple[Wording, ...]:
    """Return the words of the chosen languages, in their order; English when none of them is known here."""
    found = dict.fromkeys(language.partition("-")[0] for language in languages)
    return tuple(WORDINGS[language] for language in found if language in WORDINGS) or (ENGLISH,)
