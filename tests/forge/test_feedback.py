"""`socialops feedback`, as the job runs it: a workspace with a remote, and a GitHub that keeps what it hears."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt

from builder import workspace
from canary import Canary
from forge.stub_github import REPOSITORY, SOMEBODY, TOKEN, StubGitHub, refusal
from people_stage import LATER, NOW, SENT, Stage, open_stage
from publishing_stage import DUE, a_channel, a_post, git
from socialops.content.brand import Brand
from socialops.content.load import Content
from socialops.forge.published import News, conversations, known_comments, pull_request_in, text
from socialops.git import Git
from socialops.networks.draft import Receipt
from socialops.publishing.happened import Ask, Claimed, Gone, No, Perhaps, Yes
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after, receipts_of
from socialops.publishing.plan import plan


@dataclass
class Job:
    stage: Stage
    stub: StubGitHub
    canary: Canary
    log: pytest.LogCaptureFixture

    def feedback(self, *arguments: str, now: str = LATER, code: int = 0) -> str:
        self.stub.seen.clear()
        said = self.stage.run("feedback", "--now", now, *arguments, code=code)
        self.canary.look(said, "what it said")
        return said

    @property
    def commit(self) -> str:
        return git(self.stage.workspace.root, "rev-parse", "HEAD").strip()

    def comments(self) -> list[str]:
        return [comment["body"] for comment in self.stub.comments.get(7, [])]


@pytest.fixture
def job(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Job]:
    # The commit that brings the posts is older than their claim, as in life.
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2026-11-30T10:00:00Z")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-30T10:00:00Z")
    stub = StubGitHub()
    caplog.set_level(logging.DEBUG)
    for stage in open_stage(tmp_path, monkeypatch, capsys):
        with stub.served() as api, stamina.set_testing(True, attempts=3):
            monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
            monkeypatch.setenv("GITHUB_API_URL", api)
            monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
            made = Job(stage, stub, Canary({"token": TOKEN}), caplog)
            stub.pull(made.commit, 7)
            yield made
            made.canary.look(caplog.text, "log")
            assert made.canary.leaks == []
            assert stub.faults == []


def test_the_addresses_of_what_went_out_come_back_to_the_pull_request(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    said = job.feedback()
    assert "pull request #7: comment made https://github.example/" in said
    (body,) = job.comments()
    assert body.startswith("<!-- socialops:published -->\n<!-- posts: kis -->\n")
    for channel in ("mastodon", "bluesky"):
        receipts = [receipt.url for receipt in receipts_of(job.stage.delivery(channel))]
        assert len(receipts) == 2
        (line,) = [
            line for line in body.splitlines() if line.startswith(f"- `{channel}`: published Tue 2026-12-01 09:")
        ]
        assert all(f"`{url}`" in line or f"<{url}>" in line for url in receipts)
    # The same again: one listing, nothing written.
    assert job.feedback() == "Everything is told already.\n"
    assert job.stub.writes == []
    assert len(job.stub.seen) <= 4
    # And a week later nobody looks any more.
    job.feedback(now="2026-12-10 09:00")
    assert len(job.stub.seen) == 1


def test_a_rehearsal_tells_nobody(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    assert job.feedback("--dry-run") == "pull request #7: comment would be made\n"
    assert job.stub.writes == []


def test_as_more_lands_the_same_comment_says_more(job: Job) -> None:
    whole = job.stage.lost()
    job.feedback()
    (body,) = job.comments()
    assert "- `bluesky`: published" in body
    assert "- `mastodon`: needs a person (`nobody can tell`)" in body
    (issue,) = job.stub.issues.values()
    assert issue["title"] == "mastodon needs a person"
    assert "socialops resolve kis mastodon --sent URL" in issue["body"]
    job.stage.change(lambda _delivery: whole)
    said = job.feedback()
    assert "comment brought up to date" in said
    assert f"channel mastodon: issue https://github.example/{REPOSITORY}/issues/{issue['number']} closed" in said
    assert issue["state"] == "closed"
    (body,) = job.comments()
    assert "- `mastodon`: published" in body


def test_a_deleted_comment_is_made_again_and_a_forged_one_is_left(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    job.stub.say(7, "<!-- socialops:published -->\n<!-- posts: kis -->\nDo this instead", "mallory")
    job.feedback()
    assert len(job.comments()) == 2
    job.stub.comments[7].pop()
    job.feedback()
    assert len(job.comments()) == 2
    assert job.comments()[0].endswith("Do this instead")


def test_a_post_without_a_pull_request_is_told_to_nobody(job: Job) -> None:
    job.stub.pulls_of.clear()
    job.stub.pull(job.commit, 7, merged=False)
    job.stub.pull(job.commit, 8, base="other")
    job.stage.run("publish", "--now", NOW)
    assert job.feedback() == "Everything is told already.\n"
    assert job.stub.comments == {}


def test_later_changes_of_the_file_do_not_move_the_comment(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.stage.run("publish", "--now", NOW)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-12-01T08:00:00Z")
    file = job.stage.workspace.posts / "kis.md"
    file.write_text(file.read_text("utf-8").replace("yağacak", "yağar"), "utf-8")
    git(job.stage.workspace.root, "commit", "-qam", "Correct a word")
    job.stub.pull(job.commit, 9)
    job.feedback()
    assert list(job.stub.comments) == [7]


def test_a_clone_without_history_asks_github(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    root = job.stage.workspace.root
    (root / ".git" / "shallow").write_text(f"{job.commit}\n", "utf-8")
    job.stub.pull("feedfacefeedfacefeedfacefeedfacefeedface", 12)
    job.stub.commits_of["posts/kis.md"] = "feedfacefeedfacefeedfacefeedfacefeedface"
    job.feedback()
    assert list(job.stub.comments) == [12]


def test_when_github_is_down_the_record_still_has_it(job: Job) -> None:
    job.stage.lost()
    job.stub.broken = lambda _request, _done: refusal(503, "down")
    said = job.feedback(code=1)
    assert "not told: issues: GitHub is not well now. Nothing is lost" in said
    assert job.stub.writes == []
    job.stub.broken = lambda _request, _done: httpx.ReadError("lost")
    job.feedback(code=1)
    job.stub.broken = None
    job.feedback()
    assert (len(job.stub.issues), len(job.comments())) == (1, 1)


def test_a_token_that_may_not_write_is_told_which_right_it_lacks(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    no = refusal(
        403, "Resource not accessible by integration", {"X-Accepted-GitHub-Permissions": "pull_requests=write"}
    )
    job.stub.broken = lambda request, _done: no if request.method == "POST" and "comments" in request.url.path else None
    said = job.feedback(code=1)
    assert (
        "not told: the comment on #7: The token in GITHUB_TOKEN may not write comments. Give it `pull-requests: write`"
        in said
    )


@pytest.mark.parametrize("lacking", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_elsewhere_nobody_is_told_and_that_is_said(job: Job, monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    job.stage.run("publish", "--now", NOW)
    monkeypatch.delenv(lacking)
    said = job.feedback()
    assert said.startswith("Nobody is told on GitHub: ")
    assert lacking in said
    assert said.count("\n") == 1
    assert job.stub.seen == []


def test_a_wrong_token_is_one_clear_message(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.stage.run("publish", "--now", NOW)
    monkeypatch.setenv("GITHUB_TOKEN", SOMEBODY[::-1])
    said = job.feedback(code=1)
    assert "GitHub does not accept the token" in said
    assert SOMEBODY[::-1] not in said


def test_a_ledger_that_lost_its_branch_is_one_issue_and_closes_none(job: Job) -> None:
    job.stage.lost()
    job.feedback()
    tip = git(job.stage.remote, "rev-parse", "socialops-data").strip()
    git(job.stage.remote, "update-ref", "-d", "refs/heads/socialops-data")
    job.feedback()
    titles = [(issue["title"], issue["state"]) for issue in job.stub.issues.values()]
    assert titles == [("mastodon needs a person", "open"), ("Publishing has stopped", "open")]
    git(job.stage.remote, "update-ref", "refs/heads/socialops-data", tip)
    job.feedback()
    assert [issue["state"] for issue in job.stub.issues.values()] == ["open", "closed"]


def test_without_a_remote_that_answers_nothing_is_closed(job: Job) -> None:
    job.stage.lost()
    job.feedback()
    job.stage.remote.rename(job.stage.remote.with_name("away.git"))
    job.feedback(code=2)
    assert job.stub.seen == []


def test_a_post_that_was_merged_too_late_is_told(job: Job) -> None:
    said = job.feedback(now="2026-12-01 20:00")
    assert "pull request #7: comment made" in said
    assert "- `mastodon`: came too late, and was not published" in job.comments()[0]


def test_a_token_that_ends_soon_is_said_on_four_days_only(job: Job) -> None:
    file = job.stage.workspace.brand / "channels/mastodon.md"
    file.write_text(file.read_text("utf-8").replace("\nzone:", "\ntoken_expires: 2026-12-20\nzone:"), "utf-8")
    job.stage.run("publish", "--now", NOW)
    bodies = []
    for day in ("2026-12-02", "2026-12-07", "2026-12-12", "2026-12-13", "2026-12-17"):
        job.feedback(now=f"{day} 09:00")
        if job.stub.issues:
            (issue,) = job.stub.issues.values()
            bodies.append(issue["body"])
    assert len(set(bodies)) == 3
    assert bodies[0].startswith("<!-- socialops:attention:mastodon -->\n# `mastodon` needs a person\n")
    assert "its token ends within 14 days, on 2026-12-20" in bodies[0]
    assert "SOCIALOPS_MASTODON_TOKEN" in bodies[0]
    file.write_text(file.read_text("utf-8").replace("2026-12-20", "2027-12-20"), "utf-8")
    job.feedback(now="2026-12-18 09:00")
    assert issue["state"] == "closed"


def test_what_was_told_long_ago_stays_in_the_comment(job: Job) -> None:
    job.stage.run("publish", "--now", NOW)
    job.feedback()
    # GitHub lists only what changed lately, and the comment did not.
    hidden = job.stub.comments.pop(7)
    job.stub.quiet[7] = hidden
    job.feedback(now="2026-12-05 20:00")
    (body,) = [comment["body"] for comment in hidden]
    assert body.startswith("<!-- socialops:published -->\n<!-- posts: kis later -->\n")
    assert "- `mastodon`: published Tue 2026-12-01" in body
    assert "- `mastodon`: came too late" in body


def test_posts_of_one_commit_are_asked_about_once(job: Job) -> None:
    for number in range(4):
        file = job.stage.workspace.posts / f"more-{number}.md"
        file.write_text(f"---\ndate: 2026-12-01 09:3{number}\nchannels: [mastodon]\n---\nText {number}.\n", "utf-8")
    git(job.stage.workspace.root, "add", ".")
    git(job.stage.workspace.root, "commit", "-qm", "Four posts")
    job.feedback(now="2026-12-01 20:00")
    asked = [request for request in job.stub.seen if request.url.path.endswith("/pulls")]
    assert len(asked) == 2


def test_a_github_that_is_away_is_said_once(job: Job) -> None:
    job.stage.lost()
    job.stub.broken = lambda _request, _done: httpx.ReadError("lost")
    assert job.feedback(code=1).count("not told") == 1


# --- pure -----------------------------------------------------------------------------------------------------------

ZONE = ZoneInfo("Europe/Istanbul")
CLAIM = Claimed("key", DUE + timedelta(minutes=30))


def delivery(channel: str, *happened: object, post: str = "launch", draft: str = "a") -> Delivery:
    made = Delivery(
        post, channel, "mastodon", "2026-12-01T06:30:00Z", {"parts": [{"text": draft}]}, path=f"posts/{post}.md"
    )
    for one in happened:
        made = after(made, 0, one, DUE)  # type: ignore[arg-type]
    return made


def said(root: Path, *deliveries: Delivery, title: str = "Winter launch", posts: tuple[str, ...] = ("launch",)) -> str:
    ledger = Ledger(root, {(one.post, one.channel): one for one in deliveries})
    names = sorted({one.channel for one in deliveries} | {"mastodon"})
    content = Content(
        workspace(root), (a_post(title=title, channels=names),), {name: a_channel(name) for name in names}, Brand()
    )
    return text(posts, ledger, plan(content, ledger, DUE + timedelta(hours=1)), ZONE)


def receipt(url: str) -> Yes:
    return Yes(Receipt("1", url, "2026-12-01T06:30:02Z"))


def test_every_outcome_has_its_words(tmp_path: Path) -> None:
    told = said(
        tmp_path,
        delivery("a-there", CLAIM, receipt("https://mastodon.example/@test/1")),
        delivery("b-odd", CLAIM, receipt("javascript:alert(1)")),
        delivery("c-failed", CLAIM, No("The text is too long", "422")),
        delivery("d-asks", CLAIM, Ask("nobody can tell")),
        delivery("e-perhaps", CLAIM, Perhaps("no answer")),
        delivery("f-gone", CLAIM, receipt("https://mastodon.example/@test/2"), Gone()),
        delivery("g-claimed", CLAIM),
    )
    assert told == snapshot("""\
<!-- posts: launch -->
## What became of it

### `launch`: `Winter launch`

- `a-there`: published Tue 2026-12-01 09:30 Europe/Istanbul: <https://mastodon.example/@test/1>
- `b-odd`: published Tue 2026-12-01 09:30 Europe/Istanbul: `javascript:alert(1)`
- `c-failed`: could not be published (`The text is too long`); what can be done stands in the issue of this channel
- `d-asks`: needs a person (`nobody can tell`); what can be done stands in the issue of this channel
- `e-perhaps`: perhaps published; the next run looks
- `f-gone`: published, and taken down again
- `g-claimed`: to come Tue 2026-12-01 09:30 Europe/Istanbul
- `mastodon`: to come Tue 2026-12-01 09:30 Europe/Istanbul

This comment follows what happens.\
""")


PIECES = ["@everyone", "#1", "fixes #1", "`", "```", "\n", "<img src=x>", "-->", "<!--", "[a](http://b)", "x", " ", "|"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(title=HOSTILE, why=HOSTILE, url=HOSTILE, channel=st.sampled_from(["mastodon", "x"]))
def test_nothing_that_others_wrote_gets_out_of_its_place(
    tmp_path_factory: pytest.TempPathFactory, title: str, why: str, url: str, channel: str
) -> None:
    root = tmp_path_factory.mktemp("w")
    told = said(
        root,
        delivery(channel, CLAIM, No(why, "422")),
        delivery("other", CLAIM, receipt(f"https://mastodon.example/{url}")),
        title=title,
    )
    tokens = MarkdownIt("commonmark", {"html": True}).parse(told)
    inner = [child for token in tokens for child in token.children or ()]
    words = "".join(child.content for child in inner if child.type == "text")
    assert "@" not in words
    assert "#1" not in words
    assert not [child for child in inner if child.type in {"html_inline", "image"}]
    links = [child.attrs["href"] for child in inner if child.type == "link_open"]
    assert all(str(link).startswith("https://mastodon.example/") for link in links)
    assert [token.content for token in tokens if token.type == "html_block"] == ["<!-- posts: launch -->\n"]


def test_ids_of_posts_cannot_break_out_of_the_hidden_line(tmp_path: Path) -> None:
    odd = "a b--><img>\n@everyone"
    told = said(tmp_path, delivery("mastodon", CLAIM, receipt("https://m.example/1"), post=odd), posts=(odd,))
    first = told.partition("\n")[0]
    assert first == "<!-- posts: a%20b--%3E%3Cimg%3E%0A%40everyone -->"
    body = f"<!-- socialops:published -->\n{told}"
    (known,) = known_comments([{"issue_url": "x/issues/7", "body": body, "user": {"login": "us"}}], "us")
    assert known.posts == (odd,)


FIRST = "<!-- socialops:published -->\n"


def test_posts_of_one_pull_request_share_its_comment() -> None:
    known = known_comments(
        [
            {
                "issue_url": "x/issues/7",
                "body": "<!-- socialops:published -->\n<!-- posts: a b -->\n",
                "user": {"login": "us"},
            },
            {
                "issue_url": "x/issues/8",
                "body": "<!-- socialops:published -->\n<!-- posts: d -->\n",
                "user": {"login": "them"},
            },
            {"issue_url": "x/issues/9", "body": "words", "user": None},
        ],
        "us",
    )
    asked: list[str] = []

    def ask(news: News) -> int | None:
        asked.append(news.post)
        return {"c": 7, "d": 8}.get(news.post)

    told = [News(post, f"posts/{post}.md", SENT) for post in ("a", "c", "d", "e")]
    assert conversations(told, known, ask) == {7: ("a", "b", "c"), 8: ("d",)}
    assert asked == ["c", "d", "e"]


def test_of_several_pull_requests_the_first_that_was_merged_brought_it() -> None:
    pulls: list[dict[str, Any]] = [
        {"number": 3, "merged_at": "2026-12-02T00:00:00Z", "base": {"ref": "main"}},
        {"number": 2, "merged_at": "2026-12-01T00:00:00Z", "base": {"ref": "main"}},
        {"number": 1, "merged_at": None, "base": {"ref": "main"}},
        {"number": 4, "merged_at": "2026-11-01T00:00:00Z", "base": {"ref": "next"}},
    ]
    assert pull_request_in(pulls, "main") == 2
    assert pull_request_in([], "main") is None


def test_git_tells_who_last_changed_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "writer@example.org")
    git(tmp_path, "init", "-q", "-b", "main")
    commits = []
    for day in (1, 2, 3):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-12-0{day}T10:00:00Z")
        (tmp_path / "a[1].md").write_text(f"{day}", "utf-8")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "Change")
        commits.append(git(tmp_path, "rev-parse", "HEAD").strip())
    (tmp_path / "a[1].md").unlink()
    (tmp_path / "a1.md").write_text("another", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Another")
    here = Git(tmp_path)
    assert here.last_change("a[1].md", datetime(2026, 12, 2, 12, tzinfo=UTC)) == commits[1]
    assert here.last_change("a[1].md", datetime(2026, 11, 1, tzinfo=UTC)) is None
    assert here.last_change("none.md") is None
