"""The only place that imports httpx.

One exchange, one total deadline, a bounded answer, no redirects, no retries, no kept-alive connections (a server that
closes one between two requests turns a harmless post into an unknown outcome). What went wrong is told as the one thing
that matters to a publisher: was it *provably* not sent?
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socialops import __version__
from socialops.errors import NoAnswer, NotSent

if TYPE_CHECKING:
    import httpx

MAXIMUM_ANSWER = 8 * 1024 * 1024
TEXT_DEADLINE = 60.0
MEDIA_DEADLINE = 600.0

FileField = tuple[str, bytes, str]
"""(file name, content, MIME type) of one multipart field."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: the whole body is in memory and at most MAXIMUM_ANSWER bytes long."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body as JSON, or None when it is not JSON (an error page, say)."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None


class Http:
    """A thin client; tests hand in a *transport* (httpx.MockTransport), everyone else leaves it out."""

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        import httpx

        self._httpx = httpx
        self._client = httpx.Client(
            transport=transport,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": f"socialops/{__version__}", "Accept": "application/json"},
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
    ) -> Response:
        """Read something; raises NotSent or NoAnswer."""
        return self.send("GET", url, headers=headers, query=query)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        json_body: object = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, FileField] | None = None,
        content: bytes | None = None,
        deadline: float = TEXT_DEADLINE,
        maximum: int = MAXIMUM_ANSWER,
    ) -> Response:
        """Do one exchange within *deadline* seconds in all.

        Raises NotSent when the request provably never left, NoAnswer in every other case without a complete answer of
        at most *maximum* bytes. Any status is returned, redirects included.
        """
        httpx = self._httpx
        ends = time.monotonic() + deadline
        request_headers = dict(headers or {})
        body: dict[str, Any] = {}
        if json_body is not None:
            body["content"] = json.dumps(json_body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
            request_headers.setdefault("Content-Type", "application/json")
        elif content is not None:
            body["content"] = content
        else:
            if form is not None:
                body["data"] = dict(form)
            if files is not None:
                body["files"] = dict(files)
        seconds = min(deadline, 30.0)
        timeout = httpx.Timeout(seconds, read=deadline, write=deadline)
        try:
            with self._client.stream(
                method, url, headers=request_headers, params=dict(query) if query else None, timeout=timeout, **body
            ) as response:
                chunks: list[bytes] = []
                size = 0
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > maximum:
                        raise NoAnswer(f"The answer of {request_host(url)} is larger than {maximum} bytes.")
                    if time.monotonic() > ends:
                        raise NoAnswer(f"{request_host(url)} did not finish its answer within {deadline:.0f} s.")
                    chunks.append(chunk)
                return Response(response.status_code, response.headers, b"".join(chunks))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSent(f"{request_host(url)} could not be reached ({type(error).__name__}).") from error
        except httpx.InvalidURL as error:
            raise NotSent(f"{url!r} is not an address that can be asked.") from error
        except httpx.HTTPError as error:
            raise NoAnswer(f"{request_host(url)} gave no complete answer ({type(error).__name__}).") from error


def request_host(url: str) -> str:
    """Return the host of *url* for a message: never the path or the query, which may carry secrets."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "the server"
    except ValueError:
        return "the server"
