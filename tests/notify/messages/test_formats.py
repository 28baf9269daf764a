import pytest

from services.notify.messages.formats import MESSAGE_KINDS
from services.notify.reminders.domain.ladder import LADDER
from shared.reference import FOOTNOTE
from tests.notify.messages.examples import EXAMPLES, GOLDENS, rendered


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_mail_reads_as_its_golden(name: str) -> None:
    shown = rendered(name)
    assert f"Subject: {shown.subject}\n\n{shown.text}" == (GOLDENS / f"{name}.txt").read_text()
    assert shown.html == (GOLDENS / f"{name}.html").read_text()


def test_every_golden_has_an_example() -> None:
    assert {path.stem for path in GOLDENS.iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_footnote_is_printed_with_the_starred_label_only(name: str) -> None:
    shown = rendered(name)
    for body in (shown.text, shown.html):
        assert ("Kosovo*" in body) == (FOOTNOTE in " ".join(body.split()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plain_text_mail_fits_a_narrow_window(name: str) -> None:
    assert max(map(len, rendered(name).text.splitlines())) <= 78


def test_the_registry_has_every_kind_that_is_sent_and_an_example_of_each() -> None:
    assert {step.kind for step in LADDER} <= MESSAGE_KINDS.keys()
    assert {item.kind for message in EXAMPLES.values() for item in message.items} == MESSAGE_KINDS.keys()
