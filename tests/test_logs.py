"""What is logged is one line an event, and holds no values of variables."""

import json
import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from app import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configured = structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**configured)


def fail() -> None:
    secret = os.fsdecode(b"hidden")
    raise ValueError(f"{len(secret)} characters")


def test_a_failure_is_one_line_without_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("INFO", plain=False)

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("it failed", source="one")

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["source"], told["level"]) == (
        "it failed",
        "one",
        "error",
    )
    assert "ValueError: 6 characters" in told["exception"]
    assert "hidden" not in line


def test_libraries_log_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", plain=False)

    logging.getLogger("some.library").warning("%s is slow", "disk")
    logging.getLogger("apscheduler").info("not told")

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("disk is slow", "warning")


def test_what_is_less_severe_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING", plain=True)

    structlog.get_logger().info("not told")
    structlog.get_logger().warning("told", run=7)

    (line,) = capsys.readouterr().err.splitlines()
    assert "told" in line
    assert "run=7" in line
