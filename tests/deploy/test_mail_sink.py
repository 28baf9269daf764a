import smtplib
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from tests.notify.mail_server import free_port

ROOT = Path(__file__).parents[2]


def test_the_sink_keeps_each_mail_as_a_file_and_stops_when_asked(tmp_path: Path) -> None:
    port = free_port()
    serve = f"from pathlib import Path; from deploy.mail_sink import serve; serve({port}, Path({str(tmp_path)!r}))"
    sink = subprocess.Popen([sys.executable, "-c", serve], cwd=ROOT)
    try:
        for text in ("first", "second"):
            with _connected(port) as client:
                client.sendmail("iisg@rcc.example", ["a/b@c.example"], f"To: a/b@c.example\r\n\r\n{text}\r\n")
    finally:
        sink.terminate()
        assert sink.wait(20) == 0
    files = sorted(tmp_path.iterdir())
    assert [file.name.endswith(".eml") and "-a_b@c.example-" in file.name for file in files] == [True, True]
    bodies = {message_from_bytes(file.read_bytes(), policy=default).get_payload() for file in files}
    assert bodies == {"first\r\n", "second\r\n"}


def _connected(port: int) -> smtplib.SMTP:
    for _ in range(200):
        try:
            return smtplib.SMTP("127.0.0.1", port, timeout=5)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the sink does not respond")
