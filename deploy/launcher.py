"""The supervisor of an embedded installation: it starts processes, restarts those that die, and stops all."""

import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from deploy import broker, instance_lock
from shared.settings import Settings

STOP_SECONDS = 15.0
POLL_SECONDS = 0.1
MAX_RESTART_WAIT = 5.0
STEADY_SECONDS = 10.0
"""A process that ran this long did not fail at its start, so its next restart is immediate."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""The signals that stop a launcher."""

PR_SET_PDEATHSIG = 1


class DidNotStart(Exception):
    """The system was not ready in time."""

    def __init__(self, what: str, logs: Path) -> None:
        super().__init__(f"The system did not become ready: {what}. Its logs are in {logs}.")


class PortIsInUse(Exception):
    """Another process listens on the port. Sharing it would split the requests between the two."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use. Choose another with --port.")


class Terminated(SystemExit):
    """SIGINT or SIGTERM arrived. The process exits with an error unless a signal is its normal end."""


@dataclass
class Component:
    """A supervised process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    wait: float = 0.0
    restarts: int = 0
    is_wanted: bool = True


@dataclass
class Launcher:
    """An installation in `settings.home`: broker, mail sink, web, workers, relay, beat."""

    settings: Settings
    port: int
    short: Path | None = None
    """The folder of the broker's socket, deleted with the launcher."""
    lock: int | None = None
    """The file descriptor of the instance lock."""
    components: dict[str, Component] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _thread: threading.Thread | None = None

    @classmethod
    def embedded(
        cls,
        settings: Settings,
        *,
        port: int = 0,
        web_workers: int = 1,
        workers: int = 2,
        bulk_workers: int = 1,
    ) -> "Launcher":
        """Create an installation on this machine, on free ports and a socket; raises `InstanceIsLocked` and `PortIsInUse`."""
        home = settings.home.resolve()
        lock = instance_lock.acquire(home)
        if is_in_use(port):
            os.close(lock)
            raise PortIsInUse(port)
        port, mail_port = port or free_port(), free_port()
        # A socket's path is limited to about a hundred characters, which a deep home exceeds.
        short = Path(tempfile.mkdtemp(prefix="iisgd-"))
        path = short / "broker.sock"
        settings = replace(
            settings,
            home=home,
            broker_url=broker.url(path),
            smtp_url=f"smtp://127.0.0.1:{mail_port}",
            public_url=f"http://127.0.0.1:{port}",
        )
        instance_lock.publish(lock, settings)
        launcher = cls(settings, port, short, lock)
        launcher.add("broker", broker.command(path, home))
        launcher.add("mail-sink", iisgd("mail-sink", "--port", mail_port, "--folder", home / "mail"))
        launcher.add("web", iisgd("web", "--port", port, "--workers", web_workers))
        launcher.add("worker", iisgd("worker", "--concurrency", workers))
        launcher.add("bulk-worker", iisgd("worker", "--bulk", "--concurrency", bulk_workers))
        launcher.add("relay", iisgd("relay"))
        launcher.add("beat", iisgd("beat"))
        return launcher

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.settings.home / "logs"

    @property
    def mail(self) -> Path:
        """The folder of the sent mails."""
        return self.settings.home / "mail"

    def add(self, name: str, command: Sequence[str]) -> None:
        """Add a process to the installation."""
        self.components[name] = Component(name, command)

    def start(self, *names: str) -> None:
        """Start the named processes, or all, and keep them running."""
        for name, component in self.components.items():
            component.is_wanted = not names or name in names
        self.logs.mkdir(parents=True, exist_ok=True)
        # Linux ends child processes with the thread that started them, so this thread lives as long as they do.
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._thread.start()

    def wait_ready(self, *, seconds: float = 60.0, degraded_is_ready: bool = False) -> None:
        """Wait until the system is ready and every lane works; raise `DidNotStart` after the timeout."""
        seen = "no response from the web process"
        with httpx.Client(timeout=5.0) as client:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                with suppress(httpx.TransportError):
                    body = client.get(f"http://127.0.0.1:{self.port}/health/ready").json()
                    if body["state"] == "ready" or (degraded_is_ready and body["state"] == "degraded"):
                        return
                    seen = f"{body['failing']} {body['degraded']}"
                time.sleep(POLL_SECONDS)
        raise DidNotStart(seen, self.logs)

    def pid(self, name: str) -> int | None:
        """Return the process id; None if it does not run."""
        process = self.components[name].process
        return process.pid if process is not None and process.poll() is None else None

    def kill(self, name: str) -> None:
        """Kill a process and its children with SIGKILL. The supervisor restarts it."""
        with self._lock:
            if (pid := self.pid(name)) is not None:
                os.killpg(pid, signal.SIGKILL)

    def keep_down(self, name: str) -> None:
        """Kill a process and do not restart it until `release`."""
        self.components[name].is_wanted = False
        self.kill(name)

    def release(self, name: str) -> None:
        """Start a process that was kept down."""
        self.components[name].is_wanted = True

    def run_step(self, *arguments: object) -> None:
        """Run an `iisgd` command to its end; raises subprocess.CalledProcessError if it fails.

        A process of its own keeps the long-running supervisor small. A session of its own leaves Ctrl-C to the launcher,
        which then ends the command.
        """
        subprocess.run(
            iisgd(*arguments),
            env=self.settings.as_environ(),
            check=True,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def stop(self) -> None:
        """Stop everything, first with SIGTERM and then with SIGKILL, and release the home."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self.short is not None:
            shutil.rmtree(self.short, ignore_errors=True)
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def _supervise(self) -> None:
        while not self._stopping.wait(POLL_SECONDS if self._is_started() else 0):
            for component in self.components.values():
                self._look_after(component)
        self._end_all()

    def _is_started(self) -> bool:
        return any(component.process for component in self.components.values())

    def _look_after(self, component: Component) -> None:
        now = time.monotonic()
        with self._lock:
            if component.process is not None:
                if component.process.poll() is None:
                    return
                _end_group(component.process.pid)
                steady = now - component.started_at > STEADY_SECONDS
                component.wait = 0.0 if steady else min(2 * component.wait + 0.2, MAX_RESTART_WAIT)
                component.restart_at = now + component.wait
                component.restarts += 1
                component.process = None
            if component.is_wanted and now >= component.restart_at:
                component.process = self._spawn(component)
                component.started_at = now

    def _spawn(self, component: Component) -> subprocess.Popen[bytes]:
        with (self.logs / f"{component.name}.log").open("ab") as log:
            return subprocess.Popen(
                list(component.command),
                env=self.settings.as_environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one prctl call
            )

    def _end_all(self) -> None:
        # Relay and beat stop first, then workers, then the processes that they depend on.
        for component in reversed(self.components.values()):
            if component.process is not None and component.process.poll() is None:
                component.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for component in reversed(self.components.values()):
            if component.process is None:
                continue
            with suppress(subprocess.TimeoutExpired):
                component.process.wait(max(0.1, until - time.monotonic()))
            _end_group(component.process.pid)
            component.process.wait()


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """Raise `Terminated` in the block on SIGINT or SIGTERM. Signals after the block are ignored.

    Each signal raises it: Python loses an exception that is raised while it forks a process or finalises an object. A
    handler ignores later signals instead of SIG_IGN, which child processes would inherit.
    """

    def end(number: int, _frame: object) -> None:
        if os.getpid() != owner:
            # A forked child that has not yet executed its command has nothing to stop or report.
            os._exit(128 + number)
        raise Terminated(1)

    owner = os.getpid()
    for number in STOP_SIGNALS:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: None)


def iisgd(*arguments: object) -> list[str]:
    """Return a command line of `iisgd` in this environment."""
    return [sys.executable, "-m", "deploy.cli", *(str(argument) for argument in arguments)]


def sample_marker(settings: Settings) -> Path:
    """Return the file that marks an installation that needs no sample: it was loaded, or data was restored."""
    return settings.home / "sample-is-loaded"


def is_in_use(port: int) -> bool:
    """Return whether a process listens on a loopback port; always False for 0, which means any port."""
    with socket.socket() as probe:
        # Binding succeeds beside closing connections, but not beside a listener, even one that shares its port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
