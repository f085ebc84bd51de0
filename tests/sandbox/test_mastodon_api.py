"""The sandbox answers a Mastodon client as Mastodon does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.conftest import START, Practice, png
from socialops.networks.sandbox.server import Sandbox


def test_an_instance_tells_its_limits_in_both_versions(practice: Practice) -> None:
    for version in ("v1", "v2"):
        told = practice.ask("GET", f"/api/{version}/instance", token=None).json()
        assert told["configuration"]["statuses"] == {
            "max_characters": 500,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        }
    assert re.fullmatch(r"\d+\.\d+\.\d+\+\w+", told["version"])
    assert "simulated" in told["description"]


@pytest.mark.parametrize(("token", "error"), [(None, "authenticated user"), ("wrong", "access token is invalid")])
def test_a_client_without_a_token_is_refused(practice: Practice, token: str | None, error: str) -> None:
    for method, path in [("GET", "/api/v1/accounts/verify_credentials"), ("POST", "/api/v1/statuses")]:
        done = practice.ask(method, path, token=token)
        assert done.status == 401
        assert error in done.json()["error"]


def test_a_status_comes_back_as_it_was_sent(practice: Practice) -> None:
    text = "Işıkları aç!\n\n#KışBisikleti & <b>אור</b> https://lumenvelo.example/kış?a=1&b=2"
    sent = practice.toot(text, language="tr", visibility="unlisted", spoiler_text="Uyarı").json()
    shown = practice.ask("GET", f"/api/v1/statuses/{sent['id']}").json()
    assert shown == sent
    assert (shown["language"], shown["visibility"], shown["spoiler_text"]) == ("tr", "unlisted", "Uyarı")
    assert shown["sensitive"] is True
    assert shown["created_at"] == "2026-12-01T06:30:00.000Z"
    assert shown["content"].startswith("<p>Işıkları aç!</p><p>#KışBisikleti &amp; &lt;b&gt;אור&lt;/b&gt; <a href=")
    assert [tag["name"] for tag in shown["tags"]] == ["kışbisikleti"]
    source = practice.ask("GET", f"/api/v1/statuses/{sent['id']}/source").json()
    assert source == {"id": sent["id"], "text": text, "spoiler_text": "Uyarı"}
    assert practice.page(sent["url"].removeprefix(practice.sandbox.url)).count("Işıkları aç!") == 1


@pytest.mark.parametrize("form", ["json", "form", "multipart"])
def test_a_status_may_be_sent_as_json_form_or_multipart(practice: Practice, form: str) -> None:
    poll = {"options": ["Evet", "Hayır"], "expires_in": 3600, "multiple": True}
    flat = {"status": "Mı?", "poll[options][]": ["Evet", "Hayır"], "poll[expires_in]": "3600", "poll[multiple]": "true"}
    bodies: dict[str, dict[str, Any]] = {
        "json": {"json_body": {"status": "Mı?", "poll": poll}},
        "form": {"form": flat},
        "multipart": {"form": flat, "files": {"nothing": ("", b"", "text/plain")}},
    }
    done = practice.ask("POST", "/api/v1/statuses", **bodies[form]).json()
    assert [option["title"] for option in done["poll"]["options"]] == ["Evet", "Hayır"]
    assert done["poll"]["multiple"] is True
    assert done["poll"]["expires_at"] == "2026-12-01T07:30:00.000Z"


@pytest.mark.parametrize(
    ("text", "warning", "status"),
    [
        ("ı" * 500, "", 200),
        ("ı" * 501, "", 422),
        ("👩‍👩‍👧‍👦" * 500, "", 200),
        ("שָׁ" * 500, "", 200),
        ("https://lumenvelo.example/" + "x" * 900 + " " + "ș" * 476, "", 200),
        ("https://lumenvelo.example/" + "x" * 900 + " " + "ș" * 477, "", 422),
        ("@dana@a-very-long-host-name.example " + "x" * 494, "", 200),
        ("x" * 490, "y" * 10, 200),
        ("x" * 490, "y" * 11, 422),
        ("", "", 422),
        (" \n ", "", 422),
        ("", "Only a warning", 200),
    ],
)
def test_a_text_is_counted_as_mastodon_counts(practice: Practice, text: str, warning: str, status: int) -> None:
    assert practice.toot(text, spoiler_text=warning).status == status


def test_a_key_makes_one_status_for_an_hour_of_the_sandboxs_own_clock(practice: Practice) -> None:
    first = practice.toot("One", key="k").json()
    practice.wait(minutes=59, seconds=59)
    again = practice.toot("Another text", key="k")
    assert (again.status, again.json()["id"], again.json()["content"]) == (200, first["id"], "<p>One</p>")
    assert practice.toot("One", key="other").json()["id"] != first["id"]
    practice.wait(seconds=1)
    assert practice.toot("One", key="k").json()["id"] != first["id"]


def test_a_key_belongs_to_one_account_and_dies_with_its_status(practice: Practice) -> None:
    first = practice.toot("One", key="k").json()
    other = practice.ask("POST", "/api/v1/statuses", token=practice.password, key="k", json_body={"status": "One"})
    assert other.json()["id"] != first["id"]
    practice.ask("DELETE", f"/api/v1/statuses/{first['id']}")
    assert practice.toot("One", key="k").json()["id"] not in {first["id"], other.json()["id"]}


def test_a_thread_hangs_together(practice: Practice) -> None:
    one = practice.toot("One").json()["id"]
    two = practice.toot("Two", in_reply_to_id=one).json()
    three = practice.toot("Three", in_reply_to_id=two["id"]).json()["id"]
    assert two["in_reply_to_id"] == one
    context = practice.ask("GET", f"/api/v1/statuses/{two['id']}/context").json()
    assert [status["id"] for status in context["ancestors"]] == [one]
    assert [status["id"] for status in context["descendants"]] == [three]
    assert practice.ask("GET", f"/api/v1/statuses/{one}").json()["replies_count"] == 1
    assert practice.toot("Lost", in_reply_to_id="42").status == 404


def test_a_picture_keeps_its_bytes_and_its_words(practice: Practice) -> None:
    data = png(40, 30, filler=5000)
    picture = practice.upload(data, "קטנוע בשלג").json()
    assert (picture["type"], picture["description"]) == ("image", "קטנוע בשלג")
    assert (picture["meta"]["original"]["width"], picture["meta"]["original"]["height"]) == (40, 30)
    status = practice.toot("", media_ids=[picture["id"]]).json()
    assert [item["description"] for item in status["media_attachments"]] == ["קטנוע בשלג"]
    assert practice.http.get(status["media_attachments"][0]["url"]).body == data


def test_a_picture_may_take_its_time() -> None:
    from socialops.http import Http

    with Sandbox(now=START, slow_pictures=2) as sandbox, Http() as http:
        practice = Practice(sandbox, http)
        done = practice.upload(png())
        assert (done.status, done.json()["url"]) == (202, None)
        path = f"/api/v1/media/{done.json()['id']}"
        early = practice.toot("Too early", media_ids=[done.json()["id"]])
        assert early.status == 422
        assert "not finished processing" in early.json()["error"]
        assert [practice.ask("GET", path).status for _ in range(4)] == [206, 206, 200, 200]
        assert practice.toot("Now", media_ids=[done.json()["id"]]).status == 200


def test_a_description_can_be_changed_until_it_is_posted(practice: Practice) -> None:
    identity = practice.upload(png(), "Wrong").json()["id"]
    changed = practice.ask("PUT", f"/api/v1/media/{identity}", json_body={"description": "Right", "focus": "0.5,-0.25"})
    assert changed.json()["description"] == "Right"
    assert changed.json()["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    status = practice.toot("Here", media_ids=[identity]).json()
    assert status["media_attachments"][0]["description"] == "Right"


@pytest.mark.parametrize(
    "fields",
    [
        {"media_ids": ["1"]},
        {"media_ids": "1"},
        {"media_ids": [{"id": 1}]},
        {"media_ids": ["1", "2", "3", "4", "5"]},
        {"visibility": "everyone"},
        {"status": ["a list"]},
        {"poll": {"options": ["one"], "expires_in": 3600}},
        {"poll": {"options": ["a", "a"], "expires_in": 3600}},
        {"poll": {"options": ["a", " "], "expires_in": 3600}},
        {"poll": {"options": ["a", "b" * 51], "expires_in": 3600}},
        {"poll": {"options": ["a", "b", "c", "d", "e"], "expires_in": 3600}},
        {"poll": {"options": ["a", "b"], "expires_in": 299}},
        {"poll": {"options": ["a", "b"], "expires_in": 2629747}},
        {"poll": {"options": ["a", "b"]}},
        {"poll": "yes"},
        {"poll": {"options": {"a": "b"}, "expires_in": 3600}},
    ],
)
def test_a_status_that_does_not_fit_is_refused(practice: Practice, fields: dict[str, Any]) -> None:
    done = practice.ask("POST", "/api/v1/statuses", json_body={"status": "Text", **fields})
    assert done.status == 422
    assert done.json()["error"]
    assert practice.sandbox.accounts
    assert practice.ask("GET", "/api/v1/accounts/verify_credentials").json()["statuses_count"] == 0


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.7", b"\xff\xd8\xff\xe0", png(6000, 6000)[:40]])
def test_what_is_no_picture_or_too_large_a_one_is_refused(practice: Practice, data: bytes) -> None:
    assert practice.upload(data).status == 422


def test_pictures_and_a_poll_exclude_each_other(practice: Practice) -> None:
    picture = practice.upload(png()).json()["id"]
    poll = {"options": ["a", "b"], "expires_in": 3600}
    assert practice.toot("Both", media_ids=[picture], poll=poll).status == 422


def test_another_accounts_picture_cannot_be_used(practice: Practice) -> None:
    picture = practice.upload(png()).json()["id"]
    body = {"status": "Mine?", "media_ids": [picture]}
    assert practice.ask("POST", "/api/v1/statuses", token=practice.password, json_body=body).status == 422


def test_what_is_deleted_is_gone_and_gives_its_text_back(practice: Practice) -> None:
    path = f"/api/v1/statuses/{practice.toot('Bir kez').json()['id']}"
    assert practice.ask("DELETE", path, token=practice.password).status == 404
    assert practice.ask("DELETE", path).json()["text"] == "Bir kez"
    assert practice.ask("GET", path).status == practice.ask("DELETE", path).status == 404


def test_several_statuses_are_read_at_once_and_missing_ones_left_out(practice: Practice) -> None:
    ids = [practice.toot(f"Number {number}").json()["id"] for number in range(5)]
    practice.ask("DELETE", f"/api/v1/statuses/{ids[2]}")
    read = practice.ask("GET", "/api/v1/statuses", query={"id[]": [*ids, "1"]}).json()
    assert [status["id"] for status in read] == [*ids[:2], *ids[3:]]


def test_a_timeline_is_paged_newest_first(practice: Practice) -> None:
    ids = [practice.toot(f"Number {number}").json()["id"] for number in range(45)]
    own = practice.ask("GET", "/api/v1/accounts/verify_credentials").json()["id"]
    path = f"/api/v1/accounts/{own}/statuses"
    first = practice.ask("GET", path, query={"limit": "999"})
    assert [status["id"] for status in first.json()] == ids[:4:-1]
    assert f'max_id={ids[5]}>; rel="next"' in first.headers["Link"]
    rest = practice.ask("GET", path, query={"max_id": ids[5]}).json()
    assert [status["id"] for status in rest] == ids[4::-1]
    newer = practice.ask("GET", path, query={"since_id": ids[40]}).json()
    assert [status["id"] for status in newer] == ids[:40:-1]
    reply = practice.toot("Reply", in_reply_to_id=ids[0]).json()["id"]
    bare = practice.ask("GET", path, query={"exclude_replies": "true", "limit": "1"}).json()
    assert reply not in {status["id"] for status in bare}


def test_posts_for_followers_are_not_for_the_public(practice: Practice) -> None:
    path = f"/api/v1/statuses/{practice.toot('Only you', visibility='private').json()['id']}"
    assert practice.ask("GET", path).status == 200
    assert practice.ask("GET", path, token=None).status == 404
    assert practice.ask("GET", path, token=practice.password).status == 404


def test_a_scheduled_status_comes_when_its_time_comes(practice: Practice) -> None:
    at = START + timedelta(hours=2)
    planned = practice.toot("Later", scheduled_at=at.isoformat()).json()
    assert set(planned) == {"id", "scheduled_at", "params", "media_attachments"}
    assert [item["id"] for item in practice.ask("GET", "/api/v1/scheduled_statuses").json()] == [planned["id"]]
    path = f"/api/v1/statuses/{planned['id']}"
    assert practice.ask("GET", path).status == 404
    practice.wait(hours=2)
    assert practice.ask("GET", path).json()["created_at"] == "2026-12-01T08:30:00.000Z"
    assert practice.ask("GET", "/api/v1/scheduled_statuses").json() == []


def test_a_schedule_in_the_past_means_now_and_one_too_near_is_refused(practice: Practice) -> None:
    past = practice.toot("Now", scheduled_at="2026-11-30T00:00:00Z").json()
    assert past["created_at"] == "2026-12-01T06:30:00.000Z"
    near = (START + timedelta(minutes=4)).isoformat()
    assert practice.toot("Near", scheduled_at=near).status == 422
    assert practice.toot("Never", scheduled_at="tomorrow").status == 422


def test_every_answer_tells_the_throttle_with_an_iso_time(practice: Practice) -> None:
    first = practice.ask("GET", "/api/v1/accounts/verify_credentials")
    second = practice.ask("GET", "/api/v1/statuses/1")
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("300", "299")
    assert second.headers["X-RateLimit-Remaining"] == "298"
    assert second.status == 404
    assert re.fullmatch(r"2026-12-01T06:35:00\.000000Z", first.headers["X-RateLimit-Reset"])
    assert datetime.fromisoformat(first.headers["X-RateLimit-Reset"]) == START + timedelta(minutes=5)
    practice.wait(minutes=5)
    assert practice.ask("GET", "/api/v2/instance").headers["X-RateLimit-Remaining"] == "299"


def test_a_hidden_poll_shows_its_votes_when_it_closes(practice: Practice) -> None:
    poll = {"options": ["Önden", "Arkadan"], "expires_in": 86400, "hide_totals": True}
    identity = practice.toot("Hangisi?", poll=poll).json()["id"]
    practice.wait(hours=23)
    running = practice.ask("GET", f"/api/v1/polls/{identity}").json()
    assert [option["votes_count"] for option in running["options"]] == [None, None]
    assert running["expired"] is False
    practice.wait(hours=1)
    closed = practice.ask("GET", f"/api/v1/polls/{identity}").json()
    assert closed["expired"] is True
    assert sum(option["votes_count"] for option in closed["options"]) == closed["votes_count"] > 0
    practice.wait(days=5)
    assert practice.ask("GET", f"/api/v1/polls/{identity}").json() == closed
