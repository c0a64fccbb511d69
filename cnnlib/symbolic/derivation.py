"""A derivation: a chain of SymPy objects, each made from earlier ones by a few lines of code, each said in words."""

import inspect
import textwrap


class Derivation:
    """Steps of one derivation, in order.

    A step is a function whose parameters are the names of earlier steps; it returns a SymPy object made from theirs. The chapters show a
    step as its words, its code and its result; the tests put random numbers into every result. Nothing is typed in as a result.
    """

    def __init__(self, title):
        self.title = title
        self._steps = {}
        self._results = {}

    def step(self, words):
        """Decorator: add a step under the function's name. `words` say what the step does and why it may."""

        def add(function):
            unknown = [name for name in inspect.signature(function).parameters if name not in self._steps]
            if unknown:
                raise ValueError(f"step {function.__name__!r} uses {unknown[0]!r}, which is no earlier step of {self.title!r}.")
            self._steps[function.__name__] = Step(self, function, words)
            return function

        return add

    def __getitem__(self, name):
        """The step called `name`; it displays itself."""
        if name not in self._steps:
            raise KeyError(f"{self.title!r} has no step {name!r}; its steps are {', '.join(self._steps)}.")
        return self._steps[name]

    def __iter__(self):
        return iter(self._steps.values())

    def result(self, name):
        """The SymPy object of a step, computed once."""
        if name not in self._results:
            function = self[name].function
            earlier = {argument: self.result(argument) for argument in inspect.signature(function).parameters}
            self._results[name] = function(**earlier)
        return self._results[name]

    def __repr__(self):
        return f"Derivation({self.title!r}: {', '.join(self._steps)})"


class Step:
    """One step: words, code, result."""

    def __init__(self, derivation, function, words):
        self.derivation, self.function, self.words = derivation, function, words
        self.name = function.__name__

    @property
    def result(self):
        return self.derivation.result(self.name)

    @property
    def code(self):
        """The lines that made the result, as they stand in the library."""
        lines = inspect.getsource(self.function).splitlines()
        start = next(number for number, line in enumerate(lines) if line.lstrip().startswith("def "))
        return "\n".join(lines[start:])

    def __repr__(self):
        return f"{self.name}: {self.result}"

    def _repr_markdown_(self):
        from sympy import latex

        return f"{self.words}\n\n```python\n{textwrap.dedent(self.code)}\n```\n\n$$\\displaystyle {latex(self.result)}$$"
