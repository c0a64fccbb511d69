"""Run a tool of this folder, as in `python -m editions site --to public`; book.py does so after installing what the tool needs."""

import importlib
import sys

from launcher.machine import Trouble, told
from launcher.tools import TOOLS


def main(name, *arguments):
    """Run the tool and return its exit code; troubles end in one sentence, as in book.py."""
    try:
        return importlib.import_module(TOOLS[name][0]).main(list(arguments))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
    except OSError as error:
        if told(error) is None:
            raise
        print(f"\n{told(error)}", file=sys.stderr)
    except KeyboardInterrupt:  # book.py hears it too, and speaks
        pass
    return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
