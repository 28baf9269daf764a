"""HTML and text documents from templates. Pages are self-contained: they fetch nothing and run no script."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.reference import FOOTNOTE, needs_footnote

# Control characters are invisible, and findings are often about them: each is shown as a picture.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}


def visible(text: str) -> str:
    """Return the text with a picture in place of each invisible character."""
    return text.translate(_PICTURES)


class Templates:
    """The templates of a folder. Markup in a value is text; an unknown name is an error."""

    def __init__(
        self,
        folder: Path,
        *,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        keep_trailing_newline: bool = False,
    ) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            # Plain texts, such as mails, must show an ampersand as it is.
            autoescape=select_autoescape(
                enabled_extensions=("html", "html.j2", "htm"),
                disabled_extensions=("txt", "txt.j2"),
                default=True,
            ),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=keep_trailing_newline,
            auto_reload=False,
        )
        self._environment.filters |= {"visible": visible, **(filters or {})}
        self._environment.globals |= dict(functions or {})

    def render(self, template: str, *, also: str = "", **facts: Any) -> str:
        """Render a template, with the footnote as `footnote` if the text prints the starred label.

        `also` is text outside the template, such as a subject, that may need the footnote too.
        """
        found = self._environment.get_template(template)
        text = found.render({"footnote": "", **facts})
        if not needs_footnote(text + also):
            return text
        return found.render({**facts, "footnote": FOOTNOTE})
