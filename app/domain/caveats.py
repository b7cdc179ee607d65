"""What to keep in mind about a dataset, by the codes that answers bear."""

from collections.abc import Mapping

CAVEATS: Mapping[str, str] = {
    "public_traffic_of_one_router": "This is the traffic of one router. Most use of "
    "most models goes straight to their makers or through clouds, and is not in it.",
    "tokenizers_differ": "A token is what each maker's tokenizer makes of the text: "
    "comparable within a provider, approximate across.",
    "top_50_models_per_day": "Only the 50 largest models of a day are listed by name; "
    "a model below rank 50 is not at zero.",
    "directory_of_one_publisher": "This counts the entries of one public directory on "
    "one day: what its editors list, not what is used.",
    "sampled_and_classified": "These are estimates: a part of the traffic was "
    "classified by machine.",
    "trailing_window": "Each day tells of a window of several days that ends with it, "
    "so days are not added up.",
    "apps_that_say_who_they_are": "Only applications that send their name are ranked, "
    "and nobody checks the names.",
    "downloads_are_not_use": "A download counts once, however much the copy is used; "
    "models offered only through an API have none.",
    "most_downloaded_repositories": "Only the most downloaded repositories are read; "
    "the share of a maker is rather too low.",
}
"""What each caveat of `/v1` means, in short; the method tells it at length."""
