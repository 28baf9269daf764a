import gc
import sys

from deploy.imports import import_permanently


def test_a_module_is_imported_without_collections_and_exempted_from_later_ones(tmp_path, monkeypatch):
    (tmp_path / "heavy_program.py").write_text("import gc\nIS_COLLECTED = gc.isenabled()\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = gc.get_freeze_count()
    module = import_permanently("heavy_program")
    assert not module.IS_COLLECTED
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    assert import_permanently("heavy_program") is module is sys.modules.pop("heavy_program")
