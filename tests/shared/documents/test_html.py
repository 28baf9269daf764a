"""Documents carry the footnote wherever they print the starred label, and nothing in a text becomes markup."""

import pytest
from jinja2 import UndefinedError

from shared.documents.html import Templates, visible
from shared.reference import FOOTNOTE


@pytest.fixture
def templates(tmp_path) -> Templates:
    for name in ("page.html.j2", "mail.txt.j2"):
        (tmp_path / name).write_text("{{ text }}{% if footnote %}|{{ footnote }}{% endif %}\n")
    (tmp_path / "shout.html.j2").write_text("{{ text | shout }}{{ answer() }}{{ text | visible }}")
    return Templates(tmp_path, filters={"shout": str.upper}, functions={"answer": lambda: 42})


def test_the_footnote_stands_with_the_starred_label_and_nowhere_else(templates):
    assert templates.render("page.html.j2", text="Albania") == "Albania"
    assert templates.render("page.html.j2", text="Kosovo*") == f"Kosovo*|{FOOTNOTE}"


def test_a_starred_label_outside_the_template_needs_the_footnote_too(templates):
    assert templates.render("mail.txt.j2", text="Albania", also="Kosovo*") == f"Albania|{FOOTNOTE}"


def test_markup_is_text_on_a_page_and_stays_as_it_is_in_plain_text(templates):
    assert templates.render("page.html.j2", text="<b>&") == "&lt;b&gt;&amp;"
    assert templates.render("mail.txt.j2", text="<b>&") == "<b>&"


def test_filters_and_functions_are_added_and_an_unknown_name_is_an_error(templates):
    assert templates.render("shout.html.j2", text="a\x00") == "A\x0042a\u2400"
    with pytest.raises(UndefinedError):
        templates.render("page.html.j2")


def test_what_cannot_be_seen_is_shown_as_a_picture():
    assert visible("a\x07b\x7fc\td\n") == "a\u2407b\u2421c\td\n"
