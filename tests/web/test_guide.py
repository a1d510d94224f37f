"""The glossary, the questions, and the sheet of components."""

import re

import pyotp
import pytest
from playwright.sync_api import Browser

from core.texts.glossary import TERMS
from core.texts.questions import SUBJECTS
from tests.browsing import check, served, watched
from tests.web.accounts import OPERATOR, operator, with_two_factor
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


def test_anybody_reads_every_word_with_its_meaning(site: Site) -> None:
    text = site.client().get("/begrippen").text
    for key in TERMS:
        assert f'<div id="{key}"><dt>' in text
    assert "Intracommunautaire prestatie" in text


def test_answers_name_todays_prices(site: Site) -> None:
    text = site.client().get("/vragen").text
    assert text.count("<details>") == sum(len(asked) for _, _, asked in SUBJECTS)
    assert "39,50" in text
    assert "67,50" in text
    assert "%(" not in text


def test_both_are_read_in_english(site: Site) -> None:
    client = site.client()
    client.post("/taal", data={"language": "en"})
    assert "Frequently asked questions" in client.get("/vragen").text
    assert "Intra-Community" in client.get("/begrippen").text


def test_the_sheet_is_for_our_own_people(site: Site) -> None:
    sample = site.sample()
    assert site.client(sample.owner).get("/stijl").status_code == 403
    assert site.client(sample.colleague).get("/stijl").status_code == 403
    assert site.client().get("/stijl").status_code == 303
    assert operator(site).get("/stijl").status_code == 200


def test_a_field_says_what_is_wrong_with_it(site: Site) -> None:
    text = operator(site).get("/stijl").text
    said = re.search(r'<input[^>]*id="wrong-text"[^>]*>', text)
    assert said, text
    assert 'aria-invalid="true"' in said[0]
    named = re.search(r'aria-describedby="([^"]+)"', said[0])
    assert named, said[0]
    for one in named[1].split():
        assert f'id="{one}"' in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_component_is_in_order(browser: Browser, site: Site, scheme: str) -> None:
    """Of axe, at both widths, in light and dark; an explanation opens by keyboard."""
    operator(site)
    secret = with_two_factor(site, OPERATOR)
    with served(site.app) as address, watched(browser, address) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto("/login")
        page.fill("[name=email]", OPERATOR)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("[name=code]")
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        page.keyboard.press("Enter")
        page.wait_for_url("**/beheer/")
        for size in SIZES:
            page.set_viewport_size(size)
            page.goto("/stijl")
            check(page, f"{scheme} {size['width']}")
        word = page.locator("button.term").first
        word.focus()
        page.keyboard.press("Enter")
        page.locator("#term-icp").wait_for(state="visible")
        page.keyboard.press("Escape")
        page.locator("#term-icp").wait_for(state="hidden")
