"""Excel templates: a workbook to be filled in, made from the fields and the code lists as they are."""

from services.entry.formats.templates.book import template
from services.entry.formats.templates.mapping import Mapping

__all__ = ["Mapping", "template"]
