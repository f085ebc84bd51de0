"""Build the site: a tree of plain Markdown and assets, then pages.

    out/docs/        the tree: every page, CSS, scripts, pictures. Any Markdown builder of the MkDocs kind can take it.
    out/mkdocs.yml   the team's own mkdocs.yml, with the menu of this tree
    out/search.json  what the theme's search should find besides
    out/site/        the rendered pages: open index.html

Everything is gathered before anything is written, and only what changed is written.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from socialops.errors import SiteError
from socialops.site import brand
from socialops.site.archive import archive_pages, search_entries
from socialops.site.calendar import calendar_pages
from socialops.site.chart import contrast, readable
from socialops.site.entries import gather, group, known_posts
from socialops.site.home import home_page
from socialops.site.markup import plain_html
from socialops.site.pages import RECENT, Page, Site
from socialops.site.palette import accent_of
from socialops.site.pictures import Pictures
from socialops.site.policy import guard_all
from socialops.site.posts import post_pages
from socialops.site.reports import report_pages, report_path
from socialops.site.strategy import strategy_pages
from socialops.site.tree import write_tree

if TYPE_CHECKING:
    from socialops.content.load import Content
    from socialops.measuring.store import Reading
    from socialops.problem import Problem
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Plan
    from socialops.workspace import Workspace

MOST_POST_PAGES = 300
MENU_MONTHS = 6
HANDBOOK = Path(__file__).parent.parent / "scaffold" / "handbook"
_ASSETS = Path(__file__).parent / "assets"
_DEFAULT_SETTINGS = Path(__file__).parent / "templates" / "mkdocs.yml"
_LIGHT, _DARK = "#ffffff", "#1b1c22"


def build_site(
    workspace: Workspace,
    content: Content,
    plan: Plan,
    ledger: Ledger,
    readings: Sequence[Reading],
    *,
    now: datetime,
    out: Path,
    problems: Sequence[Problem],
) -> Path:
    """Write the tree to `out/docs` and its menu to `out/mkdocs.yml`; return the tree's folder.

    *now* is aware. The same arguments give the same bytes. Raises SiteError when the folder holds other files.
    """
    docs = out / "docs"
    entries = gather(content, plan, ledger)
    views = group(
        entries,
        recent=now - RECENT,
        most_pages=MOST_POST_PAGES,
        known=known_posts(content, entries),
    )
    site = Site(
        workspace,
        content,
        now,
        entries,
        {view.post.id: view for view in views},
        tuple(problems),
        readings,
        Pictures(workspace, docs, out / "pictures.json"),
        brand.sources(content)
        | {view.post.path: view.page for view in views if view.page}
        | {definition.path: report_path(definition.name) for definition in content.reports},
        without_ledger=ledger.missing,
    )
    pages = _pages(site)
    logo = brand.logo_of(site)
    files: dict[str, bytes | None] = {page.path: page.text(site).encode("utf-8", "replace") for page in pages}
    files |= _assets(site)
    files |= site.pictures.files
    write_tree(docs, files)
    site.pictures.save_index()
    _write_if_changed(out / "search.json", json.dumps(search_entries(site), ensure_ascii=False, indent=0) + "\n")
    _write_settings(workspace, out, pages, logo)
    return docs


def render(workspace: Workspace, out: Path) -> Path:
    """Run MkDocs over the tree in *out*; return the folder of the rendered pages.

    Raises SiteError with MkDocs's own words when it fails. The pages get their Content-Security-Policy.
    """
    settings = out / "mkdocs.yml"
    if not settings.is_file():
        raise SiteError(f"There is no tree in {workspace.relative(out)} yet.", hint="Build the pages first.")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean", "--config-file", str(settings)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, and arguments that nobody outside writes
            command, cwd=out, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=1800,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SiteError("MkDocs did not finish within half an hour.") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip()
        raise SiteError(f"MkDocs could not build the site: {words[-2000:]}", hint="Look at mkdocs.yml.")
    pages = out / "site"
    for leftover in ("sitemap.xml", "sitemap.xml.gz"):
        # For search engines, and with the time of day in it; the site is internal.
        (pages / leftover).unlink(missing_ok=True)
    guard_all(pages)
    _complete_search(out, pages)
    return pages


def _complete_search(out: Path, pages: Path) -> None:
    """Add the archive's titles to the theme's search index, when the team's settings have one."""
    index = pages / "search" / "search_index.json"
    if not index.is_file():
        return
    found = json.loads(index.read_text("utf-8"))
    more = out / "search.json"
    if more.is_file():
        found["docs"] += json.loads(more.read_text("utf-8"))
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        index.write_text(text, "utf-8", newline="")
    # A page that is opened from disk asks for this script instead, but no browser lets it search: assets/search.js says
    # so. The script is there so that nothing is missing.
    (pages / "search" / "search_index.js").write_text('var __index = {"config":{},"docs":[]}\n', "utf-8", newline="")


def _pages(site: Site) -> list[Page]:
    return [
        home_page(site),
        *calendar_pages(site),
        *archive_pages(site),
        *post_pages(site),
        *report_pages(site),
        *brand.style_guide_pages(site),
        *strategy_pages(site),
        *brand.channel_pages(site),
        *brand.handbook_pages(site, HANDBOOK),
    ]


def _assets(site: Site) -> dict[str, bytes]:
    found = {f"assets/{file.name}": file.read_bytes() for file in sorted(_ASSETS.iterdir()) if file.is_file()}
    found["assets/brand.css"] = _brand_css(accent_of(site.content.brand)).encode()
    if site.content.reports:
        from plotly.offline import get_plotlyjs

        found["assets/plotly.min.js"] = get_plotlyjs().encode()
    return found


def _brand_css(accent: str) -> str:
    """Return the colours that come from the brand, readable on both grounds (WCAG AA)."""
    light, dark = readable(accent, _LIGHT), readable(accent, _DARK)
    on = "#ffffff" if contrast(accent, "#ffffff") >= contrast(accent, "#000000") else "#000000"
    return (
        f':root,[data-md-color-scheme="default"]{{--so-accent:{light};--so-brand:{accent};--so-on-brand:{on}}}\n'
        f'[data-md-color-scheme="slate"]{{--so-accent:{dark};--so-brand:{accent};--so-on-brand:{on}}}\n'
    )


def _write_settings(workspace: Workspace, out: Path, pages: Iterable[Page], logo: str) -> None:
    """Write the settings MkDocs is run with: the team's own, this tree, and its menu."""
    own = workspace.root / "mkdocs.yml"
    base = own if own.is_file() else _DEFAULT_SETTINGS
    values: dict[str, object] = {
        "INHERIT": os.path.relpath(base, out).replace(os.sep, "/"),
        "docs_dir": "docs",
        "site_dir": "site",
        "use_directory_urls": False,
        "not_in_nav": "/post/**\n/posts/*\n/calendar/*",
        "nav": menu(pages),
    }
    if logo:
        values["theme"] = {"logo": logo, "favicon": logo}
    if base == _DEFAULT_SETTINGS:
        values["site_name"] = plain_html(workspace.settings.name)
    # JSON is YAML, and needs no other library to be written safely.
    text = "# Written by `socialops site`; change the team's mkdocs.yml instead.\n"
    text += json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    _write_if_changed(out / "mkdocs.yml", text)


def _write_if_changed(file: Path, text: str) -> None:
    if not file.is_file() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8", newline="")


_MENU: Mapping[str, str] = {
    "calendar": "Calendar",
    "posts": "Posts",
    "reports": "Reports",
    "style-guide": "Style guide",
    "strategy": "Strategy",
    "channels": "Channels",
    "handbook": "Handbook",
}
_FOLDERS: Mapping[str, str] = {
    "style-guide/crisis": "When something goes wrong",
    "style-guide/replies": "Saved replies",
    "strategy/campaigns": "Campaigns",
    "strategy/goals": "Goals",
}


def menu(pages: Iterable[Page]) -> list[object]:
    """Return MkDocs's `nav` for the pages, but for those of single posts and of months long past.

    The whole menu stands on every page: thousands of posts in it take hours to render. The index of each folder lists
    every month.
    Pages are named by their path alone: MkDocs then takes their heading, which is escaped; a title here would not be.
    """
    paths = [page.path for page in pages if not page.path.startswith("post/")]
    nav: list[object] = [{"Home": "index.md"}]
    for folder, words in _MENU.items():
        inside = [path for path in paths if path.startswith(f"{folder}/")]
        if not inside:
            continue
        items: list[object] = [path for path in inside if path.count("/") == 1]
        if folder in ("calendar", "posts"):
            months = sorted({path for path in inside if not path.endswith("index.md")})[-MENU_MONTHS:]
            items = [f"{folder}/index.md", *(reversed(months) if folder == "posts" else months)]
        deeper = sorted({path.rsplit("/", 1)[0] for path in inside if path.count("/") > 1})
        for name in deeper:
            title = _FOLDERS.get(name, name.rsplit("/", 1)[-1].replace("-", " ").capitalize())
            items.append({title: [path for path in inside if path.startswith(f"{name}/")]})
        nav.append({words: items})
    return nav


@functools.cache
def default_settings() -> str:
    """Return the `mkdocs.yml` that a new workspace gets."""
    return _DEFAULT_SETTINGS.read_text("utf-8")
