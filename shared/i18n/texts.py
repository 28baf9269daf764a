"""Texts that remember their template, so that they can be shown in another language."""

from collections.abc import Mapping
from typing import Any, Self


class Text(str):
    """An English text with the template and the values that it was made from.

    It behaves as the English text everywhere. Its template is the message id in the catalogues: a literal, so that it
    can be extracted, with named placeholders.

        Text("The sheet {sheet} was not read.", sheet=name)
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Fill the template."""
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template = template
        text.values = values
        return text

    @property
    def written(self) -> dict[str, Any]:
        """The template and its values, as stored beside the English text."""
        return {"template": self.template, "values": dict(self.values)}
