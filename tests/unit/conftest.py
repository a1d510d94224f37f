"""How thoroughly properties are looked at: `make quick` takes fewer examples."""

from hypothesis import settings

settings.register_profile(
    "quick", settings.get_profile("no-wall-time"), max_examples=25
)
