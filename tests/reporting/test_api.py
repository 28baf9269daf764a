import csv
import io

import pytest

from services.reporting.figures.operations import rebuilding
from shared.events import ObligationSet
from shared.reference.partners import FOOTNOTE
from tests.reporting.events import accepted, body_of, need, received, response, returned, support

EVERY_ROLE = ["AL-WBBSi", "AL-NC", "EC", "RCC-ANALYST", "SECRETARIAT"]


@pytest.fixture
def get(client_of):
    client = client_of("reporting")

    def ask(path, as_="RCC-ANALYST", **headers):
        return client.get(f"/reporting/v1/{path}", as_=as_, headers=headers)

    return ask


@pytest.fixture
def figures(runtime, fold):
    """Three supports of a member, and needs of two partners under several markings."""
    both = [{"code": "AL", "percentage": 50}, {"code": "XK", "percentage": 50}]
    supports = body_of(
        support("S-1", tlp="TLP:CLEAR", beneficiaries=both, budget="100.01", currency="EUR"),
        support("S-2", tlp="TLP:CLEAR", budget=7, currency="ALL", planned_start="2025-01-01"),
        support("S-3", tlp="TLP:RED", budget=40, currency="EUR"),
        reporter="EC",
        kind="support",
    )
    needs_al = body_of(need("N-1", estimated_cost=9, currency="EUR"), need("N-2", tlp="TLP:RED"))
    needs_xk = body_of(need("N-1", tlp="TLP:GREEN"), need("N-2", tlp="TLP:RED"), reporter="XK-WBBSi")
    for number, body in enumerate([supports, needs_al, needs_xk]):
        fold(accepted(runtime, number, body))


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


def gaps_of(answer):
    return {row["partner"]: row["needs"] for row in answer.json["totals"]["partners"] if row["needs"]}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("RCC-ANALYST", {"AL": 2, "XK": 2}),
        ("EC", {"AL": 1, "XK": 1}),
        ("AL-WBBSi", {"AL": 2, "XK": 1}),
        ("XK-NC", {"AL": 1, "XK": 2}),
    ],
)
def test_the_gap_matrix_shows_the_own_partner_in_full_and_others_by_marking(get, figures, reader, seen):
    assert gaps_of(get("gaps", as_=reader)) == seen


def test_a_restricted_answer_does_not_show_in_a_members_matrix(get, runtime, fold):
    link = {"ref": "N-1", "coverage": "full"}
    fold(accepted(runtime, 1, body_of(need("N-1"))))
    fold(accepted(runtime, 2, body_of(response("R-1", tlp="TLP:RED", needs=[link]), kind="response")))
    assert get("gaps", as_="EC").json["totals"]["all"]["open"] == 1
    assert get("gaps", as_="AL-WBCTi").json["totals"]["all"]["covered"] == 1


def test_the_gap_matrix_is_whole_and_can_be_narrowed(get, figures):
    answer = get("gaps?period=2025-2026&pillar=WBBSi").json
    assert len(answer["cells"]) == 18
    assert answer["totals"]["all"] == {
        "needs": 4,
        "answered": 0,
        "supported": 0,
        "covered": 0,
        "partly": 0,
        "open": 4,
    }
    assert answer["footnote"] == FOOTNOTE
    assert get("gaps?period=2023-2024").json["totals"]["all"]["needs"] == 0
    assert get("gaps?partner=XK").json["totals"]["all"]["needs"] == 2


@pytest.fixture
def owed(runtime, fold):
    for structure in ("AL-WBCTi", "AL-WBBSi", "XK-WBBSi"):
        obligation = f"{structure}/need/2025-2026"
        fold(
            ObligationSet(
                obligation=obligation,
                structure=structure,
                kind="need",
                period="2025-2026",
                due_on="2026-12-01",
                sequence=1,
            )
        )
    fold(accepted(runtime, 1, body_of(need("N-1"))))
    fold(received(runtime, 2, body_of(need("N-1"), reporter="XK-WBBSi")))


def test_completeness_shows_each_obligation_and_percentages_per_partner(get, owed):
    answer = get("completeness").json
    assert [(row["structure"], row["state"], row["records"]) for row in answer["obligations"]] == [
        ("AL-WBCTi", "missing", 0),
        ("AL-WBBSi", "accepted", 1),
        ("XK-WBBSi", "received", 1),
    ]
    partners = {row["partner"]: (row["percent_met"], row["percent_accepted"]) for row in answer["partners"]}
    assert partners == {"AL": ("50.0", "50.0"), "XK": ("100.0", "0.0")}
    assert answer["total"]["obligations"] == 3
    assert answer["as_of"] == "2026-11-23T09:00:00.000Z"


def test_completeness_tells_who_met_an_obligation_by_saying_that_there_is_nothing_to_report(
    runtime, fold, get, owed
):
    fold(accepted(runtime, 3, body_of(reporter="AL-WBCTi", pillar="WBCTi")))
    rows = {row["structure"]: row for row in get("completeness").json["obligations"]}
    nothing = rows["AL-WBCTi"]
    assert (nothing["state"], nothing["submissions"], nothing["records"]) == ("accepted", 1, 0)
    assert {each for each, row in rows.items() if row["nothing_to_report"]} == {"AL-WBCTi"}
    fold(returned(runtime, 3, body_of(reporter="AL-WBCTi", pillar="WBCTi"), verdict=2))
    rows = {row["structure"]: row for row in get("completeness").json["obligations"]}
    assert not any(row["nothing_to_report"] for row in rows.values())


@pytest.mark.parametrize(
    ("reader", "seen"), [("AL-WBBSi", {"AL"}), ("XK-NC", {"XK"}), ("SECRETARIAT", {"AL", "XK"})]
)
def test_completeness_is_of_the_own_partner_unless_one_is_rcc(get, owed, reader, seen):
    assert {row["partner"] for row in get("completeness", as_=reader).json["obligations"]} == seen


@pytest.mark.parametrize(
    ("query", "count"),
    [("pillar=WBBSi", 2), ("partner=XK", 1), ("structure=AL-WBCTi", 1), ("kind=response", 0)],
)
def test_completeness_can_be_narrowed(get, owed, query, count):
    assert len(get(f"completeness?{query}").json["obligations"]) == count


def test_completeness_is_not_for_members_and_nothing_but_support_for_the_public(get):
    assert get("completeness", as_="EC").status_code == 403
    assert get("completeness", as_=None).status_code == 401
    assert get("gaps", as_=None).status_code == 401


@pytest.mark.parametrize("path", ["aggregates", "gaps", "completeness"])
def test_every_answer_says_as_of_when_and_can_be_asked_about_again(get, figures, owed, path):
    first = get(path)
    assert first.json["as_of"] == "2026-11-23T09:00:00.000Z"
    assert get(path, **{"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("reader", EVERY_ROLE)
def test_every_reader_with_a_token_may_ask_for_aggregates_and_gaps(get, reader):
    assert get("aggregates", as_=reader).status_code == 200
    assert get("gaps", as_=reader).status_code == 200
