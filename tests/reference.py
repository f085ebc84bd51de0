"""Write the reference pages of the handbook from what they describe.

`make reference` runs this; a test fails while one of the pages is not what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from socialops.checks.registry import RULES
from socialops.cli import COMMANDS, commands
from socialops.content import guideline_schema, schema
from socialops.content.media import VIDEO_BYTES
from socialops.networks import ADAPTERS, adapter, default_limits
from socialops.networks.base import Limit

HANDBOOK = Path(__file__).parent.parent / "src" / "socialops" / "scaffold" / "handbook"

MODELS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("A post", "`posts/**/*.md`", schema.PostHeader),
    ("What is different on one channel", "under a channel's name in `channels:`", schema.EntryHeader),
    ("A picture or video", "an entry of `media:`", schema.MediaHeader),
    ("A poll", "`poll:`", schema.PollHeader),
    ("A channel", "`brand/channels/<name>.md`", schema.ChannelHeader),
    ("A recurrence", "`recur:` of a post", schema.RecurHeader),
    ("A budget", "`budget:` of a channel", schema.BudgetHeader),
    ("An exception to a rule", "under a rule's id in `waive:`", schema.WaiverHeader),
    ("A guideline", "`brand/*.md`", guideline_schema.GuidelineHeader),
    ("A rule of a guideline", "an entry of `rules:`", guideline_schema.RuleHeader),
    (
        "An example of a rule",
        "an entry of `good:` or `bad:` that needs more than a text",
        guideline_schema.ExampleHeader,
    ),
    ("Required words", "`require:` of a rule", guideline_schema.RequireHeader),
    ("A pattern", "`pattern:` of a rule", guideline_schema.PatternHeader),
    ("Hashtags", "`hashtags:` of a rule", guideline_schema.HashtagsHeader),
    ("Emoji", "`emoji:` of a rule", guideline_schema.EmojiHeader),
    ("Links", "`links:` of a rule", guideline_schema.LinksHeader),
    ("Sensitive topics", "`sensitive:` of a rule", guideline_schema.SensitiveHeader),
    ("Disclosure", "`disclosure:` of a rule", guideline_schema.DisclosureHeader),
    ("Length", "`length:` of a rule", guideline_schema.LengthHeader),
    ("Readability", "`readability:` of a rule", guideline_schema.ReadabilityHeader),
    ("Alt text", "`alt_text:` of a rule", guideline_schema.AltTextHeader),
    ("Palette", "`palette:` of a rule", guideline_schema.PaletteHeader),
    ("Picture size", "`picture_size:` of a rule", guideline_schema.PictureSizeHeader),
    ("Logo", "`logo:` of a rule", guideline_schema.LogoHeader),
    ("Cadence", "`cadence:` of a rule", guideline_schema.CadenceHeader),
    ("Mix", "`mix:` of a rule", guideline_schema.MixHeader),
    ("The strategy", "`brand/strategy.md`", schema.StrategyHeader),
    ("The parameters of links", "`utm:` of the strategy", schema.LinksHeader),
    ("A pillar", "an entry of `pillars:` in the strategy", schema.PillarHeader),
    ("An audience", "an entry of `audiences:` in the strategy", schema.AudienceHeader),
    ("A campaign", "`brand/campaigns/<name>.md`", schema.CampaignHeader),
    ("A campaign's budget", "`budget:` of a campaign", schema.CampaignBudgetHeader),
    ("A goal", "`brand/goals/<name>.md`", schema.GoalHeader),
    ("The team", "`brand/team.yml`", schema.TeamHeader),
    ("A person", "under a name in `people:`", schema.PersonHeader),
    ("Who approves what", "an entry of `approvals:`", schema.ApprovalHeader),
    ("A pause", "an entry of `brand/pause.yml`", schema.PauseHeader),
    ("A report", "`reports/<name>.md`", schema.ReportHeader),
)
"""(heading, where it stands, the model of its fields)."""


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def default_of(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False) if field.default_factory is None else None
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, timedelta):
        return f"`{value.days}d`" if value.days else f"`{value.seconds // 60}m`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{getattr(value, 'value', value)}`"


def fields_page() -> Iterator[str]:
    yield "# Fields"
    yield "What may stand at the top of each kind of file, between the two lines of dashes. A field that is not listed"
    yield "here is a mistake, and the check says which one was probably meant; your own fields go under `params:`."
    for heading, place, model in MODELS:
        yield f"\n## {heading}\n\n{place}\n"
        yield "| field | default | meaning |\n|---|---|---|"
        for name, field in model.model_fields.items():
            yield f"| `{field.alias or name}` | {default_of(field)} | {cell(field.description or '')} |"


def value_of(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def networks_page() -> Iterator[str]:
    yield "# Networks"
    yield "What fits where. These are a network's usual limits; `socialops accounts --limits` writes what your own"
    yield "server says into the channel's file."
    yield "\nA value that is *(unconfirmed)* is in no document of its network that we could read: the source says what"
    yield "it rests on, and where two figures are known the stricter one holds. If yours is higher, write it under"
    yield "`limits:` in the channel's file: `limits: {attachments: 20}`."
    yield "\nBelow the limits stands what a post may tell the network beside its text, under `params:` and the"
    yield "network's name: `params: {youtube: {category: 22}}`."
    yield from videos_section()
    for network in ADAPTERS:
        yield f"\n## {network.capitalize()}\n"
        yield "| limit | value | unit | source | read on |\n|---|---|---|---|---|"
        for name, limit in default_limits(network).entries.items():
            value = value_of(limit.value) + ("" if limit.confirmed else " *(unconfirmed)*")
            yield f"| `{name}` | {value} | {limit.unit} | {cell(limit.grounds)} | {limit.checked_on} |"
        if options := adapter(network).OPTIONS:
            yield "\n| `params:` | values | meaning |\n|---|---|---|"
            for option in options:
                values = ", ".join(option.values) or "any"
                yield f"| `{option.name}` | {cell(values)} | {cell(option.summary)} |"


def marked(words: str, *used: Limit | None) -> str:
    """Return a cell with a question mark behind it when one of the limits it is made of is unconfirmed."""
    return words + "?" * any(one is not None and not one.confirmed for one in used)


def videos_section() -> Iterator[str]:
    yield "\n## Videos\n"
    yield "What each network takes of a video, at most; an empty cell says that nothing is known to be refused."
    yield "No file may have more than 512 MiB, which is 536 MB. A cell that ends with a question mark holds"
    yield "something unconfirmed; the network's own table below says what.\n"
    yield "| network | kind | formats | coded as | MB | seconds | frames a second | width ÷ height |"
    yield "|---|---|---|---|---|---|---|---|"
    for network in ADAPTERS:
        limits = default_limits(network)
        kinds = [kind for kind in ("video", "reel", "story") if limits.has("kinds") and kind in limits.texts("kinds")]
        for kind in kinds:

            def limit(name: str, kind: str = kind, entries: Any = limits.entries) -> Any:
                return entries.get(f"{kind}_{name}") or entries.get(f"video_{name}") or entries.get(name)

            def span(name: str, limit: Any = limit) -> str:
                used = [limit(f"{name}_minimum"), limit(f"{name}_maximum" if name == "ratio" else name)]
                return marked(" to ".join(str(one.value) for one in used if one is not None), *used)

            formats, size = limit("types"), limit("bytes")
            codecs = [one for one in (limit("codecs"), limit("audio_codecs")) if one is not None]
            most = min(size.value if size else VIDEO_BYTES, VIDEO_BYTES)
            cells = [
                network.capitalize(),
                kind,
                marked(", ".join(str(mime).partition("/")[2] for mime in formats.value), formats) if formats else "",
                marked(", ".join(word for one in codecs for word in one.value), *codecs),
                marked(f"{most // 1_000_000}", size if most < VIDEO_BYTES else None),
                span("seconds"),
                span("frames_per_second"),
                span("ratio"),
            ]
            yield f"| {' | '.join(cells)} |"


def commands_page() -> Iterator[str]:
    yield "# Commands"
    yield "Exit codes: 0 fine, 1 problems found or a post failed, 2 usage, settings or internal, 3 a person must look."
    folder = next(option for option in commands.params if "--workspace" in option.opts)
    record = folder.get_help_record(click.Context(commands))
    assert record is not None
    yield f"\nEvery command takes `{record[0]}`: {cell(record[1])}"
    for name, (module, _) in COMMANDS.items():
        command: click.Command = getattr(import_module(module), f"{name}_command")
        yield from command_section(command, f"socialops {name}")


def command_section(command: click.Command, name: str) -> Iterator[str]:
    yield f"\n## {name}\n\n{cell(command.help or '')}\n"
    context = click.Context(command, info_name=name)
    yield f"```console\n$ {name} {' '.join(command.collect_usage_pieces(context))}\n```"
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    if options:
        yield "\n| option | meaning |\n|---|---|"
        for option in options:
            record = option.get_help_record(context)
            assert record is not None
            yield f"| `{record[0]}` | {cell(record[1])} |"
    if isinstance(command, click.Group):
        for inner, subcommand in command.commands.items():
            yield from command_section(subcommand, f"{name} {inner}")


def rules_page() -> Iterator[str]:
    yield "# Rules"
    yield "Everything `socialops check` can say, by id. Each example is itself a test."
    for rule in sorted(RULES.values(), key=lambda rule: rule.id):
        yield f"\n## {rule.id}\n\n*{rule.severity}, since {rule.since}.* {rule.summary}"
        yield f"\n{rule.why}\n"
        for title, example in (("Not like this", rule.bad), ("Like this", rule.good)):
            if example:
                fence = "`" * max(3, longest_run(example) + 1)
                yield f"{title}:\n\n{fence}text\n{shortened(example.strip())}\n{fence}\n"


def shortened(example: str) -> str:
    """Return an example as people can read it: very long lines and very many lines are cut, and said to be."""
    lines = [
        f"{line[:100]}… ({len(line):,} characters in all)" if len(line) > 160 else line for line in example.split("\n")
    ]
    if len(lines) > 40:
        lines = [*lines[:20], f"… ({len(lines):,} lines in all)"]
    return "\n".join(lines)


def longest_run(text: str) -> int:
    return max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0)


PAGES = {"fields.md": fields_page, "networks.md": networks_page, "commands.md": commands_page, "rules.md": rules_page}


def page(name: str) -> str:
    head, *rest = PAGES[name]()
    return head + "\n\n" + "\n".join(rest).rstrip() + "\n"


if __name__ == "__main__":
    for name in PAGES:
        (HANDBOOK / name).write_text(page(name), "utf-8", newline="\n")
        sys.stdout.write(f"{HANDBOOK / name}\n")
