"""The newsletter: on real and scripted mail servers, through TLS and without, and every byte of the mail."""

from __future__ import annotations

import base64
import logging
import re
import socket
import ssl
import subprocess
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import CLAIMED, PIXEL, PROMISES, SINCE, TEXT, Place, Seen, Wire, text, with_pictures
from networks.stub_email import HANG_UP, USER, FakeMailServer, ScriptedMailServer, free_port, parsed
from socialops.content.values import Wrong
from socialops.content.values import host as host_value
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Idempotency, Login
from socialops.networks.draft import Part, Poll, Receipt, Reply, Span, Upload
from socialops.networks.email import Email
from socialops.networks.email_message import Envelope, Mailbox, header, letter_size, mail, mailbox
from socialops.networks.mail_server import stuffed

SECRET = "bisiklet-Lambasi-7391"
LIST = "readers@lists.lumenvelo.example"
SETTINGS = {
    "from": "Lumen Velo <lumenvelo@news.lumenvelo.example>",
    "to": LIST,
    "reply_to": "Işık Ekibi <hello@lumenvelo.example>",
    "list_unsubscribe": ["https://lumenvelo.example/leave", "mailto:leave@lists.lumenvelo.example?subject=leave"],
}
LIMITS = default_limits("email")
ENVELOPE = Envelope(Mailbox("news@lumenvelo.example", "Lumen Velo"), Mailbox(LIST))
DIGEST = "0123456789abcdef0123456789abcdef01234567"


def login(port: int, *, scheme: str = "smtp", host: str = "127.0.0.1", **settings: Any) -> Login:
    chosen = {name: value for name, value in {**SETTINGS, **settings}.items() if value is not None}
    return Login("newsletter", "", f"{scheme}://{host}:{port}", SECRET, {"USER": USER}, chosen)


def titled(part: Part) -> Part:
    return replace(part, title=part.title or "Kış geldi")


def key(network: Email, delivery: str = "launch/newsletter") -> str:
    return network.key(delivery, 0, CLAIMED)


def publish(network: Email, part: Part, delivery: str = "launch/newsletter") -> Receipt:
    return network.publish(titled(part), key=key(network, delivery))


def body(message: EmailMessage, kind: str) -> str:
    piece = message.get_body((kind,))
    assert piece is not None
    content = piece.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


class Reader(HTMLParser):
    """Reads a letter as a mail program does."""

    def __init__(self, letter: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self.inside = False
        self.feed(letter)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "p":
            self.paragraphs.append("")
            self.inside = True

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "title" and not self.paragraphs and not self.title:
            self.title = data
        elif self.inside:
            self.paragraphs[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.inside = False

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


# --- The contract -----------------------------------------------------------------------------------------------------


HELD = {
    "publishes_a_text_once",
    "publishes_pictures_with_their_words_in_order",
    "has_a_key_for_each_part_that_stays",
    "says_what_is_too_long",
    "shows_no_secret",
    "knows_its_account",
}
"""The promises that do not speak of HTTP, of threads, of looking, of numbers or of deleting: mail has none of these."""


def place(server: FakeMailServer, folder: Path, **settings: Any) -> Place:
    wire = Wire(httpx.MockTransport(lambda _: httpx.Response(500)), lambda _: True)
    server.taken = lambda _mail: wire.published.append(httpx.Request("POST", "https://mail.example"))

    def again() -> Email:
        network = connect("email", login(server.port, **settings), Http(transport=wire.transport()))
        assert isinstance(network, Email)
        return network

    def seen() -> list[Seen]:
        found = []
        for raw in server.mails:
            message = parsed(raw)
            words = body(message, "plain").removesuffix("\n").split("\n\n[")[0]
            alts = tuple(image["alt"] for image in Reader(body(message, "html")).attributes("img"))
            pictures = tuple(
                bytes(piece.get_payload(decode=True))
                for piece in message.walk()
                if piece.get_content_maintype() == "image"
            )
            found.append(Seen(str(message["Message-ID"]).strip("<>"), words, alts, "", pictures))
        return found

    return Place(
        "email",
        again(),
        wire,
        seen,
        SECRET,
        folder,
        again,
        dress=titled,
        too_long=("ı" * 30_000, "fit through 127.0.0.1"),
        has_pages=False,
    )


@pytest.fixture
def server() -> Iterator[FakeMailServer]:
    with FakeMailServer(SECRET).running(data_size_limit=100_000) as running:
        yield running


@pytest.fixture
def network(server: FakeMailServer) -> Email:
    return Email(login(server.port))


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise.__name__ in HELD], ids=lambda promise: promise.__name__
)
def test_the_contract(
    promise: Callable[[Place], None], server: FakeMailServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    promise(place(server, tmp_path))
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "promise",
    [promise for promise in PROMISES if promise.__name__ in HELD | {"publishes_one_post_for_one_key"}],
    ids=lambda promise: promise.__name__,
)
def test_the_contract_where_the_server_drops_what_it_had(
    promise: Callable[[Place], None], server: FakeMailServer, tmp_path: Path
) -> None:
    server.deduplicates = True
    promise(place(server, tmp_path, deduplicates="24h"))


# --- The mail ---------------------------------------------------------------------------------------------------------


def test_a_letter_goes_to_the_list_alone(server: FakeMailServer, network: Email) -> None:
    receipt = publish(network, text())
    assert server.envelopes == [("lumenvelo@news.lumenvelo.example", (LIST,))]
    message = parsed(server.mails[0])
    assert message["From"] == "Lumen Velo <lumenvelo@news.lumenvelo.example>"
    assert message["To"] == LIST
    assert message["Reply-To"] == "Işık Ekibi <hello@lumenvelo.example>"
    assert message["Subject"] == "Kış geldi"
    assert message["Date"] == "Sun, 06 Dec 2026 09:00:00 +0000"
    assert message["Content-Language"] == "tr"
    assert str(message["List-Unsubscribe"]).split(", ") == [
        "<https://lumenvelo.example/leave>",
        "<mailto:leave@lists.lumenvelo.example?subject=leave>",
    ]
    assert message["Message-ID"] == f"<{receipt.id}>"
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    assert [name for name in message if message.get_all(name, []) and len(message.get_all(name, [])) > 1] == []


def test_a_letter_has_its_words_in_two_forms(server: FakeMailServer, network: Email) -> None:
    words = "Merhaba <dünya> & dostlar\nikinci satır\n\nקוראים יקרים, שלום\n\n\nMore in our shop"
    at = words.index("shop")
    publish(network, text(words, spans=(Span(at, at + 4, "link", "https://example.org/?a=1&b=2"),)))
    message = parsed(server.mails[0])
    assert message.get_content_type() == "multipart/alternative"
    assert [piece.get_content_type() for piece in message.iter_parts()] == ["text/plain", "text/html"]
    assert body(message, "plain") == (
        "Merhaba <dünya> & dostlar\nikinci satır\n\nקוראים יקרים, שלום\n\n\nMore in our shop (https://example.org/?a=1&b=2)\n"
    )
    letter = body(message, "html")
    assert '<html lang="tr">' in letter
    assert [line for line in letter.split("\n") if line.startswith(("<p", "ikinci"))] == [
        '<p dir="auto">Merhaba &lt;dünya&gt; &amp; dostlar<br>',
        "ikinci satır</p>",
        '<p dir="auto">קוראים יקרים, שלום</p>',
        '<p dir="auto">More in our <a href="https://example.org/?a=1&amp;b=2">shop</a></p>',
    ]


def test_pictures_travel_inside_and_say_what_they_show(server: FakeMailServer, network: Email) -> None:
    publish(network, replace(with_pictures('A "lamp" & <more>', "מבט מאחור", ""), kind="carousel"))
    message = parsed(server.mails[0])
    shown = Reader(body(message, "html")).attributes("img")
    assert [image["alt"] for image in shown] == ['A "lamp" & <more>', "מבט מאחור", ""]
    assert [image["width"] for image in shown] == ["1", "1", "1"]
    attached = [piece for piece in message.walk() if piece.get_content_maintype() == "image"]
    assert [f"cid:{str(piece['Content-ID']).strip('<>')}" for piece in attached] == [image["src"] for image in shown]
    assert [piece.get_payload(decode=True) for piece in attached] == [PIXEL] * 3
    assert {piece.get_content_disposition() for piece in attached} == {"inline"}
    assert body(message, "plain") == 'Two lamps\n\n[A "lamp" & <more>]\n\n[מבט מאחור]\n'


def test_a_wide_picture_is_told_to_be_as_wide_as_a_letter(server: FakeMailServer, network: Email) -> None:
    part = with_pictures("Wide")
    publish(network, replace(part, uploads=(replace(part.uploads[0], width=1600, height=900),)))
    (image,) = Reader(body(parsed(server.mails[0]), "html")).attributes("img")
    assert image["width"] == "600"


def test_a_link_that_no_one_can_open_is_only_words(server: FakeMailServer, network: Email) -> None:
    publish(network, text("click", spans=(Span(0, 5, "link", "javascript:alert(1)"),)))
    assert Reader(body(parsed(server.mails[0]), "html")).attributes("a") == []


def test_every_attempt_sends_the_same_bytes(server: FakeMailServer, network: Email) -> None:
    part = with_pictures("Önden görünüş", "מבט מאחור")
    assert publish(network, part) == publish(Email(login(server.port)), part)
    assert server.mails[0] == server.mails[1]
    assert publish(network, part, "another/newsletter").id != publish(network, part).id


def test_a_later_claim_changes_the_date_and_not_the_name(network: Email) -> None:
    early = network.key("launch/newsletter", 0, CLAIMED)
    late = network.key("launch/newsletter", 0, CLAIMED + timedelta(hours=3))
    assert early.partition(".")[2] == late.partition(".")[2]
    assert early != late


@pytest.mark.parametrize(
    "title",
    [
        "Kış geldi, ışığı açın! Şehrin her köşesinde artık daha parlak yeni lambalarımız var — görmek ister misiniz?",
        "אור בחורף: הפנסים החדשים כאן, לכל הרוכבים בעיר ובדרך הביתה, היום ובכל יום עד סוף השנה הזאת",
        "Lumină pentru iarnă: știri și sfaturi",
        "=?utf-8?q?not_what_it_seems?=",
        "👩🏽‍🚀" * 20,
        "w" * 140,
        "A plain subject: with a colon, and more words than fit on one line of seventy-six characters, really",
        'Quotes " and \\ and <angles>',
    ],
)
def test_a_subject_arrives_as_it_was_written(server: FakeMailServer, network: Email, title: str) -> None:
    publish(network, text(title=title))
    message = parsed(server.mails[0])
    assert message["Subject"] == title
    assert Reader(body(message, "html")).title == title
    head = server.mails[0].partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(len(line) for line in head.split(b"\r\n")) <= 78


INJECTED = "Kış\r\nBcc: victim@example.org\r\n\r\n<b>body</b>\x00\u2028X-Evil: 1\x0b\x85"


@pytest.mark.parametrize("field", ["title", "lang", "text", "alt"])
def test_nothing_that_people_write_becomes_a_header(server: FakeMailServer, network: Email, field: str) -> None:
    part = with_pictures(INJECTED if field == "alt" else "A lamp")
    changes: dict[str, Any] = {} if field == "alt" else {field: INJECTED}
    publish(network, replace(part, **changes))
    message = parsed(server.mails[0])
    assert {name.casefold() for name in message} <= {
        *("from", "to", "reply-to", "subject", "date", "message-id", "list-unsubscribe"),
        *("content-language", "mime-version", "content-type"),
    }
    for piece in message.walk():
        assert piece.defects == []
        assert "bcc" not in {name.casefold() for name in piece}
    assert server.envelopes[0][1] == (LIST,)


@given(st.text(max_size=300), st.sampled_from(["Subject", "Reply-To"]))
def test_any_header_stays_one_header(value: str, name: str) -> None:
    raw = f"{name}: {header(name, value)}\r\n\r\n"
    raw.encode("ascii")
    assert raw.count("\r\n\r\n") == 1
    lines = raw.removesuffix("\r\n\r\n").split("\r\n")
    assert all(line.startswith(" ") for line in lines[1:])
    assert "\n" not in "".join(lines)
    assert "\r" not in "".join(lines)
    wanted = " ".join(re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", value).split())
    shown = str(make_header(decode_header(raw.partition(": ")[2].strip("\r\n").replace("\r\n ", " "))))
    assert shown == wanted.encode("utf-8", "replace").decode()


WORDS = st.text(
    st.sampled_from("ab <>&\"'.=?_-\n\n\n@#:ıışא ❄️👩🏽‍🚀") | st.characters(exclude_categories=("Cs", "Cc")),
    max_size=200,
)


@st.composite
def spanned(draw: st.DrawFn) -> Part:
    words = draw(WORDS)
    edges = st.integers(-2, len(words) + 2)
    targets = st.sampled_from(['https://e.org/?a=1&b="<x>', "javascript:x", "", "https://e.org/'"]) | WORDS
    spans = draw(
        st.lists(st.builds(Span, edges, edges, st.sampled_from(["link", "mention", "tag"]), targets), max_size=6)
    )
    return text(words, spans=tuple(spans), title=draw(WORDS), lang=draw(st.sampled_from(["", "tr", "he", '"><b>'])))


@given(spanned())
def test_any_letter_is_whole_and_harmless(part: Part) -> None:
    raw = mail(part, ENVELOPE, DIGEST, CLAIMED)
    assert raw == mail(part, ENVELOPE, DIGEST, CLAIMED)
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    message = parsed(raw)
    letter = body(message, "html")
    reader = Reader(letter)
    wanted = [paragraph.strip("\n") for paragraph in re.split("\n{2,}", part.text) if paragraph.strip("\n")]
    assert reader.paragraphs == wanted
    assert {tag for tag, _ in reader.tags} <= {"html", "head", "meta", "title", "body", "p", "br", "a"}
    assert all(link["href"].startswith(("https://", "http://")) for link in reader.attributes("a"))
    assert all(paragraph == {"dir": "auto"} for paragraph in reader.attributes("p"))
    assert letter_size(part) == len(letter.encode())


@given(st.text("ab.\r\n", max_size=60))
def test_no_line_can_be_taken_for_the_end(words: str) -> None:
    sent = stuffed(words.encode())
    assert sent.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    assert b"\r" not in sent.replace(b"\r\n", b"")
    assert b"\n" not in sent.replace(b"\r\n", b"")


def test_lines_that_begin_with_a_dot_arrive(server: FakeMailServer, network: Email) -> None:
    publish(network, text(".\n..\n.hidden\nend"))
    assert body(parsed(server.mails[0]), "plain") == ".\n..\n.hidden\nend\n"


# --- Whom we ask, and how ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address", "name"),
    [
        ("news@example.org", "news@example.org", ""),
        ("Lumen Velo <news@example.org>", "news@example.org", "Lumen Velo"),
        ('"Velo, Lumen" <news@example.org>', "news@example.org", "Velo, Lumen"),
        ("Işık <a.b+c@mail.example.org>", "a.b+c@mail.example.org", "Işık"),
        ("<news@example.org>", "news@example.org", ""),
        ("news@localhost", "news@localhost", ""),
    ],
)
def test_an_address_is_read(typed: str, address: str, name: str) -> None:
    assert mailbox(typed) == Mailbox(address, name)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "news", "@example.org", "news@", "a@b@c", "a@example.org, b@example.org", "a@example.org b@example.org"),
        *(
            "Lumen <a@example.org> <b@example.org>",
            "ışık@example.org",
            "a@ışık.example",
            "a@-b.org",
            ".a@b.org",
            "a..b@c",
        ),
        *(
            "a@example.org\r\nBcc: b@example.org",
            "x" * 65 + "@example.org",
            "a@example.org>",
            "<a@example.org",
            None,
            7,
            [],
        ),
    ],
)
def test_what_is_not_one_address_is_none(typed: object) -> None:
    assert mailbox(typed) is None
    for name in ("from", "to", "reply_to"):
        if typed or name != "reply_to":
            changes: dict[str, Any] = {name: typed or ""}
            with pytest.raises(CredentialsError, match=f"`{name}` of channel newsletter"):
                Email(login(25, **changes))


@pytest.mark.parametrize("name", ['Lumen "the" Velo', "a\\", "Velo, Lumen (x)", "x" * 60, "Işık, <b>", "=?utf-8?q?x?="])
def test_a_name_stays_a_name(name: str) -> None:
    box = Mailbox("news@lumenvelo.example", name)
    raw = mail(titled(text()), replace(ENVELOPE, sender=box), DIGEST, CLAIMED)
    shown = raw.decode("ascii").partition("From: ")[2].partition("\r\nTo:")[0].replace("\r\n", "")
    assert str(make_header(decode_header(shown))).replace('"', "") == f"{name} <news@lumenvelo.example>".replace(
        '"', ""
    )
    assert parsed(raw)["From"].addresses[0].addr_spec == "news@lumenvelo.example"


@pytest.mark.parametrize(
    "typed",
    [
        "http://example.org/leave",
        "javascript:x",
        "https://e.org/>,<x",
        "leave",
        "mailto:a b@example.org",
        ["https://e.org", 7],
    ],
)
def test_a_way_out_is_one_that_mail_programs_can_use(typed: object) -> None:
    with pytest.raises(CredentialsError, match="list_unsubscribe"):
        Email(login(25, list_unsubscribe=typed))


@pytest.mark.parametrize("typed", ["soon", "24", 24, "-1h"])
def test_how_long_a_server_remembers_is_a_length_of_time(typed: object) -> None:
    with pytest.raises(CredentialsError, match="deduplicates"):
        Email(login(25, deduplicates=typed))


def test_only_a_server_that_drops_copies_lets_us_try_again() -> None:
    plain, sure = Email(login(25)), Email(login(25, deduplicates="24h"))
    assert (plain.idempotency, plain.key_lifetime) == (Idempotency.NONE, 0)
    assert (sure.idempotency, sure.key_lifetime) == (Idempotency.KEY, 86400)


@pytest.mark.parametrize(
    "host",
    ["", "https://mail.example", "smtp://", "smtp://mail.example/x", "smtp://a@b", "smtp://m:99999", "smtp://m:0", "m"],
)
def test_a_channel_must_name_its_mail_server(host: str) -> None:
    with pytest.raises(CredentialsError, match="names no mail server"):
        Email(replace(login(25), host=host))


@pytest.mark.parametrize("host", ["smtps://mail.example", "smtp://mail.example:587", "smtp://localhost:1025"])
def test_a_channel_file_may_name_a_mail_server(host: str) -> None:
    assert host_value(host) == host


@pytest.mark.parametrize("host", ["smtp:mail.example", "imap://mail.example", "smtp://user@mail.example"])
def test_a_channel_file_may_not_name_anything_else(host: str) -> None:
    with pytest.raises(Wrong):
        host_value(host)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server named mail.example, and of a client that trusts it."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, private = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=mail.example", "-addext", "subjectAltName=DNS:mail.example", "-days", "2"]
    try:
        subprocess.run([*command, "-keyout", private, "-out", cert, *names], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as why:
        pytest.skip(f"openssl makes the certificate of these tests, and could not: {why}")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, private)
    return server, ssl.create_default_context(cafile=cert)


def towards(port: int) -> Callable[[tuple[str, int], float], socket.socket]:
    """Let every name be this machine's: what a name server would say in a test network."""
    return lambda _address, timeout: socket.create_connection(("127.0.0.1", port), timeout)


def test_the_password_waits_for_the_encryption(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = certificate
    with FakeMailServer(SECRET).running(tls_context=theirs, require_starttls=True, auth_require_tls=True) as server:
        network = Email(login(587, host="mail.example"), context=ours, dialled=towards(server.port))
        publish(network, text())
        assert len(server.mails) == 1
        assert server.logins == [(USER, True)]


def test_encryption_from_the_first_byte(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = certificate
    with FakeMailServer(SECRET).running(ssl_context=theirs) as server:
        network = Email(login(465, scheme="smtps", host="mail.example"), context=ours, dialled=towards(server.port))
        publish(network, text())
        assert len(server.mails) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_is_not_in_order_gets_nothing(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext], scheme: str
) -> None:
    theirs, ours = certificate
    script = {"EHLO": "250-mail.example\r\n250-AUTH PLAIN\r\n250 STARTTLS", "STARTTLS": "220 go on"}
    with ScriptedMailServer(script, theirs).running() as server:
        stranger = Email(login(587, scheme=scheme, host="other.example"), context=ours, dialled=towards(server.port))
        unknown = Email(login(587, scheme=scheme, host="mail.example"), dialled=towards(server.port))
        for network in (stranger, unknown):
            with pytest.raises(TryLater, match="nothing was sent"):
                publish(network, text())
    assert not any(b"AUTH" in line for line in server.lines)


@pytest.mark.parametrize("answer", ["502 no", "454 TLS not available", HANG_UP])
def test_without_encryption_there_is_no_password(answer: str) -> None:
    offered = {"EHLO": "250-mail.example\r\n250-AUTH PLAIN\r\n250 STARTTLS", "STARTTLS": answer}
    for script in (offered, {"EHLO": "250-mail.example\r\n250 AUTH PLAIN"}):
        with ScriptedMailServer(script).running() as server:
            network = Email(login(587, host="mail.example"), dialled=towards(server.port))
            with pytest.raises(TryLater):
                publish(network, text())
            with pytest.raises(TryLater):
                network.account()
        assert {line.split()[0] for line in server.lines} <= {b"ehlo", b"EHLO", b"STARTTLS", b"quit", b"QUIT"}


def test_what_was_said_before_the_encryption_is_not_believed(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    theirs, ours = certificate
    script = {
        "EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
        # Somebody in between adds answers that would be read as the server's own.
        "STARTTLS": "220 go on\r\n250-mail.example\r\n250 AUTH LOGIN",
    }
    with ScriptedMailServer(script, theirs).running() as server:
        publish(Email(login(587, host="mail.example"), context=ours, dialled=towards(server.port)), text())
    assert sum(line.upper().startswith(b"EHLO") for line in server.lines) == 2
    assert len(server.mails) == 1


def test_a_server_on_this_machine_may_know_no_passwords() -> None:
    with ScriptedMailServer({"EHLO": "250 localhost"}).running() as server:
        publish(Email(login(server.port, host="localhost")), text())
    assert len(server.mails) == 1
    assert not any(b"AUTH" in line for line in server.lines)


def test_we_greet_by_the_name_of_our_domain() -> None:
    with ScriptedMailServer().running() as server:
        publish(Email(login(server.port)), text())
    assert server.lines[0] == b"ehlo news.lumenvelo.example"


# --- What servers answer ----------------------------------------------------------------------------------------------

ANSWERS = [
    ("greeting", "421 4.3.2 closing", TryLater),
    ("greeting", "554 5.3.2 no service", TryLater),
    ("greeting", HANG_UP, TryLater),
    ("greeting", "hello?", TryLater),
    ("greeting", "220-" + "x" * 9000, TryLater),
    ("EHLO", "421 4.3.2 closing", TryLater),
    ("EHLO", "550 5.7.1 go away", TryLater),
    ("EHLO", HANG_UP, TryLater),
    ("AUTH", "535 5.7.8 wrong", NotAllowed),
    ("AUTH", "534 5.7.9 too weak", NotAllowed),
    ("AUTH", "538 5.7.11 encryption needed", NotAllowed),
    ("AUTH", "454 4.7.0 later", TryLater),
    ("AUTH", HANG_UP, TryLater),
    ("MAIL", "421 4.3.2 closing", TryLater),
    ("MAIL", "451 4.3.0 later", TryLater),
    ("MAIL", "452 4.3.1 no space", TryLater),
    ("MAIL", "530 5.7.0 log in first", NotAllowed),
    ("MAIL", "550 5.7.1 not yours", Rejected),
    ("MAIL", "552 5.3.4 too large", Rejected),
    ("MAIL", "553 5.7.1 not yours", Rejected),
    ("MAIL", HANG_UP, TryLater),
    ("RCPT", "450 4.2.0 greylisted", TryLater),
    ("RCPT", "451 4.7.1 later", TryLater),
    ("RCPT", "452 4.5.3 too many", TryLater),
    ("RCPT", "550 5.1.1 no such list", Rejected),
    ("RCPT", "551 5.1.6 moved", Rejected),
    ("RCPT", "553 5.1.3 bad", Rejected),
    ("RCPT", "554 5.7.1 relay access denied", Rejected),
    ("RCPT", HANG_UP, TryLater),
    ("DATA", "451 4.3.0 later", TryLater),
    ("DATA", "503 5.5.1 no", Rejected),
    ("DATA", "554 5.5.1 no valid recipients", Rejected),
    ("DATA", HANG_UP, TryLater),
    (".", "421 4.4.2 timeout", Unknown),
    (".", "450 4.7.1 greylisted", Unknown),
    (".", "451 4.3.0 queue file write error", Unknown),
    (".", "452 4.3.1 no space", Unknown),
    (".", "550 5.7.1 spam", Rejected),
    (".", "552 5.3.4 too large", Rejected),
    (".", "554 5.7.1 content rejected", Rejected),
    (".", "hello?", Unknown),
    (".", HANG_UP, Unknown),
]


@pytest.mark.parametrize(("step", "answer", "expected"), ANSWERS)
def test_every_answer_says_what_may_be_done(step: str, answer: str, expected: type[NetworkError]) -> None:
    # A server's own words may hold anything, our secret and readers' addresses too.
    words = answer if answer == HANG_UP else f"{answer} {SECRET} reader@example.org"
    with ScriptedMailServer({step: words}).running() as server:
        network = Email(login(server.port))
        with pytest.raises(NetworkError) as caught:
            publish(network, text())
    error = caught.value
    assert type(error) is expected
    assert len(server.mails) == (1 if step == "." else 0)
    assert error.code == (answer[:3] if answer[:3].isdigit() and "-" not in answer[:4] else error.code)
    shown = "".join(traceback.TracebackException.from_exception(error).format()) + repr(vars(error))
    blob = base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode()
    for secret in (SECRET, base64.b64encode(SECRET.encode()).decode(), blob, "reader@example.org", LIST):
        assert secret not in shown


@pytest.mark.parametrize("answer", ["250 2.0.0 Ok", "251 2.1.5 forwarded", "250-two\r\n250 lines"])
def test_any_yes_is_a_yes(answer: str) -> None:
    with ScriptedMailServer({".": answer}).running() as server:
        assert publish(Email(login(server.port)), text()).id


@pytest.mark.parametrize("answer", [HANG_UP, "500 what?", "421 closing"])
def test_how_they_say_goodbye_changes_nothing(answer: str) -> None:
    with ScriptedMailServer({"QUIT": answer}).running() as server:
        assert publish(Email(login(server.port)), text()).id
    assert len(server.mails) == 1


def test_a_mail_that_breaks_off_was_not_sent() -> None:
    with ScriptedMailServer({"EHLO": "250 localhost"}, hang_up_within=1).running() as server:
        network = Email(login(server.port))
        # So large that it does not fit into the buffers between us and a server that reads no more.
        part = with_pictures("A lamp")
        large = replace(part, uploads=(replace(part.uploads[0], data=b"\x89PNG" * 3_000_000),))
        with pytest.raises(TryLater, match="nothing was sent"):
            publish(network, large)
    assert server.mails == []


def test_a_lost_answer_needs_a_person(server: FakeMailServer, network: Email) -> None:
    server.lose_answers = 1
    with pytest.raises(Unknown, match="did not say whether it took the mail"):
        publish(network, text())
    assert len(server.mails) == 1
    with pytest.raises(Unknown, match="Nobody but its readers"):
        network.find(text(), key=key(network), since=SINCE)


def test_a_lost_answer_heals_where_the_server_drops_copies(server: FakeMailServer) -> None:
    server.lose_answers, server.deduplicates = 1, True
    network = Email(login(server.port, deduplicates="24h"))
    with pytest.raises(Unknown):
        publish(network, text())
    assert publish(network, text()).id
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_got_nothing() -> None:
    with pytest.raises(TryLater, match="nothing was sent") as caught:
        publish(Email(login(free_port())), text())
    assert "this machine is online" in caught.value.hint


def test_a_name_that_is_nobodys_got_nothing() -> None:
    def nobody(_address: tuple[str, int], _timeout: float) -> socket.socket:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(TryLater, match=r"mail\.invalid could not be talked to \(no connection\)"):
        publish(Email(login(587, host="mail.invalid"), dialled=nobody), text())


def test_a_silent_server_does_not_hold_us_for_ever() -> None:
    class Slow(ScriptedMailServer):
        def _talk(self, line: socket.socket) -> None:
            # One letter after the other: each begins the time of an ordinary timeout anew.
            line.recv(1)

    with Slow().running() as server:
        network = Email(login(server.port))
        with pytest.raises(OSError, match="closed"), network._server.conversation(0.2):
            pytest.fail("nobody greeted us")  # pragma: no cover


def test_a_wrong_password_is_told(server: FakeMailServer) -> None:
    network = Email(replace(login(server.port), token="wrong"))
    for attempt in (lambda: publish(network, text()), network.account):
        with pytest.raises(NotAllowed, match=r"user name and password \(535\)"):
            attempt()
    assert server.mails == []


def test_a_server_without_logins_is_told() -> None:
    with (
        ScriptedMailServer({"EHLO": "250-mail.example\r\n250 AUTH GSSAPI"}).running() as server,
        pytest.raises(NotAllowed, match="offers no way to log in"),
    ):
        publish(Email(login(server.port)), text())


def test_a_challenge_that_cannot_be_read_sends_nothing() -> None:
    script = {"EHLO": "250-mail.example\r\n250 AUTH CRAM-MD5", "AUTH": "334 !!!not base64!"}
    with ScriptedMailServer(script).running() as server:
        network = Email(login(server.port))
        for attempt in (lambda: publish(network, text()), network.account):
            with pytest.raises(TryLater, match="nothing was sent"):
                attempt()
    assert server.mails == []


def test_a_mail_that_is_too_large_is_not_even_begun(server: FakeMailServer, network: Email) -> None:
    with pytest.raises(Rejected, match=r"\d+ bytes, 100000 fit through") as caught:
        publish(network, text("ı" * 60_000))
    assert caught.value.code == "552"
    assert server.mails == []


def test_the_account_is_the_proof_of_the_login(server: FakeMailServer, network: Email) -> None:
    account = network.account()
    assert (account.id, account.name) == ("lumenvelo@news.lumenvelo.example", "Lumen Velo")
    assert account.limits == {"message_bytes": 100_000}
    assert account.followers is None
    assert server.logins == [(USER, True)]
    assert server.mails == []


def test_a_server_that_is_away_has_no_account() -> None:
    with pytest.raises(TryLater):
        Email(login(free_port())).account()


# --- What a mail cannot be --------------------------------------------------------------------------------------------

RECEIPT = Receipt("x@example.org", "", "2026-12-06T09:00:00Z")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"poll": Poll(("Yes", "No"), 3600)}, "kind"),
        ({"reply": Reply(RECEIPT, RECEIPT)}, "kind"),
        ({"kind": "video"}, "kind"),
        ({"kind": "thread"}, "kind"),
        ({"kind": "story"}, "kind"),
        ({"title": " \n"}, "title"),
        ({"text": "  "}, "text"),
    ],
)
def test_what_a_mail_cannot_be_is_refused(
    server: FakeMailServer, network: Email, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        network.publish(replace(text(title="News"), **changes), key=key(network))
    assert caught.value.code == code
    assert server.logins == []


def test_pictures_that_were_not_made_ready_are_refused(network: Email) -> None:
    with pytest.raises(Rejected, match="not made ready"):
        publish(network, replace(with_pictures("a"), uploads=()))


@pytest.mark.parametrize("wrong", ["", "x", "1.0123", "-1." + DIGEST, "1." + DIGEST + "\n", "0123." + DIGEST.upper()])
def test_a_key_that_is_none_sends_nothing(server: FakeMailServer, network: Email, wrong: str) -> None:
    with pytest.raises(Rejected, match="no key of a mail"):
        network.publish(titled(text()), key=wrong)
    assert server.logins == []


def test_nothing_is_counted_for_a_mail(network: Email) -> None:
    assert network.measure([RECEIPT]) == []


# --- How large it is --------------------------------------------------------------------------------------------------


def test_a_letter_is_counted_as_it_will_be() -> None:
    told = {count.what: (count.used, count.limit) for count in counts("email", titled(text("ı" * 60_000)), LIMITS)}
    assert told["text"][0] > 120_000
    assert told["text"][1] == 100_000
    assert told["title"] == (9, 150)


@pytest.mark.parametrize(
    "part", [text(), text("ı" * 40_000), text("=" * 20_000), with_pictures("Önden", "מבט", "x" * 300)]
)
def test_the_mail_is_never_larger_than_counted(part: Part) -> None:
    told = {count.what: count.used for count in counts("email", titled(part), LIMITS)}
    assert len(mail(titled(part), ENVELOPE, DIGEST, datetime(2026, 12, 6, tzinfo=UTC))) <= told["message_bytes"]


def test_large_pictures_count_as_they_will_go_out() -> None:
    part = with_pictures("a")
    large = replace(part, attachments=(replace(part.attachments[0], size=50_000_000),))
    told = {count.what: count.used for count in counts("email", titled(large), LIMITS)}
    assert 1_000_000 < told["message_bytes"] < 2_000_000
    assert told["attachments"] == 1


def test_an_upload_is_what_travels() -> None:
    assert Upload(PIXEL, "image/png", 1, 1, "", "").data == PIXEL
    assert TEXT in parsed(mail(titled(text()), ENVELOPE, DIGEST, CLAIMED)).get_body(("plain",)).get_content()  # type: ignore[union-attr]
