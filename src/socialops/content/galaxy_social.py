"""Import a checkout of galaxy-social: accounts become channels, posts become drafts.

What that tool means by its files (galaxy-social, 2026-08): `media:` names accounts of `plugins.yml`; `mentions:` and
`hashtags:` name an account each and go under its text; pictures are links in the body; two blank lines begin a new part
of a thread; a `retry-N_…` file is a copy, made to send a post again to the accounts that failed.

Every post becomes a draft. That tool publishes when a file is merged, so all that is there was published already, and
nothing may go out a second time because somebody imported it. Secrets are never read: only named fields of an account
are taken over.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from socialops.atomic import write_atomically
from socialops.content.frontmatter import Refused, decode, read_yaml, split
from socialops.errors import UsageError
from socialops.workspace import Workspace

LARGEST = 1024 * 1024
"""Bytes; a larger file is no post."""
TARGET = "posts/imported"

_FIELDS = {"media", "mentions", "hashtags", "images"}
_NETWORKS = {"mastodon", "bluesky", "linkedin", "matrix", "slack"}
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_BREAK = re.compile(r"\n[ \t]*\n[ \t]*\n\s*")
_RULE = re.compile(r"^[ \t]*(?=-{3,}[ \t]*$)", re.MULTILINE)
_COPY = re.compile(r"(?:retry-\d+_)+")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?=\D|$)[-_]?")
_SHORTCODE = re.compile(r"(?<![\w:/]):[a-z][a-z0-9_+-]*:(?![\w:/])")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*(?:[ .][A-Za-z0-9_/-]+)*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_PICTURE_TYPES = {".jpg", ".jpeg", ".png", ".gif", ".webp"}
_TRANSLITERATED = str.maketrans({"ı": "i", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Imported:
    """One file of the other tool, or one account of it, and what became of it.

    *outcome* is `written`, `unchanged`, `kept` (a file with other content is there, and stays) or `skipped`.
    """

    source: str
    file: str
    outcome: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, account by account and then post by post."""

    items: tuple[Imported, ...] = ()

    def lines(self) -> Iterator[str]:
        """Say what was done: a line for each item, its notes below it, and a line for them all."""
        for item in self.items:
            yield f"{item.outcome:<9} {item.source}{f' → {item.file}' if item.file else ''}"
            for note in item.notes:
                yield f"          {note}"
        outcomes = [item.outcome for item in self.items]
        told = [f"{outcomes.count(word)} {word}" for word in ("written", "unchanged", "kept", "skipped")]
        yield f"{len(self.items)} in all: {', '.join(told)}."


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    """As posts call it there."""
    channel: str
    network: str
    header: Mapping[str, Any]
    body: str


@dataclass(frozen=True, slots=True)
class _Picture:
    file: str
    alt: str
    url: str
    part: int


@dataclass(slots=True)
class _Post:
    source: str
    stem: str
    parts: tuple[str, ...]
    pictures: tuple[_Picture, ...]
    accounts: list[str]
    mentions: Mapping[str, list[str]]
    tags: Mapping[str, list[str]]
    notes: list[str] = field(default_factory=list)

    @property
    def same_as(self) -> tuple[str, ...]:
        """What two copies have in common: their words and pictures, whatever the spaces between."""
        words = unicodedata.normalize("NFC", " ".join(self.parts)).split()
        return (" ".join(words), *(picture.url for picture in self.pictures))


def import_galaxy_social(folder: Path, workspace: Workspace) -> ImportResult:
    """Write the accounts of *folder* to brand/channels and its posts to posts/imported.

    Nothing that is there already is overwritten, and a second run changes nothing. Pictures are not fetched: each post
    names the files it expects, and where they come from under `params.media_sources`. Raises UsageError when the folder
    is no checkout of galaxy-social.
    """
    plugins = folder / "plugins.yml"
    if not plugins.is_file():
        raise UsageError(
            f"{folder} has no plugins.yml.", hint="Name the top folder of a checkout of a galaxy-social repository."
        )
    accounts, items = _accounts(plugins)
    for account in accounts.values():
        text = f"---\n{_yaml(account.header)}---\n{account.body}"
        items.append(_write(workspace, f"plugins.yml: {account.name}", f"brand/channels/{account.channel}.md", text))
    posts: list[_Post] = []
    for file in _files(folder):
        source = file.relative_to(folder).as_posix()
        try:
            posts.append(_read(file, source, accounts))
        except Refused as fault:
            items.append(Imported(source, "", "skipped", (f"line {fault.at[0]}: {fault.message} {fault.hint}",)))
        except OSError as fault:
            items.append(Imported(source, "", "skipped", (f"It cannot be read ({type(fault).__name__}).",)))
    items += _posts(workspace, posts, accounts)
    return ImportResult(tuple(items))


# --- Accounts ---------------------------------------------------------------------------------------------------------


def _accounts(plugins: Path) -> tuple[dict[str, _Account], list[Imported]]:
    try:
        listed = read_yaml(decode(plugins.read_bytes()), marker=True).values.get("plugins")
    except Refused as fault:
        raise UsageError(f"plugins.yml cannot be read, line {fault.at[0]}: {fault.message}", hint=fault.hint) from None
    accounts: dict[str, _Account] = {}
    left_out: list[Imported] = []
    for raw in listed if isinstance(listed, list) else ():
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
            continue
        name = raw["name"].strip().casefold()
        network = str(raw.get("class") or "").partition(".")[0]
        config = raw.get("config")
        source = f"plugins.yml: {raw['name']}"
        if network not in _NETWORKS:
            left_out.append(Imported(source, "", "skipped", (f"{network or 'It'} is no network.",)))
        elif str(raw.get("enabled")).casefold() != "true":
            left_out.append(Imported(source, "", "skipped", ("It is not enabled there.",)))
        else:
            accounts[name] = _account(name, network, config if isinstance(config, dict) else {})
    return accounts, left_out


def _account(name: str, network: str, config: Mapping[str, Any]) -> _Account:
    """Make a channel of an account. What is not named here (tokens, passwords) is not taken over."""
    known = {
        key: value.strip()
        for key in ("base_url", "username", "account_url", "room_id", "channel_id", "org_id", "max_content_length")
        if isinstance(value := config.get(key), str) and value.strip() and not value.strip().startswith("$")
    }
    channel = _slug(name)
    url = urlsplit(known.get("account_url", ""))
    end = unquote(url.path.rstrip("/").rpartition("/")[2])
    handle = {
        "mastodon": f"@{end.removeprefix('@')}@{url.netloc}" if end else "",
        "bluesky": known.get("username", ""),
        "matrix": known.get("room_id", ""),
        "slack": known.get("channel_id", ""),
        "linkedin": end,
    }[network]
    header: dict[str, Any] = {"network": network}
    if handle:
        header["handle"] = handle
    host = known.get("base_url", "").rstrip("/")
    if network in {"mastodon", "bluesky", "matrix"} and host:
        header["host"] = host
    params: dict[str, Any] = {key: known[key] for key in ("account_url", "org_id", "room_id") if key in known}
    if re.fullmatch(r"[0-9]{1,9}", known.get("max_content_length", "")):
        params["max_content_length"] = int(known["max_content_length"])
    header["params"] = {"imported_from": "plugins.yml", **params}
    secret = f"SOCIALOPS_{channel.upper().replace('-', '_')}"
    named = f"`{secret}_TOKEN` and `{secret}_HOST`" if "host" in header else f"`{secret}_TOKEN`"
    body = f"Imported from galaxy-social, where it is called {name}.\n\nIts secrets stay out of here: set {named}.\n"
    return _Account(name, channel, network, header, body)


# --- Posts ------------------------------------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[Path]:
    top = folder / "posts"
    for file in sorted(top.rglob("*.md")):
        if file.is_file() and not file.is_symlink() and file.name.casefold() != "readme.md":
            yield file


def _read(file: Path, source: str, accounts: Mapping[str, _Account]) -> _Post:
    if file.stat().st_size > LARGEST:
        raise Refused("yaml-size", (1, 1), "It is larger than 1 MB.", "That is no post.")
    header_text, body, _ = split(decode(file.read_bytes()).replace("\r\n", "\n"))
    header = read_yaml(f"\n{header_text.removeprefix(chr(10))}").values
    wanted = dict.fromkeys(name.casefold() for name in _texts(header.get("media")))
    parts, pictures = _parts(body)
    notes = [
        *(
            f"The account {name} is not imported, so the post does not go there."
            for name in wanted
            if name not in accounts
        ),
        *(f"`{key}:` means nothing there and is left out." for key in header if key not in _FIELDS),
        *(
            f"{code} is kept as it stands: write the emoji itself, networks show the code."
            for code in dict.fromkeys(_SHORTCODE.findall(body))
        ),
    ]
    if pictures:
        told = (
            "1 picture is not fetched: put it"
            if len(pictures) == 1
            else f"{len(pictures)} pictures are not fetched: put them"
        )
        notes.append(f"{told} beside the post under the name it gives (sources: params.media_sources).")
    return _Post(
        source,
        file.name.removesuffix(".md"),
        parts,
        pictures,
        [name for name in wanted if name in accounts],
        _by_account(header.get("mentions")),
        _by_account(header.get("hashtags")),
        notes,
    )


def _texts(value: Any) -> list[str]:
    return [item.strip() for item in value if isinstance(item, str) and item.strip()] if isinstance(value, list) else []


def _by_account(value: Any) -> dict[str, list[str]]:
    listed = value.items() if isinstance(value, dict) else ()
    return {str(name).casefold(): [text.lstrip("@#") for text in _texts(texts)] for name, texts in listed}


def _parts(body: str) -> tuple[tuple[str, ...], tuple[_Picture, ...]]:
    """Split a body at its manual breaks, and take its pictures out of the text.

    A part that holds pictures alone joins the one before it (the first joins the one after).
    """
    texts: list[str] = []
    found: list[tuple[str, str, int]] = []
    for piece in _BREAK.split(body.strip("\n")):
        part = len(texts) + 1
        text = re.sub(r"\n{3,}", "\n\n", _PICTURE.sub("", piece)).strip()
        if not text and texts:
            part -= 1
        found += [(alt.strip(), url, part) for alt, url in _PICTURE.findall(piece)]
        if text:
            # A rule that somebody drew would split the part in two here.
            texts.append(_RULE.sub(r"\\", text))
    names: set[str] = set()
    pictures = []
    for alt, url, part in found:
        pictures.append(_Picture(_picture_name(url, names), " ".join(alt.split()), url, min(part, max(len(texts), 1))))
    return tuple(texts), tuple(pictures)


def _picture_name(url: str, taken: set[str]) -> str:
    """Return a file name for a picture: the last piece of its address, in small letters, each once."""
    path = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    stem, dot, suffix = path.rpartition(".")
    ending = f".{suffix.casefold()}" if dot else ""
    if ending not in _PICTURE_TYPES:
        stem, ending = path, ".jpg"
    stem = _slug(stem)[:60]
    name, number = f"{stem}{ending}", 2
    while name in taken:
        name, number = f"{stem}-{number}{ending}", number + 1
    taken.add(name)
    return name


def _posts(workspace: Workspace, posts: Sequence[_Post], accounts: Mapping[str, _Account]) -> list[Imported]:
    items: list[Imported] = []
    originals = {post.same_as: post for post in reversed(posts) if not _COPY.match(post.stem)}
    taken: dict[str, str] = {}
    for post in posts:
        original = originals.get(post.same_as)
        if _COPY.match(post.stem):
            if original:
                again = ", ".join(post.accounts) or "no account"
                why = f"A copy of {original.source}, made there to send it again to {again}."
                items.append(Imported(post.source, "", "skipped", (why,)))
                continue
            post.notes.append("It is named as a copy, but no other post has the same text and pictures.")
        if not post.accounts:
            items.append(Imported(post.source, "", "skipped", (*post.notes, "It goes to no account.")))
            continue
        name = _slug(_COPY.sub("", post.stem))
        if name in taken:
            folder = Path(post.source).parent.name
            name = _slug(f"{folder}-{name}")
        number = 2
        while name in taken:
            name, number = f"{_slug(post.stem)}-{number}", number + 1
        taken[name] = post.source
        # A folder of its own for a post with pictures: two posts may both have a figure.png.
        file = f"{TARGET}/{name}/index.md" if post.pictures else f"{TARGET}/{name}.md"
        items.append(_write(workspace, post.source, file, _text(post, name, accounts), tuple(post.notes)))
    return items


def _text(post: _Post, name: str, accounts: Mapping[str, _Account]) -> str:
    """Write a post as we do."""
    stem = _COPY.sub("", post.stem)
    day = _DAY.match(stem)
    title = stem.removeprefix(day[0]) if day else stem
    header: dict[str, Any] = {"title": " ".join(re.split(r"[-_\s]+", title)).strip() or name}
    if day:
        header["date"] = f"{day[1]} 12:00"
    header["draft"] = True
    body = "\n\n---\n\n".join(post.parts)
    wanted = [post.tags.get(account, []) for account in post.accounts]
    alike = all(tags == wanted[0] for tags in wanted)
    channels: dict[str, dict[str, Any]] = {}
    for account in post.accounts:
        entry: dict[str, Any] = {}
        if not alike:
            entry["tags"] = post.tags.get(account, [])
        if mentions := post.mentions.get(account):
            entry["text"] = "\n\n".join(
                piece for piece in (body, " ".join(f"@{mention}" for mention in mentions)) if piece
            )
        channels[accounts[account].channel] = entry
    header["channels"] = channels if any(channels.values()) else list(channels)
    if alike and wanted[0]:
        header["tags"] = wanted[0]
    if post.pictures:
        header["media"] = [
            {"file": picture.file, "alt": picture.alt, **({"part": picture.part} if picture.part > 1 else {})}
            for picture in post.pictures
        ]
    header["params"] = {"imported_from": post.source}
    if post.pictures:
        header["params"]["media_sources"] = {picture.file: picture.url for picture in post.pictures}
    return f"---\n{_yaml(header)}---\n{body}\n"


# --- Writing ----------------------------------------------------------------------------------------------------------


def _slug(text: str) -> str:
    """Return *text* as an id may be: small letters, digits, hyphens, dots and underscores."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_TRANSLITERATED))
    plain = re.sub(r"[^a-z0-9._-]+", "-", letters.encode("ascii", "ignore").decode())
    return re.sub(r"-{2,}", "-", plain).strip("-._")[:80].rstrip("-._") or "post"


def _write(workspace: Workspace, source: str, file: str, text: str, notes: tuple[str, ...] = ()) -> Imported:
    target = workspace.root / file
    if target.is_symlink() or target.exists():
        if target.is_file() and target.read_bytes() == text.encode("utf-8"):
            return Imported(source, file, "unchanged", notes)
        return Imported(source, file, "kept", (*notes, "A file with other content is there; it stays as it is."))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, text.encode("utf-8"))
    return Imported(source, file, "written", notes)


def _yaml(values: Mapping[str, Any], indent: str = "") -> str:
    """Write a header: block style, text in quotes where YAML could take it for something else, long text as a block."""
    lines = []
    for key, value in values.items():
        name = key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        if isinstance(value, str) and "\n" in value:
            rows = "".join(f"{indent}  {row}".rstrip(" ") + "\n" for row in value.split("\n"))
            lines.append(f"{indent}{name}: |2-\n{rows}")
        elif isinstance(value, dict) and value:
            lines.append(f"{indent}{name}:\n{_yaml(value, indent + '  ')}")
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            items = "".join(f"{indent}  - {_yaml(item, indent + '    ').lstrip(' ')}" for item in value)
            lines.append(f"{indent}{name}:\n{items}")
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: [{', '.join(_scalar(item) for item in value)}]\n")
        else:
            lines.append(f"{indent}{name}: {'{}' if value == {} else _scalar(value)}\n")
    return "".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if (_PLAIN.fullmatch(text) or _DAY.match(text)) and text.casefold() not in _WORDS_OF_YAML and ": " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)
