# ruff: noqa
# Solutions of chapter 00, as cells. A student release leaves this folder out.

# exercise: negative
# x = 0 must give 9, so b = 9; x = 9 must give 0, so 9 w + 9 = 0.
negative = (-1, 9)

# another way
negative = [-1.0, 9.0]
