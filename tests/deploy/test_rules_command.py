"""Tests of `iisgd rules`: its output for authors, publishers and operators of rules."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from services.validation.rulesets.operations import files
from shared.clock import FixedClock, SystemClock
from shared.settings import Settings
from tests.conftest import NOW
from tests.in_process import SUPPORTS, Installation, installed
from tests.validation.conftest import NEED, SUPPORT
from tests.validation.drafts import STRICT, draft, written_draft

ACTIVE = STRICT | {
    "kinds": ["support"],
    "title": "Support is under way",
    "assert": "activity_status == '2'",
    "field": "activity_status",
    "message": "The status is {activity_status}.",
    "expected": "Status 2.",
    "examples": {
        "passes": [{"record": {"activity_status": "2"}}],
        "fails": [{"record": {"activity_status": "1"}}],
    },
}
PLANNED = SUPPORT | {"ref": "P-2", "activity_status": "1", "planned_start": "2026-01-15"}
OF_NEEDS = ("--pillar", "WBCTi", "--kind", "need", "--period", "2025-2026")


@pytest.fixture
def call(tmp_path: Path):
    """Return a function that calls `iisgd rules` in a new home without an installation."""

    def run(*arguments: object, **environ: str) -> Result:
        given = {"IISGD_HOME": str(tmp_path / "home"), "COLUMNS": "200"} | environ
        return CliRunner(env=given).invoke(main, ["rules", *map(str, arguments)])

    return run


@pytest.fixture
def installation(tmp_path: Path, sqlite_files, keys: Path) -> Iterator[Installation]:
    """An installation with accepted support of two members: one ongoing, one planned."""
    home = tmp_path / "home"
    home.mkdir()
    url, nobody_listens = sqlite_files.fresh(home), "amqp://127.0.0.1:1//"
    settings = Settings(home=home, database_url=url, key_folder=keys, broker_url=nobody_listens)
    with installed(settings, FixedClock(NOW)) as made:
        made.hand_in(SUPPORTS, as_="UNODC")
        made.hand_in(SUPPORTS | {"records": [SUPPORT, PLANNED]}, as_="EC")
        yield made


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    path = tmp_path / "strict.yaml"
    path.write_bytes(draft(add=[ACTIVE]))
    return path


def written(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


# --- check ------------------------------------------------------------------------------------------------------------


def test_check_tries_every_example_of_all_that_ships(call):
    done = call("check")
    assert done.exit_code == 0, done.output
    for name in ("general", "WBCTi", "WBCSCi", "WBBSi"):
        assert f"{name}.yaml: {name} 2026.3, " in done.output
    assert done.output.endswith("rules: every example holds\n")


def test_check_says_all_that_is_wrong_with_a_file_a_line_each_and_fails(call, tmp_path):
    wrong = [
        ACTIVE | {"assert": "activity_status == '1'"},
        ACTIVE | {"id": "WBCTi-91", "examples": {"passes": [{"record": {"activity_status": "2"}}]}},
    ]
    (tmp_path / "wrong.yaml").write_bytes(draft(add=wrong))
    (tmp_path / "right.yaml").write_bytes(draft("WBBSi", "2026.4"))
    done = call("check", tmp_path / "wrong.yaml", tmp_path / "right.yaml")
    assert done.exit_code == 1
    assert "right.yaml: WBBSi 2026.4, " in done.output
    for line in (
        "wrong.yaml: WBCTi-90: example 1 of 'passes' fails",
        "wrong.yaml: WBCTi-90: example 1 of 'fails' passes",
        "wrong.yaml: WBCTi-91: has no example that fails",
    ):
        assert line in done.output
    assert "every example behaves" not in done.output


def test_what_is_one_is_called_one(call, tmp_path):
    one = [rule["id"] for rule in written_draft()["rules"]]
    (tmp_path / "one.yaml").write_bytes(draft(add=[ACTIVE], drop=one))
    assert "one.yaml: WBCTi 2026.4, 1 rule, 2 examples\n" in call("check", tmp_path / "one.yaml").output
    done = call("try", written(tmp_path / "n.json", [NEED | {"title": "n/a"}]), *OF_NEEDS)
    assert "general.2026.3, 1 record\n" in done.output
    assert "They would be returned: 1 error" in done.output


# --- diff -------------------------------------------------------------------------------------------------------------


def test_diff_shows_rules_added_removed_and_changed_part_by_part(call, tmp_path):
    changes = {"WBCTi-04": {"severity": "info", "message": "Say it shorter."}}
    (tmp_path / "d.yaml").write_bytes(draft(add=[ACTIVE], drop=["WBCTi-05"], change=changes))
    done = call("diff", tmp_path / "d.yaml")
    assert done.exit_code == 0, done.output
    assert "WBCTi 2026.3 -> d.yaml, 2026.4" in done.output
    assert "+ WBCTi-90  Support is under way (error)" in done.output
    assert "- WBCTi-05  " in done.output
    assert "severity - warning + info message - " in flat(done.output)
    assert "+ Say it shorter." in done.output
    assert "WBCTi-06" not in done.output


def test_diff_shows_of_examples_those_that_came_and_went(call, tmp_path):
    passes = [{"record": {"activity_status": "2"}}, {"record": {"activity_status": "2", "ref": "P-1"}}]
    (tmp_path / "old.yaml").write_bytes(draft(add=[ACTIVE]))
    (tmp_path / "new.yaml").write_bytes(
        draft(add=[ACTIVE | {"examples": ACTIVE["examples"] | {"passes": passes}}])
    )
    (tmp_path / "home").mkdir()
    assert CliRunner(env={"IISGD_HOME": str(tmp_path / "home")}).invoke(main, ["migrate"]).exit_code == 0
    assert call("publish", tmp_path / "old.yaml").exit_code == 0
    done = call("diff", tmp_path / "new.yaml")
    assert done.output.splitlines()[1:] == [
        "WBCTi-90  Support is under way",
        "  examples: passes",
        '    + {"record": {"activity_status": "2", "ref": "P-1"}}',
    ]
    assert "+ WBCTi-90" in call("diff", tmp_path / "new.yaml", "--against", "2026.3").output


def test_diff_says_when_nothing_differs_and_when_a_version_does_not_exist(call, tmp_path):
    (tmp_path / "d.yaml").write_bytes(draft("WBCTi", "2026.3"))
    assert call("diff", tmp_path / "d.yaml").output.endswith("There are no differences.\n")
    done = call("diff", tmp_path / "d.yaml", "--against", "2019.9")
    assert done.exit_code == 1
    assert "There is no ruleset 'WBCTi' 2019.9." in done.output


# --- impact, publish, list --------------------------------------------------------------------------------------------


def test_impact_names_whom_a_draft_would_return_and_why_and_changes_nothing(call, installation, strict):
    before = installation.stored()
    done = call("impact", strict)
    assert done.exit_code == 0, done.output
    said = flat(done.output.translate({ord(each): " " for each in "│┃"}))
    assert "of 2 submissions of open periods, 1 would be returned and 0 would be accepted." in said
    assert "WBCTi-90 Support is under way 1 1 1" in said
    assert "EC WBCTi support 2026" in said
    assert "UNODC" not in said
    assert installation.stored() == before


def test_impact_is_given_to_programs_as_json(call, installation, strict):
    done = call("impact", strict, "--format", "json")
    said = json.loads(done.stdout)
    assert (said["ruleset"]["version"], said["judged"], said["accepted"]) == ("2026.4", 2, [])
    [turn] = said["returned"]
    assert (turn["reporter"], turn["version"], turn["rules"]) == ("EC", 1, {"WBCTi-90": 1})


def test_publish_says_what_happens_next_and_list_shows_it(call, installation, strict):
    today = SystemClock().now().date()
    done = call("publish", strict)
    assert done.exit_code == 0, done.output
    assert f"WBCTi 2026.4 is published, in force from {today}" in done.output
    assert "Within seconds 2 submissions of open periods will be queued for judging." in done.output
    again = call("publish", strict)
    assert "is already published" in again.output
    rows = [line.split() for line in call("list").output.splitlines()]
    assert ["WBCTi", "2026.4", "in", "force", str(today)] in [row[:5] for row in rows]
    assert ["WBCTi", "2026.3", "retired", "ships", str(today)] in [row[:5] for row in rows]
    assert ["general", "2026.3", "in", "force", "ships"] in [row[:5] for row in rows]


LEFT_OUT = [f"WBCTi-{number:02}" for number in range(2, 14)]
"""Bundled rules that the draft omits."""


def test_publish_and_impact_say_which_rules_in_force_a_file_leaves_out(call, installation, tmp_path):
    (tmp_path / "many.yaml").write_bytes(draft(drop=LEFT_OUT))
    first = "12 rules in force are not in this file: WBCTi-02, "
    assert f"{first}{', '.join(LEFT_OUT[1:])}.\n" in call("impact", tmp_path / "many.yaml").output
    said = json.loads(call("impact", tmp_path / "many.yaml", "--format", "json").stdout)
    assert said["left_out"] == LEFT_OUT
    done = call("publish", tmp_path / "many.yaml")
    assert done.exit_code == 0, done.output
    assert f"{first}{', '.join(LEFT_OUT[1:10])} and 2 more.\n" in done.output

    tomorrow = SystemClock().now().date() + timedelta(days=1)
    (tmp_path / "one.yaml").write_bytes(draft("WBCTi", "2026.5", drop=[*LEFT_OUT, "WBCTi-14"]))
    only = "1 rule in force is not in this file: WBCTi-14.\n"
    assert only in call("impact", tmp_path / "one.yaml").output
    assert only in call("publish", tmp_path / "one.yaml", "--from", tomorrow).output
    (tmp_path / "all.yaml").write_bytes(draft("WBCTi", "2026.6"))
    for command in ("impact", "publish"):
        assert "not in this file" not in call(command, tmp_path / "all.yaml").output


def test_on_eighty_columns_ids_versions_and_submissions_stay_whole(call, installation, tmp_path):
    version = "2026.4-provisionally"
    titled = ACTIVE | {"title": "Support that is reported here is under way, not planned and not closed"}
    (tmp_path / "d.yaml").write_bytes(draft("WBCTi", version, add=[titled]))
    said = call("impact", tmp_path / "d.yaml", COLUMNS="80").output
    turned = json.loads(call("impact", tmp_path / "d.yaml", "--format", "json").stdout)["returned"]
    assert f"    {turned[0]['submission']}, version 1: WBCTi-90 (1)\n" in said
    assert "│ WBCTi-90 │ Support that is reported " in said
    assert call("publish", tmp_path / "d.yaml").exit_code == 0
    listed = call("list", COLUMNS="80").output
    today = SystemClock().now().date()
    assert f"WBCTi {version} in force {today} " in flat(listed)
    statistics = call("stats", COLUMNS="80").output
    assert re.search(r"^GEN-28 +warning +3 +3 +100.0% +2 of 2 ", statistics, re.MULTILINE)
    assert "…" not in said + listed + statistics
    assert max(map(len, (listed + statistics).splitlines())) <= 80


# --- show -------------------------------------------------------------------------------------------------------------


def test_show_prints_a_file_as_it_was_published_or_ships(call, installation, strict):
    content = b"# With a remark.\n" + strict.read_bytes()
    strict.write_bytes(content)
    assert call("show", "WBCTi").stdout_bytes == files.bundled_file("WBCTi")
    tomorrow = SystemClock().now().date() + timedelta(days=1)
    assert call("publish", strict, "--from", tomorrow).exit_code == 0
    assert call("show", "WBCTi").stdout_bytes == files.bundled_file("WBCTi")
    assert call("show", "WBCTi", "--version", "2026.4").stdout_bytes == content
    (strict.parent / "next.yaml").write_bytes(draft("WBCTi", "2026.5"))
    assert call("publish", strict.parent / "next.yaml").exit_code == 0
    assert call("show", "WBCTi").stdout_bytes == draft("WBCTi", "2026.5")
    assert call("show", "WBCTi", "--version", "2026.3").stdout_bytes == files.bundled_file("WBCTi")


def test_show_knows_what_ships_where_nothing_is_installed(call):
    assert call("show", "general").stdout_bytes == files.bundled_file("general")
    assert call("show", "general", "--version", "2026.3").stdout_bytes == files.bundled_file("general")
    done = call("show", "general", "--version", "2019.9")
    assert done.exit_code == 1
    assert "There is no ruleset 'general' 2019.9." in done.output
    assert "'WBXX' is not one of 'general'" in call("show", "WBXX").output


# --- publish: days and refusals --------------------------------------------------------------------------------------


def test_publish_takes_a_later_day(call, installation, strict):
    tomorrow = SystemClock().now().date() + timedelta(days=1)
    done = call("publish", strict, "--from", tomorrow)
    assert f"in force from {tomorrow}" in done.output
    assert f"At the start of {tomorrow}, 2 submissions" in done.output
    assert f"2026.4 published {tomorrow}" in flat(call("list").output)


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (draft(add=[ACTIVE | {"examples": {}}]), (), "d.yaml: WBCTi-90: has no example that passes"),
        (draft("WBCTi", "2026.3", add=[ACTIVE]), (), "WBCTi 2026.3 exists with another content"),
        (draft(add=[ACTIVE]), ("--from", "2020-01-01"), "2020-01-01 is past"),
    ],
    ids=["examples", "version", "day"],
)
def test_publish_refuses_with_a_sentence_and_changes_nothing(
    call, installation, tmp_path, *, content, options, says
):
    before = installation.stored()
    (tmp_path / "d.yaml").write_bytes(content)
    done = call("publish", tmp_path / "d.yaml", *options)
    assert done.exit_code == 1
    assert says in done.output
    assert installation.stored() == before


def test_commands_that_need_an_installation_say_so(call, strict):
    for arguments in (("list",), ("publish", strict), ("impact", strict), ("stats",)):
        done = call(*arguments)
        assert done.exit_code == 1
        assert "Run 'iisgd migrate'" in done.output


# --- try --------------------------------------------------------------------------------------------------------------

HEADINGS = (
    "ref;title;category;theme;perspective;priority_level;disposition;estimated_cost;currency;training.topic"
)
SOUND = "A-1;Open-source analysis;operational;jap25_prevention;prevention;high;open;90000;EUR;"
WRONG = "A-2;n/a;operational;jap25_prevention;prevention;high;open;a lot;EUR;"


def test_try_leads_from_each_finding_to_its_cell_and_ends_with_1_where_it_would_be_returned(call, tmp_path):
    table = written(tmp_path / "needs.csv", HEADINGS, SOUND, ";;", WRONG)
    done = call("try", table, *OF_NEEDS)
    assert done.exit_code == 1, done.output
    assert "WBCTi 2026.3+general.2026.3, 2 records" in done.output
    assert "Record 2, A-2" in done.output
    assert 'failed   GEN-02 error, B4: The title is "n/a"' in done.output
    assert "failed   STR-03 error, H4: " in done.output
    assert "would pass: A short title" in done.output
    assert "They would be returned: " in done.output
    assert "passed" not in done.output


def test_try_judges_the_parts_of_a_file_that_are_not_read(call, tmp_path):
    file = tmp_path / "activities.xml"
    transaction = '<transaction><transaction-type code="3"/><value>1,000</value></transaction>'
    file.write_text(
        f'<iati-activities version="2.03"><iati-activity><iati-identifier>A-1</iati-identifier>{transaction}'
        "</iati-activity></iati-activities>"
    )
    done = call("try", file, "--pillar", "WBCTi", "--period", "2026")
    assert done.exit_code == 1, done.output
    assert (
        'GEN-202 error, A-1, transaction 1: The element transaction was not read: its value, "1,000"'
        in done.output
    )


def test_try_ends_with_0_where_a_body_would_be_accepted_and_takes_its_facts_from_it(call, tmp_path):
    body = {"pillar": "WBCTi", "kind": "need", "period": "2025-2026", "reporter": "XK-WBCTi"}
    done = call("try", written(tmp_path / "body.json", body | {"records": [NEED]}))
    assert done.exit_code == 0, done.output
    assert "They would be accepted: no findings." in done.output


@pytest.mark.parametrize(
    "lines",
    [([NEED, NEED],), (NEED, "", NEED), ({"records": [NEED, NEED]},)],
    ids=["a list", "a line each", "a body without facts"],
)
def test_try_takes_records_in_any_form_and_judges_them_together(call, tmp_path, lines):
    done = call("try", written(tmp_path / "records", *lines), *OF_NEEDS)
    assert done.exit_code == 1, done.output
    assert "2 records" in done.output
    assert "GEN-01 error" in done.output


def test_try_shows_all_outcomes_with_why_a_rule_was_skipped(call, tmp_path):
    done = call("try", written(tmp_path / "n.json", [{**NEED, "target_date": None}]), *OF_NEEDS, "--all")
    assert "passed   GEN-02\n" in done.output
    assert "skipped  GEN-23: the list is empty" in done.output
    assert ": a value is missing" in done.output
    assert ": its condition is not met" in done.output


def test_try_judges_by_a_draft_in_place_of_what_is_in_force(call, tmp_path):
    (tmp_path / "d.yaml").write_bytes(draft(add=[STRICT]))
    records = written(tmp_path / "n.json", [NEED | {"priority_level": "low"}])
    assert call("try", records, *OF_NEEDS).exit_code == 0
    done = call("try", records, *OF_NEEDS, "--rules", tmp_path / "d.yaml")
    assert done.exit_code == 1
    assert "WBCTi 2026.4+general.2026.3" in done.output
    assert "WBCTi-90 error, /records/0/priority_level: The priority is low." in done.output


def test_try_knows_what_was_reported_in_the_installation(call, installation, tmp_path):
    records = written(tmp_path / "s.json", [SUPPORT | {"ref": "P-9"}])
    about = ("--pillar", "WBCTi", "--kind", "support", "--period", "2026", "--reporter", "UNODC")
    assert "GEN-28 warning" in call("try", records, *about).output
    installation.hand_in()
    assert "GEN-28 warning" not in call("try", records, *about).output


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ("[]", (), "The file does not state the pillar. Use --pillar."),
        ("[]", ("--pillar", "WBCTi", "--kind", "need", "--period", "2026"), "There is no WBCTi need of 2026"),
        ("[{}, ", OF_NEEDS, "n.json (line 1, column 6): The JSON cannot be read"),
        ('{"ref": "A"}\n{"ref": ', OF_NEEDS, "n.json (line 2, column 8): The JSON cannot be read"),
        ("[]", (*OF_NEEDS, "--reporter", "NOBODY"), "There is no reporter 'NOBODY'"),
    ],
)
def test_try_says_what_it_cannot_use(call, tmp_path, content, options, says):
    (tmp_path / "n.json").write_text(content)
    done = call("try", tmp_path / "n.json", *options)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert says in done.output


def test_try_refuses_a_draft_of_another_pillar(call, tmp_path):
    (tmp_path / "d.yaml").write_bytes(draft("WBBSi", "2026.4"))
    done = call("try", written(tmp_path / "n.json", [NEED]), *OF_NEEDS, "--rules", tmp_path / "d.yaml")
    assert done.exit_code == 2
    assert "The draft is for WBBSi, but the records are for WBCTi." in done.output


# --- stats ------------------------------------------------------------------------------------------------------------


def test_stats_shows_how_rules_fare(call, installation):
    done = call("stats", "--format", "json")
    rules = {rule["id"]: rule for rule in json.loads(done.stdout)["items"]}
    assert (rules["GEN-28"]["judged"], rules["GEN-28"]["failed"], rules["GEN-28"]["reporters"]) == (3, 3, 2)
    assert rules["GEN-28"]["microseconds"] > 0
    text = call("stats").output
    assert "GEN-28" in text
    assert "2 of 2" in text
    assert "rule's problem" not in text
