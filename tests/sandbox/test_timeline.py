"""The timeline shows what was sent, to people, and nothing it should not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.conftest import START, Practice, png
from socialops.networks.sandbox.archive import Mark, Sent
from socialops.networks.sandbox.timeline import direction, paragraphs

LABEL = "a practice server; numbers are simulated"


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, name: str) -> list[str | None]:
        return [attributes[name] for found, attributes in self.found if found == tag and name in attributes]


def permalink(practice: Practice, text: str, **fields: Any) -> str:
    return practice.page(practice.toot(text, **fields).json()["url"].removeprefix(practice.sandbox.url))


def test_every_page_says_that_it_is_a_sandbox_and_allows_no_script(practice: Practice) -> None:
    url = practice.toot("One").json()["url"].removeprefix(practice.sandbox.url)
    for path in ("/", "/@lumenvelo@mastodon.example", url, "/nothing-here"):
        done = practice.http.get(practice.sandbox.url + path)
        page = done.body.decode("utf-8")
        assert LABEL in page
        assert "<script" not in page
        assert " style=" not in page
        policy = done.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert done.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_comes_from_elsewhere(practice: Practice) -> None:
    practice.toot("Here", media_ids=[practice.upload(png(), "Alt").json()["id"]])
    page = Elements(practice.page())
    loaded = page.all("img", "src") + page.all("link", "href") + page.all("use", "href")
    assert loaded
    assert all(place is not None and re.match(r"/(?!/)|#|data:,$", place) for place in loaded)
    for place in {place for place in loaded if place and place.startswith("/")}:
        assert practice.http.get(practice.sandbox.url + place).status == 200


def test_the_home_page_shows_all_accounts_newest_first(practice: Practice) -> None:
    practice.login()
    practice.toot("The first")
    practice.wait(minutes=1)
    practice.put("The second")
    practice.wait(minutes=1)
    practice.toot("The third")
    text = Elements(practice.page()).text
    assert text.index("The third") < text.index("The second") < text.index("The first")
    assert "The second" not in practice.page("/@lumenvelo@mastodon.example")
    assert "The second" in practice.page("/@lumenvelo.example")


def test_an_empty_sandbox_says_what_to_do(practice: Practice) -> None:
    assert "socialops publish" in practice.page()


def test_what_was_deleted_is_not_shown(practice: Practice) -> None:
    status = practice.toot("Oops").json()
    practice.ask("DELETE", f"/api/v1/statuses/{status['id']}")
    assert practice.http.get(status["url"]).status == 404
    assert "Oops" not in practice.page()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Kış geldi", "ltr"),
        ("חורף בחיפה", "rtl"),
        ("https://lumenvelo.example חורף", "rtl"),
        ("@dana #Winter חורף", "rtl"),
        ("#חורף", "rtl"),
        ("🚲 123", "ltr"),
        ("", "ltr"),
    ],
)
def test_a_text_runs_in_its_own_direction(text: str, wanted: str) -> None:
    assert direction(text) == wanted


def test_a_hebrew_paragraph_of_tags_runs_right_to_left(practice: Practice) -> None:
    page = Elements(permalink(practice, "חורף בחיפה.\n\n#חיפה https://lumenvelo.example/he", language="he"))
    assert page.all("p", "dir")[:2] == ["auto", "rtl"]
    assert ("he", "rtl") in {(attributes.get("lang"), attributes.get("dir")) for _, attributes in page.found}


def test_a_thread_is_shown_joined_in_reading_order(practice: Practice) -> None:
    one = practice.toot("Part one").json()["id"]
    two = practice.toot("Part two", in_reply_to_id=one).json()["id"]
    three = practice.toot("Part three", in_reply_to_id=two).json()
    for page in (practice.page(), practice.page(three["url"].removeprefix(practice.sandbox.url))):
        assert page.count('class="thread joined"') == 1
        assert page.index("Part one") < page.index("Part two") < page.index("Part three")


def test_a_picture_shows_its_alt_text_and_misses_it(practice: Practice) -> None:
    ids = [practice.upload(png(), alt).json()["id"] for alt in ('A "lamp" & more', "")]
    page = permalink(practice, "Two", media_ids=ids)
    assert Elements(page).all("img", "alt").count('A "lamp" & more') == 1
    assert "No alt text was sent." in page


def test_a_content_warning_hides_what_is_under_it(practice: Practice) -> None:
    practice.toot("The end of the film", spoiler_text="Spoiler")
    page = practice.page()
    assert re.search(r"<details class=\"warning\"[^>]*><summary>.*Spoiler.*</summary>.*The end", page, re.DOTALL)
    assert not re.search(r"<details[^>]* open", page)


def test_a_poll_is_shown_with_its_shares(practice: Practice) -> None:
    poll = {"options": ["Önden", "Arkadan"], "expires_in": 86400}
    status = practice.toot("Hangisi?", poll=poll).json()
    practice.wait(days=2)
    read = practice.ask("GET", f"/api/v1/polls/{status['id']}").json()
    shares = [round(100 * option["votes_count"] / read["voters_count"]) for option in read["options"]]
    page = Elements(practice.page(status["url"].removeprefix(practice.sandbox.url)))
    assert page.all("rect", "width") == [str(share) for share in shares]
    assert f"{read['voters_count']} people voted" in page.text


def test_the_counters_are_those_the_api_gives(practice: Practice) -> None:
    status = practice.toot("Işık").json()
    practice.wait(days=3)
    read = practice.ask("GET", f"/api/v1/statuses/{status['id']}").json()
    page = Elements(practice.page(status["url"].removeprefix(practice.sandbox.url)))
    titles = [title for title in page.all("li", "title") if title]
    assert [int(title.split()[0]) for title in titles] == [
        read[name] for name in ("replies_count", "reblogs_count", "favourites_count", "quotes_count")
    ]


def test_every_time_has_its_zone(practice: Practice) -> None:
    text = Elements(permalink(practice, "One")).text
    assert "Tue 1 Dec 2026, 09:30 Istanbul" in text
    assert "Tue 1 Dec 2026, 06:30 UTC" in text


def test_a_bluesky_post_has_its_card_and_an_address_as_on_bluesky(bluesky: Practice) -> None:
    card = {"uri": "https://lumenvelo.example/ro", "title": "Atelierul <Cluj>", "description": "Iarna asta"}
    bluesky.put("Salut", record={"embed": {"$type": "app.bsky.embed.external", "external": card}, "langs": ["ro"]})
    place = f"{bluesky.sandbox.url}/profile/{bluesky.session['did']}/post/3kfixedrkey22"
    moved = bluesky.http.get(place)
    assert (moved.status, moved.headers["Location"]) == (302, "/@lumenvelo.example/3kfixedrkey22")
    page = bluesky.page(moved.headers["Location"])
    assert "Atelierul &lt;Cluj&gt;" in page
    assert "https://lumenvelo.example/ro" in Elements(page).all("a", "href")


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "ftp://e.example/x", "https:nohost"])
def test_only_web_links_can_be_opened(bluesky: Practice, uri: str) -> None:
    features = [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]
    record = {
        "facets": [{"index": {"byteStart": 0, "byteEnd": 5}, "features": features}],
        "embed": {"$type": "app.bsky.embed.external", "external": {"uri": uri, "title": "T", "description": "D"}},
    }
    assert bluesky.put("Click here", record=record).status == 200
    page = Elements(bluesky.page("/@lumenvelo.example/3kfixedrkey22"))
    assert "Click here" in page.text
    assert uri not in page.all("a", "href")


@given(text=st.text(max_size=200), name=st.text(max_size=30))
def test_no_text_becomes_markup(text: str, name: str) -> None:
    marks = (Mark(0, min(4, len(text)), "tag", name),) if text else ()
    post = Sent("mastodon", "a", "1", START, text + "<script>'\"&", marks)
    for way, paragraph in paragraphs(post):
        assert way in {"auto", "ltr", "rtl"}
        bare = re.sub(r"<br>|</?bdi(?: class=\"tag\")?>", "", str(paragraph))
        assert not re.search(r"[<>'\"]|&(?!(?:lt|gt|amp|quot|#x27);)", bare)


def test_names_and_handles_are_escaped(practice: Practice) -> None:
    practice.sandbox.add_account("evil", '<img src=x onerror="alert(1)">', "UTC", 900, "en")
    page = practice.page("/@evil")
    assert "<img src=x" not in page
    drawn = practice.http.get(f"{practice.sandbox.url}/sandbox/avatar/evil.svg")
    assert b"<img" not in drawn.body
    assert drawn.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_many_posts_are_paged(practice: Practice) -> None:
    for number in range(35):
        practice.toot(f"Number {number}.")
    first, second = practice.page(), practice.page("/?page=2")
    assert first.count("<article") == 30
    assert second.count("<article") == 5
    assert "Page 1 of 2" in first
    assert "Number 0." in second
    assert practice.page("/?page=99") == second
    assert practice.page("/?page=x") == first
