"""What players of a backward pass share: dy, the gradient that arrives, with one number for each window."""

from traitlets import Enum, HasTraits, default, observe

from cnnlib.widgets import presets
from cnnlib.widgets.traits import Cells

UPSTREAMS = {name: presets.INPUTS[name] for name in ("counting", "checker")} | {"ones": presets.KERNELS["ones"]}


class Upstream(HasTraits):
    """A mixin: dy fits the windows. Numbers that are not the preset's are custom; too many are cut, missing ones are 0.

    A subclass defines `_shape()`, the number of windows along both axes or None, and calls `_fit_upstream` when the windows change.
    """

    upstream = Cells(maximum=24).tag(sync=True)
    upstream_preset = Enum((*UPSTREAMS, "custom"), "ones").tag(sync=True)

    @default("upstream")
    def _default_upstream(self):
        return presets.refit((), self.upstream_preset, UPSTREAMS, self._shape() or (1, 1))

    @observe("upstream")
    def _upstream_changed(self, change):
        shape = self._shape() or (len(change.new), len(change.new[0]))
        if presets.refit(change.new, self.upstream_preset, UPSTREAMS, shape) != change.new:
            fitted = presets.refit(change.new, "custom", UPSTREAMS, shape)
            with self.hold_trait_notifications():
                if presets.refit(fitted, self.upstream_preset, UPSTREAMS, shape) != fitted:
                    self.upstream_preset = "custom"
                self.upstream = fitted

    def _fit_upstream(self):
        if shape := self._shape():
            self.upstream = presets.refit(self.upstream, self.upstream_preset, UPSTREAMS, shape)
