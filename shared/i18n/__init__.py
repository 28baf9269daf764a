"""Texts that people read, in the languages of the partners."""

from shared.i18n.texts import Text

__all__ = ["Text"]
