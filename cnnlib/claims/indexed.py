"""A sliding sum typed as a SymPy expression, such as Sum(x[i+u, j+v]*w[u, v], (u, 0, K-1), (v, 0, M-1)), made into a function of arrays."""

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from cnnlib.claims.size_testers import places

ARRAYS = {"x": "image", "X": "image", "I": "image", "image": "image", "w": "kernel", "W": "kernel", "kernel": "kernel"}
LETTERS = {
    "i": "i", "j": "j", "s": "stride", "S": "stride", "stride": "stride", "p": "padding", "P": "padding", "padding": "padding",
    "K": "rows", "M": "columns", "L": "columns",
}  # fmt: skip


class _ZeroOutside:
    """An array that is 0 outside its borders, also at negative indices. first: the number of its first row and column."""

    def __init__(self, array, first):
        self.array, self.first = array, first

    def __getitem__(self, index):
        if any(number != int(number) for number in index):
            raise ValueError(f"an index is a whole number, and {index} are not")
        index = tuple(int(number) - self.first for number in index)
        return self.array[index] if all(0 <= number < size for number, size in zip(index, self.array.shape, strict=True)) else 0.0


def sliding_formula(expression, first=0):
    """A function (image, kernel, stride, padding) that evaluates the expression at every place of the kernel.

    expression: in x[., .] and w[., .] (also X, I, W), with the place's indices i and j, K rows and M (or L) columns of the kernel, stride s
    and padding p. first: 0 or 1, the number of the first row, column and place. x is 0 outside the image.
    Raises ValueError for letters that nothing binds, and for x and w without a row and a column.
    """
    if not isinstance(expression, sympy.Basic):
        raise TypeError(
            f"the expression is of type {type(expression).__name__}. Write it with SymPy, or hand a function to the test itself."
        )
    called = sorted(str(entry.func) for entry in expression.atoms(AppliedUndef))
    called += sorted(str(entry) for entry in expression.atoms(sympy.Indexed) if len(entry.indices) != 2)
    if called:
        raise ValueError(f"{called[0]} has no row and column. Write x[., .] and w[., .], with x, w = sympy.IndexedBase('x'), ...")
    bases = {str(entry.base): entry.base for entry in expression.atoms(sympy.Indexed)}
    unknown = [name for name in bases if name not in ARRAYS]
    letters = {letter.name: letter for letter in expression.free_symbols if isinstance(letter, sympy.Symbol) and letter.name not in bases}
    unknown += [name for name in letters if name not in LETTERS]
    if unknown:
        raise ValueError(
            f"nothing says what {', '.join(sorted(unknown))} is. Sum over it, or use x[., .], w[., .], i, j, K, M (or L), s and p."
        )

    def formula(image, kernel, stride, padding):
        known = dict(rows=kernel.shape[0], columns=kernel.shape[1], stride=stride, padding=padding)
        fixed = {letter: known[LETTERS[name]] for name, letter in letters.items() if LETTERS[name] in known}
        terms = expression.subs(fixed).doit()
        indices = [letters.get(name, sympy.Symbol(name)) for name in "ij"]
        value = sympy.lambdify([*indices, *bases.values()], terms, modules="math")
        arrays = dict(image=_ZeroOutside(image, first), kernel=_ZeroOutside(kernel, first))
        given = [arrays[ARRAYS[name]] for name in bases]
        sizes = [places(n, k, stride, padding, 1) for n, k in zip(image.shape, kernel.shape, strict=True)]
        return np.array([[value(i + first, j + first, *given) for j in range(sizes[1])] for i in range(sizes[0])], dtype=np.float64)

    return formula
