"""What the rows of each list of the registry and of the evidence look like."""

from app.domain.reports import Kind
from app.services.listing import Shape

MODELS = Shape(
    "model",
    "models",
    {
        "slug": Kind.TEXT,
        "name": Kind.TEXT,
        "provider": Kind.TEXT,
        "origin": Kind.TEXT,
        "weights": Kind.TEXT,
        "license": Kind.TEXT,
        "family": Kind.TEXT,
        "base": Kind.TEXT,
        "variant": Kind.TEXT,
        "released_on": Kind.TEXT,
        "context_length": Kind.INTEGER,
        "hugging_face_id": Kind.TEXT,
        "aliases": Kind.TEXTS,
        "first_seen": Kind.DATE,
        "last_seen": Kind.DATE,
        "volume_28d": Kind.INTEGER,
        "price_prompt_usd_per_million": Kind.DECIMAL,
        "price_completion_usd_per_million": Kind.DECIMAL,
        "price_as_of": Kind.DATE,
    },
    searched=("slug", "name", "aliases", "hugging_face_id"),
    order="slug",
)
PROVIDERS = Shape(
    "provider",
    "providers",
    {
        "slug": Kind.TEXT,
        "name": Kind.TEXT,
        "organisation": Kind.TEXT,
        "kind": Kind.TEXT,
        "lab": Kind.TEXT,
        "origin": Kind.TEXT,
        "origin_name": Kind.TEXT,
        "alternatives": Kind.TEXTS,
        "confidence": Kind.TEXT,
        "basis": Kind.TEXT,
        "evidence": Kind.TEXT,
        "since_release": Kind.INTEGER,
        "aliases": Kind.TEXTS,
        "models": Kind.INTEGER,
        "volume_28d": Kind.INTEGER,
    },
    searched=("slug", "name", "organisation", "aliases"),
    order="slug",
)
ORIGINS = Shape(
    "origin",
    "origins",
    {
        "origin": Kind.TEXT,
        "origin_name": Kind.TEXT,
        "providers": Kind.INTEGER,
        "models": Kind.INTEGER,
        "volume_28d": Kind.INTEGER,
    },
    searched=("origin", "origin_name"),
    order="origin",
)
FAMILIES = Shape(
    "family",
    "families",
    {
        "family": Kind.TEXT,
        "providers": Kind.TEXTS,
        "models": Kind.INTEGER,
        "volume_28d": Kind.INTEGER,
    },
    searched=("family", "providers"),
    order="family",
)
CATEGORIES = Shape(
    "category",
    "categories",
    {"category": Kind.TEXT, "category_name": Kind.TEXT, "dataset": Kind.TEXT},
    searched=("category", "category_name"),
    order="category",
)
DATASETS = Shape(
    "dataset",
    "datasets",
    {
        "slug": Kind.TEXT,
        "name": Kind.TEXT,
        "publisher": Kind.TEXT,
        "metric": Kind.TEXT,
        "unit": Kind.TEXT,
        "grain": Kind.TEXT,
        "license": Kind.TEXT,
        "citation": Kind.TEXT,
        "dimensions": Kind.TEXTS,
        "default_group": Kind.TEXT,
        "series": Kind.INTEGER,
        "days": Kind.INTEGER,
        "first_day": Kind.DATE,
        "last_day": Kind.DATE,
        "data_through": Kind.DATE,
        "source_as_of": Kind.TIME,
        "since_release": Kind.INTEGER,
    },
    searched=("slug", "name", "publisher"),
    order="slug",
)
ANNOTATIONS = Shape(
    "annotation",
    "annotations",
    {
        "dataset": Kind.TEXT,
        "date_from": Kind.DATE,
        "date_to": Kind.DATE,
        "kind": Kind.TEXT,
        "text": Kind.TEXT,
        "url": Kind.TEXT,
        "since_release": Kind.INTEGER,
    },
    searched=("text", "kind"),
    order="date_from",
)
RELEASES = Shape(
    "release",
    "releases",
    {
        "id": Kind.INTEGER,
        "published_at": Kind.TIME,
        "kind": Kind.TEXT,
        "dataset": Kind.TEXT,
        "method_version": Kind.TEXT,
        "summary": Kind.TEXT,
        "digest": Kind.TEXT,
    },
    searched=("summary", "dataset"),
    order="-id",
)
