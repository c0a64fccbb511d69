"""One entry of the catalogue: a circulating statement, what is said about it, and the test that it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnlib.claims.tester import Tester, Words

SOURCES = {
    "000": 'an article on "the mathematical formulas of CNNs", 2024-05-18',
    "001": 'an article on the "convolution layer formula", 2022-08-10',
    "002": 'an article on "convolution and pooling formulas", 2024-07-07',
    "003": 'an article on "CNN principles and implementation", undated',
    "004": 'an article on "forward and backward formulas", 2024-12-30',
}
GROUPS = (
    "sizes",
    "convolution itself",
    "pooling",
    "activations and softmax",
    "chain rule",
    "gradients of a convolution",
    "training",
    "words that mislead",
)


@dataclass(frozen=True)
class Claim:
    """A circulating statement and its test.

    item: "F1" to "F67". source: a key of SOURCES. group: one of GROUPS. chapter: the number of the chapter that teaches it, "03".
    text: the statement in LaTeX or words. verdict: what the book says; a test holds it equal to what the computation finds.
    conditions: when it holds, empty where nothing has to be said. correct: the correct form. reason: why, in a sentence.
    tester: the test. statement, repaired: both as the tester takes them. condition: the conditions as a function of a setting.
    """

    item: str
    source: str
    group: str
    chapter: str
    text: str
    verdict: str
    correct: str
    reason: str
    tester: Tester
    statement: object
    repaired: object
    conditions: str = ""
    condition: Callable | None = None

    @property
    def number(self):
        """The item's number, 1 to 67."""
        return int(self.item[1:])

    @property
    def states_a_formula(self):
        """Whether there is something to compute: False for a heading, a name, or words that allow several formulas."""
        return not isinstance(self.statement, Words)

    def test(self, statement=None):
        """Test the statement as it circulates, or any other one put in its place; returns a Result."""
        return self.tester(self.statement if statement is None else statement, self.condition)

    def compare(self, **setting):
        """The stated and the true value at a setting of your own, such as n=10, kernel_size=3, ...; for Words, all readings by name."""
        names = tuple(self.tester.settings()[0])
        setting = {name if name in names else self.tester.aliases.get(name, name): value for name, value in setting.items()}
        if missing := [name for name in names if name not in setting]:
            raise ValueError(f"{self.item} also needs {', '.join(missing)}. Give a value to each of {', '.join(names)}.")
        true = self.tester.formula(self.tester.truth)(setting)
        if isinstance(self.statement, Words):
            return {name: self.tester.formula(reading)(setting) for name, reading in self.statement.readings.items()}, true
        return self.tester.formula(self.statement)(setting), true
