"""Model Census: an open statistics service for AI-model usage."""

__version__ = "0.1.0"
