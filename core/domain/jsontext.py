"""JSON that keeps amounts exact: numbers with a fraction are Decimal both ways."""

from typing import Any

import simplejson


class JsonError(ValueError):
    """The text is not JSON that we accept (syntax, NaN, duplicate key, depth)."""


def _refuse_constant(text: str) -> Any:
    raise JsonError(f"{text} is not a JSON number")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise JsonError("an object names the same key twice")
    return result


def loads(text: str | bytes) -> Any:
    """Parse JSON text; raise JsonError on anything a strict reader would refuse."""
    try:
        return simplejson.loads(
            text,
            use_decimal=True,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_pairs,
        )
    except JsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonError(str(error)) from error


def dumps(value: Any) -> str:
    """Write JSON text; Decimal becomes a number with its own digits."""
    return simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, separators=(",", ":")
    )
