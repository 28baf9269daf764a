"""Pages from templates. All they need is in them: nothing is fetched, no script runs, markup in a text is text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.validation.formats.report_words import counted, record_number, value_text, where
from shared.reference import FOOTNOTE, needs_footnote

# Control characters would be invisible, and it is often they that a finding is about: each has a picture of its own.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}


def page(template: str, **facts: Any) -> str:
    """A page, with the footnote wherever the starred label is printed."""
    shown = {"footnote": "", **facts}
    found = _TEMPLATES.get_template(template).render(shown)
    if not needs_footnote(found):
        return found
    return _TEMPLATES.get_template(template).render({**shown, "footnote": FOOTNOTE})


def visible(text: str) -> str:
    """A text with a picture in the place of each character that nobody could see."""
    return text.translate(_PICTURES)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
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
        "where": where,
    }
    return environment


_TEMPLATES = _environment()
