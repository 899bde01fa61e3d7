"""When a host that fails is left alone."""

from transforms.circuit import OPEN_AFTER, REST_S, Circuit


def test_some_failures_in_a_row_leave_a_host_alone_for_a_while() -> None:
    circuit = Circuit()
    for number in range(OPEN_AFTER):
        assert circuit.rest_s("ledger.example", now_s=number) == 0
        circuit.note("ledger.example", failed=True, now_s=number)
    assert circuit.rest_s("ledger.example", now_s=OPEN_AFTER - 1) == REST_S
    assert circuit.rest_s("www.ledger.example", now_s=OPEN_AFTER - 1) == 0


def test_one_answer_in_between_begins_anew() -> None:
    circuit = Circuit()
    for number in range(3 * OPEN_AFTER):
        circuit.note("ledger.example", failed=number % OPEN_AFTER > 0, now_s=0)
    assert circuit.rest_s("ledger.example", now_s=0) == 0


def test_after_its_rest_one_more_failure_is_enough() -> None:
    circuit = Circuit()
    for _ in range(OPEN_AFTER):
        circuit.note("ledger.example", failed=True, now_s=0)
    assert circuit.rest_s("ledger.example", now_s=REST_S) == 0
    circuit.note("ledger.example", failed=True, now_s=REST_S)
    assert circuit.rest_s("ledger.example", now_s=REST_S) == REST_S
