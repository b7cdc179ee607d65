"""Replies to machines: what they may do with them, and what `/v1` refused."""

from app.web.asking import Answer, Made

POLICY = "default-src 'none'; frame-ancestors 'none'"

_PROBLEM = "application/problem+json"


def passed_on(asked: Answer) -> Made:
    """Return the problem that `/v1` told, in its own words."""
    return Made(
        asked.body,
        POLICY,
        _PROBLEM,
        status=asked.status,
        headers=asked.later,
        kept=False,
    )
