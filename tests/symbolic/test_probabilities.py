"""Every step of chapter 09's derivations, with random numbers in place of its letters."""

import numpy as np
import pytest
import sympy
from test_derivations import evaluate

import cnnlib
from cnnlib.symbolic import probabilities

SEEDS = pytest.mark.parametrize("seed", range(5))


def number(step, arrays, **values):
    """The result of a step with numbers for its letters (by name) and arrays for its indexed names."""
    letters = {letter: values[letter.name] for letter in step.result.free_symbols if letter.name in values}
    return evaluate(step.result, letters, arrays)


def some_logits(seed):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(0, 2, int(rng.integers(2, 6)))


@SEEDS
def test_every_step_of_the_dense_layer_gives_the_librarys_layer_and_gradients(seed):
    rng = np.random.default_rng(seed)
    N, D, M = (int(size) for size in rng.integers(1, 5, 3))
    arrays = {name: rng.normal(size=shape) for name, shape in (("x", (N, D)), ("w", (M, D)), ("b", M), ("g", (N, M)))}
    sizes = dict(N=N, D=D, M=M)
    y = cnnlib.linear(arrays["x"], arrays["w"], arrays["b"])
    dx, dw, db = cnnlib.linear_backward(arrays["g"], arrays["x"], arrays["w"])
    step = probabilities.dense
    at = lambda name, **indices: number(step[name], arrays, **sizes, **{letter.replace("_", "'"): at for letter, at in indices.items()})
    assert at("parameters") == dw.size + db.size
    for n, m in np.ndindex(N, M):
        assert at("output", n=n, m=m) == pytest.approx(y[n, m])
        for d in range(D):
            assert at("weight_gradient", m_=m, d_=d) == pytest.approx(dw[m, d])
            assert at("input_gradient", n_=n, d_=d) == pytest.approx(dx[n, d])
            for other in range(M):
                assert at("output_by_weight", n=n, m=m, m_=other, d_=d) == (other == m) * arrays["x"][n, d]
            for other in range(N):
                assert at("output_by_input", n=n, m=m, n_=other, d_=d) == (other == n) * arrays["w"][m, d]
        assert at("bias_gradient", m_=m) == pytest.approx(db[m])
        assert [at("output_by_bias", m=m, m_=other) for other in range(M)] == list(np.eye(M)[m])


@SEEDS
def test_every_step_from_the_axioms_leads_to_the_librarys_softmax(seed):
    rng, z = some_logits(seed)
    a, b, beta, shift = (float(value) for value in rng.uniform(0.2, 2, 4))
    p, step = cnnlib.softmax(z), probabilities.axioms
    sizes = dict(K=len(z), beta=beta, s=shift)
    exponential = lambda t: np.exp(beta * t)
    for name, point in (("ratios_chain", dict(z_i=a, z_j=b, z_k=shift)), ("any_differences", dict(a=a, b=b))):
        equation = step[name].result.subs({letter: point[letter.name] for letter in step[name].result.free_symbols})
        sides = (side.replace(probabilities.r, lambda t: sympy.exp(beta * t)) for side in equation.args)
        assert float(next(sides)) == pytest.approx(float(next(sides)))
    assert step["at_zero"].result == 1
    assert number(step["ratio"], {}, b=b, beta=beta) == pytest.approx(exponential(b))
    solved = step["equation"].result.subs(probabilities.r(probabilities.b), step["ratio"].result).doit()
    assert solved is sympy.true
    for i in range(len(z)):
        assert number(step["all_ratios"], {"z": z}, i=i, **sizes) == pytest.approx(1 / cnnlib.softmax(beta * z)[i])
        assert number(step["probability"], {"z": z}, i=i, **sizes) == pytest.approx(cnnlib.softmax(beta * z)[i])
        for name in ("softmax", "shifted", "shift_cancels"):
            assert number(step[name], {"z": z}, i=i, **sizes) == pytest.approx(p[i])
    assert step["shift_cancels"].result == step["softmax"].result


@SEEDS
def test_every_step_of_the_jacobian_is_the_derivative_of_the_librarys_softmax(seed):
    rng, z = some_logits(seed)
    p, g, step = cnnlib.softmax(z), rng.normal(size=len(z)), probabilities.jacobian
    arrays = dict(z=z, p=p, g=g)
    for i in range(len(z)):
        row = cnnlib.softmax_backward(np.eye(len(z))[i], z)
        for j in range(len(z)):
            for name in ("by_logit", "one_term", "closed_form"):
                assert number(step[name], arrays, i=i, j=j, K=len(z)) == pytest.approx(row[j])
        assert number(step["row_sum"], arrays, i=i, K=len(z)) == pytest.approx(row.sum(), abs=1e-12)
        assert number(step["backward"], arrays, j=i, K=len(z)) == pytest.approx(cnnlib.softmax_backward(g, z)[i])
    assert step["row_sum_is_zero"].result == 0


@SEEDS
def test_every_step_of_the_loss_gives_the_librarys_cross_entropy_and_gradient(seed):
    rng, z = some_logits(seed)
    label, epsilon, K = int(rng.integers(len(z))), float(rng.uniform(0.05, 0.9)), len(z)
    truth = cnnlib.cross_entropy(z[None], [label], label_smoothing=epsilon)
    slope = cnnlib.cross_entropy_backward(z[None], [label], label_smoothing=epsilon)[0]
    step, p = probabilities.loss, cnnlib.softmax(z)
    values = dict(K=K, epsilon=epsilon, c=label)
    target = np.array([number(step["smoothed_target"], {}, j=j, **values) for j in range(K)])
    arrays = dict(z=z, p=p, t=target)
    assert target.sum() == pytest.approx(1) == float(step["smoothed_sum"].result)
    for name in ("cross_entropy", "targets_sum_to_one"):
        assert number(step[name], arrays, **values) == pytest.approx(truth)
    lowest = [float(each.subs({letter: values[letter.name] for letter in each.free_symbols})) for each in step["lowest"].result]
    for j in range(K):
        assert number(step["log_softmax"], arrays, i=j, **values) == pytest.approx(cnnlib.log_softmax(z)[j])
        for name in ("gradient", "p_minus_t", "smoothed_gradient"):
            assert number(step[name], arrays, j=j, **values) == pytest.approx(slope[j])
        assert target[j] == pytest.approx(lowest[0] if j == label else lowest[1])


@SEEDS
def test_every_step_of_the_temperature_holds_for_numbers(seed):
    rng, z = some_logits(seed)
    T, K, label = float(rng.uniform(0.3, 3)), len(z), int(rng.integers(len(z)))
    step, arrays = probabilities.temperature, dict(z=z, t=np.eye(K)[label])
    slope = cnnlib.cross_entropy_backward(z[None] / T, [label])[0] / T
    assert number(step["cooled_loss"], arrays, K=K, T=T) == pytest.approx(cnnlib.cross_entropy(z[None] / T, [label]))
    for i in range(K):
        assert 1 / number(step["warm"], arrays, i=i, K=K, T=T) == pytest.approx(cnnlib.softmax(z / T)[i])
        assert number(step["cooled_gradient"], arrays, j=i, K=K, T=T) == pytest.approx(slope[i])
        assert number(step["hot"], {}, K=K) == pytest.approx(cnnlib.softmax(z / 1e9)[i])
    assert step["cold_behind"].result == 0
    assert step["cold_ahead"].result == sympy.oo
    np.testing.assert_allclose(cnnlib.softmax(z / 1e-3), np.eye(K)[z.argmax()], atol=1e-12)
