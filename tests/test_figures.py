import json

import pytest

from tests import figures
from tests.figures import Figure


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs two measures, or one of them, and returns the file's content."""
    monkeypatch.setattr(figures, "BUILD", tmp_path)

    def go(value: float, *only: str) -> dict[str, float]:
        measures = {
            "posts": lambda: [Figure("posts.first", value, "s", ""), Figure("posts.second", value, "s", "")],
            "drain": lambda: [Figure("drain", value, "s", "")],
        }
        figures.run(measures, only, "bench.json")
        return {row["name"]: row["value"] for row in json.loads((tmp_path / "bench.json").read_text())}

    return go


def test_one_measure_leaves_the_others_figures_in_the_file(run):
    run(1.0)
    assert run(2.0, "posts") == {"posts.first": 2.0, "posts.second": 2.0, "drain": 1.0}


def test_one_measure_needs_no_file_to_begin_with(run):
    assert run(2.0, "drain") == {"drain": 2.0}


def test_all_measures_leave_nothing_of_what_was_there(run, tmp_path):
    (tmp_path / "bench.json").write_text('[{"name": "gone", "value": 1}]')
    assert set(run(1.0)) == {"posts.first", "posts.second", "drain"}


def test_that_a_measure_could_not_be_taken_is_forgotten_once_it_could(run, tmp_path):
    (tmp_path / "bench.json").write_text('[{"name": "posts", "value": 0}]')
    assert set(run(1.0, "posts")) == {"posts.first", "posts.second"}
