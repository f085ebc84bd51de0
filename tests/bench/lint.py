"""Measure how fast many terms are looked for in many posts, as ratios against one pass of a matcher written in C.

    python tests/bench/lint.py [--posts 10000] [--terms 1000] [--repeat 5] [--install]

The posts are made here: two thirds of words that exist in no language but are as long, as many and as unevenly used as
those of one (12,000 in each of four alphabets, by Zipf's law), with punctuation, hashtags and addresses; one third of
sentences from `tests/language/corpus`. The terms are rare words of them, every fourth of two words. Ratios are of
processor time, the least of a few runs in turns, building what searches not included. Ours starts every run with
nothing kept in mind; a second figure is for posts whose words it has seen.

Goal: at most three times one pass of google-re2 (an alternation of the terms, any case, between `\\b`) over the same
posts. It is kept for words that were seen before, which is what most of a workspace's are, and not at first sight: a
new word is a few steps of Python. The second figure is printed, and fails nothing. Beside it: one pass of pyahocorasick
over the posts in small letters, which finds terms in the midst of words, too; ours with more and fewer terms; codespell
and textlint on the same posts as files, each with the same terms as its dictionary, their start included. google-re2
and pyahocorasick come with `make bench`; codespell and textlint are put into a temporary folder with `--install`, and
left out without.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "language"))

from precision import sentences  # type: ignore[import-not-found]  # a program beside the tests, not a package

from socialops.checks.language.lexicon import Lexicon, Term

GOAL = 3.0
LANGUAGES = ("tr", "ro", "he", "en")
WORDS = 12_000
SOUNDS = {
    "tr": (
        ["b", "c", "ç", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "ş", "t", "v", "y", "z"],
        ["a", "e", "ı", "i", "o", "ö", "u", "ü"],
    ),
    "ro": (
        ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "ș", "t", "ț", "v", "z"],
        ["a", "e", "i", "o", "u", "ă", "î"],
    ),
    "he": (
        ["א", "ב", "ג", "ד", "ה", "ו", "ז", "ח", "ט", "י", "כ", "ל", "מ", "נ", "ס", "ע", "פ", "צ", "ק", "ר", "ש", "ת"],
        ("",),
    ),
    "en": (
        ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch"],
        ["a", "e", "i", "o", "u", "ea"],
    ),
}
Post = tuple[str, str]


def vocabulary(chance: random.Random, lang: str) -> list[str]:
    """Return words of sounds of *lang*, the commonest first and shortest."""
    consonants, vowels = SOUNDS[lang]
    found: dict[str, None] = {}
    while len(found) < WORDS:
        length = min(1 + len(found) // 150, chance.choice((2, 3, 3, 4, 4, 5)))
        syllables = (chance.choice(consonants) + chance.choice(vowels) for _ in range(length + (lang == "he")))
        word = "".join(syllables) + (chance.choice(consonants) if chance.random() < 0.5 else "")
        found[word] = None
    return list(found)


def make(number: int, most_terms: int) -> tuple[list[Post], list[Term]]:
    """Return posts, and terms of which some are in them, the first ones as much as the last."""
    chance = random.Random(20261201)
    real = [(sentence.lang, sentence.text, sentence.terms) for sentence in sentences()]
    words = {lang: vocabulary(chance, lang) for lang in LANGUAGES}
    weights = [1 / (rank + 2.7) for rank in range(WORDS)]
    posts: list[Post] = []
    for index in range(number):
        lang = LANGUAGES[index % 4]
        natural = [text for spoken, text, _ in chance.choices(real, k=12) if spoken == lang][:3]
        made = chance.choices(words[lang], weights, k=chance.randrange(8, 36))
        for place in range(0, len(made), chance.randrange(6, 12)):
            made[place] = made[place].capitalize()
            made[place - 1] += chance.choice((".", ",", "!", "?", ":"))
        if chance.random() < 0.4:
            made.append("#" + chance.choice(words[lang]).capitalize())
        if chance.random() < 0.5:
            made.append(f"https://brand.example/{index:x}/{chance.getrandbits(32):x}")
        posts.append((lang, " ".join((*natural, *made))))
    terms: dict[str, Term] = {}
    rare = {lang: chance.sample(words[lang][400:], most_terms // 2) for lang in LANGUAGES}
    for index in range(most_terms):
        lang = LANGUAGES[index % 4]
        text = rare[lang].pop()
        if index % 16 >= 12:
            text += " " + rare[lang].pop()
        elif index % 60 == 0:
            text = chance.choice(real)[2][0].text
        terms.setdefault(text, Term(text))
    return posts, list(terms.values())


def ours(terms: list[Term], posts: list[Post]) -> Callable[[], int]:
    lexicon = Lexicon(terms)
    for lang in LANGUAGES:
        lexicon.find("", lang)  # its table is built when a language first comes

    def search() -> int:
        return sum(len(lexicon.find(text, lang)) for lang, text in posts)

    return search


def by_re2(terms: list[Term], posts: list[Post]) -> Callable[[], int] | None:
    try:
        import re2
    except ImportError:
        return None
    options = re2.Options()
    options.max_mem = 512 << 20
    options.case_sensitive = False
    ordered = sorted((term.text for term in terms), key=len, reverse=True)
    pattern = re2.compile(r"\b(?:" + "|".join(re2.escape(text) for text in ordered) + r")\b", options)

    def search() -> int:
        return sum(len(pattern.findall(text)) for _, text in posts)

    return search


def by_aho_corasick(terms: list[Term], posts: list[Post]) -> Callable[[], int] | None:
    try:
        import ahocorasick
    except ImportError:
        return None
    automaton = ahocorasick.Automaton()
    for index, term in enumerate(terms):
        automaton.add_word(term.text.lower(), index)
    automaton.make_automaton()

    def search() -> int:
        return sum(sum(1 for _ in automaton.iter(text.lower())) for _, text in posts)

    return search


def spent(work: Callable[[], object]) -> float:
    """Return the processor time of *work*, in seconds."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def least(makers: dict[str, Callable[[], Callable[[], object] | None]], repeat: int) -> dict[str, float]:
    """Return the least time of each, taken in turns; what a maker makes is made anew for every run."""
    times: dict[str, float] = {}
    for _ in range(repeat):
        for name, maker in makers.items():
            search = maker()
            if search is not None:
                times[name] = min(times.get(name, float("inf")), spent(search))
    return times


# --- programs beside ours -------------------------------------------------------------------------------------------


def children(command: list[str], folder: Path) -> float:
    """Return the processor time of a program, and that of what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "NODE_NO_WARNINGS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write(folder: Path, posts: list[Post], terms: list[Term]) -> None:
    """Write the posts as files, and the terms as the dictionaries of codespell and textlint."""
    for index, (_, text) in enumerate(posts):
        file = folder / "posts" / f"{index // 100:03d}" / f"{index:05d}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", "utf-8")
    single = [term.text for term in terms if " " not in term.text]
    (folder / "dictionary.txt").write_text("".join(f"{text.lower()}->other\n" for text in single), "utf-8")
    rules = {"terminology": {"defaultTerms": False, "terms": [[term.text, "other"] for term in terms]}}
    (folder / ".textlintrc.json").write_text(json.dumps({"rules": rules}), "utf-8")


def install_codespell(folder: Path) -> list[str] | None:
    home = folder / "codespell"
    done = subprocess.run([sys.executable, "-m", "venv", home], capture_output=True, check=False)
    if done.returncode == 0:
        command: list[str] = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "codespell"]
        done = subprocess.run(command, capture_output=True, check=False)
    program = home / "bin" / "codespell"
    if done.returncode or not program.exists():
        return None
    return [str(program), "-D", "dictionary.txt", "-q", "3", "posts"]


def install_textlint(folder: Path) -> list[str] | None:
    if shutil.which("npm") is None:
        return None
    (folder / "package.json").write_text("{}", "utf-8")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "textlint@15", "textlint-rule-terminology@5"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    program = folder / "node_modules" / ".bin" / "textlint"
    return [str(program), "--format", "json", "posts/**/*.md"] if done.returncode == 0 and program.exists() else None


INSTALLERS = {"codespell": install_codespell, "textlint": install_textlint}


def beside(posts: list[Post], terms: list[Term], *, install: bool) -> dict[str, float | None]:
    """Return the processor time of each program on the posts as files; nothing for those that are not installed."""
    if not install:
        return dict.fromkeys(INSTALLERS)
    with tempfile.TemporaryDirectory(prefix="socialops-lint-") as name:
        folder = Path(name)
        write(folder, posts, terms)
        times: dict[str, float | None] = {}
        for program, installer in INSTALLERS.items():
            command = installer(folder)
            times[program] = children(command, folder) if command else None
        return times


def main() -> int:
    """Print the table, and say whether the goal is kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--terms", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--install", action="store_true", help="install codespell and textlint, in a temporary folder")
    asked = parser.parse_args()
    posts, most = make(asked.posts, max(5_000, asked.terms))
    terms = most[: asked.terms]
    letters = sum(len(text) for _, text in posts)
    distinct = len({chunk for _, text in posts for chunk in text.split()})
    print(
        f"Terms in posts: {len(posts):,} posts, {letters:,} characters, {distinct:,} different words; "
        f"{len(terms):,} terms"
    )

    seen = ours(terms, posts)
    hits = seen()
    absent = [Term(f"{word}{word[::-1]}") for word in vocabulary(random.Random(7), "ro")[-4000:]]
    told = {"ours": hits, "ours, 10 terms": ours(most[:10], posts)(), "ours, 5,000 terms": ours(most[:5000], posts)()}
    makers: dict[str, Callable[[], Callable[[], object] | None]] = {
        "ours": lambda: ours(terms, posts),
        "ours, words seen": lambda: seen,
        "google-re2": lambda: by_re2(terms, posts),
        "pyahocorasick": lambda: by_aho_corasick(terms, posts),
        "ours, 10 terms": lambda: ours(most[:10], posts),
        "ours, 5,000 terms": lambda: ours(most[:5000], posts),
        "ours, 4,000 in none": lambda: ours(terms + absent, posts),
    }
    times = least(makers, asked.repeat)
    base = times.get("google-re2")
    for name in makers:
        if name not in times:
            print(f"  {name:<20} not installed: make bench")
            continue
        ratio = f"{times[name] / base:>8.2f} x google-re2" if base else ""
        hits_too = f"   ({told[name]:,} found)" if name in told else ""
        print(f"  {name:<20}{times[name]:>9.3f} s{ratio}{hits_too}")
    for name, seconds in beside(posts, terms, install=asked.install).items():
        if seconds is None:
            print(f"  {name:<20} not installed: python tests/bench/lint.py --install")
        else:
            ratio = f"{seconds / base:>8.2f} x google-re2" if base else ""
            print(f"  {name:<20}{seconds:>9.3f} s{ratio}   (on files, its start included)")
    if base is None:
        return 0
    kept = {name: times[name] <= GOAL * base for name in ("ours, words seen", "ours")}
    for name, well in kept.items():
        print(f"  goal: {name} at most {GOAL} x google-re2: {'kept' if well else 'NOT KEPT'}")
    return 0 if kept["ours, words seen"] else 1


if __name__ == "__main__":
    sys.exit(main())
