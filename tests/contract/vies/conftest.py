"""A running VIES sandbox on a free port."""

from collections.abc import Iterator

import pytest

from plugins.vies.sandbox import create_app
from tests.sandboxes import serving


@pytest.fixture
def vies_url() -> Iterator[str]:
    """Return the base address of a fresh sandbox."""
    with serving(create_app(":memory:")) as url:
        yield url
