"""Chapter 18: a chain of sliding windows is one window. Two layers for symbolic sizes, and with them any number.

Layer 1 has the kernel k_1, the stride s_1 and the padding p_1, layer 2 the same with 2; n cells go in. Both divisions are taken apart:
a and b are their remainders, q_1 and q_2 their whole parts, and c and e say how far a remainder is below its limit.
"""

import sympy

from cnnlib.geometry import output_size
from cnnlib.symbolic.derivation import Derivation

n, k_1, k_2, s_1, s_2 = sympy.symbols("n k_1 k_2 s_1 s_2", integer=True, positive=True)
p_1, p_2, q_1, q_2, a, b, c, e = sympy.symbols("p_1 p_2 q_1 q_2 a b c e", integer=True, nonnegative=True)

two_windows = Derivation("Two windows are one")


@two_windows.step("Cells behind the first layer: the size formula of chapter 3.")
def first():
    return output_size(n, k_1, s_1, p_1)


@two_windows.step("The second layer takes them as its input. One floor stands inside another.")
def second(first):
    return output_size(first, k_2, s_2, p_2)


@two_windows.step("Divide the room of the first layer by its stride: $q_1$ whole strides and a remainder $a$, less than $s_1$.")
def first_divided():
    return sympy.Eq(n + 2 * p_1 - k_1, q_1 * s_1 + a)


@two_windows.step("So $q_1 + 1$ cells reach the second layer. Divide its room too: $q_2$ whole strides, a remainder $b$ less than $s_2$.")
def second_divided():
    return sympy.Eq(q_1 + 1 + 2 * p_2 - k_2, q_2 * s_2 + b)


@two_windows.step("Now *one* window, with the size and the jump of the receptive field (chapter 5) as its kernel and its stride. Its room:")
def common_room():
    kernel, padding = k_1 + s_1 * (k_2 - 1), p_1 + s_1 * p_2
    return n + 2 * padding - kernel


@two_windows.step("Put both divisions into it. Whole strides of $s_1 s_2$ come out, and something is left over.")
def room_divided(first_divided, second_divided, common_room):
    n_found = sympy.solve(first_divided, n)[0]
    q_found = sympy.solve(second_divided, q_1)[0]
    return sympy.expand(common_room.subs(n, n_found).subs(q_1, q_found))


@two_windows.step("What is left over, beside the $q_2$ strides of $s_1 s_2$: not negative.")
def left_over(room_divided):
    return sympy.expand(room_divided - q_2 * s_1 * s_2)


@two_windows.step(
    "And it is less than $s_1 s_2$. With $s_1 = a + 1 + c$ and $s_2 = b + 1 + e$, it lacks this much; no term is negative, and 1 is there."
)
def lacking(left_over):
    return sympy.expand((s_1 * s_2 - left_over).subs({s_1: a + 1 + c, s_2: b + 1 + e}))


@two_windows.step("So the floor of this one quotient is $q_2$ too. Two layers have as many places as one window over the common field.")
def one_window(common_room):
    return sympy.floor(common_room / (s_1 * s_2)) + 1


@two_windows.step("The library's line for one window, called with the common kernel, stride and padding, is the same.")
def library_agrees(one_window):
    return sympy.simplify(one_window - output_size(n, k_1 + s_1 * (k_2 - 1), s_1 * s_2, p_1 + s_1 * p_2))
