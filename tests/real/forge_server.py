"""A git server over HTTP that answers only to the job's token, as a forge does; and stand-ins for three actions."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

TOKEN = "the-token-of-the-job"

CHECKOUT = """\
name: checkout
inputs:
  ref: {default: main}
  path: {default: "."}
  fetch-depth: {default: "1"}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        REF: ${{ inputs.ref }}
        INTO: ${{ inputs.path }}
        DEPTH: ${{ inputs.fetch-depth }}
      run: |
        mkdir -p "$INTO" && cd "$INTO"
        find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
        git init -q -b main .
        git remote add origin "$FORGE/$GITHUB_REPOSITORY"
        if [ "$DEPTH" = 0 ]; then depth=(); else depth=(--depth "$DEPTH"); fi
        git fetch -q "${depth[@]}" "file://$REPOSITORY" "$REF" && git checkout -q -B main FETCH_HEAD
"""
SETUP_UV = """\
name: setup-uv
runs:
  using: composite
  steps:
    - shell: bash
      run: uv --version
"""
UPLOAD = """\
name: upload-artifact
inputs:
  path: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        FROM: ${{ inputs.path }}
      run: rm -rf "$ARTIFACTS" && cp -r "$FROM" "$ARTIFACTS"
"""
STAND_INS = {"actions/checkout": CHECKOUT, "astral-sh/setup-uv": SETUP_UV, "actions/upload-artifact": UPLOAD}


def write_stand_ins(folder: Path) -> dict[str, Path]:
    """Write an action in place of each of GitHub's, which are not to be had here; return action → folder."""
    places = {}
    for name, text in STAND_INS.items():
        places[name] = folder / name.rpartition("/")[2]
        places[name].mkdir(parents=True)
        (places[name] / "action.yml").write_text(text, "utf-8")
    return places


@contextmanager
def run_forge(root: Path, token: str = TOKEN) -> Iterator[tuple[str, list[str]]]:
    """Serve the bare repositories in *root*; give the address, and the list of requests that were refused."""
    refused: list[str] = []
    word = "basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(body)

        def _answer(self, body: bytes) -> None:
            if self.headers.get("Authorization") != word:
                refused.append(self.path)
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic realm=git")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            asked = urlsplit(self.path)
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REMOTE_USER": "job",
                "PATH_INFO": asked.path,
                "QUERY_STRING": asked.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
            )
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        def log_message(self, *_arguments: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", refused
        finally:
            server.shutdown()
            thread.join(5)
