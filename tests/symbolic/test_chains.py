"""Every step of "two windows are one", with random numbers in place of its letters, against the library's sizes."""

import random

import pytest

from cnnlib.geometry import output_size, receptive_field
from cnnlib.symbolic import chains

STEP = chains.two_windows


def drawn(seed):
    """Two random layers and an input on which both find a place, with the divisions taken apart; numbers by the letters' names."""
    draw = random.Random(seed)
    k_1, k_2 = draw.randint(1, 6), draw.randint(1, 6)
    s_1, s_2 = draw.randint(1, 4), draw.randint(1, 4)
    p_1, p_2 = draw.randint(0, 3), draw.randint(0, 3)
    n = k_1 + s_1 * (k_2 - 1) + draw.randint(0, 30)
    q_1, a = divmod(n + 2 * p_1 - k_1, s_1)
    q_2, b = divmod(q_1 + 1 + 2 * p_2 - k_2, s_2)
    c, e = s_1 - 1 - a, s_2 - 1 - b
    return dict(n=n, k_1=k_1, k_2=k_2, s_1=s_1, s_2=s_2, p_1=p_1, p_2=p_2, q_1=q_1, q_2=q_2, a=a, b=b, c=c, e=e)


def at(name, numbers):
    """The result of a step with these numbers."""
    result = STEP[name].result
    return result.subs({letter: numbers[letter.name] for letter in result.free_symbols})


@pytest.mark.parametrize("seed", range(60))
def test_every_step_holds_for_numbers(seed):
    m = drawn(seed)
    first = output_size(m["n"], m["k_1"], m["s_1"], m["p_1"])
    second = output_size(first, m["k_2"], m["s_2"], m["p_2"])
    assert at("first", m) == first == m["q_1"] + 1
    assert at("second", m) == second == m["q_2"] + 1
    assert at("first_divided", m) == True  # noqa: E712  (a SymPy truth)
    assert at("second_divided", m) == True  # noqa: E712
    size, jump, _ = receptive_field([(m["k_1"], m["s_1"], 0), (m["k_2"], m["s_2"], 0)])[-1]
    padding = m["p_1"] + m["s_1"] * m["p_2"]
    assert at("common_room", m) == at("room_divided", m) == m["n"] + 2 * padding - size
    assert 0 <= at("left_over", m) == at("common_room", m) - m["q_2"] * jump
    assert at("lacking", m) == jump - at("left_over", m) >= 1
    assert at("one_window", m) == output_size(m["n"], size, jump, padding) == second
    assert at("library_agrees", m) == 0


def test_what_is_lacking_has_no_negative_term_whatever_the_numbers():
    terms = STEP["lacking"].result.as_ordered_terms()
    assert all(term.is_nonnegative for term in terms)
    assert 1 in terms


@pytest.mark.parametrize("seed", range(40))
def test_any_number_of_layers_without_padding_is_one_window(seed):
    draw = random.Random(seed)
    layers = [(draw.randint(1, 5), draw.randint(1, 3), 0) for _ in range(draw.randint(1, 6))]
    size, jump, _ = receptive_field(layers)[-1]
    for n in range(size, size + 2 * jump + 3):
        cells = n
        for layer in layers:
            cells = output_size(cells, *layer)
        assert cells == output_size(n, size, jump)
