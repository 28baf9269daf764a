"""Logs, as another process writes them: the form is set for a whole process."""

import json
import subprocess
import sys

SCRIPT = """
import logging
from shared.logs import configure, log, tracing, current_trace
from shared.settings import Settings

configure(Settings(log_format={form!r}), "worker")
log().info("started")
log().debug("not at this level")
with tracing("4bf92f3577b34da6a3ce929d0e0e4736", service="entry"):
    log().info("submission received", submission="s-1", records=3)
    logging.getLogger("celery.worker").warning("a library's %s", "line")
    logging.getLogger("celery.worker").info("Task received")
    assert current_trace() == "4bf92f3577b34da6a3ce929d0e0e4736"
    try:
        raise ValueError("two\\nlines")
    except ValueError:
        log().exception("handler raised")
assert current_trace() is None
log().info("ended")
"""


def lines_of(form):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(form=form)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_one_json_object_with_the_time_the_level_and_the_process():
    lines = [json.loads(line) for line in lines_of("json")]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("started", "info"),
        ("submission received", "info"),
        ("a library's line", "warning"),
        ("handler raised", "error"),
        ("ended", "info"),
    ]
    assert all(line["process"] == "worker" and line["timestamp"].endswith("Z") for line in lines)


def test_lines_of_one_piece_of_work_bear_its_trace_and_service_those_of_libraries_too():
    started, *inside, ended = (json.loads(line) for line in lines_of("json"))
    assert {(line["trace"], line["service"]) for line in inside} == {
        ("4bf92f3577b34da6a3ce929d0e0e4736", "entry")
    }
    assert "trace" not in started.keys() | ended.keys()
    assert (inside[0]["submission"], inside[0]["records"]) == ("s-1", 3)


def test_an_exception_is_told_in_full_within_its_line():
    raised = json.loads(lines_of("json")[3])
    assert "Traceback" in raised["exception"]
    assert "ValueError: two\nlines" in raised["exception"]


def test_for_a_terminal_lines_are_text():
    first = lines_of("text")[0]
    assert "started" in first
    assert "{" not in first
