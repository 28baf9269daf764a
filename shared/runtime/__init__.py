"""The kernel: turns a service's declarations into a Flask app and a Celery app.

`flask_app` and `celery_app` are separate modules, since a worker needs no Flask and the web needs no Celery.
"""
