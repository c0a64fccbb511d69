"""The gradient checker finds what is wrong, says where, and passes what is right."""

import numpy as np
import pytest

from cnnlib import check_gradients, conv2d, conv2d_backward, dot_product_test, relu, relu_backward, softmax, softmax_backward

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(2, 2, 5, 4)), RNG.normal(size=(3, 2, 3, 2)), RNG.normal(size=3)


def test_right_gradients_pass_and_the_report_counts_every_entry():
    report = check_gradients(conv2d, conv2d_backward, (X, W, B))
    assert report.passed
    assert bool(report)
    assert report.worst < 1e-8
    assert report.entries == X.size + W.size + B.size
    assert "passed" in str(report)
    assert f"{report.entries} entries" in str(report)


@pytest.mark.parametrize(("array", "index"), [(0, (1, 0, 2, 3)), (1, (2, 1, 0, 1)), (2, (1,))])
def test_one_wrong_entry_fails_and_is_located(array, index):
    def backward(dy, x, w):
        gradients = conv2d_backward(dy, x, w)
        gradients[array][index] *= 1.001
        return gradients

    report = check_gradients(conv2d, backward, (X, W, B))
    assert not report.passed
    assert not report
    assert (report.array, report.index) == (array, index)
    assert "FAILED" in str(report)
    assert f"arrays[{array}][{', '.join(map(str, index))}]" in str(report)
    assert f"{report.analytic:+.9g}" in str(report)


def test_the_upstream_gradient_is_random_so_that_sums_cannot_hide_errors():
    # The gradient of sum(softmax) is 0, so an all-ones dy would pass this wrong backward.
    assert not check_gradients(softmax, lambda dy, x: 0 * x, [X[0, 0]])
    assert check_gradients(softmax, softmax_backward, [X[0, 0]])
    # Nor may dy be the array itself, drawn from the same seed: relu's backward with x in place of dy would pass.
    x = np.random.default_rng(0).normal(size=(3, 4))
    assert not check_gradients(relu, lambda dy, x: x * (x > 0), [x], rng=0)


def test_the_same_seed_gives_the_same_report_and_another_seed_another_one():
    reports = [check_gradients(relu, relu_backward, X, rng=seed) for seed in (1, 1, 2, np.random.default_rng(1))]
    assert reports[0] == reports[1] == reports[3]
    assert reports[0] != reports[2]


def test_nan_gradients_fail():
    report = check_gradients(relu, lambda dy, x: dy * np.nan, X)
    assert not report.passed
    assert report.worst == np.inf


def test_tiny_gradients_are_still_compared():
    tiny = 1e-9
    assert check_gradients(lambda x: tiny * x, lambda dy, x: tiny * dy, X)
    assert not check_gradients(lambda x: tiny * x, lambda dy, x: 1.01 * tiny * dy, X)


def test_huge_and_small_arrays_choose_their_own_step():
    assert check_gradients(lambda x: x**2, lambda dy, x: 2 * x * dy, X * 1e6)
    assert check_gradients(np.sin, lambda dy, x: np.cos(x) * dy, X * 1e-3)


def test_functions_of_one_number_and_empty_arrays_are_welcome():
    assert check_gradients(np.sum, lambda dy, x: dy * np.ones_like(x), X)
    report = check_gradients(relu, relu_backward, np.zeros((0, 3)))
    assert report.passed
    assert "no entries" in str(report)


def test_missing_and_misshapen_gradients_are_named():
    with pytest.raises(ValueError, match="2 gradients for 3 arrays"):
        check_gradients(conv2d, lambda dy, x, w: conv2d_backward(dy, x, w)[:2], (X, W, B))
    with pytest.raises(ValueError, match=r"shape \(5, 4\) for arrays\[0\] of shape \(2, 2, 5, 4\)"):
        check_gradients(relu, lambda dy, x: dy[0, 0], X)


def test_the_dot_product_test_tells_a_transpose_from_an_impostor():
    report = dot_product_test(lambda x: conv2d(x, W), lambda dy: conv2d_backward(dy, X, W)[0], X)
    assert report
    assert report.left == pytest.approx(report.right, rel=1e-12)
    assert "passed" in str(report)
    wrong = dot_product_test(lambda x: conv2d(x, W), lambda dy: conv2d_backward(dy, X, W[..., ::-1, :])[0], X)
    assert not wrong
    assert "FAILED" in str(wrong)
    with pytest.raises(ValueError, match="shape"):
        dot_product_test(relu, lambda dy: dy[0], X)
