"""Progress bars: tqdm's where it is installed, silence where it is not."""


class Silence:
    """A progress bar that shows nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def update(self, steps=1):
        """Take note of nothing."""

    def set_postfix_str(self, text, refresh=True):
        """Write nothing."""

    def close(self):
        """Close nothing."""


def progress_bar(*, show=True, **options):
    """A bar with tqdm's options, or Silence where `show` is False or tqdm is missing."""
    if not show:
        return Silence()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Silence()
    return tqdm(**options)
