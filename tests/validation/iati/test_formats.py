"""IATI rulesets and files, some large or hostile: each gives a result or a sentence."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.cli import main
from services.validation.engine.domain.language.patterns import PatternIsRefused
from services.validation.engine.domain.language.perl_patterns import is_found, read_pattern
from services.validation.iati.domain.kinds import KINDS
from services.validation.iati.domain.paths import stays_inside
from services.validation.iati.formats import trees
from tests.validation.iati.running import run_ruleset

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "schemas" / "iati-activities-schema.xsd"

TITLES = json.dumps({"//iati-activity": {"atleast_one": {"cases": [{"paths": ["title"]}]}}}).encode()
TWO = b"""<?xml version="1.0"?>
<iati-activities version="2.03" xmlns:x="http://example.org/x">
  <iati-activity><iati-identifier>A-1</iati-identifier><title/><x:title/></iati-activity>
  <x:note>not of the Standard</x:note>
  <iati-activity><iati-identifier>A-2</iati-identifier><x:title/></iati-activity>
</iati-activities>"""


def told(ruleset: Any, activities: bytes = TWO) -> str:
    """Return the error text for a refused input."""
    content = ruleset if isinstance(ruleset, bytes) else json.dumps(ruleset).encode()
    with pytest.raises(ValueError, match="cannot be used") as refused:
        run_ruleset(content, activities)
    return str(refused.value)


def rule(path: str) -> dict[str, Any]:
    return {"//iati-activity": {"atleast_one": {"cases": [{"paths": [path]}]}}}


# --- Streams ------------------------------------------------------------------------------------------------------------


def test_elements_of_other_namespaces_are_none_of_the_standards():
    assert [each["result"] for each in run_ruleset(TITLES, TWO)] == [True, False]


def many(count: int) -> bytes:
    return b"<iati-activities>%s</iati-activities>" % b"".join(
        b"<iati-activity><iati-identifier>A-%d</iati-identifier><budget/><budget/></iati-activity>" % number
        for number in range(count)
    )


@pytest.mark.parametrize("path", ["budget", "budget | ../@version"])
def test_each_activity_is_judged_once_whether_the_file_is_read_as_a_whole_or_not(path):
    found = run_ruleset(json.dumps(rule(path)).encode(), many(3_000))
    assert [each["node"] for each in found] == [
        f"/iati-activities/iati-activity[{n}]" for n in range(1, 3_001)
    ]
    assert [each["identifier"] for each in found] == [f"A-{n}" for n in range(3_000)]


def test_only_one_activity_is_held_at_a_time(monkeypatch):
    content = many(3_000)
    monkeypatch.setattr(trees, "MAX_TREE_BYTES", len(content) // 2)
    assert len(run_ruleset(json.dumps(rule("budget")).encode(), content)) == 3_000
    assert "would have to be held in memory at once" in told(rule("//budget"), content)


@pytest.mark.parametrize(
    ("selector", "path", "stays"),
    [
        ("//iati-activity", "transaction/sector", True),
        ("/iati-activities/iati-activity/budget | //planned-disbursement", "../@xml:lang", True),
        ("//iati-activity", "@x = '//other | ../other'", True),
        ("//iati-activity", "../iati-activity", False),
        ("//iati-activity[2]", "title", False),
        ("//iati-activity", "count(//title) = 1", False),
        ("//iati-activity", "/iati-activities/@version", False),
        ("//iati-activity", "following-sibling::iati-activity", False),
        ("//iati-activities", "title", False),
        ("/*/*", "title", False),
        ("//budget/..", "title", False),
        ("//budget", "../../@version", False),
    ],
)
def test_a_path_that_may_look_beyond_an_activity_is_known(selector, path, stays):
    assert stays_inside(selector, [path]) is stays


def test_an_activity_without_a_root_around_it_is_judged_too():
    assert [each["result"] for each in run_ruleset(TITLES, b"<iati-activity><title/></iati-activity>")] == [
        True
    ]
    assert run_ruleset(TITLES, b"<iati-activities/>") == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "iso-8859-1"])
def test_a_file_may_be_in_any_encoding_that_it_names(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><iati-activities><iati-activity><title>\u00e9</title></iati-activity></iati-activities>'
    ruleset = {"//iati-activity": {"regex_matches": {"cases": [{"paths": ["title"], "regex": "^\u00e9$"}]}}}
    assert [each["result"] for each in run_ruleset(json.dumps(ruleset).encode(), text.encode(encoding))] == [
        True
    ]


@pytest.mark.skipif(not SCHEMA.exists(), reason="The Standard's schemas lie beside the project, not in it.")
def test_the_standards_own_schema_is_a_file_that_can_be_read():
    ruleset = {
        "//*[local-name() = 'element'][@name = 'iati-activity']": {
            "atleast_one": {"cases": [{"paths": ["@name"]}]}
        }
    }
    assert {each["result"] for each in run_ruleset(json.dumps(ruleset).encode(), SCHEMA.read_bytes())} == {
        True
    }


# --- Hostile ------------------------------------------------------------------------------------------------------------

LAUGHS = (
    b"<!DOCTYPE l [<!ENTITY a0 'ha'>%s]><iati-activities><iati-activity x='&a9;'>&a9;</iati-activity></iati-activities>"
    % b"".join(b"<!ENTITY a%d '%s'>" % (number, b"&a%d;" % (number - 1) * 100) for number in range(1, 10))
)


def test_entities_fill_no_memory():
    began = monotonic()
    assert "The XML cannot be used" in told(TITLES, LAUGHS)
    assert monotonic() - began < 5


@pytest.mark.parametrize("kind", ["SYSTEM", "PUBLIC 'x'"])
def test_an_entity_reads_no_file(kind, tmp_path):
    (tmp_path / "secret").write_text("secret")
    content = f"<!DOCTYPE r [<!ENTITY e {kind} 'file://{tmp_path}/secret'>]><iati-activities><iati-activity>&e;</iati-activity></iati-activities>"
    said = told(TITLES, content.encode())
    assert "it has a DOCTYPE" in said
    assert "secret" not in said


def test_a_doctype_alone_is_refused():
    assert "it has a DOCTYPE" in told(
        TITLES, b"<!DOCTYPE iati-activities SYSTEM 'http://127.0.0.1:1/x.dtd'><iati-activities/>"
    )


def test_deep_nesting_is_refused():
    assert "The XML cannot be used" in told(TITLES, b"<a>" * 10_000 + b"</a>" * 10_000)
    assert "nested too deeply" in told(b"[" * 100_000 + b"]" * 100_000)
    for depth in range(50, 1_000, 50):
        assert "cannot be used" in told(b'{"//a": ' + b"[" * depth + b"]" * depth + b"}")


@pytest.mark.parametrize(
    "content", [b"", b"not xml", b"<iati-activities>", b"PK\x03\x04", b"<a>\x00</a>", b"<a/><b/>"]
)
def test_what_is_no_xml_is_refused_with_what_would_pass(content):
    assert "Give an IATI activity or organisation file" in told(TITLES, content)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("document('file:///etc/passwd')", "XPath 1.0 has no function 'document()'"),
        ("re:test(title, 'x')", "XPath 1.0 has no function 're:test()'"),
        ("$x", "it has a variable"),
        ("title[", "it is not an XPath"),
        ("x:title", "Undefined namespace prefix"),
        ("a" * 2_001, "longer than 2000 characters"),
        ("\x00", "characters that XML does not allow"),
        ("//a[//b[//c]]", "more than once inside brackets"),
        ("//a" * 13, "more than 12 times"),
        ("(" * 900 + "a" + ")" * 900, "it is not an XPath"),
    ],
)
def test_an_xpath_that_reaches_outside_or_too_far_is_refused(path, said):
    assert said in told(rule(path))


def test_a_selector_selects_elements():
    assert "a selector must select elements" in told(
        {"//title/@x": {"unique": {"cases": [{"paths": ["y"]}]}}}, b"<a><title x=''/></a>"
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"\xff\xfe\x00", b'{"a": NaN}', b'{"a": {}, "a": {}}', b"1" * 5_000, b'"\\ud800"'],
)
def test_what_is_no_ruleset_is_refused(content):
    assert "The IATI ruleset cannot be used" in told(content)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    ["title", "@x", "count(*)", "'a'", "1 div 0", "..", "//*", "a|b", "NOW", "$1", "node()", "true()"]
) | st.text(max_size=9)
CASES = st.fixed_dictionaries(
    {},
    optional={
        key: PATHS | st.lists(PATHS, max_size=3) | JSON
        for key in (
            *(
                "paths",
                "excluded",
                "prefix",
                "subs",
                "one",
                "all",
                "less",
                "more",
                "date",
                "start",
                "end",
                "if",
                "then",
            ),
            *(
                "eval",
                "regex",
                "sum",
                "min",
                "max",
                "separator",
                "condition",
                "idCondition",
                "ruleInfo",
                "foreach",
                "do",
            ),
        )
    },
)
SOUND = {
    "paths": ["title", "@x"],
    "excluded": ["a"],
    "one": "a",
    "all": "lang",
    "sum": 5,
    "less": "title",
    "more": "NOW",
}
SOUND |= {
    "date": "title",
    "start": "title",
    "end": "@x",
    "regex": "a",
    "prefix": ["@x"],
    "if": "title",
    "then": "@x",
}
SOUND |= {
    "eval": "title",
    "foreach": "title",
    "do": {"unique": {"cases": [{"paths": ["*[. = '$1']", "$1"]}]}},
    "subs": ["paths"],
}


def answered(ruleset: bytes, activities: bytes) -> None:
    """Check for one of the three results, or a sentence with the expected form."""
    try:
        found = run_ruleset(ruleset, activities, now=NOW)
    except ValueError as refused:
        assert "cannot be used" in str(refused)  # noqa: PT017 - either is right, an exception of another kind is not
    else:
        assert {each["result"] for each in found} <= {True, False, None}


@settings(max_examples=60, deadline=None)
@given(
    JSON
    | st.dictionaries(
        PATHS,
        st.dictionaries(
            st.sampled_from([*KINDS, "loop"]), st.fixed_dictionaries({"cases": st.lists(CASES, max_size=2)})
        ),
    )
)
def test_any_json_in_place_of_a_ruleset_is_answered(ruleset):
    answered(json.dumps(ruleset).encode(), TWO)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*KINDS, "loop"]), CASES)
def test_any_values_in_a_case_are_answered(kind, case):
    ruleset = {"//iati-activity": {kind: {"cases": [{**SOUND, **case}]}}}
    answered(
        json.dumps(ruleset).encode(),
        b"<iati-activities><iati-activity x='1'><title>a</title></iati-activity></iati-activities>",
    )


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(TWO)))
def test_any_bytes_in_place_of_xml_are_answered(content, at):
    answered(TITLES, content)
    answered(TITLES, TWO[:at] + content + TWO[at:])


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_any_text_in_an_activity_is_judged_by_every_kind(text):
    ruleset = {"//iati-activity": {kind: {"cases": [SOUND]} for kind in (*KINDS, "loop")}}
    shown = (
        text.translate({ord("<"): "&lt;", ord("&"): "&amp;", ord("'"): "&apos;"})
        .replace("\ufffe", "")
        .replace("\uffff", "")
    )
    activity = f"<iati-activities><iati-activity x='{shown}'><title>{shown}</title></iati-activity></iati-activities>"
    found = run_ruleset(json.dumps(ruleset).encode(), activity.encode(), now=NOW)
    assert len(found) == len(KINDS) + 1


# --- Patterns -----------------------------------------------------------------------------------------------------------

ATOMS = [
    "a",
    "b",
    "-",
    r"\d",
    r"\s",
    "[ab]",
    "[^a]",
    ".",
    "^",
    "$",
    r"\b",
    "(?:a|b-)",
    "(ab)",
    "(?=a)",
    "(?!b)",
    "(a|)",
    r"\.",
]
REPEATS = ["", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"]
UNBOUNDED = {"*", "+", "{0,}", "*?"}
MAX_UNBOUNDED = 2
"""The maximum number of unbounded repetitions inside another one: `re` takes exponential time for more."""
PATTERNS = (
    st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)), min_size=1, max_size=5)
    .filter(lambda parts: sum(repeat in UNBOUNDED for _, repeat in parts) <= MAX_UNBOUNDED)
    .map(lambda parts: "".join(f"{atom}{repeat}" for atom, repeat in parts))
)


@settings(max_examples=500, deadline=None)
@given(
    PATTERNS.flatmap(lambda inner: st.sampled_from([inner, f"(?:{inner})*a", f"^({inner}|b){{2}}$"])),
    st.text("ab-1\n ", max_size=8),
)
def test_a_pattern_is_found_where_perls_way_finds_it(pattern, text):
    try:
        read = read_pattern(pattern)
    except PatternIsRefused:
        return
    assert is_found(text, pattern) is (re.search(pattern, text) is not None)
    assert read.simulates(text) is (re.search(pattern, text) is not None)


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", r"(\w+\s?)*$!", "a?" * 60 + "a" * 60 + "b", "(a|a)*b", "(a*)*b", "(?=(a+)+b)a"]
)
def test_no_pattern_takes_for_ever(pattern):
    began = monotonic()
    for length in (30, 400, 900):
        assert not is_found("a" * length + "!", pattern)
    assert monotonic() - began < 10


@pytest.mark.parametrize(
    "pattern",
    ["", "(", ")", "[", "*", r"(a)\1", "(?<=a)b", "a{3000}{3000}", "(" * 30 + ")" * 30, "x" * 1_001, r"\p"],
)
def test_a_pattern_that_cannot_be_bounded_is_refused(pattern):
    with pytest.raises(PatternIsRefused):
        read_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^[^\/\&\|\?]+$", "AA-1", True),
        (r"^[^\/\&\|\?]+$", "AA/1", False),
        ("(?i)^gb", "GB-1", True),
        (r"^a\Z", "a\n", True),
        (r"^a\z", "a\n", False),
        ("a{,2}", "a{,2}", True),
        ("^[[&&|~~]+$", "[&|~", True),
        (r"^[^[\]]$", "]", False),
        ("^(?<code>[A-Z]{2})-(?:[0-9]+-)*[0-9]+$", "GB-1-22-333", True),
        ("x", "x" * 20_001, False),
    ],
)
def test_patterns_are_written_as_in_perl(pattern, text, found):
    assert is_found(text, pattern) is found


# --- The command --------------------------------------------------------------------------------------------------------


def iisgd(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["rules", "import-iati", *map(str, arguments)])


@pytest.fixture
def ruleset(tmp_path: Path) -> Path:
    path = tmp_path / "ruleset.json"
    path.write_bytes(TITLES)
    return path


@pytest.fixture
def activities(tmp_path: Path) -> Path:
    path = tmp_path / "activities.xml"
    path.write_bytes(TWO)
    return path


def test_a_ruleset_alone_becomes_a_file_of_rules(ruleset, tmp_path):
    done = iisgd(ruleset, "--output", tmp_path / "rules.yaml")
    written = (tmp_path / "rules.yaml").read_text(encoding="utf-8")
    assert (done.exit_code, done.output) == (0, "")
    assert written == iisgd(ruleset).output
    for line in ("- id: IATI-001", "  title: At least one of `title`.", "  assert: count(paths) >= 1"):
        assert line in written


def test_a_ruleset_with_activities_says_true_or_false_of_each_node(ruleset, activities):
    done = iisgd(ruleset, "--activities", activities)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "IATI-001 atleast_one: true  /iati-activities/iati-activity[1]  A-1",
        "IATI-001 atleast_one: false  /iati-activities/iati-activity[2]  A-2",
        "    What would pass: At least one of `title`.",
        "",
        "overall: false (1 true, 1 false, 0 no condition match)",
    ]


def test_the_results_as_json_are_those_of_the_function(ruleset, activities):
    done = iisgd(ruleset, "--activities", activities, "--format", "json")
    assert json.loads(done.stdout) == run_ruleset(TITLES, TWO)
    assert done.stderr == "overall: false (1 true, 1 false, 0 no condition match)\n"


def test_where_nothing_is_selected_no_condition_matches(ruleset, activities):
    activities.write_bytes(b"<iati-activities/>")
    assert json.loads(iisgd(ruleset, "--activities", activities, "--format", "json").stdout) == []
    assert "overall: no condition match" in iisgd(ruleset, "--activities", activities).output


def test_publishers_are_read_from_a_file(ruleset, activities, tmp_path):
    case = {"idCondition": "NOT_EXISTING_ORG_ID", "regex": "^B", "paths": ["iati-identifier"]}
    ruleset.write_text(json.dumps({"//iati-activity": {"regex_matches": {"cases": [case]}}}))
    (tmp_path / "publishers").write_text("A-1\nX-9\n")
    done = iisgd(ruleset, "--activities", activities, "--publishers", tmp_path / "publishers")
    assert "overall: false (0 true, 1 false, 1 no condition match)" in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}x", "it is not JSON"),
        (b'{"//a": {"b": {"cases": []}}}', "there is no rule 'b'"),
        (b"<a", "The file is not well-formed XML"),
    ],
)
def test_what_cannot_be_used_ends_the_command_with_a_sentence(ruleset, content, said):
    ruleset.write_bytes(content)
    done = iisgd(ruleset)
    assert done.exit_code == 1
    assert said in done.output


def test_the_command_overwrites_nothing_that_it_reads(ruleset, activities):
    for arguments in (
        (ruleset, "--output", ruleset),
        (ruleset, "--activities", activities, "--output", activities),
    ):
        assert iisgd(*arguments).exit_code == 2
    assert iisgd(activities, "--activities", activities).exit_code == 2
    assert (ruleset.read_bytes(), activities.read_bytes()) == (TITLES, TWO)


def test_activities_alone_become_records(activities):
    done = iisgd(activities)
    assert [json.loads(line)["iati_identifier"] for line in done.stdout.splitlines()] == ["A-1", "A-2"]
    assert "no place for them: {http://example.org/x}note (1)." in done.stderr
    assert done.stderr.endswith("2 activities converted to records.\n")
