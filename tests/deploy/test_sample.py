from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import deploy
from shared.reference import (
    CODELISTS,
    COORDINATORS,
    PILLARS,
    STRUCTURES,
    TLP,
    is_period,
    is_valid_in_period,
    needs_period_containing,
    reporter,
)
from shared.reference.markings import find_marking

SAMPLE = Path(deploy.__file__).parent / "sample"

MISTAKEN = {
    "AL-WBCSCi-response-2026-1.json",
    "BA-WBCTi-need-2025-2026-3.json",
    "DCAF-support-2026-2.json",
    "IT-support-2025.json",
    "MK-WBCTi-need-2025-2026-3.json",
    "OSCE-support-2026-3.json",
    "RS-WBCSCi-need-2025-2026-3.json",
    "XK-WBCSCi-response-2026.json",
}
LEADS_NOWHERE = ("AL-WBBSi", "2025-2026", "AL-BS-N99")

TYPE_LIST = {"need": "category", "response": "response_type", "support": "support_type"}
TYPE_FIELD = {"need": "category", "response": "type", "support": "support_type"}


def read_yaml(name: str) -> Any:
    return yaml.safe_load((SAMPLE / name).read_text(encoding="utf-8"))


@cache
def envelope(file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAMPLE / "submissions" / file).read_text(encoding="utf-8"))
    return loaded


MANIFEST: list[dict[str, str]] = read_yaml("manifest.yaml")["submissions"]
FILES = [row["file"] for row in MANIFEST]
SOUND = [row for row in MANIFEST if row["file"] not in MISTAKEN]


def record_of(file: str, ref: str) -> dict[str, Any]:
    return next(record for record in envelope(file)["records"] if record["ref"] == ref)


def sound_records(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (row["reporter"], envelope(row["file"])["period"], record)
        for row in SOUND
        if envelope(row["file"])["kind"] == kind
        for record in envelope(row["file"])["records"]
    ]


def themes_of(record: dict[str, Any]) -> list[str]:
    return [record["theme"]] if "theme" in record else [theme["code"] for theme in record["themes"]]


def test_every_file_is_in_the_manifest_once_and_there_is_no_orphan() -> None:
    assert sorted(FILES) == sorted(path.name for path in (SAMPLE / "submissions").iterdir())


def test_the_mistaken_files_are_in_the_manifest_with_a_note_that_says_so() -> None:
    notes = {row["file"]: row.get("note", "") for row in MANIFEST}
    assert {file for file, note in notes.items() if note.startswith("Returned")} == MISTAKEN


def test_there_is_enough_to_look_at_even_without_what_is_returned() -> None:
    assert len(sound_records("need")) >= 120
    assert len(sound_records("response")) >= 60
    assert len(sound_records("support")) >= 60


def misplaced(row: dict[str, str]) -> list[str]:
    """Return the differences between a file's content and its name and reporter."""
    known, sent = reporter(row["reporter"]), envelope(row["file"])
    if set(sent) != {"pillar", "kind", "period", "tlp", "records"}:
        return [f"has {sorted(sent)}"]
    checks = {
        "its name": row["file"].startswith(f"{known.code}-{sent['kind']}-{sent['period']}"),
        "pillar": sent["pillar"] in known.pillars,
        "tlp": sent["tlp"] in TLP,
        "period": is_period(sent["kind"], sent["period"]),
    }
    return [name for name, is_right in checks.items() if not is_right]


def test_a_file_is_named_after_its_reporter_kind_and_period_and_sits_in_a_pillar_of_the_reporter() -> None:
    assert {row["file"]: found for row in MANIFEST if (found := misplaced(row))} == {}
    assert misplaced(MANIFEST[0] | {"reporter": "UNODC"}) == ["its name"]


def test_refs_are_unique_in_a_submission() -> None:
    counted = {file: Counter(record["ref"] for record in envelope(file)["records"]) for file in FILES}
    assert [file for file, refs in counted.items() if set(refs.values()) != {1}] == []


def test_no_text_carries_a_classification_marking() -> None:
    marked = {file: find_marking(json.dumps(envelope(file), ensure_ascii=False)) for file in FILES}
    assert {file: marking for file, marking in marked.items() if marking is not None} == {}


def test_no_two_sound_records_claim_the_same_identity() -> None:
    needs = Counter((who, period, record["ref"]) for who, period, record in sound_records("need"))
    responses = Counter((who, period, record["ref"]) for who, period, record in sound_records("response"))
    support = Counter((who, record["ref"]) for who, _, record in sound_records("support"))
    assert {*needs.values(), *responses.values(), *support.values()} == {1}


def test_no_two_needs_of_the_sample_bear_the_same_title() -> None:
    titles = Counter(record["title"] for _, _, record in sound_records("need"))
    assert [title for title, times in titles.items() if times > 1] == []


def wrong_codes(sent: dict[str, Any]) -> list[str]:
    """Return the codes of a file that are not valid in its period."""
    found = []
    for record in sent["records"]:
        started = record.get("actual_start", sent["period"])[:4]
        periods = {sent["period"]} | ({started} if sent["kind"] == "support" else set())
        found += [
            theme
            for theme in themes_of(record)
            if not any(is_valid_in_period(f"theme:{sent['pillar']}", theme, period) for period in periods)
        ]
        if (type_ := record[TYPE_FIELD[sent["kind"]]]) not in CODELISTS[TYPE_LIST[sent["kind"]]].codes:
            found.append(type_)
        if "currency" in record and not is_valid_in_period("currency", record["currency"], sent["period"]):
            found.append(record["currency"])
        sectors = [sector["code"] for sector in record.get("sectors", ())]
        found += [code for code in sectors if code not in CODELISTS["purpose_code"].codes]
    return found


def test_every_code_of_a_sound_file_is_valid_in_its_period() -> None:
    assert {row["file"]: found for row in SOUND if (found := wrong_codes(envelope(row["file"])))} == {}
    assert wrong_codes(envelope("BA-WBCTi-need-2025-2026-3.json")) != []


def test_a_sound_support_divides_its_money_wholly() -> None:
    for _, _, record in sound_records("support"):
        assert sum(share["percentage"] for share in record["beneficiaries"]) == 100, record["ref"]


def test_every_link_leads_to_a_need_but_the_one_that_is_meant_not_to() -> None:
    known = {(who, period, record["ref"]) for who, period, record in sound_records("need")}
    linked = {
        (link.get("reporter", who), link.get("period", needs_period_containing(period)), link["ref"])
        for kind in ("response", "support")
        for who, period, record in sound_records(kind)
        for link in record.get("needs", ())
    }
    assert linked - known == {LEADS_NOWHERE}
    assert known - linked, "some needs are to stay without an answer"


def test_every_linked_response_is_there() -> None:
    known = {(who, period, record["ref"]) for who, period, record in sound_records("response")}
    linked = {
        (link["reporter"], link["period"], link["ref"])
        for _, _, record in sound_records("support")
        for link in record.get("responses", ())
    }
    assert linked
    assert linked <= known


def test_two_members_train_the_same_officers_so_that_a_duplication_shows() -> None:
    trainers = {
        who
        for who, _, record in sound_records("support")
        if record["support_type"] == "training"
        for link in record["needs"]
        if (link["reporter"], link["ref"]) == ("MK-WBBSi", "MK-BS-N05")
    }
    assert trainers == {"IOM", "ICMPD"}


def test_some_support_is_for_the_public() -> None:
    assert (
        sum(len(envelope(row["file"])["records"]) for row in SOUND if envelope(row["file"])["tlp"] == TLP[-1])
        >= 10
    )


def test_a_few_structures_still_owe_something_so_that_there_is_somebody_to_remind() -> None:
    handed_in = {
        (row["reporter"], envelope(row["file"])["kind"], envelope(row["file"])["period"]) for row in SOUND
    }
    collected = [(row["kind"], row["period"]) for row in read_yaml("calendar.yaml")["collections"]]
    owed = {(who, *what) for who in STRUCTURES for what in collected} - handed_in
    assert owed == {
        ("BA-WBBSi", "need", "2025-2026"),
        ("ME-WBCTi", "need", "2025-2026"),
        ("BA-WBBSi", "response", "2025"),
        ("MK-WBBSi", "response", "2025"),
        ("ME-WBCTi", "response", "2026"),
        ("RS-WBBSi", "response", "2026"),
        ("XK-WBCSCi", "response", "2026"),
    }


def test_a_correction_comes_after_what_it_corrects_from_the_same_reporter_for_the_same_period() -> None:
    corrections = [row for row in MANIFEST if "corrects" in row]
    assert corrections
    for row in corrections:
        earlier = next(other for other in MANIFEST if other["file"] == row["corrects"])
        assert FILES.index(row["corrects"]) < FILES.index(row["file"])
        assert row["reporter"] == earlier["reporter"]
        assert all(
            envelope(row["file"])[key] == envelope(row["corrects"])[key]
            for key in ("pillar", "kind", "period")
        )


def test_the_mistakes_are_those_that_the_notes_promise() -> None:
    theme = record_of("AL-WBCSCi-response-2026-1.json", "AL-SC-R26-01")["theme"]
    assert not is_valid_in_period("theme:WBCSCi", theme, "2026")
    unheard = record_of("BA-WBCTi-need-2025-2026-3.json", "BA-CT-N22")["theme"]
    assert unheard not in CODELISTS["theme:WBCTi"].codes
    upside_down = record_of("DCAF-support-2026-2.json", "DCAF-SC-01")
    assert upside_down["planned_end"] < upside_down["planned_start"]
    paid = record_of("IT-support-2025.json", "IT-CT-01")["transactions"][-1]
    assert not is_valid_in_period("currency", paid["currency"], paid["date"][:4])
    assert "strand" not in record_of("MK-WBCTi-need-2025-2026-3.json", "MK-CT-N21")
    divided = record_of("OSCE-support-2026-3.json", "OSCE-BS-14")["beneficiaries"]
    assert sum(share["percentage"] for share in divided) == 90
    untold = record_of("RS-WBCSCi-need-2025-2026-3.json", "RS-SC-N22")
    assert "training" in untold["capabilities"]
    assert "training" not in untold
    late = record_of("XK-WBCSCi-response-2026.json", "XK-SC-R26-01")
    assert late["end"] < late["start"]


def test_a_meeting_has_a_date_or_lies_ahead_and_collections_lead_to_one_that_does() -> None:
    calendar = read_yaml("calendar.yaml")
    ahead = {row["code"] for row in calendar["meetings"] if row.get("held_in_days", 0) > 0}
    assert all(("held_on" in row) != ("held_in_days" in row) for row in calendar["meetings"])
    assert {row["meeting"] for row in calendar["collections"]} <= ahead
    assert all(is_period(row["kind"], row["period"]) for row in calendar["collections"])


def test_reminders_of_several_steps_are_due_on_the_day_of_loading() -> None:
    calendar = read_yaml("calendar.yaml")
    days = {row["code"]: row.get("held_in_days") for row in calendar["meetings"]}
    left = {days[row["meeting"]] - row["due_days_before"] for row in calendar["collections"]}
    assert left == {-1, 7, 14}
    assert all(row["opens_days_before"] > days[row["meeting"]] for row in calendar["collections"])


def test_every_structure_and_coordinator_has_a_role_mailbox_and_a_backup_where_no_mail_arrives() -> None:
    contacts = read_yaml("contacts.yaml")["contacts"]
    assert [row["structure"] for row in contacts] == [*STRUCTURES, *COORDINATORS]
    assert all(row["label"] == reporter(row["structure"]).label for row in contacts)
    addresses = [row[key] for row in contacts for key in ("address", "backup")]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)


def test_the_sample_covers_every_pillar_and_kind() -> None:
    covered = {(envelope(row["file"])["pillar"], envelope(row["file"])["kind"]) for row in SOUND}
    assert covered == {(pillar, kind) for pillar in PILLARS for kind in ("need", "response", "support")}
