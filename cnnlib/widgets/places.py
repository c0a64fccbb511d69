"""What widgets share that show one place of a window at a time: where the windows stand, and what is said where they fit nowhere."""

from traitlets import Int, validate

from cnnlib.widgets.base import BookWidget


class Places(BookWidget):
    """A widget that shows place number `step` of its windows, counted row by row from 0; a step beyond the last becomes the last.

    A subclass defines `_fit()`, its windows along the rows and along the columns, which raises the library's ValueError about an
    impossible setting, and `_subject()` and `_made()`, the description's first words and what follows them. Where the last place may
    have moved, it writes `self.step = self.step`, which validates the step again.
    """

    step = Int(0, min=0).tag(sync=True)

    @validate("step")
    def _step_exists(self, proposal):
        return min(proposal["value"], self.places - 1) if self.windows else proposal["value"]

    def _fit(self):
        raise NotImplementedError(f"{type(self).__name__} has no windows. Define _fit().")

    @property
    def windows(self):
        """The places along the rows and along the columns, two `cnnlib.geometry.Window`s; None where the setting is impossible."""
        try:
            return self._fit()
        except ValueError:
            return None

    @property
    def message(self):
        """The library's sentence about an impossible setting; an empty text while there is an output."""
        try:
            self._fit()
        except ValueError as error:
            return str(error)
        return ""

    def _shape(self):
        """How many windows there are along both axes; None where the setting is impossible."""
        return tuple(window.count for window in self.windows) if self.windows else None

    @property
    def walked(self):
        """Rows and columns of what the steps walk over; None where the setting is impossible."""
        return self._shape()

    @property
    def places(self):
        """How many steps there are, 0 where the setting is impossible."""
        return self.walked[0] * self.walked[1] if self.windows else 0

    @property
    def position(self):
        """The place shown, (row, column); None where there is none."""
        return divmod(self.step, self.walked[1]) if self.windows else None

    @property
    def description(self):
        """The picture in words, for readers who do not see it."""
        if not self.windows:
            return f"{self._subject()}: {self.message}".replace("\n", " ")
        return self._subject() + self._made()

    def _subject(self):
        raise NotImplementedError(f"{type(self).__name__} does not say what it shows. Define _subject(), the first words of a sentence.")

    def _made(self):
        raise NotImplementedError(f"{type(self).__name__} does not say what comes out. Define _made(), the rest of that sentence.")
