"""The catalogue: all 67 items, each with the verdict that its own test finds, a repair that passes, a counterexample that is confirmed."""

import functools
import re

import numpy as np
import pytest
import sympy

from cnnlib import claims

ITEMS = [f"F{number}" for number in range(1, 68)]
every_item = pytest.mark.parametrize("item", ITEMS)


@functools.cache
def result(item):
    return claims.test(item)


def test_the_catalogue_holds_the_items_1_to_67_in_order():
    assert list(claims.CLAIMS) == ITEMS
    assert [claim.number for claim in claims.catalog()] == list(range(1, 68))


def test_every_source_has_the_items_that_came_from_it():
    first = {"000": 1, "001": 14, "002": 33, "003": 42, "004": 59}
    for claim in claims.catalog():
        assert claim.source == max(source for source, number in first.items() if number <= claim.number), claim.item


def test_the_groups_share_the_items_among_them():
    shared = [claim.item for group in claims.GROUPS for claim in claims.catalog(group)]
    assert all(claims.catalog(group) for group in claims.GROUPS)
    assert sorted(shared, key=lambda item: int(item[1:])) == ITEMS


@every_item
def test_the_stated_verdict_is_the_computed_one(item):
    assert result(item).verdict == claims.CLAIMS[item].verdict, str(result(item))


@every_item
def test_the_repaired_form_passes_the_same_test(item):
    claim = claims.CLAIMS[item]
    repaired = claim.test(claim.repaired)
    assert repaired.verdict == "holds", str(repaired)
    assert repaired.tried > 0


@every_item
def test_a_counterexample_is_confirmed_by_the_second_computation(item):
    found = result(item)
    if found.counterexample is None:
        assert found.confirmed is None
        assert found.failed == 0
    else:
        assert found.confirmed is True
        assert 0 < found.failed <= found.tried
        assert found.sentence


@every_item
def test_both_roads_to_the_truth_agree_at_every_setting(item):
    tester = claims.CLAIMS[item].tester
    for setting in tester.settings()[::7]:
        truth, second = tester.formula(tester.truth)(setting), tester.formula(tester.second)(setting)
        assert tester.same(second, truth), setting


@every_item
def test_only_the_refusal_of_f58_is_an_error_for_a_truth(item):
    """An error equals an error, so a truth that breaks would agree with every broken formula."""
    tester = claims.CLAIMS[item].tester
    for computed in (tester.truth, tester.second):
        broken = [setting for setting in tester.settings() if isinstance(tester.formula(computed)(setting), claims.Raised)]
        assert [len(setting["x"]) != setting["w"].shape[1] for setting in broken] == ([True, True] if item == "F58" else [])


def wrong_repair(claim):
    """The repaired form with its value changed: doubled and one added, or denied, or renamed."""
    repair = claim.tester.formula(claim.repaired)

    def spoil(value):
        if isinstance(value, tuple):
            return tuple(map(spoil, value))
        if isinstance(value, bool):
            return not value
        return value + " not" if isinstance(value, str) else 2 * value + 1

    names = tuple(claim.tester.settings()[0])
    namespace = {"repair": repair, "spoil": spoil}
    exec(f"def f({', '.join(names)}): return spoil(repair(dict({', '.join(f'{name}={name}' for name in names)})))", namespace)
    return namespace["f"]


@every_item
def test_a_deliberately_wrong_repair_fails(item):
    claim = claims.CLAIMS[item]
    spoiled = claim.tester(wrong_repair(claim))
    assert spoiled.verdict == "fails", str(spoiled)
    assert spoiled.confirmed is True


@every_item
def test_one_entry_that_is_slightly_wrong_at_the_last_setting_is_found(item):
    claim = claims.CLAIMS[item]
    repair, last = claim.tester.formula(claim.repaired), str(claim.tester.settings()[-1])

    def spoil(value):
        if isinstance(value, tuple):
            return *value[:-1], spoil(value[-1])
        if isinstance(value, np.ndarray):
            return np.concatenate([value.ravel()[:-1], [value.ravel()[-1] + 1e-3]]).reshape(value.shape)
        return value + " not" if isinstance(value, str) else not value if isinstance(value, bool) else value + sympy.Rational(1, 1000)

    answers = [repair(setting) for setting in claim.tester.settings()]
    answers[-1] = spoil(answers[-1])
    answer = iter(answers)
    found = claim.tester(lambda: next(answer))
    assert (found.verdict, found.failed, found.confirmed) == ("fails", 1, True)
    assert str(found.counterexample.setting) == last


@every_item
def test_an_entry_is_complete(item):
    claim = claims.CLAIMS[item]
    assert claim.source in claims.SOURCES
    assert claim.group in claims.GROUPS
    assert claim.verdict in claims.VERDICTS
    assert re.fullmatch(r"\d\d", claim.chapter)
    assert claim.text
    assert claim.correct
    assert claim.reason.endswith(".")
    assert bool(claim.conditions) == (claim.condition is not None)
    assert claim.states_a_formula == (claim.verdict != "states no formula")
    if claim.verdict == "holds under conditions":
        assert claim.conditions


@every_item
def test_a_finding_reads_the_same_on_every_machine(item):
    assert "0x" not in str(result(item))
    assert "object at" not in str(result(item))


def test_an_unknown_item_or_group_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="F1 to F67"):
        claims.test("F68")
    with pytest.raises(ValueError, match="sizes, convolution itself"):
        claims.catalog("size")


def test_a_claim_can_be_asked_at_a_setting_of_ones_own():
    assert claims.CLAIMS["F1"].compare(n=10, kernel_size=3, stride=2, padding=0, dilation=1) == (4.5, 4)
    assert claims.CLAIMS["F22"].compare(f=2, g=3, t=1) == (1, 6)
    readings, true = claims.CLAIMS["F50"].compare(n=9, kernel_size=3, stride=2, padding=0, dilation=1)
    assert (readings, true) == ({"a step from start to start": 4, "a gap between windows": 2}, 4)


def test_a_claim_can_be_asked_in_short_letters():
    assert claims.CLAIMS["F1"].compare(n=10, k=3, s=2, p=0, d=1) == (4.5, 4)


def test_a_window_that_never_moves_is_an_answer_and_no_endless_loop():
    _, true = claims.CLAIMS["F1"].compare(n=10, kernel_size=3, stride=0, padding=0, dilation=1)
    assert "stride=0 never moves the window" in str(true)


def test_a_setting_that_lacks_something_is_refused_by_name():
    with pytest.raises(ValueError, match="F1 also needs padding, dilation"):
        claims.CLAIMS["F1"].compare(n=10, kernel_size=3, stride=2)


@every_item
def test_a_finding_is_short_enough_to_read(item):
    assert len(str(result(item))) < 700
