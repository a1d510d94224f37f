"""A real browser for tests, and what every page has to satisfy in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium")
NARROW = {"width": 320, "height": 640}
"""The narrowest telephone that pages have to fit."""
WIDE = {"width": 1280, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; its absence skips the test, and fails CI."""
    if CHROMIUM is None:
        message = "Chromium is not installed: see tests/system-packages"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application to a browser; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _is_any(_page: Page, _message: ConsoleMessage) -> bool:
    return True


@contextmanager
def watched(
    browser: Browser,
    address: str,
    size: dict[str, int] = NARROW,
    *,
    counts: Callable[[Page, ConsoleMessage], bool] = _is_any,
) -> Iterator[Page]:
    """A page of nobody yet; what its console complains of (if it `counts`) fails."""
    context = browser.new_context(viewport=size, base_url=address, locale="nl-NL")
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if counts(page, message):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield page
    context.close()
    assert complaints == []


def log_in(page: Page, email: str, password: str) -> None:
    """Log in by hand."""
    page.goto("/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Uitloggen")


def check_width(page: Page, name: str = "") -> None:
    """Nothing is wider than the window."""
    # A click only waits until the next page begins to arrive.
    page.wait_for_load_state()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], (name or page.url, _widest(page))


def _widest(page: Page) -> Any:
    """Return what sticks out of the window, innermost last."""
    return page.evaluate(
        """[...document.querySelectorAll('main *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120)).slice(-4)"""
    )


def check(page: Page, name: str = "") -> None:
    """Nothing is wider than the window, and axe finds nothing serious."""
    check_width(page, name)
    found = _barriers(page)
    assert not found, (name or page.url, found)


def _barriers(page: Page) -> list[tuple[Any, Any]]:
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
