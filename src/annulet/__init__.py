"""annulet: the open bridge between an Oura Ring and AI assistants."""

from annulet.errors import AnnuletError

__all__ = ["AnnuletError", "__version__"]

__version__ = "0.1.0"
