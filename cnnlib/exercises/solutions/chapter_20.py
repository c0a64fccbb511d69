# ruff: noqa
# Solutions of chapter 20, as cells. A student release leaves this folder out.

# exercise: pool-by-index
# i = j = 1: the index m + n is 0, 1, 1 or 2, so the formula sees the cells 3, 4 and 8. The window at (1, 1) holds 11, 2, 3 and 12.
pool_by_index = (max(3, 4, 8), max(11, 2, 3, 12))


# exercise: own-size
def own_size(n, kernel_size, stride, total_padding, gaps):
    span = kernel_size + (kernel_size - 1) * gaps
    return (n + total_padding - span) // stride + 1


# another way
def own_size(n, kernel_size, stride, total_padding, gaps):
    last = n + total_padding - 1
    starts = range(0, last - (gaps + 1) * (kernel_size - 1) + 1, stride)
    return len(starts)


# another way
def own_size(n, kernel_size, stride, total_padding, gaps):
    places, start = 0, 0
    while start + (gaps + 1) * (kernel_size - 1) < n + total_padding:
        places += 1
        start += stride
    return places


# exercise: repair-chain-of-sizes
import sympy

n, k, q = sympy.symbols("n k q", integer=True, positive=True)
repair_chain_of_sizes = sympy.floor((n - k + 1) / q)

# another way
import sympy

n, k, q = sympy.symbols("n k q", integer=True, positive=True)
repair_chain_of_sizes = sympy.floor((n - k + 1 - q) / q) + 1

# another way
n, k, q = sympy.symbols("n k q", integer=True, positive=True)
repair_chain_of_sizes = (n - k + 1) // q

# exercise: repair-overlap
f, g, t = sympy.symbols("f g t", positive=True)
repair_overlap = f * g * (2 - (t - 1))

# another way
f, g, t = sympy.symbols("f g t", positive=True)
repair_overlap = 3 * f * g - f * g * t

# another way
f, g, t = sympy.symbols("f g t", positive=True)
tau = sympy.Symbol("tau")
repair_overlap = sympy.integrate(f * g, (tau, t - 1, 2))

# exercise: repair-sum-of-coins
a, b, c = sympy.symbols("a b c", positive=True)
repair_sum_of_coins = (a - c) + (b - c)

# another way
a, b, c = sympy.symbols("a b c", positive=True)
repair_sum_of_coins = a + b - 2 * c

# another way
a, b, c = sympy.symbols("a b c", positive=True)
neither = 1 - (a + b - c)
repair_sum_of_coins = 1 - neither - c

# exercise: repair-chain-rule
w1, w2, x, t = sympy.symbols("w1 w2 x t", real=True)
h = w1**2 * x
repair_chain_rule = (w2 * h - t) * w2 * 2 * w1 * x

# another way
w1, w2, x, t = sympy.symbols("w1 w2 x t", real=True)
repair_chain_rule = sympy.diff((w2 * w1**2 * x - t) ** 2 / 2, w1)

# another way
w1, w2, x, t, h = sympy.symbols("w1 w2 x t h", real=True)
layer, loss = w1**2 * x, (w2 * h - t) ** 2 / 2
repair_chain_rule = (sympy.diff(loss, h) * sympy.diff(layer, w1)).subs(h, layer)

# exercise: repair-index
a, u, s, p = sympy.symbols("a u s p", integer=True, nonnegative=True)
repair_index = (a + p - u) / s

# another way
a, u, s, p = sympy.symbols("a u s p", integer=True, nonnegative=True)
repair_index = a / s - (u - p) / s

# another way
a, u, s, p, i = sympy.symbols("a u s p i")
repair_index = sympy.solve(sympy.Eq(s * i + u - p, a), i)[0]
