"""An Instagram account in memory with its media host, and what the tests of its adapter do with it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from networks.contract import Place, Seen, picture, place, text
from networks.fakes import SECRET
from networks.stub_instagram import PLACE, StubInstagram
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.instagram import Instagram

SETTINGS = {"media_base_url": f"https://{PLACE}"}
FILM = b"\x00\x00\x00\x18ftypmp42"


def hosted(server: StubInstagram, part: Part) -> Part:
    """Put the files of a part on the media host, as somebody must have done, and name them by their content."""
    uploads: list[Upload] = []
    for upload in part.uploads:
        mime = upload.mime if upload.mime.startswith("video/") else "image/jpeg"
        digest = hashlib.sha256(upload.data).hexdigest()
        server.files[f"{digest}.{'mp4' if mime.startswith('video/') else 'jpg'}"] = (mime, upload.data)
        uploads.append(replace(upload, mime=mime, sha256=digest))
    return replace(part, uploads=tuple(uploads))


def one_picture(alt: str = "A lamp") -> dict[str, Any]:
    attachment, upload = picture(alt)
    return {"attachments": (attachment,), "uploads": (upload,)}


def film(kind: str, words: str = "Ride on", **changes: Any) -> Part:
    attachment, upload = picture("A ride")
    moving = replace(upload, mime="video/mp4", data=FILM)
    return text(words, kind=kind, attachments=(replace(attachment, mime="video/mp4"),), uploads=(moving,), **changes)


def account_of(server: StubInstagram, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                media["id"],
                media["caption"],
                tuple(alt for alt, _ in server.files_of(media)),
                "",
                tuple(data for _, data in server.files_of(media)),
            )
            for media in server.media
        ]

    def dress(part: Part) -> Part:
        return hosted(server, part if part.uploads else replace(part, **one_picture()))

    return place(
        "instagram",
        httpx.MockTransport(server),
        lambda http: Instagram(Login("insta", "lumenvelo", "", SECRET, settings=SETTINGS), http),
        lambda request: request.url.path.endswith("/media_publish"),
        seen,
        SECRET,
        folder,
        dress=dress,
        too_long=("ı" * 2201, "2201"),
    )


def connected(server: Any, **login: Any) -> tuple[Instagram, list[float]]:
    waited: list[float] = []
    where = Login("insta", "lumenvelo", "", SECRET, **{"settings": SETTINGS, **login})
    return Instagram(where, Http(transport=httpx.MockTransport(server)), wait=waited.append), waited


def sent(ours: Instagram, part: Part) -> Receipt:
    return ours.publish(replace(part, handle=ours.prepare(part, key="k")), key="k")


def made(server: StubInstagram) -> list[dict[str, Any]]:
    """Return what each container was asked for."""
    return [held["fields"] for held in server.containers.values()]
