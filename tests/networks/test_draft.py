"""A draft as the ledger keeps it, and the registry of networks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from networks.contract import picture, text, with_pictures
from socialops.content.channel import NETWORKS
from socialops.errors import UsageError
from socialops.networks import ADAPTERS, adapter, default_limits
from socialops.networks.draft import Card, Draft, Poll, Receipt, Reply, draft_from_record

RECEIPT = Receipt("1", "https://mastodon.example/1", "2026-12-06T09:00:00Z")
ATTACHMENT = replace(picture("Önden")[0], focus=(0.25, -1.0))
DRAFT = Draft(
    "launch",
    "mastodon",
    "mastodon",
    "thread",
    (
        text(attachments=(ATTACHMENT,), content_warning="Uyarı", sensitive=True),
        text("Two", poll=Poll(("a", "b"), 300, multiple=True), card=Card("https://example.org", "x")),
    ),
)


def test_a_draft_survives_the_ledger() -> None:
    assert draft_from_record(json.loads(json.dumps(DRAFT.record()))) == DRAFT


def test_how_long_a_video_lasts_survives_and_older_records_keep_their_digest() -> None:
    film = replace(ATTACHMENT, file="posts/ride.mp4", mime="video/mp4", seconds=4.008)
    draft = replace(DRAFT, parts=(text(attachments=(film,)),))
    assert draft_from_record(json.loads(json.dumps(draft.record()))) == draft
    assert all("seconds" not in item for part in DRAFT.record()["parts"] for item in part["attachments"])
    # As it was before videos were read.
    assert DRAFT.digest() == "87f3ae17629347df6d7f12bafc1b67a2f64cd93807cb09d47af48e848138c9b1"


def test_what_is_filled_in_for_the_send_is_not_recorded() -> None:
    part = with_pictures("Önden")
    bare = Draft("launch", "mastodon", "mastodon", "image", (replace(part, uploads=()),))
    full = Draft("launch", "mastodon", "mastodon", "image", (replace(part, reply=Reply(RECEIPT, RECEIPT)),))
    assert full.record() == bare.record()
    assert full.digest() == bare.digest()


def test_a_digest_knows_every_change() -> None:
    first, second = DRAFT.parts
    changed = [
        replace(DRAFT, parts=(first, replace(second, text="Two!"))),
        replace(DRAFT, parts=(second, first)),
        replace(DRAFT, parts=(replace(first, lang="en"), second)),
        replace(DRAFT, parts=(replace(first, attachments=(replace(ATTACHMENT, alt="Arkadan"),)), second)),
        replace(DRAFT, channel="practice"),
    ]
    assert len({draft.digest() for draft in [DRAFT, *changed]}) == 6


@pytest.mark.parametrize("data", [{}, {"parts": [{}]}, {"parts": [{"text": "x"}]}, {"parts": None}])
def test_a_record_that_is_none_is_refused(data: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        draft_from_record(data)


@pytest.mark.parametrize("network", sorted(ADAPTERS))
def test_each_limit_is_dated_and_has_its_source(network: str) -> None:
    limits = default_limits(network)
    assert limits.number("text") > 0
    for name, limit in limits.entries.items():
        assert limit.value is not None, name
        assert limit.unit, name
        assert len(limit.grounds) > 5, name
        assert date.fromisoformat(limit.checked_on) >= date(2026, 1, 1), name
        # A doubt stands at the beginning, where the handbook and `doctor` look for it, or nowhere.
        assert "unconfirmed" not in limit.grounds.casefold(), name


def test_a_limit_that_no_document_states_says_what_it_rests_on() -> None:
    limits = default_limits("threads").entries
    assert (limits["text"].confirmed, limits["text"].grounds) == (True, limits["text"].source)
    assert not limits["video_bytes"].confirmed
    assert limits["video_bytes"].grounds.startswith("ayrshare.com/docs/media-guidelines/threads")
    ours = default_limits("threads").with_values({"video_bytes": 5}, source="the channel's file", checked_on="")
    assert ours.entries["video_bytes"].confirmed


def test_the_handbook_marks_what_is_unconfirmed_and_nothing_else() -> None:
    page = (Path(__file__).parents[2] / "src/socialops/scaffold/handbook/networks.md").read_text("utf-8")
    marked, network = set(), ""
    for line in page.splitlines():
        if line.startswith("## "):
            network = line.removeprefix("## ").casefold()
        elif line.startswith("| `") and "*(unconfirmed)*" in line:
            marked.add((network, line.split("`")[1]))
    known = {(name, key) for name in ADAPTERS for key, one in default_limits(name).entries.items() if not one.confirmed}
    assert marked == known
    assert ("instagram", "hashtags") in known


def test_a_servers_own_limits_stand_over_ours() -> None:
    limits = default_limits("mastodon").with_values({"text": 5000, "nonsense": 1}, source="x", checked_on="2026-12-06")
    assert limits.number("text") == 5000
    assert not limits.has("nonsense")
    assert default_limits("mastodon").number("text") == 500


def test_a_network_without_an_adapter_is_said_to_have_none() -> None:
    assert set(ADAPTERS) <= set(NETWORKS)
    assert default_limits("gopher").entries == {}
    with pytest.raises(UsageError, match="gopher"):
        adapter("gopher")
