"""The site of a whole demo, opened in a real browser: what is drawn, not what is written."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from real.stage import REPOSITORY, say

pytestmark = pytest.mark.real

MARKS = ".cartesianlayer .point, .cartesianlayer path.js-line, .cartesianlayer .hm image"
"""What plotly draws for data: bars and points, lines, the cells of a heat map."""
HEBREW_POST = "2026-12-03-ner-rishon"
PAGES = (
    "index.html",
    "calendar/2026-12.html",
    "calendar/index.html",
    "reports/weekly.html",
    f"post/{HEBREW_POST}.html",
    "style-guide/index.html",
    "posts/index.html",
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demo, as `make demo` does, and return the folder of its pages."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    say("\nRunning the demo for its site …")
    done = subprocess.run(
        [sys.executable, "-m", "socialops", "demo", "--folder", str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "workspace" / "build" / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the pages on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(5)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="install the group `real`: uv sync --group real")
    with playwright.sync_playwright() as running:
        # Without a sandbox of its own: as root, in a container, Chromium would not start otherwise.
        opened = running.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


Opened = tuple[Any, list[str]]


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Callable[..., Opened]]:
    """Give a function that opens a page; it returns the page, and the list of everything that went wrong on it."""
    with _pages(browser) as open_at:

        def open_one(path: str, *, width: int = 1440, height: int = 1000) -> Opened:
            return open_at(f"{address}/{path}", address, width, height)

        yield open_one


@contextmanager
def _pages(browser: Any) -> Iterator[Callable[[str, str, int, int], Opened]]:
    contexts = []

    def open_at(url: str, allowed: str, width: int, height: int) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        faults: list[str] = []
        page.on(
            "console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None
        )
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((allowed, "data:", "blob:"))
                else faults.append(f"outside: {request.url}")
            ),
        )
        page.goto(url, wait_until="networkidle")
        return page, faults

    try:
        yield open_at
    finally:
        for context in contexts:
            context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_opens_without_an_error_and_asks_nobody_else(
    open_page: Callable[..., Opened], path: str, width: int
) -> None:
    page, faults = open_page(path, width=width)
    assert faults == []
    assert page.locator("h1").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"), (
        "the page is not wider than the screen"
    )


def test_the_site_opens_from_disk(browser: Any, site: Path) -> None:
    with _pages(browser) as open_at:
        page, faults = open_at((site / "index.html").as_uri(), site.as_uri(), 1280, 900)
        assert faults == []
        page.locator("a[href*='calendar']").first.click()
        page.wait_for_url("**/calendar/**")
        assert page.locator("time[datetime^='2026-']").count() > 20
        assert faults == []


def test_a_known_post_stands_in_its_cell_of_the_calendar(open_page: Callable[..., Opened]) -> None:
    page, _ = open_page("calendar/2026-12.html")
    link = page.locator(f"a[href$='{HEBREW_POST}.html']").first
    assert link.inner_text().strip() == "First candle"
    days = {day: _box(page, day) for day in ("2026-12-02", "2026-12-03", "2026-12-04", "2026-12-10")}
    third, entry = days["2026-12-03"], link.bounding_box()
    assert third["x"] <= entry["x"] <= entry["x"] + entry["width"] <= third["x"] + third["width"] + 1
    assert third["y"] <= entry["y"] <= third["y"] + third["height"]
    assert days["2026-12-02"]["x"] < third["x"] < days["2026-12-04"]["x"]
    assert abs(days["2026-12-02"]["y"] - third["y"]) < 2
    assert abs(days["2026-12-10"]["x"] - third["x"]) < 2
    assert days["2026-12-10"]["y"] > third["y"]


def test_on_a_phone_the_days_stand_below_each_other(open_page: Callable[..., Opened]) -> None:
    page, _ = open_page("calendar/2026-12.html", width=390, height=800)
    first, second = _box(page, "2026-12-02"), _box(page, "2026-12-03")
    assert abs(first["x"] - second["x"]) < 2
    assert second["y"] >= first["y"] + first["height"] - 1


def _box(page: Any, day: str) -> dict[str, float]:
    """Return where the cell of a day is drawn: the list item that its date stands in."""
    cell = page.locator(f"li:has(> * > time[datetime='{day}'])").first
    box: dict[str, float] = cell.bounding_box()
    return box


def test_the_weekly_report_draws_its_figures(open_page: Callable[..., Opened]) -> None:
    page, faults = open_page("reports/weekly.html")
    figures = page.locator(".js-plotly-plot")
    assert figures.count() >= 3
    drawn = []
    for number in range(figures.count()):
        figure = figures.nth(number)
        figure.scroll_into_view_if_needed()
        marks = figure.locator(MARKS)
        marks.first.wait_for(state="attached", timeout=10_000)
        box = figure.bounding_box()
        drawn.append(marks.count())
        assert box["width"] > 200
        assert box["height"] > 100
    assert all(drawn)
    assert faults == []
    say(f"\nThe weekly report draws {len(drawn)} figures with {drawn} marks.")


def test_a_figure_answers_the_mouse(open_page: Callable[..., Opened]) -> None:
    page, _ = open_page("reports/weekly.html")
    figure = page.locator(".js-plotly-plot:has(.scatterlayer path.point)").nth(2)
    figure.scroll_into_view_if_needed()
    point = figure.locator(".scatterlayer path.point").last.bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2, steps=5)
    figure.locator(".hovertext").first.wait_for(state="visible", timeout=5_000)


def test_hebrew_reads_from_right_to_left(open_page: Callable[..., Opened]) -> None:
    page, _ = open_page(f"post/{HEBREW_POST}.html")
    found = page.evaluate(
        """() => {
            const hebrew = /[\\u05d0-\\u05ea]{3}.* [\\u05d0-\\u05ea]{3}/
            const speaks = (node) => node.nodeType === Node.TEXT_NODE && hebrew.test(node.data)
            return [...document.querySelectorAll('main *, article *')]
                .filter((element) => [...element.childNodes].some(speaks))
                .map((element) => getComputedStyle(element).direction)
        }"""
    )
    assert found
    assert set(found) == {"rtl"}
