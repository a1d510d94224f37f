"""`python -m tests.screenshots FOLDER`: a picture of every page, to be looked at.

Starts the demo with ports of its own, logs in as its owner and as one of our own
people, and follows the links until every page of the policy table that opens with GET
was found once; each is photographed whole, at every width, in Dutch and in English.
With `--readme` the pictures of the README are made anew instead.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click
import pyotp
from flask import Flask
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from core.main.app import ROOT, create_app
from core.models import Role
from core.runtime.database import transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.people import accounts, two_factor
from core.web import policy
from tests.browsing import chromium

LANGUAGES = ("nl", "en")
WIDTHS = (390, 1280)
HEIGHT = 844
README = ROOT / "docs" / "screenshots"
README_PAGES = (("dashboard", "/", 1280), ("errors", "/fouten", 1280))
OPERATOR, PASSWORD = "foto@koppelwerk.example", "vier losse woorden samen"
ACCESS = ("public", "user", "login", "owner", "operator")
PATIENCE = 180_000
"""Milliseconds that a picture may take on a busy machine."""
STARTS_IN = 300
"""Seconds that a demo may take to tell its address."""
BOOKED = 25
"""So many orders have to be booked before the pictures are worth it."""


@dataclass
class Demo:
    """A demo that runs, and how one gets in."""

    address: str
    email: str
    password: str
    folder: Path
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        """Open the demo's own database, for what no page can do."""
        environ = {**os.environ, "VAR_DIR": str(self.folder)}
        self.app = create_app(Settings.from_environ(environ))

    def operator_secret(self) -> str:
        """Return the secret of an operator's second step, made when absent."""
        with self.app.app_context(), system_scope(), transaction():
            user = accounts.find_by_email(OPERATOR) or accounts.create_user(
                None, email=OPERATOR, password=PASSWORD, role=Role.OPERATOR, name="Ilse"
            )
            if not two_factor.is_on(user):
                two_factor.begin(user)
                earlier = pyotp.TOTP(two_factor.secret_of(user)).at(time.time() - 30)
                two_factor.confirm(user, earlier)
            return two_factor.secret_of(user)


@contextmanager
def running() -> Iterator[Demo]:
    """Run a demo in a folder of its own, with its first orders booked."""
    with tempfile.TemporaryDirectory(prefix="koppelwerk-") as folder:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "run-demo"]
        log = Path(folder) / "demo.log"
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [*command, "--free-ports", "--end-with-parent"],
                cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, "VAR_DIR": folder},
            )  # fmt: skip
        try:
            yield _announced(process, log, Path(folder))
        finally:
            process.terminate()
            process.wait(timeout=60)


def _announced(process: subprocess.Popen[bytes], log: Path, folder: Path) -> Demo:
    """Wait until the demo tells its address and login."""
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until and process.poll() is None:
        said = log.read_text(encoding="utf-8")
        address = re.search(r"runs at (\S+)", said)
        login = re.search(r"log in with (\S+) / (\S+)", said)
        if address and login:
            return Demo(address[1], login[1], login[2], folder)
        time.sleep(1)
    raise click.ClickException(f"the demo did not start:\n{log.read_text('utf-8')}")


def log_in(page: Page, demo: Demo, *, operator: bool = False) -> None:
    """Log in as the demo's owner or as one of our own people."""
    page.goto("/login")
    page.fill("[name=email]", OPERATOR if operator else demo.email)
    page.fill("[name=password]", PASSWORD if operator else demo.password)
    if operator:
        secret = demo.operator_secret()
        page.keyboard.press("Enter")
        page.wait_for_selector("[name=code]")
        page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_selector("form[action$=logout]")


def speak(page: Page, language: str) -> None:
    """Choose a language; the switch offers the other one only."""
    page.goto("/voorwaarden")
    switch = page.locator(f"button[name=language][value={language}]")
    if switch.count():
        switch.first.click()
        page.wait_for_selector(f"html[lang={language}]")


class Photographer:
    """Finds pages by their links and keeps a picture of each."""

    def __init__(self, app: Flask, folder: Path, widths: tuple[int, ...]) -> None:
        """Photograph into `folder`, at each width."""
        self._app, self._folder, self._widths = app, folder, widths
        self._match = app.url_map.bind("127.0.0.1").match
        self._wanted = {
            entry.endpoint: entry.rule
            for entry in policy.table(app)
            if "GET" in entry.methods and entry.access in ACCESS
        }
        self.found: dict[str, str] = {}
        """An address of each page that was met."""
        self.no_pages: set[str] = set()
        """What is a file, a part of a page or another way to a page."""

    @property
    def missing(self) -> list[str]:
        """Return the rules of which no example was met."""
        met = self.found.keys() | self.no_pages
        return sorted(r for e, r in self._wanted.items() if e not in met)

    def walk(self, page: Page, language: str, accesses: tuple[str, ...]) -> None:
        """Photograph all that is reached from the pages without parameters."""
        waiting = [
            (endpoint, rule)
            for endpoint, rule in self._wanted.items()
            if "<" not in rule and self._access(endpoint) in accesses
        ]
        seen = {endpoint for endpoint, _ in waiting} | self.found.keys()
        for endpoint, path in waiting:  # grows while it is walked
            if not self._photograph(page, endpoint, path, language):
                self.no_pages.add(endpoint)
                continue
            self.found[endpoint] = path
            for href in _links(page):
                other = self._endpoint(href)
                if other in self._wanted and other not in seen:
                    seen.add(other)
                    waiting.append((other, href))

    def again(self, page: Page, language: str, accesses: tuple[str, ...]) -> None:
        """Photograph what was found before, in another language."""
        for endpoint, path in self.found.items():
            if self._access(endpoint) in accesses:
                self._photograph(page, endpoint, path, language)

    def _access(self, endpoint: str) -> str:
        return policy.access_of(self._app, endpoint)

    def _endpoint(self, href: str) -> str:
        try:
            return str(self._match(href.split("?")[0].split("#")[0])[0])
        except (HTTPException, RequestRedirect):
            return ""

    def _photograph(self, page: Page, endpoint: str, path: str, language: str) -> bool:
        """Keep the pictures of one page; tell whether it is one."""
        try:
            answer = page.goto(path)
        except BrowserError:  # a download
            return False
        is_page = answer is not None and answer.ok and page.query_selector("h1")
        if not is_page or self._endpoint(urlsplit(page.url).path) != endpoint:
            return False
        for width in self._widths:
            place = self._folder / language / str(width)
            place.mkdir(parents=True, exist_ok=True)
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=place / f"{endpoint}.png", full_page=True)
        return True


def _links(page: Page) -> list[str]:
    """Return the addresses of ours that a page links to."""
    found: list[str] = page.eval_on_selector_all(
        "a[href^='/']", "links => links.map(link => link.getAttribute('href'))"
    )
    return found


def photograph(
    browser: Browser,
    demo: Demo,
    folder: Path,
    widths: tuple[int, ...],
    languages: tuple[str, ...],
    *,
    dark: bool = False,
) -> Photographer:
    """Photograph every page, as nobody, as the owner and as one of our own people."""
    taken = Photographer(demo.app, folder, widths)
    visits = (
        (None, ("public",)),
        (False, ("user", "login", "owner")),
        (True, ("operator",)),
    )
    for operator, accesses in visits:
        page = browser.new_context(
            base_url=demo.address,
            locale="nl-NL",
            color_scheme="dark" if dark else "light",
        ).new_page()
        page.set_default_timeout(PATIENCE)
        if operator is not None:
            log_in(page, demo, operator=operator)
        for number, language in enumerate(languages):
            speak(page, language)
            (taken.again if number else taken.walk)(page, language, accesses)
        speak(page, LANGUAGES[0])
        page.context.close()
    return taken


def for_readme(browser: Browser, demo: Demo) -> None:
    """Make the pictures of the README anew."""
    page = browser.new_context(base_url=demo.address, locale="nl-NL").new_page()
    log_in(page, demo)
    for name, path, width in README_PAGES:
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        page.goto(path)
        page.screenshot(path=README / f"{name}.png")


def wait_for_orders(browser: Browser, demo: Demo) -> None:
    """Wait until the demo has something to show."""
    page = browser.new_context(base_url=demo.address, locale="nl-NL").new_page()
    log_in(page, demo)
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until:
        page.goto("/rapportage")
        if page.locator("#list tbody tr").count() >= BOOKED:
            break
        time.sleep(3)
    page.context.close()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--width", "widths", type=int, multiple=True, default=WIDTHS)
@click.option("--language", "languages", multiple=True, default=LANGUAGES)
@click.option("--dark", is_flag=True, help="As a browser that prefers dark shows them.")
@click.option("--readme", is_flag=True, help="Only the README's pictures.")
@click.option("--demo", "known", nargs=4, help="One that runs: URL EMAIL WORD VAR_DIR.")
def main(
    folder: Path,
    widths: tuple[int, ...],
    languages: tuple[str, ...],
    dark: bool,
    readme: bool,
    known: tuple[str, str, str, str] | None,
) -> None:
    """Photograph every page of a demo into FOLDER/language/width/endpoint.png."""
    if known:
        _take(Demo(*known[:3], Path(known[3])), folder, widths, languages, dark, readme)
        return
    with running() as demo:
        _take(demo, folder, widths, languages, dark, readme)


def _take(
    demo: Demo,
    folder: Path,
    widths: tuple[int, ...],
    languages: tuple[str, ...],
    dark: bool,
    readme: bool,
) -> None:
    with chromium() as browser:
        wait_for_orders(browser, demo)
        if readme:
            for_readme(browser, demo)
            return
        taken = photograph(browser, demo, folder, widths, languages, dark=dark)
    click.echo(f"{len(taken.found)} pages in {folder}")
    for rule in taken.missing:
        click.echo(f"  no example of {rule}")


if __name__ == "__main__":
    main()
