"""The web server's entry point: one Flask app with the services that the settings name."""

import gc

from flask import Flask

from deploy.installation import service_named
from shared.logs import configure
from shared.runtime.flask_app import build_flask
from shared.settings import Settings


def app() -> Flask:
    """Create the app, once per web worker."""
    settings = Settings.from_environ()
    configure(settings, "web")
    web = build_flask([service_named(name) for name in settings.services.split(",")], settings)
    # Objects loaded so far are permanent, so the collector need not scan them again.
    gc.freeze()
    return web
