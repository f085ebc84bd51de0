"""A stage with real wires: the engine, a real remote, our adapters, and the practice server behind a fault proxy."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image

from builder import SETTINGS, workspace
from fault_proxy import Act, Proxy
from publishing_stage import DUE, Clock, Clone, Stage, a_channel, a_post
from socialops.content.channel import Channel
from socialops.content.post import MediaReference, Post
from socialops.http import Http, Response
from socialops.networks.base import Idempotency, Login, Network
from socialops.networks.bluesky import Bluesky
from socialops.networks.mastodon import Mastodon
from socialops.networks.sandbox.request import Answer, Request
from socialops.networks.sandbox.server import Sandbox
from socialops.publishing.machine import State, receipts_of, state_of
from socialops.publishing.outcome import Outcome

TEXTS = ("The lamps are out.", "They shine further than last year's.", "Come and see them.")
OTHER = "quiet"
"""A channel on which nothing ever goes wrong."""
BY_HAND = "By hand"
MOST = 4
"""How many variants every way plays in the quick suite."""
LITTLE = 0.15
"""Seconds that a request which is spoiled gets in all."""
ENDS = (State.CONFIRMED, State.ATTENTION, State.FAILED)


@dataclass(frozen=True, slots=True)
class Way:
    """An adapter, and what can be done about doubt there."""

    name: str
    network: str
    idempotency: Idempotency
    handle: str
    send: str
    """The path of the request that publishes a part."""
    media: str

    def __str__(self) -> str:
        return self.name


_STATUSES, _MEDIA = r"/api/v1/statuses", r"/api/v2/media"
KEY = Way("key", "mastodon", Idempotency.KEY, "test@mastodon.example", _STATUSES, _MEDIA)
READBACK = replace(KEY, name="readback", idempotency=Idempotency.READBACK)
NONE = replace(KEY, name="none", idempotency=Idempotency.NONE)
BLUESKY = Way(
    "bluesky",
    "bluesky",
    Idempotency.KEY,
    "test.example",
    r"/xrpc/com\.atproto\.repo\.putRecord",
    r"/xrpc/com\.atproto\.repo\.uploadBlob",
)
WAYS = (KEY, READBACK, NONE, BLUESKY)


class Forgetful(Sandbox):
    """The practice server as other software would be: it knows no Idempotency-Key, and says what it is."""

    def _respond(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
        answer = super()._respond(replace(request, headers=headers))
        if request.path.endswith("/instance"):
            told = json.loads(answer.body) | {"version": "2.7.2 (compatible; Pleroma 2.6.0)"}
            answer = replace(answer, body=json.dumps(told).encode())
        return answer


class Opaque(Mastodon):
    """A network on which nobody can look, and whose server knows no keys."""

    @property
    def idempotency(self) -> Idempotency:
        return Idempotency.NONE


class Hurried(Http):
    """Leaves a request that will be spoiled after a moment, so that no test waits a minute."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(read_attempts=1)
        self._proxy = proxy
        self.patient = True

    def send(self, method: str, url: str, **options: Any) -> Response:
        if not self.patient and self._proxy.acts_on_next(method, urlsplit(url).path):
            options["deadline"] = LITTLE
        return super().send(method, url, **options)


class _Told(Clock):
    """The clock of a wire: when it is turned, the server's turns too, and what was held arrives at its time."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(DUE)
        self._wire = wire

    def turn(self, **spans: float) -> None:
        left = timedelta(**spans).total_seconds()
        while left > 0:
            step = min(left, self._wire.proxy.next_arrival())
            self.now += timedelta(seconds=step)
            self._wire.sandbox.set_clock(self.now)
            self._wire.proxy.let_pass(step)
            left -= step


class Wire:
    """One post (or thread) for one way, and the same for a channel on which nothing goes wrong."""

    def __init__(self, folder: Path, way: Way, parts: int = 1, *, remote: bool = True, picture: bool = False) -> None:
        self.way = way
        self.parts = parts
        kind = Sandbox if way.idempotency is Idempotency.KEY else Forgetful
        self.sandbox = kind(now=DUE)
        self.sandbox.start()
        self.token = self.sandbox.add_account(way.handle, "Test", "Europe/Istanbul", 1000, "en")
        self.proxy = Proxy(self.sandbox.url, lambda seconds: self.stage.clock.turn(seconds=seconds))
        self.host = self.proxy.url
        self.stage = Stage(folder)
        self.stage.clock = _Told(self)
        self.patient = True
        self.codes: list[int] = []
        self.outcomes: list[Outcome] = []
        self._clients: list[Http] = []
        media = (MediaReference("lamp.png", "A lamp"),) if picture else ()
        self.stage.posts = [self.post(parts=TEXTS[:parts], media=media)]
        self.stage.channels = [
            a_channel(way.network, way.network, handle=f"@{way.handle}", host=self.host, minimum_gap=timedelta(0)),
            a_channel(OTHER, minimum_gap=timedelta(0)),
        ]
        self.stage.network(OTHER, Idempotency.KEY)
        self.clone = self.stage.begin() if remote else _without_git(self.stage)
        if picture:
            (self.clone.root / "posts").mkdir(exist_ok=True)
            Image.new("RGB", (40, 30), "red").save(self.clone.root / "posts" / "lamp.png")

    def post(self, identity: str = "launch", **fields: Any) -> Post:
        return a_post(identity, channels=(self.way.network, OTHER), late_ok=timedelta(days=2), **fields)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.proxy.stop()
        # It notices only after a moment that it is to stop; the next scene need not wait for that.
        self.stopping = threading.Thread(target=self.sandbox.stop)
        self.stopping.start()

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    def spoil(self, act: Act, *, nth: int = 1, times: float = 1) -> None:
        """Do *act* to the *nth* request that publishes a part."""
        self.proxy.on("POST", self.way.send, act, nth=nth, times=times)

    def by_hand(self, text: str) -> None:
        """Publish something as a person would, in an application of their own."""
        if self.way.network == "mastodon":
            self._ask("POST", "/api/v1/statuses", {"status": text})
            return
        login = {"identifier": self.way.handle, "password": self.token}
        session = self._ask("POST", "/xrpc/com.atproto.server.createSession", login)
        record = {"text": text, "createdAt": self.stage.clock().isoformat()}
        body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record}
        self._ask("POST", "/xrpc/com.atproto.repo.createRecord", body, token=session["accessJwt"])

    # --- runs ---------------------------------------------------------------------------------------------------------

    def open(self, channel: Channel) -> Network:
        if channel.name == OTHER:
            return self.stage.networks[OTHER]
        client = Hurried(self.proxy)
        client.patient = self.patient
        self._clients.append(client)
        login = Login(channel.name, channel.handle, self.host, self.token)
        if self.way.network == "bluesky":
            return Bluesky(login, client)
        kind = Opaque if self.way.idempotency is Idempotency.NONE else Mastodon
        return kind(login, client, wait=lambda seconds: self.stage.clock.turn(seconds=seconds))

    def run(self) -> tuple[str, int]:
        """Publish once; return the state of the delivery afterwards, and the run's exit code."""
        outcome = self.clone.publish(open_network=self.open)
        self.outcomes.append(outcome)
        self.codes.append(outcome.exit_code)
        return self.state, outcome.exit_code

    def until_quiet(self, runs: int = 14, minutes: float = 11) -> tuple[str, int]:
        """Run again and again until nothing is under way."""
        state, code = self.state, self.codes[-1] if self.codes else 0
        for _ in range(runs):
            self.stage.clock.turn(minutes=minutes)
            state, code = self.run()
            if state in ENDS:
                break
        return state, code

    @property
    def state(self) -> str:
        delivery = self.clone.ledger().deliveries.get(("launch", self.way.network))
        return str(state_of(delivery)) if delivery else "planned"

    @property
    def words(self) -> str:
        """What the last run said of this channel."""
        return next((r.message for r in self.outcomes[-1].results if r.channel == self.way.network), "")

    def waits(self) -> timedelta:
        """Return how long the delivery is put off from now."""
        delivery = self.clone.delivery(channel=self.way.network)
        until = [event.detail["not_before"] for event in delivery.events if event.detail.get("not_before")][-1]
        return type(DUE).fromisoformat(until) - self.stage.clock()

    # --- what is there ------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _, _ in self.held()]

    def held(self) -> list[tuple[str, str, str, int]]:
        """Return what the server holds, oldest first: (id, text, what it answers, number of pictures).

        What was published by hand, and says something else, is left out.
        """
        return [post for post in self._all() if not post[1].startswith(BY_HAND)]

    def _all(self) -> list[tuple[str, str, str, int]]:
        if self.way.network == "mastodon":
            own = self._ask("GET", "/api/v1/accounts/verify_credentials")["id"]
            listed: list[Any] = []
            while page := self._ask("GET", f"/api/v1/accounts/{own}/statuses?limit=40{_before(listed)}"):
                listed += page
            return [
                (
                    status["id"],
                    self._ask("GET", f"/api/v1/statuses/{status['id']}/source")["text"],
                    status["in_reply_to_id"] or "",
                    len(status["media_attachments"]),
                )
                for status in reversed(listed)
                if BY_HAND not in status["content"]
            ]
        query = f"repo={quote(self.way.handle)}&collection=app.bsky.feed.post&limit=100&reverse=true"
        return [
            (
                record["uri"],
                record["value"]["text"],
                record["value"].get("reply", {}).get("parent", {}).get("uri", ""),
                len(record["value"].get("embed", {}).get("images", ())),
            )
            for record in self._ask("GET", f"/xrpc/com.atproto.repo.listRecords?{query}", token="")["records"]
        ]

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str | None = None) -> Any:
        address = urlsplit(self.sandbox.url)
        wire = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        bearer = self.token if token is None else token
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        with contextlib.closing(wire):
            wire.request(method, path, None if body is None else json.dumps(body), headers)
            answer = wire.getresponse()
            assert answer.status == 200, (path, answer.status)
            return json.loads(answer.read())

    # --- judgement ----------------------------------------------------------------------------------------------------

    def secrets(self) -> set[str]:
        bearers = {found for head in self.proxy.heads for found in re.findall(rb"(?i)bearer (\S+)", head)}
        return {self.token, *(bearer.decode() for bearer in bearers)}

    def judge(self, *, state: str = "confirmed", there: int | None = None) -> None:
        """Look at what every row promises: each part once and in its place, the other channel well, no secret told."""
        assert self.proxy.faults, "nothing was spoiled: the scenario proves nothing"
        held = self.held()
        wanted = TEXTS[: self.parts if there is None else there]
        assert [text for _, text, _, _ in held] == list(wanted)
        assert [reply for _, _, reply, _ in held] == ["", *(name for name, *_ in held)][: len(held)]
        assert self.state == state
        if state == "confirmed":
            assert [r.id for r in receipts_of(self.clone.delivery(channel=self.way.network))] == [h[0] for h in held]
        assert self.stage.places[OTHER].texts == list(TEXTS[: self.parts])
        told = [*self.stage.said, *(repr(outcome) for outcome in self.outcomes)]
        told += [file.read_text("utf-8") for file in self.clone.workspace.ledger.rglob("*") if file.is_file()]
        for secret in self.secrets():
            assert secret not in "\n".join(told)

    def stays(self) -> None:
        """Look that one more run, an hour later, changes nothing: neither what is there, nor what is known of it."""
        before, state = self.held(), self.state
        self.stage.clock.turn(minutes=61)
        self.run()
        assert (self.held(), self.state) == (before, state)


def _without_git(stage: Stage) -> Clone:
    """Return a workspace whose claims are as durable as files: a run takes a tenth of the time."""
    return Clone(stage, workspace(stage.folder / "plain", {"pyproject.toml": SETTINGS}).root)


def _before(listed: list[Any]) -> str:
    return f"&max_id={listed[-1]['id']}" if listed else ""


Play = Callable[[Wire, Any, int], None]


@dataclass
class Scenes:
    """Plays scenes, each on a stage of its own, and counts them.

    *thorough*: each variant is played over a remote, with a single post and with every part of a thread. Else the first
    variants are played with a single post without a remote, and of all others each way plays its share; the first one
    also with the middle of a thread, and, when there is *remote*, over one.
    """

    folder: Path
    log: Callable[[], str]
    thorough: bool = False
    remote: bool = True
    count: int = 0
    stopping: list[threading.Thread] = field(default_factory=list)

    def play(self, way: Way, variants: Mapping[str, Any], play: Play, *, threads: bool = True, **options: Any) -> None:
        """Play *play* (the wire, the variant, which part is to be spoiled) with the variants."""
        names = list(variants)
        if not self.thorough:
            names = names[:MOST] + names[MOST:][WAYS.index(way) :: len(WAYS)]
        for name in names:
            first = name == names[0]
            turns = [(1, 1, self.thorough or (first and self.remote))]
            if threads and self.thorough:
                turns += [(3, nth, True) for nth in (1, 2, 3)]
            elif threads and first:
                turns.append((3, 2, False))
            for parts, nth, remote in turns:
                self._play(way, name, variants[name], play, parts, nth, remote=remote, **options)

    def _play(
        self, way: Way, name: str, variant: Any, play: Play, parts: int, nth: int, *, remote: bool, **options: Any
    ) -> None:
        self.count += 1
        wire = Wire(self.folder / str(self.count), way, parts, remote=remote, **options)
        try:
            play(wire, variant, nth)
            assert not self.told(wire.secrets()), "a secret was told to the log"
        except BaseException as error:
            where = "a remote" if remote else "no remote"
            error.add_note(f"{way}, {name}, part {nth} of {parts}, {where}: {wire.codes}, {wire.stage.said}")
            raise
        finally:
            wire.close()
            self.stopping.append(wire.stopping)

    def told(self, secrets: set[str]) -> list[str]:
        """Return which of the secrets stand in the log."""
        log = self.log()
        return [secret for secret in secrets if secret in log]


def doubtful(wire: Wire, act: Act, nth: int, *, applied: bool | None, minutes: float = 11, runs: int = 8) -> None:
    """Spoil the *nth* part so that nobody knows whether it is there, and look at all that follows.

    *applied* says whether the server took it; None: it will, some time. *minutes* lie between two later runs.
    """
    wire.spoil(act, nth=nth)
    wire.patient = False
    begun = time.monotonic()
    state, code = wire.run()
    assert time.monotonic() - begun < 8, "the deadline for all of a request was not kept"
    wire.patient = True
    nobody_can_look = wire.way.idempotency is Idempotency.NONE
    assert (state, code) == ("attention" if nobody_can_look else "unknown", 3)
    if applied is not None:
        assert wire.texts == list(TEXTS[: nth - 1 + applied])
    state, code = wire.until_quiet(runs, minutes)
    if nobody_can_look:
        assert (state, code) == ("attention", 3)
        wire.stage.clock.turn(minutes=3)
        wire.judge(state="attention", there=nth - 1 + (applied is not False))
    else:
        assert (state, code) == ("confirmed", 0)
        wire.judge()
    wire.stays()


QUICK_AND_THOROUGH = [pytest.param(False, id="quick"), pytest.param(True, id="thorough", marks=pytest.mark.nightly)]


def counted(module: str) -> Iterator[list[int]]:
    """Give a list to note numbers of scenarios in, and say in the end how many they were."""
    played: list[int] = []
    yield played
    print(f"\n{module.rpartition('.')[2]}: {sum(played)} scenarios, 0 twice, 0 lost")


def playing(folder: Path, log: pytest.LogCaptureFixture, thorough: bool, played: list[int]) -> Iterator[Scenes]:
    """Give a test what plays its scenes, and wait for all that they began."""
    log.set_level("DEBUG")
    # Every ninth test of the quick suite has a remote: of each way some.
    scenes = Scenes(folder, lambda: log.text, thorough, remote=len(played) % 9 == 0)
    yield scenes
    for thread in scenes.stopping:
        thread.join()
    played.append(scenes.count)
