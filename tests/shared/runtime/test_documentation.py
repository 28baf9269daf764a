"""The page at /docs shows every service's description, and fetches nothing from elsewhere."""

import re
import shutil
import subprocess
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from deploy.installation import services
from deploy.service_names import NAMES
from shared.runtime.flask_app import build_flask
from shared.settings import Settings

CHROMIUM = shutil.which("chromium")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def app(tmp_path, keys):
    app = build_flask(services(), Settings(home=tmp_path, key_folder=keys))
    yield app
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


def test_all_that_the_page_loads_comes_from_here(app):
    http = app.test_client()
    page = http.get("/docs/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 4
    assert all(http.get(path, buffered=True).status_code == 200 for path in loaded)
    for name in NAMES:
        assert f"/{name}/v1/openapi.json" in page.text
    assert "validatorUrl" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
def test_a_browser_shows_what_can_be_asked_for(app, tmp_path):
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        shown = subprocess.run(
            [
                str(CHROMIUM),
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                *(f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=20000", "--dump-dom"),
                f"http://127.0.0.1:{server.server_port}/docs/",
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert "Submit records, or correct a submission" in shown
