"""Forms as a server reads them."""

from __future__ import annotations

import email.parser
import email.policy
from typing import Any

import httpx


def multipart(request: httpx.Request) -> dict[str, Any]:
    """Return the fields of a form; a file is (name, MIME type, bytes)."""
    head = b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.content)
    fields: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(content, bytes)
        filename = part.get_filename()
        fields[name] = (filename, part.get_content_type(), content) if filename else content.decode("utf-8")
    return fields
