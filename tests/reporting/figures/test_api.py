import csv
import io
import re

import pytest

from services.reporting.figures.operations import rebuilding
from shared.reference.partners import FOOTNOTE
from tests.reporting.events import accepted, body_of, need, support


def total_of(answer):
    """The number of records of all kinds, which the API does not add up."""
    return sum(block["total"]["records"] for block in answer.json["blocks"])


def records(answer, *keys):
    return {tuple(row[key] for key in keys): row["records"] for row in answer.json["rows"]}


def test_a_total_counts_distinct_records_and_may_be_less_than_its_rows(get, figures):
    answer = get("aggregates?kind=support&group_by=partner")
    assert records(answer, "partner") == {("AL",): 3, ("XK",): 1}
    assert answer.json["total"]["records"] == 3


def test_a_record_with_three_beneficiaries_counts_once_for_each_and_once_in_all(get, runtime, fold):
    """docs/figures.md explains this example."""
    shares = {"AL": 50, "XK": 30, "RS": 20}
    beneficiaries = [{"code": code, "percentage": share} for code, share in shares.items()]
    training = support("S-1", beneficiaries=beneficiaries, budget=90_000, currency="EUR")
    fold(accepted(runtime, 1, body_of(training, reporter="EC", kind="support")))
    answer = get("aggregates?kind=support&group_by=partner")
    assert records(answer, "partner") == {("AL",): 1, ("XK",): 1, ("RS",): 1}
    committed = [row["amounts"][0]["committed"] for row in answer.json["rows"]]
    assert committed == ["45000.00", "27000.00", "18000.00"]
    total = answer.json["total"]
    assert (total["records"], total["amounts"][0]["committed"]) == (1, "90000.00")


def test_money_is_shown_per_currency_and_never_mixed(get, figures):
    answer = get("aggregates?kind=support&partner=AL")
    assert answer.json["total"]["amounts"] == [
        {"currency": "ALL", "estimated": "0.00", "committed": "7.00", "spent": "0.00"},
        {"currency": "EUR", "estimated": "0.00", "committed": "90.01", "spent": "0.00"},
    ]


@pytest.mark.parametrize("query", ["kind=need&kind=support", "kind=need,support", "kind=need, support"])
def test_a_filter_may_be_repeated_or_separated_by_commas(get, figures, query):
    assert total_of(get(f"aggregates?{query}&group_by=kind")) == 7


@pytest.mark.parametrize("key", ["pillar", "partner", "kind", "theme", "category", "period", "status"])
def test_figures_can_be_grouped_and_filtered_by_every_key(get, figures, key):
    answer = get(f"aggregates?group_by={key}")
    assert total_of(answer) == 7
    for block in answer.json["blocks"]:
        for row in block["rows"]:
            alone = get(f"aggregates?kind={block['kind']}&{key}={row[key]}").json["total"]
            assert (alone["records"], alone["amounts"]) == (row["records"], row["amounts"])


def test_without_a_kind_there_is_a_block_per_kind_and_kinds_are_never_added_up(get, figures):
    answer = get("aggregates?group_by=partner").json
    assert [block["kind"] for block in answer["blocks"]] == ["need", "response", "support"]
    assert [block["total"]["records"] for block in answer["blocks"]] == [4, 0, 3]
    assert answer["blocks"][1] == {
        "kind": "response",
        "rows": [],
        "total": {"records": 0, "amounts": []},
    }
    assert "total" not in answer
    assert answer["rows"] == [
        {"kind": block["kind"]} | row for block in answer["blocks"] for row in block["rows"]
    ]


@pytest.mark.parametrize("kind", ["need", "response", "support"])
def test_one_kind_has_the_same_block_and_its_rows_and_total_alone(get, figures, kind):
    alone = get(f"aggregates?kind={kind}&group_by=partner,period").json
    (block,) = alone["blocks"]
    assert [{"kind": kind} | row for row in block["rows"]] == alone["rows"]
    assert (block["kind"], block["total"]) == (kind, alone["total"])
    assert block in get("aggregates?group_by=partner,period").json["blocks"]


def test_a_pillar_may_be_spelled_as_on_input(get, figures):
    assert total_of(get("aggregates?pillar=Pillar 3")) == 7
    assert get("aggregates?pillar=wb-bsi").json["filters"]["pillar"] == ["WBBSi"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("partner=FR", "/query/partner"),
        ("kind=wish", "/query/kind"),
        ("pillar=WBX", "/query/pillar"),
        ("theme=*", "/query/theme"),
        ("group_by=tlp", "/query/group_by"),
        ("colour=red", "/query/colour"),
        ("format=xml", "/query/format"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_would_pass(get, query, pointer):
    answer = get(f"aggregates?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_partners_are_printed_with_labels_in_their_order_and_kosovo_with_its_footnote(get, figures):
    answer = get("aggregates?group_by=partner&kind=need").json
    assert [row["partner_label"] for row in answer["rows"]] == ["Albania", "Kosovo*"]
    assert answer["footnote"] == FOOTNOTE


def test_no_footnote_stands_where_kosovo_does_not(get, figures):
    assert "footnote" not in get("aggregates?group_by=partner&partner=AL").json


def table(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("ask", [{"Accept": "text/csv"}, {}])
def test_csv_has_a_line_per_figure_and_nothing_else(get, figures, ask):
    answer = get("aggregates?kind=support&group_by=partner" + ("" if ask else "&format=csv"), **ask)
    assert answer.mimetype == "text/csv"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["kind", "partner", "partner_label", "measure", "currency", "value"],
        ["support", "AL", "Albania", "records", "", "3"],
        ["support", "AL", "Albania", "committed", "ALL", "7.00"],
        ["support", "AL", "Albania", "spent", "ALL", "0.00"],
        ["support", "AL", "Albania", "committed", "EUR", "90.01"],
        ["support", "AL", "Albania", "spent", "EUR", "0.00"],
        ["support", "XK", "Kosovo*", "records", "", "1"],
        ["support", "XK", "Kosovo*", "committed", "EUR", "50.00"],
        ["support", "XK", "Kosovo*", "spent", "EUR", "0.00"],
    ]


def test_the_total_and_the_footnote_of_a_table_are_in_headers_and_at_its_links(get, figures):
    answer = get("aggregates?kind=support,need&group_by=partner&partner=XK,AL&format=csv")
    assert answer.headers["IISGD-Footnote"] == FOOTNOTE
    assert answer.headers["IISGD-As-Of"] == "2026-11-23T09:00:00.000Z"
    assert answer.headers["IISGD-Markings"].split(", ")[-1] == "TLP:RED"
    assert answer.headers["IISGD-Total"] == (
        'need;records=4;estimated="9.00 EUR", '
        'support;records=3;committed="7.00 ALL, 140.01 EUR";spent="0.00 ALL, 0.00 EUR"'
    )
    found = re.findall(r'</reporting/v1/([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    links = {rel: path for path, rel in found}
    as_json = get(links["alternate"]).json
    assert as_json["footnote"] == FOOTNOTE
    assert as_json["filters"] == {"kind": ["need", "support"], "partner": ["AL", "XK"]}
    totals = table(get(links["related"]))
    assert [(row["kind"], row["value"]) for row in totals if row["measure"] == "records"] == [
        ("need", "4"),
        ("support", "3"),
    ]


def test_csv_has_the_same_figures_as_json(get, figures):
    query = "aggregates?group_by=partner,theme,period"
    counted = {}
    for block in get(query).json["blocks"]:
        for row in block["rows"]:
            at = (block["kind"], row["partner"], row["theme"], row["period"])
            counted[*at, "records", ""] = str(row["records"])
            for amount in row["amounts"]:
                for measure in ("estimated", "committed", "spent"):
                    if (block["kind"] == "need") == (measure == "estimated"):
                        counted[*at, measure, amount["currency"]] = amount[measure]
                    else:
                        assert amount[measure] == "0.00"
    keys = ("kind", "partner", "theme", "period", "measure", "currency")
    assert {
        tuple(row[key] for key in keys): row["value"] for row in table(get(f"{query}&format=csv"))
    } == counted


@pytest.mark.parametrize("accept", ["text/csv;q=0, */*", "text/csv;q=0.5, application/json", "*/*", ""])
def test_json_is_sent_to_clients_that_refuse_csv_or_prefer_it_less(get, figures, accept):
    assert get("aggregates", Accept=accept).mimetype == "application/json"


def test_without_groups_csv_has_the_totals(get, figures):
    answer = get("aggregates?kind=need&partner=AL&format=csv")
    assert answer.text.splitlines() == [
        "kind,measure,currency,value",
        "need,records,,2",
        "need,estimated,EUR,9.00",
    ]
    assert "Totals" not in answer.headers["Link"]


def test_a_currency_in_other_letters_does_not_break_the_headers(get, runtime, fold):
    record = need("N-1", estimated_cost=5, currency="\u0414\u0418\u041d")
    fold(accepted(runtime, 1, body_of(record)))
    answer = get("aggregates?kind=need&format=csv")
    assert answer.headers["IISGD-Total"].isascii()
    assert ("estimated", "5.00") in {(row["measure"], row["value"]) for row in table(answer)}


def test_a_code_that_a_spreadsheet_would_run_is_escaped(get, runtime, fold):
    fold(accepted(runtime, 1, body_of(need("N-1", theme="=cmd"))))
    (row, *_) = table(get("aggregates?kind=need&group_by=theme&format=csv"))
    assert row["theme"] == "'=cmd"


def test_the_tag_changes_with_the_data_and_the_question_and_not_with_a_rebuild(get, figures, runtime, fold):
    first = get("aggregates?group_by=kind")
    assert get("aggregates?group_by=kind", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    rebuilding.rebuild(runtime)
    assert get("aggregates?group_by=kind").headers["ETag"] == first.headers["ETag"]
    assert get("aggregates?group_by=partner").headers["ETag"] != first.headers["ETag"]
    assert get("aggregates?group_by=kind&format=csv").headers["ETag"] != first.headers["ETag"]
    fold(accepted(runtime, 9, body_of(need("N-9"))))
    assert get("aggregates?group_by=kind").headers["ETag"] != first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")


def test_before_anything_is_folded_figures_are_of_no_time(get):
    answer = get("aggregates?kind=need").json
    assert (answer["as_of"], answer["rows"], answer["total"]) == (None, [], {"records": 0, "amounts": []})
    assert "IISGD-As-Of" not in get("aggregates?format=csv").headers


def test_the_public_sees_support_marked_clear_and_nothing_else(get, figures):
    answer = get("aggregates?group_by=kind,period", as_=None)
    assert records(answer, "kind", "period") == {("support", "2025"): 1, ("support", "2026"): 1}
    assert answer.json["markings"] == ["TLP:CLEAR"]
    assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("query", ["kind=need", "kind=response", "kind=support,need"])
def test_the_public_is_asked_to_sign_in_for_needs_and_responses(get, figures, query):
    answer = get(f"aggregates?{query}", as_=None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("reader", "query", "seen"),
    [
        ("EC", "kind=need", 2),
        ("EC", "kind=need&partner=AL", 1),
        ("AL-WBBSi", "kind=need", 2),
        ("AL-WBBSi", "kind=need&partner=AL", 2),
        ("AL-WBCTi", "kind=need&partner=AL", 2),
        ("AL-NC", "kind=need&partner=AL", 2),
        ("AL-NC", "kind=need&partner=XK", 1),
        ("AL-NC", "kind=support&partner=AL", 3),
        ("AL-NC", "kind=support&partner=AL,XK", 2),
        ("AL-NC", "kind=support", 2),
        ("RCC-ANALYST", "kind=need", 4),
        ("SECRETARIAT", "kind=support", 3),
    ],
)
def test_others_are_seen_by_marking_and_the_own_partner_in_full(get, figures, reader, query, seen):
    assert get(f"aggregates?{query}", as_=reader).json["total"]["records"] == seen
