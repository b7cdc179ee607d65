"""Plugins of the whole test run."""

pytest_plugins = ["tests.plugins.no_skips"]
