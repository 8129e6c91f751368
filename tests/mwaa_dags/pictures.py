"""Pictures of Airflow's web page, taken by a headless browser."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

VIEWS = ("grid", "graph")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SIZES = {"grid": {"width": 1400, "height": 900}, "graph": {"width": 2000, "height": 800}}
_PATIENCE_MILLISECONDS = 60_000
# Until nothing moves any more: the page lets its graph glide into its place.
_STILL_MILLISECONDS = 1000


def take_pictures(url: str, pictures: Mapping[str, Path]) -> dict[str, str]:
    """Open the page of a run, and take a picture of each of the views that are named.

    Returns:
        The words that are to be seen in each view, in small letters.
    """
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser_path is None:
        pytest.skip(f"no browser to look at the page with: none of {', '.join(_BROWSERS)} is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    origin = "/".join(url.split("/")[:3])
    seen = {}
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_path, args=[*_ARGUMENTS])
        for view, picture in pictures.items():
            # Another context knows nothing of how the page was left before.
            page = browser.new_context(viewport=_SIZES[view]).new_page()
            page.set_default_timeout(_PATIENCE_MILLISECONDS)
            # The page asks for an editor from elsewhere, which nobody needs here.
            page.route(lambda asked: not asked.startswith(origin), lambda route: route.abort())
            page.goto(url, wait_until="networkidle")
            page.get_by_label(f"Show {view.capitalize()} (Press g)").click()
            if view == "graph":
                page.get_by_label("Collapse Details Panel").click()
            groups = page.get_by_label("Expand all task groups")
            if groups.count() and groups.is_enabled():
                groups.click()
            page.get_by_text("success").first.wait_for()
            page.wait_for_timeout(_STILL_MILLISECONDS)
            if view == "graph":
                page.locator(".react-flow__controls-fitview").click()
                page.wait_for_timeout(_STILL_MILLISECONDS)
            seen[view] = page.inner_text("body").lower()
            page.screenshot(path=str(picture))
        browser.close()
    return seen
