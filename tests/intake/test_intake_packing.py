"""What is compressed comes back whole, wherever its pieces begin and end."""

import bz2
import gzip
import io
import lzma
import zlib

import pytest

from grader.intake.packing import FILES, PIECE, deflate, one_stream, whole_file

COMPRESSED = dict(zip(FILES, (gzip.compress, bz2.compress, lzma.compress), strict=True))
CONTENT = bytes(range(256)) * 40


def pieces(data, size):
    file = io.BytesIO(data)
    return lambda: file.read(size)


@pytest.mark.parametrize("magic", FILES)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_parts_are_joined_wherever_what_is_read_ends(magic, size):
    compress = COMPRESSED[magic]
    data = compress(CONTENT) + compress(b"") + compress(CONTENT[::-1]) + b"something else"
    assert b"".join(whole_file(pieces(data, size), magic)) == CONTENT + CONTENT[::-1]


@pytest.mark.parametrize("behind", range(0, 260, 13))
def test_what_is_left_when_all_is_read_comes_out_too(behind):
    content = bytes(PIECE + behind)
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = compressor.compress(content) + compressor.flush()
    assert b"".join(one_stream(pieces(data, PIECE), deflate())) == content


def test_no_piece_is_larger_than_said():
    data = gzip.compress(bytes(10 * PIECE))
    assert max(map(len, whole_file(pieces(data, PIECE), b"\x1f\x8b"))) == PIECE
