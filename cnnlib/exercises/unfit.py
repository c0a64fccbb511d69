"""The one exception of this package that a candidate causes: an answer that cannot be tried at all."""


class Unfit(Exception):
    """An answer of the wrong nature: a string for an expression, a number for a function. Its text is the sentence to show."""
