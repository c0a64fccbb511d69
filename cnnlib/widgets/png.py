"""Pictures of many cells inside a static SVG: a PNG with a palette, written without compression, so its bytes are the same everywhere."""

import base64
import struct
import zlib

import numpy as np

_BLOCK = 65535  # bytes that a stored block of the deflate format can hold


def png_uri(levels, palette):
    """Return a picture as a data URI.

    levels: (H, W) uint8, numbers of palette entries. palette: up to 256 colours (red, green, blue), each 0 to 255.
    Source: W3C, Portable Network Graphics (PNG) Specification, 2003; RFC 1951 for stored blocks.
    """
    rows, columns = levels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in np.ascontiguousarray(levels, dtype=np.uint8))
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", bytes(part for colour in palette for part in colour)), (b"IDAT", _stored(lines)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _stored(data):
    """A zlib stream of stored blocks."""
    parts = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)] or [b""]
    blocks = (struct.pack("<BHH", part is parts[-1], len(part), len(part) ^ 0xFFFF) + part for part in parts)
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(data))
