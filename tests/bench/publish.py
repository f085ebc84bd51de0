"""Measure publishing side by side, as ratios against the critical path; and count the calls that reading numbers takes.

    python tests/bench/publish.py [--deliveries 1000] [--channels 10] [--latency 50] [--only git]

Sending. Each of ten channels has a host of its own (a port of this machine, in a process of its own) that answers
every request after 50 ms. A thousand posts are due, a hundred a channel. The engine is the real one, with the real
Mastodon adapter, and everything from the first look at the ledger to the last push counts: `publish()` as a whole. The
critical path is what no order of work could save: the time that the slowest host itself took over the requests of its
channel, one after the other, as the host measured it. Twice: in a workspace without git, and with the data branch in a
bare remote, where each claim is pushed before anything of it is sent and each outcome afterwards. The time that git
takes is printed, and how often it pushed.

Two brakes are loosened here and nowhere else: the five posts that one run sends on a channel, and the gap of ten
minutes between two of them. The posts count as checked: tests/bench/content.py measures checking.

What the machine itself costs just then is printed beside it: the same requests from one bare thread a host, which does
nothing else. On a busy machine these too take longer than the critical path.

Goals: wall time at most 1.2 times the critical path, and 150 MB of memory at most in the process that publishes; one
pool of connections a host; everything arrived once, and in the order of its channel. A third figure is only printed: a
network that knows no keys, where each outcome must be on the remote before the next post of its channel is sent. There
git is in the critical path, and should be.

Reading. `measure` of ten thousand posts must take ⌈posts / batch⌉ requests on every network whose API reads several
posts at once. The stub servers of tests/networks count them, or a stand-in that knows no post, which takes as many.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

GOAL = 1.2
MOST_MEMORY = 150 * 2**20
NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
KINDS = {"plain": "without git", "git": "data branch on a bare remote", "no keys": "… on a network without keys"}


# --- the hosts, in a process of their own ---------------------------------------------------------------------------


class Host:
    """One server: it answers everything after a while, and keeps what it got."""

    def __init__(self, latency: float, version: str) -> None:
        self.latency = latency
        self.version = version
        self.connections = self.requests = self.most_at_once = self.at_once = 0
        self.busy = 0.0
        self.texts: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    begun = time.perf_counter()
                    fields = [line.partition(":") for line in head.split("\r\n")[1:]]
                    headers = {name.lower(): value.strip() for name, _, value in fields}
                    body = await reader.readexactly(int(headers.get("content-length", "0")))
                    await asyncio.sleep(self.latency)
                    writer.write(self.answer(head, body))
                    await writer.drain()
                    self.busy += time.perf_counter() - begun
                    if headers.get("connection", "") == "close":
                        break
        finally:
            self.at_once -= 1
            writer.close()

    def answer(self, head: str, body: bytes) -> bytes:
        self.requests += 1
        method, path = head.split(" ", 2)[:2]
        value: dict[str, Any] = {"version": self.version}
        if method == "POST" and path == "/api/v1/statuses":
            self.texts.append(parse_qs(body.decode())["status"][0])
            number = len(self.texts)
            at = "2026-12-06T09:00:00.000Z"
            value = {"id": str(number), "url": f"https://m.example/@a/{number}", "created_at": at, "content": ""}
        data = b"" if method == "HEAD" else json.dumps(value).encode()
        date = NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data

    def told(self) -> dict[str, Any]:
        names = ("connections", "requests", "most_at_once", "busy", "texts")
        return {name: getattr(self, name) for name in names}


async def serve(number: int, latency: float, version: str) -> None:
    """Open so many hosts, say where they are, and when a line comes, what they saw."""
    hosts = [Host(latency, version) for _ in range(number)]
    servers = [await asyncio.start_server(host.talk, "127.0.0.1", 0, backlog=128) for host in hosts]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print(json.dumps([host.told() for host in hosts]), flush=True)


# --- one run, in a process of its own -------------------------------------------------------------------------------


def figure(kind: str, folder: Path, ports: Sequence[int], number: int) -> dict[str, Any]:
    """Publish everything once, and tell how long it took."""
    if kind == "floor":
        return floor(ports, number)
    from builder import SETTINGS, workspace
    from publishing_stage import a_channel, a_post, commit, git
    from socialops.cli.shared import server_time
    from socialops.content.brand import Brand
    from socialops.content.load import Content
    from socialops.git import Git
    from socialops.http import Http
    from socialops.networks.base import Login
    from socialops.networks.mastodon import Mastodon
    from socialops.publishing import crowding
    from socialops.publishing.engine import publish

    crowding.MOST_IN_A_RUN = number
    root = folder / "work"
    branch = "" if kind == "plain" else 'data_branch = "socialops-data"\n'
    place = workspace(
        root, {"pyproject.toml": SETTINGS + branch + 'minimum_gap = "0m"\n', ".gitignore": ".socialops\n"}
    )
    if kind != "plain":
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        git(root, "init", "--quiet", "--initial-branch=main")
        commit(root, "Begin")
        git(root, "remote", "add", "origin", str(folder / "remote.git"))
        git(root, "push", "--quiet", "origin", "main")
    channels = [
        a_channel(f"channel-{n:02d}", host=f"http://127.0.0.1:{port}", zone="UTC") for n, port in enumerate(ports)
    ]
    posts = [
        replace(a_post(f"post-{n:04d}", channels=[channels[n % len(channels)].name]), late_ok=timedelta(days=1))
        for n in range(number)
    ]
    due = [replace(post, date=_when(NOW - timedelta(seconds=number - n))) for n, post in enumerate(posts)]
    content = Content(place, tuple(due), {channel.name: channel for channel in channels}, Brand())
    in_git = Counter[str]()
    run, commands = Git.run, Counter[str]()

    def timed(self: Git, *arguments: str, **options: Any) -> tuple[int, str]:
        begun = time.perf_counter()
        try:
            return run(self, *arguments, **options)
        finally:
            commands[arguments[0]] += 1
            in_git["ms"] += round(1000 * (time.perf_counter() - begun))

    Git.run = timed  # type: ignore[method-assign]
    begun, ours = time.perf_counter(), time.process_time()
    with Http() as http:
        networks = {
            channel.name: Mastodon(Login(channel.name, channel.handle, channel.host, "token"), http)
            for channel in channels
        }
        outcome = publish(
            place,
            content,
            now=lambda: NOW,
            open_network=lambda channel: networks[channel.name],
            server_time=server_time(http),
            problems=(),
        )
        wall = time.perf_counter() - begun
        pools = len(http._pools)
    return {
        "wall": wall,
        "processor": time.process_time() - ours,
        "git": in_git["ms"] / 1000,
        "pushes": commands["push"],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "counts": outcome.counts,
        "trouble": outcome.trouble,
        "pools": pools,
    }


def floor(ports: Sequence[int], number: int) -> dict[str, Any]:
    """Send the same requests from one bare thread a host, and do nothing else."""
    import http.client
    import threading

    def send(one: int, port: int) -> None:
        for n in range(one, number, len(ports)):
            wire = http.client.HTTPConnection("127.0.0.1", port)
            wire.request("POST", "/api/v1/statuses", urlencode({"status": f"Text of post-{n:04d}."}))
            wire.getresponse().read()
            wire.close()

    threads = [threading.Thread(target=send, args=pair) for pair in enumerate(ports)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"wall": time.perf_counter() - begun}


def _when(at: datetime) -> Any:
    from socialops.content.when import parse_when

    return parse_when(at.isoformat())


def measured(kind: str, number: int, channels: int, latency: float) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Make one run; return what it told, and what the hosts saw."""
    version = "other 1.0" if kind == "no keys" else "4.4.0"
    command = [sys.executable, __file__, "--latency", str(latency), "--channels", str(channels)]
    with (
        tempfile.TemporaryDirectory(prefix="socialops-bench-") as folder,
        subprocess.Popen(
            [*command, "--serve", version], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as hosts,
    ):
        assert hosts.stdin is not None
        assert hosts.stdout is not None
        ports = hosts.stdout.readline()
        done = subprocess.run(
            [*command, "--deliveries", str(number), "--figure", kind, "--folder", folder, "--ports", ports],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        seen = json.loads(hosts.communicate("\n")[0])
    if done.returncode:
        raise SystemExit(f"the run broke off with exit code {done.returncode}")
    return json.loads(done.stdout), seen


def sending(kind: str, number: int, channels: int, latency: float) -> None:
    """Measure one kind of run and print it, with whether the goals were reached."""
    bare, _ = measured("floor", number, channels, latency)
    told, seen = measured(kind, number, channels, latency)
    critical = max(host["busy"] for host in seen)
    requests = sum(host["requests"] for host in seen)
    for one, host in enumerate(seen):
        wanted = [f"Text of post-{n:04d}." for n in range(one, number, channels)]
        assert host["texts"] == wanted, "lost, twice, or out of order"
    assert told["counts"] == {"confirmed": number}, told
    ratio, memory = told["wall"] / critical, told["memory"]
    print(f"\n{KINDS[kind]}: {number} deliveries on {channels} channels, {requests} requests of {latency:.0f} ms")
    print(f"  critical path (the slowest host, by itself)    {critical:7.2f} s")
    print(f"  wall time of the whole run                     {told['wall']:7.2f} s   {ratio:5.2f} x the critical path")
    least = bare["wall"]
    print(f"  bare threads that do nothing but send          {least:7.2f} s   {least / critical:5.2f} x, just now")
    print(f"  one channel after the other would take at least{sum(h['busy'] for h in seen):7.2f} s")
    print(f"  git, beside the sends or between them          {told['git']:7.2f} s   {told['pushes']} pushes")
    print(f"  processor time of the process that publishes   {told['processor']:7.2f} s")
    print(f"  its memory at the most                         {memory / 2**20:7.0f} MiB")
    opened = sorted({host["connections"] for host in seen})
    most = max(host["most_at_once"] for host in seen)
    print(f"  pools {told['pools']}, connections opened a host {opened}, at most {most} at once")
    if kind == "no keys":
        return
    reached = ratio <= GOAL and memory <= MOST_MEMORY and told["pools"] == channels
    print(f"  goals: {GOAL:g} x, {MOST_MEMORY / 2**20:.0f} MiB, one pool a host: {'reached' if reached else 'MISSED'}")


# --- reading numbers ------------------------------------------------------------------------------------------------


def readings(number: int) -> Iterator[tuple[str, int, Callable[[Any], Any], list[Any], Any]]:
    """Give of each network that reads several posts at once: name, batch, how to connect, receipts, its server."""
    import httpx

    from networks.fakes import SECRET, FakeBluesky, FakeMastodon
    from networks.instagram_stage import SETTINGS
    from networks.linkedin_stage import PAGE_LOGIN
    from socialops.networks import bluesky, facebook, graph, instagram, linkedin, mastodon, tiktok, x, youtube
    from socialops.networks.base import Login
    from socialops.networks.draft import Receipt

    def receipts(form: str) -> list[Any]:
        return [Receipt(form.format(10**11 + n), "", "") for n in range(number)]

    def knows_none(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/":  # a batch of the Graph API
            asked = json.loads(parse_qs(request.content.decode())["batch"][0])
            found = [{"id": one["relative_url"].partition("?")[0].rpartition("/")[2]} for one in asked]
            return httpx.Response(200, json=[{"code": 200, "body": json.dumps(body)} for body in found])
        error = {"error": {"code": "ok"}} if "/v2/video/" in request.url.path else {}
        return httpx.Response(200, json={"data": {}, "elements": [], "items": [], **error})

    login = Login("ours", "lumenvelo.example", "", SECRET)
    at_mastodon, at_bluesky = replace(login, host=FakeMastodon.base), replace(login, host=FakeBluesky.base)
    over_facebook = replace(login, settings=SETTINGS)
    sky = receipts(f"at://{FakeBluesky.did}/app.bsky.feed.post/3k{{}}")
    plain = receipts("{}")
    yield "mastodon", mastodon.BATCH, lambda http: mastodon.Mastodon(at_mastodon, http), plain, FakeMastodon()
    yield "bluesky", bluesky.BATCH, lambda http: bluesky.Bluesky(at_bluesky, http), sky, FakeBluesky()
    page = receipts("100200300_{}")
    yield "facebook", graph.BATCH, lambda http: facebook.Facebook(login, http), page, knows_none
    yield "instagram", graph.BATCH, lambda http: instagram.Instagram(over_facebook, http), plain, knows_none
    shares = receipts("urn:li:share:{}")
    yield "linkedin", linkedin.BATCH, lambda http: linkedin.LinkedIn(PAGE_LOGIN, http), shares, knows_none
    yield "x", x.BATCH, lambda http: x.X(login, http), plain, knows_none
    yield "youtube", youtube.BATCH, lambda http: youtube.YouTube(login, http), plain, knows_none
    yield "tiktok", tiktok.BATCH, lambda http: tiktok.TikTok(login, http), plain, knows_none


def reading(number: int) -> bool:
    """Count the requests that reading the numbers of so many posts takes; tell whether they are as few as can be."""
    import httpx

    from socialops.http import Http

    print(f"\nreading the numbers of {number} posts")
    fine = True
    for name, batch, connect, receipts, server in readings(number):
        counted = Counter[str]()

        def count(request: httpx.Request, server: Any = server, counted: Counter[str] = counted) -> httpx.Response:
            counted[request.url.path] += 1
            return server(request)  # type: ignore[no-any-return]  # each server is a function of a request

        network = connect(Http(transport=httpx.MockTransport(count)))
        list(network.measure(receipts))
        wanted = math.ceil(number / batch)
        path, calls = counted.most_common(1)[0]
        others = counted.total() - calls
        fine = fine and calls == wanted and others <= 1
        beside = f", and {others} to log in" if others else ""
        verdict = "reached" if calls == wanted and others <= 1 else "MISSED"
        print(f"  {name:<10} {calls:5d} calls of {path}{beside}; ⌈{number}/{batch}⌉ = {wanted}: {verdict}")
    print("  one by one, because their APIs know no batches: threads, discord, slack, matrix, Instagram Login")
    print("  no numbers at all to be read: telegram, email, webhooks, LinkedIn members")
    return fine


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure publishing side by side.")
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--channels", type=int, default=10)
    parser.add_argument("--latency", type=float, default=50.0, help="in milliseconds")
    parser.add_argument("--only", choices=(*KINDS, "reading"))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--figure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ports", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.channels, given.latency / 1000, given.serve))
        return 0
    if given.figure:
        print(json.dumps(figure(given.figure, given.folder, json.loads(given.ports), given.deliveries)))
        return 0
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    fine = True
    for kind in KINDS:
        if given.only in (None, kind):
            # Printed only: how long it takes is the machine's word too. What was sent, and in what order, is asserted.
            sending(kind, given.deliveries, given.channels, given.latency)
    if given.only in (None, "reading"):
        fine = reading(10_000) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
