"""What is wrong with addresses: the ones that deceive, and the ones that lead nowhere."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

from socialops.checks.rule import Case, Rule, rules
from socialops.compose.links import typed_parameters
from socialops.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socialops.checks.place import Place
    from socialops.compose.compose import Variant
    from socialops.content.text import Span

_ON_X = (
    "=== brand/channels/x.md\n---\nnetwork: x\nhandle: lumen\nzone: UTC\n---\nX\n"
    "=== posts/2026/12/post.md\n---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [x]\n---\n"
)
HEAD = "---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"

URL_USERINFO = Rule(
    "url-userinfo",
    Severity.ERROR,
    "An address has something before an @ in its host.",
    "Readers take what stands first for the site; the browser opens what stands after the @.",
    HEAD + "---\nhttps://good.example@evil.example/\n",
    HEAD + "---\nhttps://good.example/@somebody\n",
)
URL_CONFUSABLE = Rule(
    "url-confusable",
    Severity.ERROR,
    "An address is written with letters or dots that look like others.",
    "A Cyrillic а in a Latin name opens another site. Names all in one script are fine.",
    HEAD + "---\nSee https://аpple.com/login\n",
    HEAD + "---\nSee https://bücher.example/ and https://пример.рф/\n",
)
URL_ADDRESS = Rule(
    "url-address",
    Severity.ERROR,
    "An address is a bare number of a machine, or a name without a dot.",
    "It works on one network only, or hides who is behind it.",
    HEAD + "---\nSee http://127.0.0.1:8000/\n",
    HEAD + "---\nSee https://example.org/\n",
)
URL_SCHEME = Rule(
    "url-scheme",
    Severity.ERROR,
    "A link is no web address.",
    "Networks open http and https only; anything else does nothing, or harm.",
    HEAD + "link: example.org\n---\nRead on\n",
    HEAD + "link: https://example.org\n---\nRead on\n",
)
URL_SHORTENER = Rule(
    "url-shortener",
    Severity.WARNING,
    "A link goes through a shortening service.",
    "Readers cannot see where it leads, the service can change it, and Mastodon counts any link as 23.",
    HEAD + "---\nhttps://bit.ly/3abcdef\n",
    HEAD + "---\nhttps://example.org/winter\n",
)
URL_LABEL = Rule(
    "url-label",
    Severity.ERROR,
    "A link shows one address and opens another.",
    "Readers trust what they see.",
    HEAD + "---\n[https://bank.example](https://elsewhere.example)\n",
    HEAD + "---\n[our bank](https://bank.example)\n",
)
URL_CUT = Rule(
    "url-cut",
    Severity.ERROR,
    "A network makes a link of only the beginning of an address.",
    "Readers land on another page. X takes Latin and Cyrillic letters into the path of a link, and no others: the link "
    "ends before the first letter in Hebrew, Arabic or Greek.",
    _ON_X + "https://he.wikipedia.org/wiki/חורף\n",
    _ON_X + "https://he.wikipedia.org/wiki/%D7%97%D7%95%D7%A8%D7%A3\n",
)
UTM_TYPED = Rule(
    "utm-typed",
    Severity.ERROR,
    "Somebody typed UTM parameters into an address.",
    "They are worked out from campaign, network and post, so that reports find every visit; typed ones say the same of "
    "every channel, and end in as many spellings as there are writers.",
    HEAD + "link: https://example.org/?utm_source=Mastodon\n---\nRead on\n",
    HEAD + "link: https://example.org/\n---\nRead on\n",
)
RULES = rules(UTM_TYPED, URL_USERINFO, URL_CONFUSABLE, URL_ADDRESS, URL_SCHEME, URL_SHORTENER, URL_LABEL, URL_CUT)

_SHORTENERS = frozenset(
    {"bit.ly", "bitly.com", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "s.id"}
    | {"shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd"}
)
_LIKE_DOTS = "\u2024\u2027\u3002\u30fb\uff0e\uff61\u00b7\u0387\u06d4\u0701\u0702"
_LIKE_SLASHES = "\u2044\u2215\u29f8\uff0f\u2571\u27cb\u31d3"
_DECEPTIVE = re.compile(f"[{_LIKE_DOTS}{_LIKE_SLASHES}\uff10-\uff5a\u0332\u0338]")
_CUT_AFTER = re.compile("[\u3002\uff0e\uff61][A-Za-z0-9]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[\s<>\"]")
_AUTHORITY = re.compile(r"[^/?#\\]*")
# `lamp.jpg` and `v2.1` are words; with a scheme, a path or a long ending it is an address.
_LABEL = re.compile(
    r"(?:https?://(?:www\.)?|www\.)([^\s/?#:]+)(?:[:/?#]\S*)?|([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})/\S*", re.IGNORECASE
)

# Letters that are drawn like a Latin one: a name of nothing else passes for a Latin name.
_LATIN_LOOKS = frozenset("аеорсухіјѕһԁԛԝӏьгпԍɡαορνικυετχγω")
# Scripts that are written together every day.
_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}, {"CJK", "HANGUL", "LATIN"}, {"CJK", "BOPOMOFO", "LATIN"})

Fault = tuple[Rule, str, str]


def judge_links(case: Case, variant: Variant, place: Place) -> None:
    """Judge the addresses of one channel's draft, and what was written as a link but is none."""
    if place.links is not None:
        _judge_cuts(case, variant, place.links)
    for index, part in enumerate(variant.draft.parts):
        for span in part.spans:
            if span.kind != "link" or span.target == variant.link:
                continue
            if typed := typed_parameters(span.target):
                _report_typed(case, case.in_text(variant, variant.written[index], span.target), typed)
            faults = faults_of(span.target)
            if faults or _CUT_AFTER.match(part.text, span.end):
                at = case.in_text(variant, variant.written[index], span.target)
                for rule, message, hint in faults:
                    case.report(rule, at, message, hint)
                if not faults:
                    case.report(
                        URL_CONFUSABLE,
                        at,
                        f"{part.text[span.start : span.end + 12]!r} goes on with a dot that is none.",
                        "Type the address anew, with plain dots.",
                    )
    for index, text in enumerate(variant.texts):
        for label, target in text.links:
            if not _web(target):
                case.report(
                    URL_SCHEME,
                    case.in_text(variant, index, target),
                    f"{target[:80]!r} is no web address.",
                    "Write an address that begins with https://.",
                )
            elif _misleads(label, target):
                case.report(
                    URL_LABEL,
                    case.in_text(variant, index, f"[{label}"),
                    f"The link shows {label[:80]!r} and opens {target[:80]}.",
                    "Let it say in words what it opens, or show its true address.",
                )


def _judge_cuts(case: Case, variant: Variant, links: Callable[[str], Sequence[Span]]) -> None:
    """Judge the addresses of which the network itself makes links: *links* finds those in a text."""
    for index, part in enumerate(variant.draft.parts):
        written = [span for span in part.spans if span.kind == "link"]
        ends = {found.start: found.end for found in links(part.text)} if written else {}
        for span in written:
            end = ends.get(span.start, span.end)
            if end >= span.end:
                continue
            shown, lost = part.text[span.start : end], part.text[end : span.end]
            whole = quote(span.target, safe="!#$%&'()*+,/:;=?@[]~")
            own = span.target == variant.link
            at = (
                case.at_entry(variant.draft.channel, "link")
                if own
                else case.in_text(variant, variant.written[index], span.target)
            )
            belongs = any(sign in shown.partition("://")[2] for sign in "/?#")
            case.report(
                URL_CUT,
                at,
                f"{variant.draft.channel} makes a link of {shown} alone, and leaves out {lost[:60]}.",
                (f"Write it as {whole}." if own else f"Write it as {whole}, or put a space where it ends.")
                if belongs and [found.end for found in links(whole)] == [len(whole)]
                else "Put a space where the address ends.",
            )


def judge_link(case: Case, variant: Variant) -> None:
    """Judge the post's `link:`."""
    if not variant.link:
        return
    written = case.post.link if variant.entry.link is None else variant.entry.link
    if typed := typed_parameters(written):
        _report_typed(case, case.at_entry(variant.draft.channel, "link"), typed)
    name = variant.draft.channel
    link = variant.link
    if not _web(link) or _NO_ADDRESS.search(link):
        at = case.at_entry(name, "link")
        case.report(URL_SCHEME, at, f"{link[:80]!r} is no web address.", "Write one address that begins with https://.")
        return
    for rule, message, hint in faults_of(link):
        case.report(rule, case.at_entry(name, "link"), message, hint)


def _report_typed(case: Case, at: tuple[int, int], typed: Sequence[str]) -> None:
    names = " and ".join(dict.fromkeys(typed))
    if case.post.campaign:
        them = "it" if len(typed) == 1 else "them"
        hint = f"Take {them} out: the campaign {case.post.campaign} adds {them} to the post's `link:` by itself."
    else:
        hint = "Take them out, and name the post's `campaign:`: its `link:` gets them by itself."
    case.report(UTM_TYPED, at, f"{names} {'is' if len(typed) == 1 else 'are'} typed into this address.", hint)


def _web(target: str) -> bool:
    return target.casefold().startswith(("http://", "https://")) and bool(target.partition("://")[2])


def _misleads(label: str, target: str) -> bool:
    """Tell whether a label is an address, and one of another host."""
    shown = _LABEL.fullmatch(label.strip())
    return shown is not None and (shown[1] or shown[2]).casefold() != _host(target).removeprefix("www.")


def _host(url: str) -> str:
    authority = _AUTHORITY.match(url.partition("://")[2])
    host = (authority[0] if authority else "").rpartition("@")[2]
    return (host if host.startswith("[") else host.partition(":")[0]).casefold()


@functools.lru_cache(maxsize=4096)
def faults_of(url: str) -> tuple[Fault, ...]:
    """Return what is wrong with one web address, judged by its host."""
    authority = _AUTHORITY.match(url.partition("://")[2])
    before, at, _ = (authority[0] if authority else "").rpartition("@")
    host = _host(url)
    faults: list[Fault] = []
    if at:
        faults.append(
            (
                URL_USERINFO,
                f"This address opens {host}, not {before.partition(':')[0]}.",
                "Write the address without what stands before the @.",
            )
        )
    if host.startswith("[") or _NUMBER.fullmatch(host) or "." not in host.strip("."):
        faults.append(
            (
                URL_ADDRESS,
                f"{host or url[:60]} is the number or the nickname of a machine.",
                "Write the name of a site.",
            )
        )
    if (not host.isascii() or "xn--" in host) and (how := _deceives(host)):
        faults.append((URL_CONFUSABLE, f"{host} {how}", "Type the address anew; check who sent it to you."))
    if host.removeprefix("www.") in _SHORTENERS:
        faults.append((URL_SHORTENER, f"{host} hides where the link leads.", "Write the address it leads to."))
    return tuple(faults)


def _deceives(host: str) -> str:
    """Say how a host deceives, or return an empty text when it is honest."""
    if _DECEPTIVE.search(host):
        return "holds a character that looks like a dot or a slash."
    labels = host.split(".")
    spelled: list[str] = []
    for label in labels:
        if not label.startswith("xn--"):
            spelled.append(label)
            continue
        try:
            spelled.append(label[4:].encode("ascii").decode("punycode"))
        except (UnicodeError, ValueError):
            return "cannot be spelled: it is not valid punycode."
    if not all(
        letter.isalnum() or letter == "-" or unicodedata.category(letter)[0] == "M" for letter in "".join(spelled)
    ):
        return "holds characters that no name can have."
    latin_end = spelled[-1].isascii()
    for label, written in zip(spelled, labels, strict=True):
        scripts = {_script(letter) for letter in label if letter.isalpha()}
        ascii_form = written if written.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
            names = " and ".join(sorted(script.capitalize() for script in scripts))
            return f"mixes {names} letters; a browser calls it {ascii_form}."
        if latin_end and not label.isascii() and all(c in _LATIN_LOOKS or c in "-0123456789" for c in label):
            return f"only looks like a Latin name; a browser calls it {ascii_form}."
    return ""


def _script(letter: str) -> str:
    """Return the script of a letter: the first word of its Unicode name (LATIN, CYRILLIC, HEBREW, CJK …)."""
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]
