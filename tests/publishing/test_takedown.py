"""Taking down what was published: on networks that can and cannot delete, in part, and broken off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from publishing_stage import DUE, Clone, FakeNetwork, Killed, Stage, a_channel, a_post, with_text
from socialops.errors import GitError, NetworkError, NotAllowed, TryLater
from socialops.networks.base import Idempotency, Network
from socialops.networks.draft import Receipt
from socialops.publishing.machine import Rules, State, part_states, state_of
from socialops.publishing.takedown import Removal, take_down, takedowns

NAME = ("launch", "mastodon")
LATER = DUE + timedelta(hours=1)


class Deleting(FakeNetwork):
    """A network that deletes, unless *refusals* say otherwise of the next attempts."""

    refusals: Sequence[NetworkError | Exception | Killed | None] = ()

    def delete(self, receipt: Receipt) -> None:
        self.deleted = [*getattr(self, "deleted", []), receipt.id]
        refusal, *rest = self.refusals or (None,)
        self.refusals = rest
        if refusal is not None:
            raise refusal
        self.place.posts[:] = [post for post in self.place.posts if post[2] != receipt.id]


def published(folder: Path, *parts: str) -> tuple[Stage, Clone]:
    stage = Stage(folder)
    stage.networks["mastodon"] = Deleting(stage.place, stage.clock, Idempotency.KEY)
    stage.posts = [with_text(a_post(), *parts)] if parts else [a_post()]
    clone = stage.begin()
    assert clone.publish().counts == {"confirmed": 1}
    return stage, clone


def deleting(stage: Stage) -> Deleting:
    network = stage.networks["mastodon"]
    assert isinstance(network, Deleting)
    return network


def down(clone: Clone, *, by_hand: bool = False, network: Network | None = None) -> Removal:
    return take_down(
        clone.workspace,
        NAME,
        channel=a_channel(),
        open_network=lambda channel: network or clone.stage.networks[channel.name],
        now=lambda: LATER,
        rules=Rules(),
        who="ayse",
        by_hand=by_hand,
        sleep=clone.stage.slept.append,
    )


def test_where_the_network_cannot_delete_a_person_is_told_what_to_delete_and_says_when_it_is_done(
    tmp_path: Path,
) -> None:
    stage, clone = published(tmp_path, "One.", "Two.")
    cannot = FakeNetwork(stage.place, stage.clock, Idempotency.KEY)

    removal = down(clone, network=cannot)

    assert removal == Removal(
        NAME,
        0,
        ("https://mastodon.example/@test/2", "https://mastodon.example/@test/1"),
        "socialops cannot delete on mastodon: delete it there, by hand.",
        by_hand=True,
    )
    assert clone.state() == "confirmed"

    def not_asked(_channel: object) -> Network:
        raise AssertionError("a network was opened")

    done = take_down(
        clone.workspace,
        NAME,
        channel=a_channel(),
        open_network=not_asked,
        now=lambda: LATER,
        rules=Rules(),
        who="ayse",
        by_hand=True,
    )
    assert done == Removal(NAME, 2)
    assert {event.detail["who"] for event in clone.delivery().events[-2:]} == {"ayse"}
    assert stage.clone("second").publish().counts == {}


def test_a_takedown_that_broke_off_says_what_is_left_and_goes_on_where_it_was(tmp_path: Path) -> None:
    stage, clone = published(tmp_path, "One.", "Two.", "Three.")
    deleting(stage).refusals = (None, TryLater("mastodon.example is busy.", after=timedelta(minutes=5)))

    removal = down(clone)

    assert (removal.gone, removal.by_hand) == (1, False)
    assert removal.left == ("https://mastodon.example/@test/2", "https://mastodon.example/@test/1")
    assert removal.message == "mastodon.example is busy."
    assert part_states(clone.delivery()) == (State.CONFIRMED, State.CONFIRMED, State.REMOVED)

    # Somebody else goes on with it, elsewhere; what is gone is not asked for again.
    second = stage.clone("second")
    assert down(second) == Removal(NAME, 2)
    assert deleting(stage).deleted == ["3", "2", "2", "1"]
    assert stage.place.posts == []
    assert clone.publish().counts == second.publish().counts == {}
    assert clone.state() == second.state() == "removed"


def test_a_part_that_somebody_deleted_on_the_network_does_not_stand_in_the_way(tmp_path: Path) -> None:
    stage, clone = published(tmp_path, "One.", "Two.")
    del stage.place.posts[1]
    assert down(clone) == Removal(NAME, 2)
    assert state_of(clone.delivery()) is State.REMOVED


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (NotAllowed("It refuses our token.", hint="Make a new one."), "It refuses our token. Make a new one."),
        (ZeroDivisionError("secret"), "Deleting it broke off (ZeroDivisionError)."),
    ],
)
def test_what_could_not_be_deleted_stays_on_record_with_why(
    tmp_path: Path, refusal: NetworkError | Exception, said: str
) -> None:
    stage, clone = published(tmp_path)
    deleting(stage).refusals = (refusal,)
    assert down(clone) == Removal(NAME, 0, ("https://mastodon.example/@test/1",), said)
    assert clone.state() == "confirmed"


def test_a_takedown_that_was_killed_before_it_was_recorded_is_simply_run_again(tmp_path: Path) -> None:
    stage, clone = published(tmp_path, "One.", "Two.")
    deleting(stage).refusals = (None, Killed())
    with pytest.raises(Killed):
        down(clone)
    assert down(clone).left == ()
    assert stage.place.posts == []
    assert stage.clone("second").publish().counts == {}
    assert clone.state() == "removed"


def test_a_takedown_whose_push_was_lost_is_brought_by_the_next_run(tmp_path: Path) -> None:
    stage, clone = published(tmp_path)
    away = stage.remote.with_name("away.git")

    class Cutting(Deleting):
        def delete(self, receipt: Receipt) -> None:
            super().delete(receipt)
            stage.remote.rename(away)

    stage.networks["mastodon"] = Cutting(stage.place, stage.clock, Idempotency.KEY)
    with pytest.raises(GitError, match="It is deleted and that is written down on this machine"):
        down(clone)
    assert stage.place.posts == []
    away.rename(stage.remote)
    assert clone.publish().counts == {}
    second = stage.clone("second")
    assert second.publish().counts == {}
    assert second.state() == "removed"


def test_nothing_of_a_post_that_went_nowhere_is_there(tmp_path: Path) -> None:
    _, clone = published(tmp_path)
    wanted = takedowns(clone.ledger(), "launch")
    assert [(part, receipt.id) for part, receipt in wanted[0].there] == [(0, "1")]
    down(clone)
    assert takedowns(clone.ledger(), "launch")[0].there == ()
    assert down(clone) == Removal(NAME, 0)
