"""How everything is logged: one line an event, never a variable of the code.

JSON for machines, plain text at a terminal. Libraries that log in the usual way come
out in the same form.
"""

import logging
import sys
from typing import Any

import structlog

_QUIET = (
    "alembic.runtime.plugins",
    "apscheduler",
    "httpcore2",
    "httpx2",
    "uvicorn.access",
)


def configure(level: str, *, plain: bool | None = None) -> None:
    """Log to standard error from now on.

    Args:
        level: Least severe level that is logged, such as `INFO`.
        plain: Text instead of JSON; None: where standard error is a terminal.
    """
    if plain is None:
        plain = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # The text of a failure, not the values of its variables: one may be a key.
        structlog.processors.format_exc_info,
    ]
    last = (
        structlog.dev.ConsoleRenderer(colors=False)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
