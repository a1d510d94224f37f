"""The README's pictures, made anew of the demo: `python -m tests.pictures`."""

import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from core.main.app import ROOT
from tests.browsing import WIDE, chromium, log_in
from tests.e2e.test_new_plugin import Running, run

FOLDER = ROOT / "docs" / "screenshots"
PHONE = {"width": 390, "height": 844}
PICTURES = (
    ("dashboard", "/", WIDE),
    ("errors", "/fouten", WIDE),
    ("report", "/rapportage", WIDE),
    ("report-phone", "/rapportage", PHONE),
    ("configuration", "/configuratie", WIDE),
)
SETTLED_SECONDS = 40
"""Until the demo's past is booked."""


def take(browser: Browser, demo: Running) -> None:
    """Photograph the pages as the demo's owner sees them."""
    for name, path, size in PICTURES:
        context = browser.new_context(viewport=size, base_url=demo.url, locale="nl-NL")
        page = context.new_page()
        log_in(page, *demo.login)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}.png")
        context.close()


def main() -> None:
    """Run the demo until it has something to show."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], "VAR_DIR": folder}
        output = Path(folder) / "output"
        with run(ROOT, environ, output) as demo, chromium() as browser:
            time.sleep(SETTLED_SECONDS)
            take(browser, demo)


if __name__ == "__main__":
    main()
