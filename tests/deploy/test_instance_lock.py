"""Tests that only one launcher at a time runs in a home and on a port."""

import json
import os
import socket
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from deploy import instance_lock
from deploy.cli import main
from deploy.launcher import Launcher, free_port, is_in_use
from shared.settings import Settings


def call(*arguments: str, home: object) -> Result:
    return CliRunner(env={"IISGD_HOME": str(home)}).invoke(main, list(arguments))


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that another process listens on and would share."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_on_which_somebody_listens_is_refused_before_anything_starts(tmp_path, listening):
    done = call("run", "--port", str(listening), home=tmp_path)
    assert done.exit_code == 1
    assert done.output == f"Error: Port {listening} is in use. Choose another with --port.\n"
    assert [path.name for path in tmp_path.iterdir()] == [instance_lock.LOCK_FILE]
    assert instance_lock.find_holder(tmp_path) is None


def test_a_port_that_was_left_a_moment_ago_is_free():
    port = free_port()
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
            assert is_in_use(port)
    assert not is_in_use(port)


@pytest.fixture
def held(tmp_path) -> Iterator[Launcher]:
    """A launcher that has locked a home."""
    launcher = Launcher.embedded(Settings(home=tmp_path / "demo"))
    yield launcher
    launcher.stop()


@pytest.mark.parametrize("command", ["demo", "run"])
def test_a_second_launcher_in_a_home_is_refused_with_who_runs_there_and_deletes_nothing(held, command):
    (held.settings.home / "kept").touch()
    home = held.settings.home if command == "run" else held.settings.home.parent
    done = call(command, home=home)
    assert done.exit_code == 1
    assert f"This installation is already running, as process {os.getpid()}. Stop it first" in done.output
    assert (held.settings.home / "kept").exists()


def test_a_home_is_free_again_when_its_launcher_has_stopped(held):
    held.stop()
    Launcher.embedded(held.settings).stop()


def test_the_locked_file_tells_who_holds_the_home_and_where_it_is_reached(held):
    told = json.loads((held.settings.home / instance_lock.LOCK_FILE).read_text())
    addresses = ("broker_url", "smtp_url", "public_url")
    assert told == {"pid": os.getpid()} | {name: getattr(held.settings, name) for name in addresses}


def test_clearing_a_home_leaves_the_locked_file_and_so_the_lock(held):
    home = held.settings.home
    (home / "folder").mkdir()
    (home / "folder" / "file").touch()
    (home / "file").touch()
    instance_lock.wipe(home)
    assert [path.name for path in home.iterdir()] == [instance_lock.LOCK_FILE]
    with pytest.raises(instance_lock.InstanceIsLocked):
        instance_lock.acquire(home)
