"""The record of every delivery: its files, what is believed of them, and what is not."""

from __future__ import annotations

import itertools
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from socialops.errors import LedgerError
from socialops.publishing.ledger import (
    Fault,
    Ledger,
    decode,
    encode,
    merge_records,
    place_of,
    read_ledger,
    write_delivery,
    write_schema,
)
from socialops.publishing.machine import (
    Delivery,
    Event,
    State,
    instant,
    state_of,
)

PART = {"attachments": [], "text": "Kış — חורף"}
DRAFT = {"channel": "mastodon", "kind": "text", "network": "mastodon", "parts": [PART], "post": "kış"}
INTENT = Event(1, "2026-12-01T06:30:00Z", State.INTENT, 0, {"key": "k", "lease_until": "2026-12-01T07:00:00Z"})
YES = Event(2, "2026-12-01T06:30:02Z", State.CONFIRMED, 0, {"at": "", "extra": {}, "id": "7", "url": "u"})
NO = Event(2, "2026-12-01T06:30:03Z", State.FAILED, 0, {"code": "422", "message": "no"})
DOUBT = Event(2, "2026-12-01T07:00:00Z", State.UNKNOWN, 0, {"looked": True})


def a_delivery(*events: Event, **fields: str) -> Delivery:
    delivery = Delivery("launch", "mastodon", "mastodon", "2026-12-01T06:30:00Z", DRAFT, events or (INTENT, YES))
    return replace(delivery, **fields)  # type: ignore[arg-type]


def on_disk(folder: Path, *deliveries: Delivery) -> Path:
    write_schema(folder)
    for delivery in deliveries:
        write_delivery(folder / place_of(delivery), delivery)
    return folder


def test_a_file_has_sorted_keys_one_event_a_line_and_a_seal() -> None:
    small = replace(a_delivery(replace(INTENT, detail={"key": "k"}), replace(YES, detail={})), draft={"kind": "text"})
    assert encode(small).decode("utf-8") == snapshot("""\
{
"campaign": "",
"channel": "mastodon",
"draft": {"kind": "text"},
"due": "2026-12-01T06:30:00Z",
"events": [
{"at": "2026-12-01T06:30:00Z", "detail": {"key": "k"}, "part": 0, "seq": 1, "state": "intent"},
{"at": "2026-12-01T06:30:02Z", "detail": {}, "part": 0, "seq": 2, "state": "confirmed"}
],
"kind": "",
"network": "mastodon",
"path": "",
"pillar": "",
"post": "launch",
"sandbox": false,
"schema": 1,
"sha256": "883183f69bf8e220c24b3ccac87f607a5d4ae2fcdd9a7d8af149053a773bb771"
}
""")
    values = json.loads(encode(a_delivery()))
    assert list(values) == sorted(values)
    assert "Kış — חורף".encode() in encode(a_delivery())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    delivery = a_delivery(campaign="winter", path="posts/launch.md")
    ledger = read_ledger(on_disk(tmp_path, delivery))
    assert ledger.deliveries == {("launch", "mastodon"): delivery}
    assert not ledger.missing
    assert ledger.faults == {}


def test_a_delivery_lies_under_the_month_it_was_due_in_utc() -> None:
    delivery = a_delivery(due="2027-01-01T01:30:00+02:00")
    assert place_of(delivery).as_posix() == "2026/12/launch/mastodon.json"


def test_no_ledger_is_an_empty_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        ledger = read_ledger(folder)
        assert ledger == Ledger(folder, missing=True)


def test_line_ends_of_another_system_do_no_harm() -> None:
    assert decode(encode(a_delivery()).replace(b"\n", b"\r\n")) == a_delivery()


def sealed(text: str) -> bytes:
    from hashlib import sha256

    return text.encode() + b'\n"sha256": "' + sha256(text.encode()).hexdigest().encode() + b'"\n}\n'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n", "merge conflict"),
        (encode(a_delivery())[:-40], "checksum"),
        (encode(a_delivery())[:200], "cut short"),
        (encode(a_delivery()).replace(b'"confirmed"', b'"cancelled"'), "checksum"),
        (encode(a_delivery()).replace(b"mastodon", b"mastodom"), "checksum"),
        (encode(a_delivery()) + b"more", "checksum"),
        (sealed("{"), "not a delivery's record"),
        (sealed('{"schema": 1,'), "not a delivery's record"),
        (sealed("[" * 5000), "not a delivery's record"),
        (encode(a_delivery(YES, INTENT)), "out of order"),
        (encode(a_delivery(INTENT, INTENT)), "out of order"),
        (b"\xff\xfe", "cut short"),
    ],
)
def test_a_file_that_cannot_be_trusted_says_why(data: bytes, why: str) -> None:
    with pytest.raises(Fault, match=why):
        decode(data)


def test_a_file_that_cannot_be_trusted_blocks_its_delivery_alone(tmp_path: Path) -> None:
    good, bad = a_delivery(), a_delivery(post="other")
    path = on_disk(tmp_path, good, bad)
    (path / place_of(bad)).write_bytes(b"<<<<<<< HEAD\n")
    ledger = read_ledger(path)
    assert list(ledger.deliveries) == [("launch", "mastodon")]
    assert list(ledger.faults) == [("other", "mastodon")]
    assert "2026/12/other/mastodon.json cannot be trusted: it holds the marks" in ledger.faults["other", "mastodon"]


def test_a_record_under_another_name_is_not_believed(tmp_path: Path) -> None:
    path = on_disk(tmp_path, a_delivery())
    (path / place_of(a_delivery())).rename(path / "2026/12/launch/bluesky.json")
    ledger = read_ledger(path)
    assert ledger.deliveries == {}
    assert "it speaks of launch on mastodon" in ledger.faults["launch", "bluesky"]


def test_of_two_records_of_one_delivery_the_stronger_is_shown_and_nothing_is_sent(tmp_path: Path) -> None:
    confirmed, claimed = a_delivery(), a_delivery(INTENT, due="2027-01-05T06:30:00Z")
    ledger = read_ledger(on_disk(tmp_path, confirmed, claimed))
    assert ledger.deliveries["launch", "mastodon"] == confirmed
    assert "two records" in ledger.faults["launch", "mastodon"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ('{"schema": 2}', "newer socialops"),
        ('{"schema": 0}', "names no schema"),
        ('{"schema": true}', "names no schema"),
        ('{"schema": "1"}', "names no schema"),
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ("<<<<<<<", "cannot be read"),
    ],
)
def test_a_schema_that_is_not_ours_stops_everything(tmp_path: Path, schema: str, words: str) -> None:
    path = on_disk(tmp_path, a_delivery())
    (path / "SCHEMA").write_text(schema, "utf-8")
    with pytest.raises(LedgerError, match=words) as caught:
        read_ledger(path)
    assert caught.value.exit_code == 2
    assert "Nothing was sent" in caught.value.hint


def test_deliveries_without_a_schema_stop_everything(tmp_path: Path) -> None:
    path = on_disk(tmp_path, a_delivery())
    (path / "SCHEMA").unlink()
    with pytest.raises(LedgerError, match="lost its SCHEMA"):
        read_ledger(path)


def test_one_file_of_a_newer_schema_stops_everything(tmp_path: Path) -> None:
    path = on_disk(tmp_path)
    file = path / place_of(a_delivery())
    file.parent.mkdir(parents=True)
    body = encode(a_delivery()).split(b'\n"sha256"')[0].replace(b'"schema": 1', b'"schema": 2').decode()
    file.write_bytes(sealed(body))
    with pytest.raises(LedgerError, match="newer"):
        read_ledger(path)


def test_files_that_are_not_records_are_no_matter(tmp_path: Path) -> None:
    path = on_disk(tmp_path, a_delivery())
    folder = (path / place_of(a_delivery())).parent
    for name in (".mastodon.json", ".x.tmp", "notes.txt"):
        (folder / name).write_text("<<<<<<<", "utf-8")
    (path / "README.md").write_text("hello", "utf-8")
    assert read_ledger(path).faults == {}


def test_a_disk_that_takes_no_more_is_said_and_leaves_the_old_record(tmp_path: Path) -> None:
    path = on_disk(tmp_path, a_delivery(INTENT))
    file = path / place_of(a_delivery())
    wide = replace(a_delivery(), post="x" * 300)
    with pytest.raises(LedgerError, match="could not be written") as caught:
        write_delivery(path / place_of(wide), wide)
    assert caught.value.hint
    assert decode(file.read_bytes()) == a_delivery(INTENT)
    assert [entry.name for entry in file.parent.iterdir()] == ["mastodon.json"]


def test_a_record_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / place_of(a_delivery())
    flushed: list[tuple[bool, bool]] = []

    def fsync(descriptor: int) -> None:
        flushed.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), file.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write_delivery(file, a_delivery())
    assert flushed == [(False, False), (True, True)]


# --- what is settled is read, and not looked into -------------------------------------------------------------------

SETTLED = {State.CONFIRMED, State.REMOVED, State.CANCELLED, State.FAILED, State.TOO_LATE}
TRAPS = ('{"attachments": ', ', "part": 0, "seq": 9, "state": "confirmed"}', '\n],\n"kind": ', "{\\", "\u2028", "")


def histories() -> Iterator[tuple[tuple[State, int | None], ...]]:
    """Give all that two events can say of two parts or the whole, and three events of the commoner states."""
    parts = (None, 0, 1)
    yield ()
    for length in (1, 2):
        yield from itertools.product(itertools.product(State, parts), repeat=length)
    common = (State.INTENT, State.CONFIRMED, State.FAILED)
    yield from itertools.product(itertools.product(common, parts), repeat=3)


def test_what_is_left_to_do_is_found_whatever_the_records_say(tmp_path: Path) -> None:
    written = []
    for number, (marks, parts) in enumerate(itertools.product(histories(), (1, 2))):
        trap = TRAPS[number % len(TRAPS)]
        events = tuple(
            Event(seq, f"2026-12-01T06:30:{seq:02d}Z", state, part, {"message": trap})
            for seq, (state, part) in enumerate(marks, 1)
        )
        draft = {**DRAFT, "parts": [{**PART, "text": trap}] * parts, "title": trap}
        written.append(replace(a_delivery(), channel=f"c{number:05}", draft=draft, events=events, path=trap))
    folder = on_disk(tmp_path, written[0])
    for delivery in written:
        (folder / place_of(delivery)).write_bytes(encode(delivery))

    assert list(read_ledger(folder).unsettled()) == [item for item in written if state_of(item) not in SETTLED]
    ledger = read_ledger(folder)
    for seconds in range(5):
        newest = f"2026-12-01T06:30:{seconds:02d}Z"
        late = [item for item in written if item.events and item.events[-1].at >= newest]
        assert ledger.since(instant(newest)) == late
        assert ledger.since(instant(newest), "c00100") == [item for item in late if item.channel == "c00100"]
    assert list(ledger.deliveries.values()) == written
    assert list(ledger.unsettled()) == [item for item in written if state_of(item) not in SETTLED]


@pytest.mark.parametrize("events", [(YES, INTENT), (INTENT, replace(YES, seq=1)), (INTENT, YES, replace(YES, seq=2))])
def test_events_out_of_order_are_not_believed_though_they_seem_settled(
    tmp_path: Path, events: tuple[Event, ...]
) -> None:
    assert "out of order" in read_ledger(on_disk(tmp_path, a_delivery(*events))).faults["launch", "mastodon"]


def test_a_settled_record_is_not_looked_into_until_somebody_asks(tmp_path: Path) -> None:
    claimed = a_delivery(INTENT, post="other")
    folder = on_disk(tmp_path, a_delivery(), claimed)
    ledger = read_ledger(folder)
    (folder / place_of(a_delivery())).unlink()
    (folder / place_of(claimed)).unlink()

    assert list(ledger.deliveries) == [("launch", "mastodon"), ("other", "mastodon")]
    assert list(ledger.unsettled()) == [claimed]
    assert ledger.holding(claimed).deliveries["other", "mastodon"] == claimed
    with pytest.raises(LedgerError, match="cannot be read"):
        ledger.deliveries["launch", "mastodon"]


def test_a_settled_record_is_proved_all_the_same(tmp_path: Path) -> None:
    folder = on_disk(tmp_path, a_delivery())
    file = folder / place_of(a_delivery())
    file.write_bytes(file.read_bytes().replace("Kış".encode(), "Kiş".encode()))
    ledger = read_ledger(folder)
    assert dict(ledger.deliveries) == {}
    assert "checksum" in ledger.faults["launch", "mastodon"]


def test_a_record_that_changes_while_the_ledger_is_in_use_is_not_believed(tmp_path: Path) -> None:
    folder = on_disk(tmp_path, a_delivery())
    ledger = read_ledger(folder)
    gone = a_delivery(INTENT, YES, replace(YES, seq=3, state=State.REMOVED))
    write_delivery(folder / place_of(gone), gone)
    with pytest.raises(LedgerError, match="while the ledger was in use") as caught:
        ledger.deliveries["launch", "mastodon"]
    assert caught.value.hint
    assert read_ledger(folder).deliveries["launch", "mastodon"] == gone


def test_a_record_longer_than_one_read_is_read_to_its_end(tmp_path: Path) -> None:
    for length in (16_384, 40_000):
        long = replace(a_delivery(), path="x" * (length - len(encode(a_delivery()))))
        assert len(encode(long)) == length
        assert read_ledger(on_disk(tmp_path, long)).deliveries == {("launch", "mastodon"): long}


# --- two records of one delivery meet -------------------------------------------------------------------------------


def merged(theirs: Delivery | None, ours: Delivery) -> list[str] | None:
    result = merge_records(encode(theirs) if theirs else None, encode(ours))
    return [str(event.state) for event in decode(result).events] if result else None


def again(seq: int, claim: str) -> Event:
    return replace(INTENT, seq=seq, detail={**INTENT.detail, "claim": claim})


def test_a_claim_that_never_arrived_never_was() -> None:
    assert merged(None, a_delivery(INTENT)) is None
    assert merged(None, a_delivery(INTENT, YES)) is None
    assert merged(a_delivery(INTENT, NO), a_delivery(INTENT, NO, again(3, "ours"))) == ["intent", "failed"]


def test_an_outcome_of_a_claim_that_arrived_is_kept() -> None:
    assert merged(a_delivery(INTENT), a_delivery(INTENT, YES)) == ["intent", "confirmed"]
    assert merged(a_delivery(INTENT), a_delivery(INTENT, NO)) == ["intent", "failed"]


def test_where_another_run_went_on_only_a_yes_still_counts() -> None:
    theirs = a_delivery(INTENT, DOUBT)
    assert merged(theirs, a_delivery(INTENT, YES)) == ["intent", "unknown", "confirmed"]
    assert merged(theirs, a_delivery(INTENT, NO)) == ["intent", "unknown"]
    assert merged(a_delivery(INTENT, again(2, "theirs")), a_delivery(INTENT, NO)) == ["intent", "intent"]


def test_what_is_confirmed_there_is_not_confirmed_twice() -> None:
    late = replace(YES, at="2026-12-01T08:00:00Z", detail={**YES.detail, "via": "reconcile"})
    assert merged(a_delivery(INTENT, YES), a_delivery(INTENT, late)) == ["intent", "confirmed"]


def test_an_outcome_of_a_claim_that_lost_is_not_hung_on_the_winners() -> None:
    theirs, ours = a_delivery(again(1, "theirs")), a_delivery(again(1, "ours"), NO)
    assert merged(theirs, ours) == ["intent"]


def test_a_broken_record_of_ours_gives_way() -> None:
    theirs = encode(a_delivery(INTENT))
    assert merge_records(theirs, b"<<<<<<<") == theirs
