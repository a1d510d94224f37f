"""150 calls in any five minutes, by the sandbox's clock; then 429 with Retry-After."""

import math
from collections import deque

from flask import Response, current_app

from core.kit.sandbox.app import json_response, sandbox

CALLS, SECONDS = 150, 300
KEY = "moneybird_calls"


def exceeded() -> Response | None:
    """Count a call; return the refusal when there are too many."""
    calls: deque[float] = current_app.extensions.setdefault(KEY, deque())
    now = sandbox().clock.now().timestamp()
    with sandbox().store.lock:
        while calls and calls[0] <= now - SECONDS:
            calls.popleft()
        if len(calls) < CALLS:
            calls.append(now)
            return None
        wait = math.ceil(calls[0] + SECONDS - now)
    answer = json_response({"error": "Rate limit exceeded", "limit": "API"}, 429)
    answer.headers["Retry-After"] = str(wait)
    return answer
