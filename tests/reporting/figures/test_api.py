import csv
import io

import pytest

from services.reporting.figures.operations import rebuilding
from shared.reference.partners import FOOTNOTE
from tests.reporting.events import accepted, body_of, need


def records(answer, *keys):
    return {tuple(row[key] for key in keys): row["records"] for row in answer.json["rows"]}


def test_a_total_counts_distinct_records_and_may_be_less_than_its_rows(get, figures):
    answer = get("aggregates?kind=support&group_by=partner")
    assert records(answer, "partner") == {("AL",): 3, ("XK",): 1}
    assert answer.json["total"]["records"] == 3


def test_money_is_shown_per_currency_and_never_mixed(get, figures):
    answer = get("aggregates?kind=support&partner=AL")
    assert answer.json["total"]["amounts"] == [
        {"currency": "ALL", "estimated": "0.00", "committed": "7.00", "spent": "0.00"},
        {"currency": "EUR", "estimated": "0.00", "committed": "90.01", "spent": "0.00"},
    ]


@pytest.mark.parametrize("query", ["kind=need&kind=support", "kind=need,support", "kind=need, support"])
def test_a_filter_may_be_repeated_or_separated_by_commas(get, figures, query):
    assert get(f"aggregates?{query}&group_by=kind").json["total"]["records"] == 7


@pytest.mark.parametrize("key", ["pillar", "partner", "kind", "theme", "category", "period", "status"])
def test_figures_can_be_grouped_and_filtered_by_every_key(get, figures, key):
    answer = get(f"aggregates?group_by={key}").json
    assert answer["total"]["records"] == 7
    for row in answer["rows"]:
        alone = get(f"aggregates?{key}={row[key]}").json["total"]
        assert (alone["records"], alone["amounts"]) == (row["records"], row["amounts"])


def test_a_pillar_may_be_spelled_as_on_input(get, figures):
    assert get("aggregates?pillar=Pillar 3").json["total"]["records"] == 7
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
    answer = get("aggregates?group_by=partner").json
    assert [row["partner_label"] for row in answer["rows"]] == ["Albania", "Kosovo*"]
    assert answer["footnote"] == FOOTNOTE


def test_no_footnote_stands_where_kosovo_does_not(get, figures):
    assert "footnote" not in get("aggregates?group_by=partner&partner=AL").json


@pytest.mark.parametrize("ask", [{"Accept": "text/csv"}, {}])
def test_csv_has_a_line_per_group_a_column_per_currency_and_the_footnote_last(get, figures, ask):
    answer = get("aggregates?kind=support&group_by=partner" + ("" if ask else "&format=csv"), **ask)
    assert answer.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(answer.text)))
    money = [
        f"{measure}_{code}" for code in ("ALL", "EUR") for measure in ("estimated", "committed", "spent")
    ]
    assert lines == [
        ["partner", "partner_label", "records", *money],
        ["AL", "Albania", "3", "0.00", "7.00", "0.00", "0.00", "90.01", "0.00"],
        ["XK", "Kosovo*", "1", "", "", "", "0.00", "50.00", "0.00"],
        ["total", "", "3", "0.00", "7.00", "0.00", "0.00", "140.01", "0.00"],
        ["as of 2026-11-23T09:00:00.000Z"],
        [FOOTNOTE],
    ]


@pytest.mark.parametrize("accept", ["text/csv;q=0, */*", "text/csv;q=0.5, application/json", "*/*", ""])
def test_json_is_sent_to_clients_that_refuse_csv_or_prefer_it_less(get, figures, accept):
    assert get("aggregates", Accept=accept).mimetype == "application/json"


def test_without_groups_csv_has_the_total_only(get, figures):
    assert get("aggregates?kind=need&partner=AL&format=csv").text.splitlines() == [
        "records,estimated_EUR,committed_EUR,spent_EUR",
        "2,9.00,0.00,0.00",
        "as of 2026-11-23T09:00:00.000Z",
    ]


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
    answer = get("aggregates").json
    assert (answer["as_of"], answer["rows"], answer["total"]) == (None, [], {"records": 0, "amounts": []})


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
