"""Fetch a file over HTTPS: several mirrors, a checksum, and a broken transfer that goes on where it stopped.

pooch keeps the cache and checks the SHA-256; what it lacks, resuming, is the few lines of `_resume`. Both are imported on first use.
"""

import shutil
from pathlib import Path


def fetch(mirrors, file, root, sha256):
    """Return the path of root/file, downloaded from the first mirror that delivers it whole.

    Raises ModuleNotFoundError without pooch, ConnectionError where no mirror answers, ValueError where what came is not the file.
    """
    try:
        import pooch
    except ImportError:
        raise ModuleNotFoundError(
            f"downloading {file} needs the package pooch. Run: pip install pooch requests. Or put the file into {root} yourself."
        ) from None
    failures = []
    for mirror in mirrors:
        try:
            return Path(pooch.retrieve(mirror + file, f"sha256:{sha256}", fname=file, path=root, downloader=_resume))
        except (OSError, ValueError) as error:  # requests raises OSErrors; a wrong checksum is a ValueError
            failures.append((mirror, error))
    report = "; ".join(f"{mirror} {_first_line(error)}" for mirror, error in failures)
    damaged = any(isinstance(error, ValueError) and not isinstance(error, OSError) for _, error in failures)
    kind = ValueError if damaged else ConnectionError
    raise kind(
        f"{file} could not be downloaded: {report}. Check the network and load again (a partial download continues), "
        f"or put the file into {root} yourself and write download=False."
    )


def _resume(url, output_file, _pooch):
    """A downloader for pooch. What has arrived stays in a .part file beside the target, so that the next try asks only for the rest."""
    import requests

    part = _part_file(url, output_file)
    done = part.stat().st_size if part.exists() else 0
    ask = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"} if done else {"Accept-Encoding": "identity"}
    with requests.get(url, headers=ask, stream=True, timeout=30) as response:
        if response.status_code != 416:  # 416: there is no rest, all of it has arrived
            response.raise_for_status()
            with part.open("ab" if response.status_code == 206 else "wb") as file, _progress(part.name, response, done) as bar:
                for block in response.iter_content(2**16):
                    file.write(block)
                    bar.update(len(block))
    shutil.move(part, output_file)


def _part_file(url, output_file):
    return Path(output_file).parent / f"{url.rsplit('/', 1)[-1]}.part"


def _progress(name, response, done):
    """A progress bar where tqdm is installed, silence elsewhere."""
    from cnnlib.bars import progress_bar

    rest = int(response.headers.get("Content-Length", 0))
    start = done if response.status_code == 206 else 0
    return progress_bar(total=rest + start or None, initial=start, unit="B", unit_scale=True, desc=name.removesuffix(".part"))


def _first_line(error):
    return f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'})"
