from dataclasses import fields
from pathlib import Path

import pytest

from shared.settings import SettingIsInvalid, Settings


def test_an_environment_that_says_nothing_gives_the_embedded_defaults():
    settings = Settings.from_environ({"PATH": "/bin", "HOME": "/root"})
    assert settings == Settings()
    assert settings.database.startswith("sqlite:///")
    assert settings.database.endswith("/var/iisgd.sqlite")
    assert (settings.blobs, settings.keys) == (Path("var/blobs"), Path("var/keys"))


def test_each_setting_is_read_as_what_it_is():
    settings = Settings.from_environ(
        {
            "IISGD_HOME": "/srv/iisgd",
            "IISGD_WINDOW": "50",
            "IISGD_POLL_SECONDS": "0.25",
            "IISGD_BLOB_FOLDER": "/srv/blobs",
            "IISGD_WEBHOOKS_MAY_BE_LOCAL": "TRUE",
            "IISGD_DATABASE_URL": "postgresql+psycopg://db/iisgd",
        }
    )
    assert (settings.window, settings.poll_seconds, settings.webhooks_may_be_local) == (50, 0.25, True)
    assert (settings.home, settings.blobs) == (Path("/srv/iisgd"), Path("/srv/blobs"))
    assert settings.keys == Path("/srv/iisgd/keys")
    assert settings.database == "postgresql+psycopg://db/iisgd"


def test_a_variable_that_is_empty_is_one_that_is_not_set():
    assert Settings.from_environ({"IISGD_WINDOW": "", "IISGD_BLOB_FOLDER": ""}) == Settings()


@pytest.mark.parametrize(("name", "value"), [("WINDOW", "many"), ("WINDOW", "1.5"), ("POLL_SECONDS", "soon")])
def test_a_value_that_cannot_be_used_is_named_with_what_could(name, value):
    with pytest.raises(SettingIsInvalid, match=f"IISGD_{name} is '{value}'; it must be a number"):
        Settings.from_environ({f"IISGD_{name}": value})


def test_what_is_on_or_off_is_said_as_true_or_false():
    assert Settings.from_environ({"IISGD_WEBHOOKS_MAY_BE_LOCAL": "false"}) == Settings()
    with pytest.raises(SettingIsInvalid, match="must be true or false"):
        Settings.from_environ({"IISGD_WEBHOOKS_MAY_BE_LOCAL": "yes"})


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SettingIsInvalid, match=r"IISGD_WINDOWS is '5'.*poll_seconds.*window") as refused:
        Settings.from_environ({"IISGD_WINDOWS": "5"})
    assert all(field.name in str(refused.value) for field in fields(Settings))


def test_another_process_reads_the_same_settings_from_the_environment_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("IISGD_WINDOW", "1")
    monkeypatch.setenv("LANG", "sq_AL")
    settings = Settings(
        home=tmp_path,
        window=7,
        poll_seconds=0.5,
        blob_folder=tmp_path / "b",
        log_format="text",
        webhooks_may_be_local=True,
    )
    environ = settings.as_environ()
    assert Settings.from_environ(environ) == settings
    assert environ["LANG"] == "sq_AL"
