"""What the web server loads: one Flask app with the services that the settings name."""

import gc

from flask import Flask

from deploy.installation import service_named
from shared.logs import configure
from shared.runtime.flask_app import build_flask
from shared.settings import Settings


def app() -> Flask:
    """The app; called once in each web worker."""
    settings = Settings.from_environ()
    configure(settings, "web")
    web = build_flask([service_named(name) for name in settings.services.split(",")], settings)
    # What is loaded by now is never garbage: the collector need not look at it again with every few requests.
    gc.freeze()
    return web
