import subprocess
import sys
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from deploy.cli import MODULES, SECTIONS, main
from deploy.error_messages import mask_passwords
from deploy.tables import OwnerDatabase
from shared.bus import store
from shared.clock import SystemClock
from shared.settings import Settings

UNREACHABLE = "postgresql+psycopg://iisgd:secret@127.0.0.1:1/iisgd"


def call(*arguments: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(main, list(arguments))


def assert_one_line(done: Result, *says: str) -> None:
    """Check that the user sees one line with the error and no traceback."""
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    lines = done.output.splitlines()
    assert len(lines) == 1, done.output
    assert lines[0].startswith("Error: ")
    for text in says:
        assert text in lines[0]


@pytest.mark.parametrize("name", MODULES)
def test_every_command_loads_and_says_what_it_is_for(name):
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.get_short_help_str()
    parameters = command.params
    if isinstance(command, click.Group):
        assert command.commands
        assert all(each.get_short_help_str() for each in command.commands.values())
    assert all(
        option.help for option in parameters if isinstance(option, click.Option) and not option.show_default
    )
    assert call(name, "--help").exit_code == 0


def test_help_lists_every_command_once_in_a_section_and_cuts_nothing_off():
    done = call("--help", COLUMNS="80")
    summaries = {name: text for commands in SECTIONS.values() for name, text in commands.items()}
    assert sorted(summaries) == sorted(MODULES)
    assert sum(len(commands) for commands in SECTIONS.values()) == len(MODULES)
    for name, summary in summaries.items():
        assert f"\n  {name} " in done.output
        assert summary in done.output


def test_version_names_the_installed_version():
    assert call("--version").output == f"iisgd, version {version('iisgd')}\n"


def test_an_unknown_command_is_refused():
    done = call("explode")
    assert done.exit_code == 2
    assert "No such command 'explode'" in done.output


COMMANDS_THAT_READ_SETTINGS = [
    ("backup", "never.tar"),
    ("beat",),
    ("bus", "status"),
    ("demo",),
    ("doctor",),
    ("keys", "list"),
    ("migrate",),
    ("notify", "plan"),
    ("notify", "release"),
    ("relay",),
    ("reporters", "list"),
    ("reporting", "rebuild"),
    ("run",),
    ("sample", "calendar"),
    ("token", "AL-WBCTi"),
    ("web",),
    ("worker", "entry"),
]


@pytest.mark.parametrize("arguments", COMMANDS_THAT_READ_SETTINGS, ids=" ".join)
def test_a_wrong_setting_ends_any_command_with_one_line(arguments, tmp_path):
    done = call(*arguments, IISGD_WINDOW="x", IISGD_HOME=str(tmp_path))
    assert_one_line(done, "IISGD_WINDOW is 'x'; it must be a number.")


def test_a_setting_that_does_not_exist_is_named_and_its_password_is_not_shown():
    done = call("bus", "status", IISGD_SMPT_URL="smtp://me:secret@mail.example")
    assert_one_line(done, "IISGD_SMPT_URL is 'smtp://me:***@mail.example'", "smtp_url")
    assert "secret" not in done.output


@pytest.mark.parametrize(
    "arguments", [("bus", "status"), ("notify", "plan"), ("reporting", "rebuild")], ids=" ".join
)
def test_a_database_that_is_not_migrated_is_said_with_what_to_do(arguments, tmp_path):
    assert_one_line(call(*arguments, IISGD_HOME=str(tmp_path)), "Run 'iisgd migrate'.")


@pytest.mark.parametrize(
    "arguments", [("bus", "status"), ("notify", "plan"), ("reporting", "rebuild")], ids=" ".join
)
def test_a_postgresql_database_that_is_not_migrated_is_said_with_what_to_do(arguments, postgres):
    url = postgres.empty()
    assert_one_line(call(*arguments, IISGD_DATABASE_URL=url), "Run 'iisgd migrate'.")
    postgres.drop(url)


@pytest.mark.parametrize(
    "arguments",
    [("backup", "never.tar"), ("bus", "status"), ("migrate",), ("notify", "uncertain")],
    ids=" ".join,
)
def test_a_database_that_cannot_be_reached_is_said_without_its_password(arguments, tmp_path):
    done = call(*arguments, IISGD_HOME=str(tmp_path), IISGD_DATABASE_URL=UNREACHABLE)
    assert_one_line(done, "The database (IISGD_DATABASE_URL) cannot be reached", "Connection refused")
    assert "secret" not in done.output


@pytest.mark.parametrize("url", ["somewhere", "oracle://a:b@c/d", "nosuch://a:b@c/d"])
def test_a_url_that_names_no_usable_database_is_said_with_one_that_would_be(url):
    done = call("bus", "status", IISGD_DATABASE_URL=url)
    assert_one_line(done, "IISGD_DATABASE_URL", "sqlite:///file or postgresql+psycopg://")


def test_a_home_that_cannot_be_made_is_said(tmp_path):
    file = tmp_path / "file"
    file.touch()
    done = call("migrate", IISGD_HOME=str(file / "home"))
    assert_one_line(done, f"{file}/home (IISGD_HOME) cannot be used: Not a directory")


@pytest.mark.parametrize("command", ["bus status", "demo", "migrate", "run"])
def test_a_home_that_is_a_file_is_said(tmp_path, command):
    file = tmp_path / "file"
    file.touch()
    assert_one_line(call(*command.split(), IISGD_HOME=str(file)), "(IISGD_HOME) cannot be used: ", str(file))


@pytest.mark.parametrize("code", ["al-wbcti", "AL-WBCT", "al_wbcti"])
def test_a_token_for_a_code_that_is_nearly_right_is_refused_with_the_right_one(code):
    assert_one_line(call("token", code), f"There is no reporter '{code}'; did you mean AL-WBCTi?")


def test_a_token_for_a_code_that_is_like_no_other_is_refused_with_a_few_that_are_some():
    assert_one_line(call("token", "zzzz"), "There is no reporter 'zzzz'; for example AL-WBCTi, RS-NC, UNODC")


@pytest.mark.parametrize("hours", ["0", "-1", "8761"])
def test_a_token_that_would_be_good_for_no_time_or_over_a_year_is_refused(hours):
    done = call("token", "AL-WBCTi", "--hours", hours)
    assert done.exit_code == 2
    assert "Invalid value for '--hours'" in done.output


@pytest.mark.parametrize("port", ["0", "65536"])
@pytest.mark.parametrize("command", [("run",), ("web",), ("sample", "submissions")], ids=" ".join)
def test_a_port_that_is_none_is_refused(command, port):
    done = call(*command, "--port", port)
    assert done.exit_code == 2
    assert "is not in the range 1<=x<=65535" in done.output


def test_a_bus_without_dead_deliveries_says_so(tmp_path):
    assert call("migrate", "--quiet", IISGD_HOME=str(tmp_path)).exit_code == 0
    assert call("bus", "dead", IISGD_HOME=str(tmp_path)).output == "No delivery is dead.\n"


def test_a_replay_of_a_delivery_that_is_not_dead_is_refused_and_replays_no_other(tmp_path):
    settings = Settings(home=tmp_path)
    call("migrate", "--quiet", IISGD_HOME=str(tmp_path))
    database = OwnerDatabase(settings.database, clock=SystemClock())
    with database.begin() as tx:
        names = ("id", "event_id", "event", "subscriber", "lane", "trace", "reason")
        row = dict.fromkeys(names, "entry") | {"state": "dead", "due_at": tx.now, "created_at": tx.now}
        tx.execute(insert(store.deliveries), row | {"attempts": 8, "finished_at": tx.now})
    database.dispose()
    done = call("bus", "replay", "entry", "nosuch", IISGD_HOME=str(tmp_path))
    assert_one_line(done, "There is no dead delivery nosuch. Nothing was changed.")
    assert call("bus", "dead", IISGD_HOME=str(tmp_path)).output.startswith("entry  entry -> entry")
    done = call("bus", "replay", "entry", IISGD_HOME=str(tmp_path))
    assert done.output == "1 delivery will be rung again\n"


def test_a_rebuild_says_what_it_did(tmp_path):
    call("migrate", "--quiet", IISGD_HOME=str(tmp_path))
    done = call("reporting", "rebuild", IISGD_HOME=str(tmp_path))
    assert done.output == "Rebuilt the figures from 0 submissions, of which 0 are accepted with 0 records.\n"


def test_a_token_without_keys_is_said_with_what_to_do(tmp_path):
    done = call("token", "AL-WBCTi", IISGD_HOME=str(tmp_path))
    assert_one_line(done, "There is no *.private.pem in", "run 'iisgd migrate'")


def test_what_nobody_foresaw_keeps_its_traceback(monkeypatch, tmp_path):
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("deploy.commands.database.prepare", fail)
    assert isinstance(call("migrate", IISGD_HOME=str(tmp_path)).exception, ZeroDivisionError)


def test_passwords_are_masked_wherever_a_url_stands_in_a_text():
    said = "no redis://:pw@broker:6379 and no smtp://me:p:w@mail, only http://host/a:b@c"
    assert (
        mask_passwords(said)
        == "no redis://:***@broker:6379 and no smtp://me:***@mail, only http://host/a:b@c"
    )


def test_a_mail_sink_is_spared_what_it_does_not_need():
    listing = (
        "import sys; from deploy.cli import main; main.get_command(None, 'mail-sink'); "
        "print([name for name in ('sqlalchemy', 'celery', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
