"""The page tells the catch rates that are so."""

from bench import catch_rates


def test_the_table_of_the_page_is_what_is_measured() -> None:
    page = catch_rates.PAGE.read_text(encoding="utf-8")

    assert catch_rates.shown(page) == catch_rates.table()
