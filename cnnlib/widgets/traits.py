"""Traits that widgets share: one number or a pair for the two axes, a padding, and a grid of numbers."""

import math
import numbers

import numpy as np
from traitlets import TraitError, TraitType

from cnnlib.geometry import SLIDING, check_integer, check_padding_name


def pair(value):
    """A setting that is one number for both axes, or (rows, columns), as (rows, columns)."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


class Axes(TraitType):
    """A whole number from `minimum` to `maximum` for both axes, or a pair (rows, columns). Equal pairs become one number."""

    def __init__(self, default, *, minimum, maximum, **options):
        self.minimum, self.maximum = minimum, maximum
        super().__init__(default, **options)

    def validate(self, obj, value):
        both = pair(value)
        if len(both) != 2:
            raise TraitError(f"{self.name}={value!r} has {len(both)} numbers. Write one number, or a pair (rows, columns).")
        rows, columns = (self._number(number) for number in both)
        return rows if rows == columns else (rows, columns)

    def _number(self, value):
        try:
            number = check_integer(value, self.name, self.minimum)
        except (TypeError, ValueError) as error:
            raise TraitError(str(error)) from None
        if number > self.maximum:
            raise TraitError(f"{self.name}={number} is too large for this widget: the largest possible is {self.maximum}.")
        return number


class Padding(Axes):
    """A padding as `cnnlib.conv2d` takes it: a number, a pair, or "valid", "same", "full"."""

    def validate(self, obj, value):
        if isinstance(value, str):
            try:
                return check_padding_name(value, SLIDING)
            except ValueError as error:
                raise TraitError(str(error)) from None
        return super().validate(obj, value)


class Cells(TraitType):
    """A grid of finite numbers with at most `maximum` rows and columns, held as a tuple of tuples; any 2-D array may be given."""

    def __init__(self, *, maximum, **options):
        self.maximum = maximum
        super().__init__(**options)

    def validate(self, obj, value):
        try:
            array = np.asarray(value)
        except ValueError:
            raise TraitError(f"{self.name} has rows of different lengths. Give every row the same number of cells.") from None
        if array.ndim != 2 or not 1 <= min(array.shape) <= max(array.shape) <= self.maximum:
            raise TraitError(f"{self.name} has shape {array.shape}. Give a 2-D array with 1 to {self.maximum} rows and columns.")
        return tuple(tuple(self._cell(number) for number in row) for row in array.tolist())

    def _cell(self, number):
        if isinstance(number, bool) or not isinstance(number, numbers.Real) or not math.isfinite(number):
            raise TraitError(f"{self.name} holds {number!r}, and finite numbers are wanted.")
        # The browser has one kind of number; a whole one comes back without its decimal point.
        return int(number) if float(number).is_integer() else float(number)
