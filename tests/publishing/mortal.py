"""A runner whose processes die when they are told to: at the N-th time that they touch the world.

It reads one job a line from stdin (JSON: folder, arguments, environment, knows, at_a_time, nth, signal), forks, and the
child does what `python -m socialops` does. Forking after the imports saves a second a run. A touch of the world is a
git command (just before it starts, and just after), a file opened for writing, a file renamed into its place or
removed, a connection, a piece of a request that left, a piece of an answer that came. At the N-th the child sends
itself the signal. What git had begun goes on to its end, as it does on a real machine, and is waited for.

The answer is one line of JSON: the exit code (negative: the signal), whether the N-th touch was met, and at what.

The product itself knows nothing of this: nobody can trigger it by accident.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import socialops.checks.check
import socialops.cli.sending
import socialops.content.load
import socialops.http
import socialops.publishing.engine
from socialops.cli import run
from socialops.networks.base import Idempotency
from socialops.networks.mastodon import Mastodon
from socialops.publishing import sending

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux: a dead child's git becomes ours to wait for."""


class Counter:
    """Counts the touches, and ends the process at the one that was ordered."""

    def __init__(self, nth: int, number: int, say: int) -> None:
        self.left = nth
        self.number = number
        self.say = say
        self.one_at_a_time = threading.RLock()

    def touch(self, what: str) -> None:
        with self.one_at_a_time:
            self.left -= 1
            if self.left == 0:
                os.write(self.say, what.encode()[:200])
                os.kill(os.getpid(), self.number)

    def listen(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            self.touch(f"before git {_verb(arguments[1])}")
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            name = str(arguments[0])
            if name != os.devnull:
                self.touch(f"open {Path(name).name}")
        elif event in {"os.rename", "os.remove", "socket.connect"}:
            self.touch(event)


def _verb(arguments: Any) -> str:
    words = [str(word) for word in arguments or ()]
    while words and (words[0] in {"git", "-c"} or "=" in words[0]):
        words.pop(0)
    return words[0] if words else ""


def install(counter: Counter) -> None:
    begin, send, receive = subprocess.Popen.__init__, socket.socket.send, socket.socket.recv

    def counted_begin(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        counter.touch("after git began")

    def counted_send(self: Any, *arguments: Any) -> int:
        sent = send(self, *arguments)
        counter.touch("after a piece of a request")
        return sent

    def counted_receive(self: Any, *arguments: Any) -> bytes:
        received = receive(self, *arguments)
        counter.touch("after a piece of an answer")
        return received

    subprocess.Popen.__init__ = counted_begin  # type: ignore[method-assign]
    socket.socket.send = counted_send  # type: ignore[method-assign]
    socket.socket.recv = counted_receive  # type: ignore[method-assign]
    sys.addaudithook(counter.listen)


def live(job: dict[str, Any], say: int) -> int:
    """Be the child: do the job, and perhaps die of it."""
    os.chdir(job["folder"])
    os.environ.update(job["environment"])
    with Path(job["log"]).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    # The wire is Mastodon's for every class; what we are allowed to know of the server is not.
    Mastodon.idempotency = property(lambda _self: Idempotency(job["knows"]))  # type: ignore[assignment,method-assign]
    sending.MOST_AT_A_TIME = job["at_a_time"]
    if job["nth"]:
        install(Counter(job["nth"], job["signal"], say))
    code = run(job["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def do(job: dict[str, Any]) -> dict[str, Any]:
    read, say = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(read)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            code = live(job, say)
        finally:
            os._exit(code)
    os.close(say)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    with os.fdopen(read, "rb") as told:
        where = told.read().decode()
    return {"code": os.waitstatus_to_exitcode(status), "met": bool(where), "where": where}


def main() -> None:
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    socialops.http._certificates()
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]  # nobody pulls the plug of the machine here
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(do(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
