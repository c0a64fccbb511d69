# ruff: noqa
# Solutions of chapter 90, as cells. A student release leaves this folder out.

# exercise: refresh-sum
# (0 + 1 + 2) times (1 + 2), and 0*1 + 1*2 + 2*3.
refresh_sum = (9, 8)

# another way
refresh_sum = (sum(i * (j + 1) for i in range(3) for j in range(2)), sum(i * (i + 1) for i in range(3)))

# exercise: refresh-floor
# Left of 3.5, left of -3.5, right of 3.5.
refresh_floor = (3, -4, 4)

# another way
refresh_floor = (7 // 2, -7 // 2, -(-7 // 2))

# exercise: refresh-slope
# a stands still; a^2 has slope 0.
import sympy

x, a = sympy.symbols("x a")
refresh_slope = 2 * a * x + 3 * a

# another way
import sympy

x, a = sympy.symbols("x a")
refresh_slope = sympy.diff(a * x**2 + 3 * a * x + a**2, x)

# another way
import sympy

x, a = sympy.symbols("x a")
refresh_slope = a * (2 * x + 3)

# exercise: refresh-chain
# 3 y^2 times 4 x, with y put in.
import sympy

x = sympy.symbols("x")
refresh_chain = 3 * (2 * x**2 + 1) ** 2 * 4 * x

# another way
import sympy

x = sympy.symbols("x")
refresh_chain = sympy.expand(sympy.diff((2 * x**2 + 1) ** 3, x))

# another way
import sympy

x = sympy.symbols("x")
refresh_chain = 48 * x**5 + 48 * x**3 + 12 * x

# exercise: refresh-transpose
# Rows of A times x, then columns of A times g.
refresh_transpose = (1 * 2 + 2 * 1, 1 * 1 + 3 * 1, 1, 2 + 10, 30)

# another way
refresh_transpose = (4, 4, 1, 12, 30)

# exercise: refresh-variance
# X^2 is always 1; 3^2; 1 + 1; 2^2.
refresh_variance = (1, 9, 2, 4)

# another way
refresh_variance = (1.0, 9.0, 2.0, 4.0)
