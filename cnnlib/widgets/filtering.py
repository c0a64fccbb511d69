"""What the players of a convolution and of its transpose share: an input, a kernel, their sizes and presets, and a place to look at."""

from traitlets import Enum, default, observe

from cnnlib.widgets import presets
from cnnlib.widgets.places import Places
from cnnlib.widgets.traits import Axes, Cells, pair


class Filtering(Places):
    """A widget with an image and a kernel that agree with their sizes and presets.

    A subclass defines what `Places` asks for, may narrow the traits, and adds the traits of its own operation. Setting cells sets
    their size; a new size or preset brings new cells along.
    """

    kernels = presets.KERNELS  # what kernel_preset chooses from
    input_size = Axes(7, minimum=1, maximum=12).tag(sync=True)
    kernel_size = Axes(3, minimum=1, maximum=5).tag(sync=True)
    stride = Axes(1, minimum=1, maximum=4).tag(sync=True)
    dilation = Axes(1, minimum=1, maximum=3).tag(sync=True)
    image = Cells(maximum=12).tag(sync=True)
    kernel = Cells(maximum=5).tag(sync=True)
    image_preset = Enum((*presets.INPUTS, "custom"), "counting").tag(sync=True)
    kernel_preset = Enum((*presets.KERNELS, "custom"), "ones").tag(sync=True)

    @default("image")
    def _default_image(self):
        return presets.refit((), self.image_preset, presets.INPUTS, pair(self.input_size))

    @default("kernel")
    def _default_kernel(self):
        return presets.refit((), self.kernel_preset, self.kernels, pair(self.kernel_size))

    @observe("image", "kernel")
    def _cells_changed(self, change):
        """Cells bring their size along; cells that are not those of the preset are custom."""
        size, preset, choices = self._companions(change.name)
        shape = (len(change.new), len(change.new[0]))
        with self.hold_trait_notifications():  # size and preset change together, or the first would call for other cells
            if presets.refit(change.new, getattr(self, preset), choices, shape) != change.new:
                setattr(self, preset, "custom")
            setattr(self, size, shape)

    @observe("input_size", "image_preset", "kernel_size", "kernel_preset")
    def _size_changed(self, change):
        """A new size or preset brings new cells along."""
        cells = "image" if change.name in ("input_size", "image_preset") else "kernel"
        size, preset, choices = self._companions(cells)
        setattr(self, cells, presets.refit(getattr(self, cells), getattr(self, preset), choices, pair(getattr(self, size))))

    def _companions(self, cells):
        return ("input_size", "image_preset", presets.INPUTS) if cells == "image" else ("kernel_size", "kernel_preset", self.kernels)

    @observe("input_size", "kernel_size", "stride", "padding", "dilation")
    def _places_changed(self, change):
        self.step = self.step  # validated again: the last place may have moved
