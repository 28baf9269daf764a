"""Tests of the demo's output on a terminal of eighty columns and in a pipe."""

import os
import re
import subprocess

import pytest

from deploy.launcher import iisgd


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> list[str]:
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        iisgd("demo"),
        env=os.environ | {"IISGD_HOME": str(home), "COLUMNS": "80"},  # noqa: TID251 - a child's environment
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def rows(shown: list[str], title: str) -> list[str]:
    """Return a table's lines, including heads, from its title to its lower edge."""
    (first,) = [number for number, line in enumerate(shown) if line.startswith(title)]
    end = next(number for number in range(first, len(shown)) if shown[number].startswith("└"))
    return [line for line in shown[first:end] if line.startswith(("│", "┃"))]


def test_it_says_how_far_it_is_line_by_line(shown):
    posting = [line.rpartition(": ")[2] for line in shown if line.startswith("Posting")]
    assert posting[1:] == [f"{count} of 105" for count in (25, 50, 75, 100, 105)]


def test_it_says_why_more_was_posted_than_the_table_counts(shown):
    assert "105 versions were posted, of 104 submissions, 1 of them in 2 versions." in shown


def test_the_gap_matrix_fits_and_says_what_its_words_mean(shown):
    matrix = rows(shown, "Needs: all / answered / supported / open")
    assert re.sub(r"\W+", " ", matrix[0]).split() == ["Partner", "WBCTi", "WBCSCi", "WBBSi"]
    assert matrix[1].startswith("│ Albania ")
    assert "A need is answered if a response refers to it" in "\n".join(shown)


def test_who_has_not_reported_is_not_reported_and_never_zero(shown):
    matrix = rows(shown, "Needs: all / answered / supported / open")
    assert sum(row.count("not reported") for row in matrix) == 2
    assert "0 / 0 / 0 / 0" not in "\n".join(matrix)
    assert "All counts the 16 of 18 structures that have reported." in shown
    assert "not reported" in "\n".join(rows(shown, "Completeness per structure"))


def test_the_reminders_show_whole_addresses_and_a_plain_date(shown):
    table = "\n".join(rows(shown, "Reminders sent for the "))
    assert "wbbsi@interior-mk.example" in table
    assert re.search(r"│ \d{4}-\d\d-\d\d \d\d:\d\d UTC │", table)


def test_no_line_of_a_table_is_wider_than_the_terminal(shown):
    assert max(len(line) for line in shown if line.startswith(("│", "┃"))) <= 80


def test_everything_is_stopped_at_the_end(shown):
    assert shown[-1].startswith("Everything is stopped. The demo took ")
