import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from services.validation.rulesets.formats.ruleset_html import ruleset_as_html, snippet
from shared.reference import CODELISTS, FOOTNOTE
from tests.bundled_rulesets import ruleset_for
from tests.validation.markup import Page

RULE: dict[str, Any] = {
    "id": "WBCTi-90",
    "title": "A course has an end",
    "severity": "warning",
    "level": "history",
    "kinds": ["need", "response", "support"],
    "periods": {"from": 2025, "to": 2027},
    "for_each": "transactions",
    "when": "support_type == 'training'",
    "assert": "item.amount > 0",
    "missing": "fail",
    "field": "amount",
    "message": "It ends on {planned_end}.",
    "expected": "An end after {actual_start}.",
    "why": "Somebody wants to come.",
    "reference": "IATI 2.03",
    "examples": {
        "passes": [{"record": {"planned_end": "2026-06-30", "budget": 400000}}],
        "fails": [{"record": {"ref": "A"}, "submission": {"tlp": "TLP:CLEAR"}}, {"record": {"ref": "B"}}],
    },
}


def shown(*rules: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """Return a ruleset in the JSON form of `GET /rulesets/<name>`."""
    return {
        "name": "WBCTi",
        "title": "Western Balkan Counter-Terrorism initiative",
        "version": "2026.1",
        "hash": "9f" * 32,
        "rule_count": len(rules),
        "rules": list(rules),
        "structure": [{"id": each, **vars(rule)} for each, rule in STRUCTURAL_RULES.items()],
        "fields": ruleset_for("WBCTi").shapes.written["kinds"],
        **facts,
    }


def article(text: str, rule: str) -> str:
    """Return the text of a page about one rule."""
    found = re.search(rf'<article[^>]* id="{rule}">(.*?)</article>', text, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", Page(found[1].replace("</dt>", " </dt>")).text)


@pytest.fixture(scope="module", params=["WBCTi", "WBCSCi", "WBBSi"])
def ruleset(request) -> dict[str, Any]:
    found = ruleset_for(request.param)
    return shown(*(rule.written for rule in found.rules), title=found.title)


def with_names(text: str) -> str:
    """Return a message as the page has it: with names of fields and codes in place of the calls that name them."""
    text = re.sub(r"\{field\((?:item\.)?([\w.]+)\)\}", r"\1", text)
    return re.sub(
        r"\{code\([\w.]+, ([^{}]*)\)\}", lambda found: ", ".join(re.findall("'(.*?)'", found[1])), text
    )


def test_every_rule_is_on_the_page_with_its_reasons_and_its_examples(ruleset):
    text = ruleset_as_html(ruleset)
    for rule in ruleset["rules"]:
        said = re.sub(r"\s+", "", article(text, rule["id"]))
        for part in ("id", "title", "when", "assert", "message", "expected", "why", "reference"):
            assert re.sub(r"\s+", "", with_names(rule.get(part, ""))) in said, (rule["id"], part)
        for examples in rule["examples"].values():
            for example in examples:
                assert re.sub(r"\s+", "", snippet(example)) in said, rule["id"]


def test_the_contents_lead_to_every_rule_and_to_the_fields(ruleset):
    page = Page(ruleset_as_html(ruleset))
    led_to = {address.removeprefix("#") for address in page.leads_to}
    assert {rule["id"] for rule in ruleset["rules"]} | set(STRUCTURAL_RULES) <= led_to
    assert {"fields-need", "fields-response", "fields-support"} <= led_to
    assert led_to <= page.ids


def test_a_rule_is_told_in_words():
    said = article(ruleset_as_html(shown(RULE)), "WBCTi-90")
    for words in (
        "Warning: does not return it",
        "Needs, responses and support, from 2025 to 2027",
        "each record, and the records accepted before; judged for each entry of transactions, called item",
        "Only if support_type == 'training'",
        "Failed where a value that it reads is missing.",
        "Message It ends on {planned_end}.",
        "Passes planned_end: 2026-06-30 budget: 400000",
        "Fails record: ref: A submission: tlp: TLP:CLEAR ref: B",
    ):
        assert words in said


def test_what_a_rule_does_not_have_is_not_there():
    bare = {
        name: RULE[name]
        for name in RULE
        if name not in ("when", "reference", "examples", "for_each", "periods")
    }
    said = article(ruleset_as_html(shown(bare)), "WBCTi-90")
    for heading in ("Only if", "Legal basis", "Passes", "judged for each entry", "from 2025"):
        assert heading not in said


def fields_of(fields: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, spec in fields.items():
        yield f"{before}{name}"
        inner = spec.get("fields") or spec.get("items", {}).get("fields", {})
        yield from fields_of(inner, f"{before}{name}{'[]' if 'items' in spec else ''}.")


def test_every_field_is_in_the_table_with_what_it_takes(ruleset):
    text = ruleset_as_html(ruleset)
    for fields in ruleset["fields"].values():
        for name in fields_of(fields):
            assert f"<code>{name}</code>" in text
    rows = [re.sub(r"\s+", " ", Page(row).text).strip() for row in re.findall("<tr.*?</tr>", text, re.DOTALL)]
    assert "title text required at most 2,000 characters" in rows
    assert "price_year whole number from 2000 to 2099" in rows
    assert "budget number from -100,000,000,000 to 100,000,000,000" in rows
    assert "participants[].number whole number required from 0 to 1,000,000" in rows
    assert "capabilities list at most 1,000 entries" in rows
    for code in CODELISTS["capability"].codes.values():
        assert any(
            row.startswith("capabilities[] code") and f"{code.code} {code.label}" in row for row in rows
        )


def test_the_footnote_stands_where_the_starred_label_does():
    assert ruleset_as_html(shown(RULE)).count(FOOTNOTE) == 1
    without = {"need": {"ref": {"type": "ref", "required": True}}}
    assert FOOTNOTE not in ruleset_as_html(shown(RULE, fields=without))


def test_no_text_of_a_rule_becomes_markup():
    evil = "<script>alert(1)</script>\"'{<b>}"
    names = ("title", "when", "assert", "message", "expected", "why", "reference", "for_each")
    written = {**RULE, **dict.fromkeys(names, evil), "examples": {"passes": [{"record": {"title": evil}}]}}
    plain = {
        **RULE,
        **dict.fromkeys(names, "plain {x}"),
        "examples": {"passes": [{"record": {"title": "plain"}}]},
    }
    page = Page(ruleset_as_html(shown(written, title=evil)))
    assert page.elements == Page(ruleset_as_html(shown(plain, title="plain"))).elements
    assert page.text.count("<script>alert(1)</script>") >= len(names)


def test_the_page_needs_nothing_but_itself_and_can_be_walked_by_keyboard(ruleset):
    text = ruleset_as_html(ruleset)
    page = Page(text)
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert not re.search(r"url\(|@import|style=|\bon\w+=", text)
    assert page.leads_to[0] == "#main"
    assert len(page.all("h1")) == 1
    assert all("scope" in head for head in page.all("th"))
    assert all(
        "aria-labelledby" in part for part in (*page.all("table"), *page.all("nav"), *page.all("section"))
    )
    assert len([each for _, each in page.elements if "id" in each]) == len(page.ids)


def test_an_example_is_written_as_people_write_it():
    example = {
        "record": {
            "ref": "A-1",
            "start": "2026-02-01",
            "themes": [{"code": "x", "percentage": 100}],
            "title": "Né",
        }
    }
    assert snippet(example) == "ref: A-1\nstart: 2026-02-01\nthemes:\n- code: x\n  percentage: 100\ntitle: Né"
    same = [{"ref": "A"}]
    assert snippet({"records": same + same}) == "records:\n- ref: A\n- ref: A"
