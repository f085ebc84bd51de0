"""The files a workspace begins with, and that are the team's from then on: brand, first posts, settings, README.

They are written once, where there is none, and never looked at again. What stays socialops's own is in `workflows.py`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from socialops.scaffold.choices import PRACTICE, Account, Choices
from socialops.scaffold.languages import ENGLISH, Wording, wordings
from socialops.scaffold.rendering import fill, quoted

PRACTICE_HOST = "http://127.0.0.1:8765"
SLOTS = "tue 09:30, thu 12:30"
_BRAND = {
    "brand/index.md": "brand/index.md",
    "brand/voice.md": "brand/voice.md",
    "brand/visual.md": "brand/visual.md",
    "brand/strategy.md": "brand/strategy.md",
    "brand/team.yml": "brand/team.yml",
    "brand/handles.yml": "brand/handles.yml",
    "brand/pause.yml": "brand/pause.yml",
    "brand/goals/first-followers.md": "brand/goal.md",
    "brand/campaigns/first-weeks.md": "brand/campaign.md",
    "brand/crisis/playbook.md": "brand/playbook.md",
    "brand/crisis/holding-statement.md": "brand/holding-statement.md",
    "brand/replies/thank-you.md": "brand/reply.md",
    "reports/weekly.md": "root/weekly.md",
    "README.md": "root/README.md",
    "pyproject.toml": "root/settings.toml",
}
HOUSE = {"Makefile": "root/Makefile", ".gitattributes": "root/gitattributes", ".gitignore": "root/gitignore"}
"""Files of the folder itself that stay socialops's own: target → template."""
PLACES = ("posts/", "brand/", "reports/", "pyproject.toml", "uv.lock", "mkdocs.yml")
"""What nobody changes without somebody's word; the later ones decide what is run."""
CI_PLACES = {"github": (".github/",), "gitlab": (".gitlab-ci.yml",), "none": ()}
_SITE = Path(__file__).parent.parent / "site" / "templates" / "mkdocs.yml"


def with_practice(choices: Choices) -> tuple[Account, ...]:
    """Return all accounts of a new workspace, the team's and the practice channel, in the order of their names."""
    practice = Account(PRACTICE, "mastodon", f"@{PRACTICE}@{PRACTICE_HOST.partition('//')[2]}", PRACTICE_HOST, True)
    return tuple(sorted((*choices.accounts, practice), key=lambda account: account.name))


def house_files() -> dict[str, str]:
    """Return path → text of the folder's own files."""
    return {path: fill(template) for path, template in HOUSE.items()}


def begun_files(choices: Choices, today: date, *, locked: bool = True) -> dict[str, str]:
    """Return path → text of everything the team takes over; *today* dates the first posts and the goal.

    *locked*: there is a uv.lock, which somebody can answer for.
    """
    values = _values(choices, today)
    if not locked:
        values["places"].remove("uv.lock")
    files = {path: fill(template, **values) for path, template in _BRAND.items()}
    for account in with_practice(choices):
        files[f"brand/channels/{account.name}.md"] = _channel(account, choices)
    files["posts/drafts/first-post.md"] = _first_post(choices, values)
    files |= _practice_posts(choices, values, today)
    files["mkdocs.yml"] = re.sub(
        r"(?m)^site_name: .*$",
        lambda _found: f"site_name: {quoted(choices.name)}",
        _SITE.read_text("utf-8"),
        count=1,
    )
    return files


def slug(name: str) -> str:
    """Return a name as a Python project may be called; romanised where that is simple, else a plain word."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-') or 'our'}-social"


def _values(choices: Choices, today: date) -> dict[str, Any]:
    owners = [
        {
            "name": _person(owner),
            "title": owner.removeprefix("@"),
            "account": owner if "/" in owner else owner.lstrip("@"),
        }
        for owner in choices.owners
    ]
    languages = [wording.lang for wording in wordings(choices.languages)]
    accounts = [account.name for account in choices.accounts]
    secrets = [name for account in choices.accounts for name in account.secrets]
    return {
        "name": choices.name,
        "slug": slug(choices.name),
        "zone": choices.zone,
        "languages": spoken(choices),
        "channels": accounts or [PRACTICE],
        "owners": owners,
        "places": [*PLACES, *(CI_PLACES[choices.ci])],
        "first": owners[0]["name"] if owners else "manager",
        "words": _rules(choices),
        "openings": [opening for wording in _rules(choices) for opening in wording.openings],
        "romanian": "ro" in languages,
        "cedilla_name": bool(set(choices.name) & set("ŞşŢţ")),
        "hebrew": "he" in languages,
        "turkish": "tr" in languages,
        "start": (today + timedelta(days=1)).isoformat(),
        "end": (today + timedelta(days=61)).isoformat(),
        "example_date": f"{(today + timedelta(days=7)).isoformat()} 09:30",
        "ci": choices.ci,
        "main_branch": choices.main_branch,
        "data_branch": choices.data_branch,
        "forge_url": choices.forge_url,
        "secrets": secrets,
        "hosts": [account.bound_host for account in choices.accounts if account.bound_host],
        "requirement": choices.tool.requirement,
        "source": choices.tool.source,
    }


def spoken(choices: Choices) -> list[str]:
    """Return the languages of the settings: the chosen ones, and English where the first posts are in none of them."""
    known = {wording.lang for wording in wordings(choices.languages)}
    chosen = {language.partition("-")[0] for language in choices.languages}
    return [*choices.languages, *sorted(known - chosen)]


def _rules(choices: Choices) -> tuple[Wording, ...]:
    """Return the words for rules and statements: the chosen languages', and English, which the examples are in too."""
    found = wordings(choices.languages)
    return found if ENGLISH in found else (*found, ENGLISH)


def _person(owner: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", owner.rpartition("/")[2].removeprefix("@").lower()).strip("-") or "manager"


def _channel(account: Account, choices: Choices) -> str:
    example = account.handle.endswith((".example", "@example.org")) or account.handle == f"@{account.name}"
    purpose = (
        "Practice, on this machine. Nobody outside sees it."
        if account.sandbox
        else "What this account is for, in one sentence."
    )
    return fill(
        "brand/channel.md",
        account=account,
        name=choices.name,
        zone=choices.zone,
        language=choices.languages[0],
        sandbox=account.sandbox,
        example=example and not account.sandbox,
        example_host=".example" in account.host,
        purpose=purpose,
        slots="mon 10:00, wed 10:00, fri 10:00" if account.sandbox else SLOTS,
    )


def _first_post(choices: Choices, values: dict[str, Any]) -> str:
    words = wordings(choices.languages)[0]
    readers = [account.name for account in choices.accounts if _takes_text(account.network)]
    values = {**values, "channels": readers or [PRACTICE]}
    text = words.first.format(name=choices.name)
    return fill("posts/first-post.md", **values, language=words.lang, tag=words.tag, text=text)


def _takes_text(network: str) -> bool:
    """Tell whether a network shows posts of words alone."""
    from socialops.networks import default_limits

    limits = default_limits(network)
    return not limits.has("kinds") or "text" in limits.texts("kinds")


def _practice_posts(choices: Choices, values: dict[str, Any], today: date) -> dict[str, str]:
    """Return the posts of the practice channel, one a day from tomorrow, so that the demo has something to show."""
    files = {}
    texts = [(words, text) for words in wordings(choices.languages) for text in words.practice]
    for number, (words, text) in enumerate(texts):
        day = today + timedelta(days=1 + number)
        count = sum(other is words for other, _ in texts[:number]) + 1
        name = f"hello-{words.lang}" if count == 1 else f"hello-{words.lang}-{count}"
        filled = fill(
            "posts/hello.md",
            **values,
            title=f"Practice, in {words.title}",
            date=f"{day.isoformat()} 10:00",
            pillar="making" if count > 1 else "people",
            language=words.lang,
            text=text.format(name=choices.name),
        )
        files[f"posts/{day:%Y}/{day:%m}/{name}.md"] = filled
    return files
