"""The numbers that are said about the circulating formulas, computed again from the formulas themselves."""

import ast
from fractions import Fraction

import numpy as np
import pytest
import sympy

import cnnlib
from cnnlib import claims, symbolic
from cnnlib.claims import (
    channels,
    convolution,
    gradient_testers,
    gradients,
    listings,
    pooling,
    signal_testers,
    size_testers,
    training_testers,
)


def stated(item, **setting):
    claim = claims.CLAIMS[item]
    return claim.tester.formula(claim.statement)(setting)


def gradient_settings(**wanted):
    return [s for s in gradient_testers._gradient_settings() if all(s[name] == value for name, value in wanted.items())]


def test_f1_gives_4_windows_and_a_half_where_4_stand():
    setting = size_testers._exact(n=10, kernel_size=3, stride=2, padding=0, dilation=1)
    assert stated("F1", **setting) == Fraction(9, 2)
    assert size_testers.places(**setting) == 4


def test_f1_is_no_integer_in_1640_of_3448_settings_and_its_floor_counts_the_windows_in_all():
    sweep = [(n, k, s, p) for n in range(1, 33) for k in range(1, 8) for s in range(1, 5) for p in range(4) if k <= n + 2 * p]
    printed = [Fraction(n - k + 2 * p, s) + 1 for n, k, s, p in sweep]
    assert len(sweep) == 3448
    assert sum(size.denominator > 1 for size in printed) == 1640
    assert [size.__floor__() for size in printed] == [size_testers.places(n, k, s, p, 1) for n, k, s, p in sweep]


def test_f7_sympy_hides_the_summed_index_from_a_substitution():
    i, n = sympy.symbols("i N", integer=True)
    x = sympy.IndexedBase("X")
    total = sympy.Sum(sympy.exp(x[i]), (i, 1, n))
    assert (sympy.exp(x[i]) / total).subs(i, 2) == sympy.exp(x[2]) / total


def test_f7_overflows_where_the_shifted_form_gives_0_09_0_245_0_665():
    found = claims.test("F7").counterexample
    assert found.setting["x"].tolist() == [1000, 1001, 1002]
    assert np.isnan(found.stated).all()
    assert found.true.round(3).tolist() == [0.09, 0.245, 0.665]


def test_f9_relu_of_a_million_is_a_million():
    assert cnnlib.relu(np.array(1e6)) == 1e6


def test_f11_gives_6_by_6_whose_interior_is_the_product_with_the_flipped_kernel():
    rng = np.random.default_rng(0)
    image, kernel = rng.standard_normal((5, 5)), rng.standard_normal((2, 2))
    full = convolution.flipped_sum(image, kernel)
    assert full.shape == (6, 6)
    np.testing.assert_allclose(full[1:5, 1:5], cnnlib.correlate2d(image, kernel[::-1, ::-1]))
    assert np.abs(full[1:5, 1:5] - cnnlib.correlate2d(image, kernel)).max() > 0.1


def test_f12_multiplies_w1_x_squared_where_w2_x_belongs():
    found, net = claims.test("F12").counterexample, gradient_testers.Net
    error = net.w2 * net.w1 * net.x - net.t
    assert sympy.expand(found.stated - net.w1 * net.x**2 * error) == 0
    assert sympy.expand(found.true - net.w2 * net.x * error) == 0


@pytest.mark.parametrize(("item", "value", "truth"), [("F22", 1, 6), ("F45", 5, 6)])
def test_two_boxes_of_heights_2_and_3_convolve_to_6(item, value, truth):
    setting = dict(f=Fraction(2), g=Fraction(3), t=Fraction(1))
    assert stated(item, **setting) == value
    assert signal_testers._by_cells(**setting) == truth


def test_f45_two_unit_boxes_have_2_for_the_sum_and_1_for_the_product():
    setting = dict(f=Fraction(1), g=Fraction(1), t=Fraction(1))
    assert (stated("F45", **setting), signal_testers._by_cells(**setting)) == (2, 1)


def test_f23_an_indicator_of_length_3_gives_6_and_9_where_the_averages_are_2_and_3():
    found = claims.test("F23").counterexample
    assert (found.stated.tolist(), found.true.tolist()) == ([6, 9], [2, 3])


def test_f24_two_dice_make_3_once_in_18_and_a_doubled_die_never():
    independent, doubled = signal_testers._dice_settings()[:2]
    assert signal_testers._by_counting(**independent)[1] == pytest.approx(1 / 18)
    assert stated("F24", **doubled)[1] == pytest.approx(1 / 18)
    assert signal_testers._by_counting(**doubled)[1] == 0


def test_f27_the_last_quotient_is_4_and_a_half():
    sizes = [dict(n=28, kernel_size=5, pool=1), dict(n=24, kernel_size=3, pool=2), dict(n=11, kernel_size=3, pool=2)]
    assert [stated("F27", **size_testers._exact(**size)) for size in sizes] == [24, 11, Fraction(9, 2)]
    assert 16 * size_testers.in_layers(11, 3, 2) ** 2 == 256


def test_f28_does_not_parse_and_has_lost_the_names_of_its_calls():
    with pytest.raises(SyntaxError):
        ast.parse(listings.NETWORK_PRINTED)
    found = listings.faults(listings.NETWORK_PRINTED)
    lost = [line for line, fault in found if "lost its name" in fault]
    assert [fault for _, fault in found if "parse" in fault] == ["does not parse"] * 2
    assert len(lost) == 15
    assert {word for _, fault in found for word in fault.split()} >= {"border_mode", "nb_epoch", "init", "show_accuracy"}
    assert listings.faults(listings.NETWORK_REPAIRED) == []


def test_f30_most_mirrored_images_of_2_3_and_7_are_read_as_something_else():
    from cnnlib.claims.network_testers import _centroid_share, _neighbour_share

    assert all(share(digit) < 0.2 for digit in (2, 3, 7) for share in (_centroid_share, _neighbour_share))


def test_f33_has_two_terms_with_l_left_over_and_gives_12_16_24_28():
    printed, letters = symbolic.weighted_sums.one_sum.result("printed_two_by_two"), "l"
    assert len(printed.args) == 2
    assert letters in {letter.name for letter in printed.free_symbols if letter.is_Symbol}
    found = claims.test("F33").counterexample
    assert found.stated.ravel().tolist() == [12, 16, 24, 28]
    assert found.true.ravel().tolist() == [27, 37, 57, 67]


def test_f34_reads_one_cell_at_the_first_place_and_the_same_cells_at_two_others():
    def cells(i, j):
        return {i * m + j * n for m in range(2) for n in range(2)}

    assert cells(0, 0) == {0}
    assert cells(0, 1) == cells(1, 0)
    image = np.random.default_rng(0).standard_normal((4, 4))
    pooled = pooling.flattened_index(image, 2, 2)
    assert pooled[0, 0] == image[0, 0]
    assert pooled[0, 1] == pooled[1, 0]


@pytest.mark.parametrize(("k", "s", "value"), [(2, 2, Fraction(7, 2)), (3, 2, Fraction(7, 3))])
def test_f36_gives_fractions_of_a_window_where_3_stand(k, s, value):
    setting = size_testers._exact(n=7, kernel_size=k, stride=s, padding=0, ceil_mode=False)
    assert stated("F36", **setting) == value
    assert size_testers.places(7, k, s, 0, 1) == 3


def test_f38_a_convolution_keeps_4640_parameters_and_a_dense_layer_falls_from_20490_to_5130():
    from cnnlib.claims.pool_testers import _parameters

    assert {_parameters("convolution", 16, 32, size) for size in (8, 4)} == {4640}
    assert [_parameters("dense", 32, 10, size) for size in (8, 4)] == [20490, 5130]


def test_f49_no_padding_keeps_the_size_under_an_even_kernel():
    kept = {k: [p for p in range(k) if size_testers.places(10, k, 1, p, 1) == 10] for k in range(1, 6)}
    assert kept == {1: [0], 2: [], 3: [1], 4: [], 5: [2]}


def test_f53_is_off_by_more_than_1_where_the_repair_is_off_by_less_than_a_millionth():
    setting = gradient_settings(stride=1, padding=0)[0]
    true = gradient_testers._quotients("x")(**{name: setting[name] for name in ("x", "w", "b", "dy", "activation", "stride", "padding")})
    assert np.abs(stated("F53", **setting) - true).max() > 1
    repaired = gradients.input_gradient(*(setting[name] for name in ("x", "w", "dy", "slope", "stride", "padding")))
    assert np.abs(repaired - true).max() < 1e-6


def test_f53_reads_row_7_of_an_output_of_3_rows():
    rows, kernel = 5, 3
    assert max(i + p - 1 for i in range(1, rows + 1) for p in range(1, kernel + 1)) == 7
    assert size_testers.places(rows, kernel, 1, 0, 1) == 3


@pytest.mark.parametrize("item", ["F54", "F55"])
def test_the_missing_derivative_of_tanh_costs_more_than_a_tenth(item):
    found = claims.test(item).counterexample
    assert found.setting["activation"] is cnnlib.tanh
    assert np.abs(found.stated - found.true).max() > 0.1
    assert np.abs(found.second - found.true).max() < 1e-8


def test_f58_unscaled_first_weights_multiply_the_spread_by_the_root_of_the_fan_in():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 16, 16, 16))
    for _ in range(3):
        y = cnnlib.conv2d(x, rng.standard_normal((16, 16, 3, 3)))
        assert y.std() / x.std() == pytest.approx(np.sqrt(16 * 9), rel=0.1)
        x = y


def test_f58_takes_an_image_of_one_channel_for_kernels_of_three_without_a_word():
    found = claims.test("F58").counterexample
    assert (len(found.setting["x"]), found.setting["w"].shape[1]) == (1, 3)
    assert isinstance(found.stated, np.ndarray)
    assert isinstance(found.true, claims.Raised)


def test_f60_its_text_gives_1_7_where_its_formula_gives_0_7():
    x, w, b = np.array([[[1.7]], [[1.0]]]), np.array([[[[1.0]], [[-1.0]]]]), np.zeros(1)
    assert channels.many_channels(x, w, b, cnnlib.relu).item() == pytest.approx(0.7)
    assert channels.activated_per_channel(x, w, b, cnnlib.relu).item() == pytest.approx(1.7)


def test_f61_walks_uphill_and_its_repair_downhill():
    for setting in training_testers._kernel_settings():
        x, w, t = setting["x"], setting["w"], setting["t"]
        claim = claims.CLAIMS["F61"]
        up, down = (claim.tester.formula(f)(setting) for f in (claim.statement, claim.repaired))
        losses = [training_testers.kernel_loss(x, kernel, t) for kernel in (down, w, up)]
        assert losses == sorted(losses)
        assert losses[0] < losses[1] < losses[2]


def test_f61_sliding_the_input_over_delta_turns_the_gradient_round():
    setting = training_testers._kernel_settings()[0]
    x, delta = setting["x"], setting["delta"]
    swapped = cnnlib.correlate2d(np.pad(delta, [(n - 1, n - 1) for n in x.shape]), x)
    gradient = cnnlib.correlate2d(x, delta)
    rows, columns = (slice(n - 1, n - 1 + size) for n, size in zip(delta.shape, gradient.shape, strict=True))
    np.testing.assert_allclose(swapped[rows, columns], gradient[::-1, ::-1])


def test_f62_gives_all_kernels_one_gradient():
    setting = gradient_settings(stride=1, padding=0)[0]
    found = stated("F62", **setting)
    true = gradients.weight_gradient(*(setting[name] for name in ("x", "w", "dy", "slope", "stride", "padding")))
    assert len(found) == 3
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(true[0] - true[1]).max() > 0.1


@pytest.mark.parametrize(
    ("source", "error"),
    [(listings.SKELETON_PRINTED, "SyntaxError"), (listings.SKELETON, "TypeError"), (listings.SKELETON_FILLED, "IndexError")],
)
def test_f66_laid_out_and_filled_in_still_stops(source, error):
    setting = gradient_testers._program_settings()[0]
    found = gradient_testers.programs.formula(listings.program(source))(setting)
    assert isinstance(found, claims.Raised)
    assert error in found.error


def test_f66_reads_a_kernel_of_2_by_3_as_3_by_3():
    f, f, _, _ = np.zeros((2, 3, 1, 1)).shape
    assert f == 3
