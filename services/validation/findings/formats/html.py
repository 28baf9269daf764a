"""Reports as HTML: the page is self-contained, runs no script and escapes every text."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.validation.findings.formats.report_text import counted, place_text, record_number, value_text
from shared.reference import FOOTNOTE, needs_footnote

_PART = Path(__file__).parents[1]

# A finding is often about an invisible control character: replace each by its picture.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}


def visible(text: str) -> str:
    """Return the text with a picture in place of each invisible character."""
    return text.translate(_PICTURES)


def page(template: str, **facts: Any) -> str:
    """Render a page, with the footnote wherever the starred label is printed."""
    values = {"footnote": "", **facts}
    found = _TEMPLATES.get_template(template).render(values)
    if not needs_footnote(found):
        return found
    return _TEMPLATES.get_template(template).render({**values, "footnote": FOOTNOTE})


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([_PART / "templates", _PART.parent / "rulesets" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "counted": counted,
        "record_number": record_number,
        "value_text": value_text,
        "visible": visible,
        "where": place_text,
    }
    return environment


_TEMPLATES = _environment()
