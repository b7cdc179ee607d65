"""What `modelcensus` calls: the operator's door, opened without delay."""

import gc


def main() -> None:
    """Run the command that the arguments name, and exit."""
    # Imports make nearly no garbage, and to look for it is a tenth of a start.
    gc.disable()
    try:
        from app.console import run  # noqa: PLC0415 (that is what takes the time)
    finally:
        gc.enable()
    run()
