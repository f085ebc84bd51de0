"""Importing a checkout of galaxy-social: an invented one, and the real posts when they are beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from builder import workspace
from socialops.compose.compose import compose
from socialops.content.galaxy_social import import_galaxy_social
from socialops.content.load import load
from socialops.errors import UsageError
from socialops.problem import Severity
from socialops.workspace import Workspace

REAL = Path(__file__).parents[2] / "shared" / "samples" / "galaxy-social"

PLUGINS = """\
plugins:
  - name: Mastodon-Lab
    class: mastodon.mastodon_client
    enabled: true
    config:
      base_url: "https://tooot.example/"
      access_token: $LAB_TOKEN
      max_content_length: 500
      account_url: "https://tooot.example/@lab"
  - name: bluesky-lab
    class: bluesky.bluesky_client
    enabled: true
    config:
      base_url: "https://bsky.example"
      username: "lab.example"
      password: hunter2
  - name: mastodon-old
    class: mastodon.mastodon_client
    enabled: false
    config: {base_url: "https://old.example"}
  - name: markdown
    class: markdown.markdown_client
    enabled: true
"""

LAUNCH = """\
---
media:
  - Mastodon-lab
  - bluesky-lab
mentions:
  mastodon-lab: [ada@tooot.example, "@mia@tooot.example "]
  bluesky-lab: [ada.example]
hashtags:
  mastodon-lab: [Science, lab]
  bluesky-lab: [Science]
images:
  - url: https://example.org/ignored.png
---
**We built it.** :rocket: See 10:30:15 and https://example.org/a:b:c

![The machine,
from the left](https://example.org/pictures/Machine%20One.PNG?raw=1)


Second part.

-----
A rule above.


![](https://example.org/pictures/machine-one.png)
![Plan](https://example.org/attachments/7f3c)
"""


def checkout(folder: Path, posts: dict[str, str], plugins: str = PLUGINS) -> Path:
    for name, text in {"plugins.yml": plugins, "posts/README.md": "# no post", **posts}.items():
        file = folder / "other" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder / "other"


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return workspace(tmp_path / "ours")


def texts(here: Workspace) -> dict[tuple[str, str], list[str]]:
    content = load(here, cache=False)
    return {
        (post.id, entry.channel): [part.text for part in compose(post, content.channels[entry.channel], content).parts]
        for post in content.posts
        for entry in post.channels
    }


def files(here: Workspace) -> dict[str, str]:
    return {
        file.relative_to(here.root).as_posix(): file.read_text("utf-8")
        for file in sorted(here.root.rglob("*.md"))
        if file.name != "mastodon.md"
    }


def test_accounts_and_posts_become_ours(tmp_path: Path, here: Workspace) -> None:
    result = import_galaxy_social(checkout(tmp_path, {"posts/2025/2025-03-01-Launch_Día.md": LAUNCH}), here)
    assert "\n".join(result.lines()) == snapshot("""\
skipped   plugins.yml: mastodon-old
          It is not enabled there.
skipped   plugins.yml: markdown
          markdown is no network.
written   plugins.yml: mastodon-lab → brand/channels/mastodon-lab.md
written   plugins.yml: bluesky-lab → brand/channels/bluesky-lab.md
written   posts/2025/2025-03-01-Launch_Día.md → posts/imported/2025-03-01-launch_dia/index.md
          :rocket: is kept as it stands: write the emoji itself, networks show the code.
          3 pictures are not fetched: put them beside the post under the name it gives (sources: params.media_sources).
5 in all: 3 written, 0 unchanged, 0 kept, 2 skipped.\
""")
    assert "\n".join(f"# {name}\n{text}" for name, text in files(here).items()) == snapshot("""\
# brand/channels/bluesky-lab.md
---
network: bluesky
handle: lab.example
host: "https://bsky.example"
params:
  imported_from: plugins.yml
---
Imported from galaxy-social, where it is called bluesky-lab.

Its secrets stay out of here: set `SOCIALOPS_BLUESKY_LAB_TOKEN` and `SOCIALOPS_BLUESKY_LAB_HOST`.

# brand/channels/mastodon-lab.md
---
network: mastodon
handle: "@lab@tooot.example"
host: "https://tooot.example"
params:
  imported_from: plugins.yml
  account_url: "https://tooot.example/@lab"
  max_content_length: 500
---
Imported from galaxy-social, where it is called mastodon-lab.

Its secrets stay out of here: set `SOCIALOPS_MASTODON_LAB_TOKEN` and `SOCIALOPS_MASTODON_LAB_HOST`.

# posts/imported/2025-03-01-launch_dia/index.md
---
title: "Launch Día"
date: 2025-03-01 12:00
draft: true
channels:
  mastodon-lab:
    tags: [Science, lab]
    text: |2-
      **We built it.** :rocket: See 10:30:15 and https://example.org/a:b:c

      ---

      Second part.

      \\-----
      A rule above.

      @ada@tooot.example @mia@tooot.example
  bluesky-lab:
    tags: [Science]
    text: |2-
      **We built it.** :rocket: See 10:30:15 and https://example.org/a:b:c

      ---

      Second part.

      \\-----
      A rule above.

      @ada.example
media:
  - file: machine-one.png
    alt: "The machine, from the left"
  - file: machine-one-2.png
    alt: ""
    part: 2
  - file: "7f3c.jpg"
    alt: Plan
    part: 2
params:
  imported_from: "posts/2025/2025-03-01-Launch_Día.md"
  media_sources:
    machine-one.png: "https://example.org/pictures/Machine%20One.PNG?raw=1"
    machine-one-2.png: "https://example.org/pictures/machine-one.png"
    "7f3c.jpg": "https://example.org/attachments/7f3c"
---
**We built it.** :rocket: See 10:30:15 and https://example.org/a:b:c

---

Second part.

\\-----
A rule above.
""")


def test_each_channel_gets_its_own_mentions_and_hashtags(tmp_path: Path, here: Workspace) -> None:
    import_galaxy_social(checkout(tmp_path, {"posts/2025-03-01-launch.md": LAUNCH}), here)
    got = texts(here)
    assert got["2025-03-01-launch", "mastodon-lab"] == snapshot(
        [
            "We built it. :rocket: See 10:30:15 and https://example.org/a:b:c",
            """\
Second part.

-----
A rule above.

@ada@tooot.example @mia@tooot.example

#Science #lab\
""",
        ]
    )
    assert got["2025-03-01-launch", "bluesky-lab"] == snapshot(
        [
            "We built it. :rocket: See 10:30:15 and https://example.org/a:b:c",
            """\
Second part.

-----
A rule above.

@ada.example

#Science\
""",
        ]
    )
    assert [problem for problem in load(here, cache=False).problems if problem.severity is Severity.ERROR] == []


def test_nothing_imported_is_ever_due(tmp_path: Path, here: Workspace) -> None:
    import_galaxy_social(checkout(tmp_path, {"posts/2025-03-01-launch.md": LAUNCH, "posts/plain.md": PLAIN}), here)
    assert [post.draft for post in load(here, cache=False).posts] == [True, True]


PLAIN = "---\nmedia: [bluesky-lab]\n---\nHello.\n"


def test_a_second_run_changes_nothing(tmp_path: Path, here: Workspace) -> None:
    folder = checkout(tmp_path, {"posts/a.md": PLAIN})
    import_galaxy_social(folder, here)
    before = files(here)
    again = import_galaxy_social(folder, here)
    assert {item.outcome for item in again.items} == {"unchanged", "skipped"}
    assert files(here) == before


def test_what_people_wrote_meanwhile_stays(tmp_path: Path, here: Workspace) -> None:
    folder = checkout(tmp_path, {"posts/a.md": PLAIN})
    import_galaxy_social(folder, here)
    edited = here.root / "posts/imported/a.md"
    edited.write_text("mine", "utf-8")
    again = import_galaxy_social(folder, here)
    assert edited.read_text("utf-8") == "mine"
    assert [item.outcome for item in again.items if item.source == "posts/a.md"] == ["kept"]


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n\n", "\n \n").replace("é", "é")])
def test_a_retry_copy_is_known_as_one(tmp_path: Path, here: Workspace, change: object) -> None:
    assert callable(change)
    original = "---\nmedia: [bluesky-lab, mastodon-lab]\n---\nCafé\n\n![x](https://example.org/x.png)\n"
    copy = change(original.replace(", mastodon-lab", "").replace("Café", "Café"))
    folder = checkout(tmp_path, {"posts/2025/a.md": original, "posts/2025/retry-2_retry-1_a.md": copy})
    (item,) = [item for item in import_galaxy_social(folder, here).items if "retry" in item.source]
    assert item.outcome == "skipped"
    assert item.notes == ("A copy of posts/2025/a.md, made there to send it again to bluesky-lab.",)


def test_a_retry_that_says_something_else_is_a_post(tmp_path: Path, here: Workspace) -> None:
    folder = checkout(tmp_path, {"posts/a.md": PLAIN, "posts/retry-1_a.md": PLAIN.replace("Hello", "Goodbye")})
    import_galaxy_social(folder, here)
    assert sorted(file.name for file in (here.root / "posts/imported").iterdir()) == ["a.md", "posts-a.md"]


def test_posts_of_one_name_get_names_of_their_own(tmp_path: Path, here: Workspace) -> None:
    posts = {f"posts/{folder}/a.md": PLAIN.replace("Hello", folder) for folder in ("x", "y", "z")}
    import_galaxy_social(checkout(tmp_path, posts), here)
    assert sorted(file.name for file in (here.root / "posts/imported").iterdir()) == ["a.md", "y-a.md", "z-a.md"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no header", "does not begin with a header"),
        ("---\nmedia: [bluesky-lab\n---\nx", "line"),
        ("---\nmedia: &a [bluesky-lab]\nhashtags: *a\n---\nx", "line"),
        ("---\nmedia: [nobody]\n---\nx", "nobody is not imported"),
        ("---\nmedia: {a: b}\nmentions: 3\nhashtags: [x]\n---\nx", "no account"),
        ("---\nmedia: [bluesky-lab]\n---\n" + "x" * 2_000_000, "larger"),
        ("---\nmedia: [bluesky-lab]\n---\n\x1b[31m", "line"),
    ],
)
def test_a_file_that_is_no_post_is_left_out_with_a_reason(
    tmp_path: Path, here: Workspace, text: str, said: str
) -> None:
    result = import_galaxy_social(checkout(tmp_path, {"posts/a.md": text, "posts/b.md": PLAIN}), here)
    (item,) = [item for item in result.items if item.source == "posts/a.md"]
    assert item.outcome == "skipped"
    assert said in " ".join(item.notes)
    assert (here.root / "posts/imported/b.md").is_file()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, here: Workspace) -> None:
    folder = checkout(tmp_path, {"posts/b.md": PLAIN})
    secret = tmp_path / "secret.md"
    secret.write_text(PLAIN, "utf-8")
    (folder / "posts/a.md").symlink_to(secret)
    assert [item.source for item in import_galaxy_social(folder, here).items if "posts/" in item.source] == [
        "posts/b.md"
    ]


def test_no_secret_is_taken_over(tmp_path: Path, here: Workspace) -> None:
    import_galaxy_social(checkout(tmp_path, {"posts/a.md": PLAIN}), here)
    written = "".join(files(here).values())
    assert "hunter2" not in written
    assert "LAB_TOKEN" not in written.replace("SOCIALOPS_MASTODON_LAB_TOKEN", "").replace("BLUESKY_LAB_TOKEN", "")


@pytest.mark.parametrize("plugins", [None, "plugins: [&a b]", "\x00"])
def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path, here: Workspace, plugins: str | None) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    if plugins is not None:
        (folder / "plugins.yml").write_text(plugins, "utf-8")
    with pytest.raises(UsageError, match=r"plugins\.yml"):
        import_galaxy_social(folder, here)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real posts of galaxy-social are not beside the repository")
def test_the_real_posts_are_imported(here: Workspace) -> None:
    result = import_galaxy_social(REAL, here)
    posts = [item for item in result.items if item.source.startswith("posts/")]
    assert [item.outcome for item in posts].count("written") == 11
    (copy,) = [item for item in posts if item.outcome == "skipped"]
    assert "A copy of posts/2025/2025-02-24-Canis_lupus-mCanLup2.md" in copy.notes[0]
    content = load(here)
    assert content.problems == ()
    got = texts(here)
    wolf = "2025-02-24-canis_lupus-mcanlup2"
    assert got[wolf, "mastodon-vgp"][0].endswith("\n\n@galaxyproject@mstdn.science\n\n#UseGalaxy")
    assert got[wolf, "bluesky-galaxyproject"][0].endswith(
        "\n\n@vertebrategenomes.bsky.social\n\n#UseGalaxy #VertebrateGenomesProject"
    )
    assert len(got["2025-04-16-taeniopygia_guttata-btaegut7", "bluesky-vgp"]) == 6
