"""Mail addresses in a domain's own script."""

import pytest

from core.rules.mail_addresses import ascii_form, written_form


@pytest.mark.parametrize(
    "written", ["jan@münchen.example", "jan@post.例え.jp", "jan@gewoon.example"]
)
def test_what_a_browser_makes_of_an_address_is_read_back(written: str) -> None:
    assert written_form(ascii_form(written)) == written


@pytest.mark.parametrize("text", ["", None, "jan", "jan@xn--ongeldig-.example"])
def test_what_is_no_such_form_stays(text: str | None) -> None:
    assert written_form(text) == text
