"""With FORBID_SKIPS=1 in the environment a test that is skipped fails.

On a developer's machine a test may skip what is not installed. Where everything must
be there, a skip would be a check that looked at nothing.
"""

import os
from collections.abc import Generator

import pytest

FORBIDDEN = os.environ.get("FORBID_SKIPS", "") not in {"", "0"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    report = yield
    # An expected failure is reported as skipped too; that one did run.
    if FORBIDDEN and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is forbidden here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[
    None, pytest.CollectReport, pytest.CollectReport
]:
    report = yield
    if FORBIDDEN and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which is forbidden here: {report.longrepr}"
    return report
