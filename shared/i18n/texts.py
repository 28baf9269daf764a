"""Texts that remember their template, so that they can be shown in another language."""

import re
from collections.abc import Mapping
from typing import Any, Self

_EXPRESSION = re.compile(r"\{([^{}]*)\}")


class Text(str):
    """An English text with the template and the values that it was made from.

    It behaves as the English text everywhere. Its template is the message id in the catalogues: a literal, so that it
    can be extracted, with named placeholders. A value may be a text itself, and is translated with it.

        Text("The sheet {sheet} was not read.", sheet=name)
    """

    __slots__ = ("plural", "template", "values")
    template: str
    plural: str | None
    """The template for other counts than one, if the text depends on `count`."""
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Fill the template."""
        return cls._made(template, None, template, values)

    @classmethod
    def counted(cls, one: str, many: str, /, *, count: int, **values: Any) -> Self:
        """Fill the first template for one thing, and the second for any other count. Both may name `count`.

        Text.counted("{count:,} row was not read.", "{count:,} rows were not read.", count=len(rows))
        """
        return cls._made(one, many, one if count == 1 else many, values | {"count": count})

    @classmethod
    def _made(cls, template: str, plural: str | None, chosen: str, values: Mapping[str, Any]) -> Self:
        text = super().__new__(cls, chosen.format(**values) if values else chosen)
        text.template = template
        text.plural = plural
        text.values = values
        return text

    @property
    def written(self) -> dict[str, Any]:
        """The template and its values, as stored beside the English text."""
        values = {name: _written(value) for name, value in self.values.items()}
        plural = {} if self.plural is None else {"plural": self.plural}
        return {"template": self.template, **plural, "values": values}

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive copying and pickling."""
        return _remade, (str(self), self.template, self.plural, dict(self.values))


class RuleText(Text):
    """A text of a rule, whose template is data: its placeholders are expressions, which are the names of the values.

    A rule's translations have the same placeholders.
    """

    __slots__ = ()

    def __new__(cls, template: str, values: Mapping[str, Any], /) -> Self:
        """Fill the template. A placeholder without a value stays."""
        filled = _EXPRESSION.sub(lambda found: str(values.get(found[1], found[0])), template)
        text = str.__new__(cls, filled)
        text.template, text.plural, text.values = template, None, values
        return text


class Entries(Text):
    """Entries of a code list as people read them: each label, and its code in brackets.

    `context` is that of the labels in the catalogue. A label that equals its code stands alone.
    """

    __slots__ = ("context", "labels")
    context: str
    labels: Mapping[str, str]

    def __new__(cls, context: str, labels: Mapping[str, str], /) -> Self:
        """Name the codes by their English labels."""
        shown = (code if label == code else f"{label} ({code})" for code, label in labels.items())
        text = str.__new__(cls, ", ".join(shown))
        text.template, text.plural, text.values = str(text), None, {}
        text.context, text.labels = context, labels
        return text

    @property
    def written(self) -> dict[str, Any]:
        """The context and the English labels by code, as stored in the values of a text."""
        return {"context": self.context, "labels": dict(self.labels)}


class Label(Text):
    """A label, such as the name of a partner. `context` is that of the label in the catalogue."""

    __slots__ = ("context",)
    context: str

    def __new__(cls, context: str, english: str, /) -> Self:
        """Name the label in English."""
        text = str.__new__(cls, english)
        text.template, text.plural, text.values = english, None, {}
        text.context = context
        return text

    @property
    def written(self) -> dict[str, Any]:
        """The context and the English label, as stored in the values of a text."""
        return {"context": self.context, "label": str(self)}


def _written(value: Any) -> Any:
    """Return a value as JSON: a text with its template, a day as it is shown."""
    if isinstance(value, Text):
        return value.written
    return value if value is None or isinstance(value, str | int | float) else str(value)


def text_of(written: Mapping[str, Any]) -> Text:
    """Return a stored text. Raise KeyError, ValueError, TypeError or IndexError if it is damaged."""
    if "labels" in written:
        return Entries(written["context"], written["labels"])
    if "label" in written:
        return Label(written["context"], written["label"])
    values: dict[str, Any] = {
        name: text_of(value) if isinstance(value, dict) else value
        for name, value in written["values"].items()
    }
    plural = written.get("plural")
    if plural is None:
        return Text(written["template"], **values)
    return Text.counted(written["template"], plural, **values)


def _remade(text: str, template: str, plural: str | None, values: Mapping[str, Any]) -> Text:
    made = str.__new__(Text, text)
    made.template, made.plural, made.values = template, plural, values
    return made
