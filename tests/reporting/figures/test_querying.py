from tests.reporting.events import accepted, body_of, support
from tests.reporting.stored_figures import total


def test_what_is_asked_of_several_values_counts_distinct_records_however_it_is_answered(runtime, fold):
    both = [{"code": "AL", "percentage": 50}, {"code": "BA", "percentage": 50}]
    themes = [{"code": "eibm_control"}, {"code": "eibm_return"}]
    record = support("S-1", beneficiaries=both, themes=themes, budget=100, currency="EUR")
    fold(accepted(runtime, 1, body_of(record, support("S-2"), reporter="EC", kind="support")))
    assert total(runtime, "support")["records"] == 2
    assert total(runtime, "support", partner=["AL"])["records"] == 2
    assert total(runtime, "support", partner=["AL", "BA"])["records"] == 2
    assert total(runtime, "support", partner=["BA"], theme=["eibm_control", "eibm_return"])["records"] == 1
    (amount,) = total(runtime, "support", partner=["BA"], theme=["eibm_control", "eibm_return"])["amounts"]
    assert amount == {"currency": "EUR", "estimated": "0.00", "committed": "50.00", "spent": "0.00"}
