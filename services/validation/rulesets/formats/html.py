"""Rulesets as HTML: the page is self-contained, runs no script and escapes every text."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.reference import FOOTNOTE, needs_footnote

HTML = "text/html"
CONTENT_SECURITY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The headers of a page: a browser fetches and runs nothing, whatever a text contains."""


def page(template: str, **facts: Any) -> str:
    """Render a page, with the footnote wherever the starred label is printed."""
    values = {"footnote": "", **facts}
    found = _TEMPLATES.get_template(template).render(values)
    if not needs_footnote(found):
        return found
    return _TEMPLATES.get_template(template).render({**values, "footnote": FOOTNOTE})


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
