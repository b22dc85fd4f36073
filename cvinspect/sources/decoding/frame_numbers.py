"""Whether frames are missing from an H.264 stream that others build on: they are numbered (ITU-T H.264, 7.4.3).

FFmpeg's decoder repeats the frame before in place of a missing one and goes on. That of H.265 drops what builds on it.
"""

from collections.abc import Iterator

_SLICE, _IDR_SLICE, _PARAMETERS = 1, 5, 7
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose parameters tell of chroma and scaling (7.3.2.1.1)."""
_CHROMA_444 = 3
_HEADER_BYTES = 24
_LOOKED_AT_BYTES = 4096
"""The first slice begins before this, whatever a camera writes before it."""


class FrameNumbers:
    """Follows one stream, packet by packet, in the order of decoding. Says nothing where it cannot tell."""

    def __init__(self, extradata: bytes | None) -> None:
        """`extradata`: the stream's parameters, where they were told before its first packet."""
        self._bits: int | None = None
        """Of a frame's number; None while unknown, or where gaps are allowed."""
        self._has_planes = False
        self._before: int | None = None
        """Number of the last frame that others build on; None where the next one is believed."""
        for nal in _units(extradata or b""):
            self._read(nal)

    def is_gap_before(self, data: bytes) -> bool:
        """Whether a frame on which others build is missing between the packet before and this one."""
        for nal in _units(data[:_LOOKED_AT_BYTES]):
            kind = nal[0] & 0x1F
            if kind == _PARAMETERS:
                self._read(nal)
            elif kind in {_SLICE, _IDR_SLICE}:
                return self._follow(nal, is_idr=kind == _IDR_SLICE)
        return False

    def _follow(self, nal: bytes, *, is_idr: bool) -> bool:
        if self._bits is None:
            return False
        bits = _Bits(nal[1:_HEADER_BYTES])
        for _ in range(3):
            bits.golomb()
        bits.skip(2 * self._has_planes)
        number, before = bits.number(self._bits), self._before
        is_referred_to = bool(nal[0] & 0x60)
        if is_referred_to:
            self._before = number
        if is_idr or before is None:
            return False
        return number not in {before, (before + 1) % (1 << self._bits)}

    def _read(self, nal: bytes) -> None:
        """A sequence parameter set; parts that are cut short leave what was known."""
        if not nal or nal[0] & 0x1F != _PARAMETERS or len(nal) < 5:
            return
        bits = _Bits(nal[4:])
        bits.golomb()
        has_planes = _skip_chroma(bits) if nal[1] in _WITH_CHROMA else False
        width = bits.golomb() + 4
        _skip_order(bits)
        bits.golomb()
        allows_gaps = bool(bits.number(1))
        if (width, has_planes) != (self._bits, self._has_planes):
            self._before = None
        self._bits = None if allows_gaps or width > 16 or bits.is_over else width
        self._has_planes = has_planes


def _skip_chroma(bits: "_Bits") -> bool:
    """Whether the colours are coded apart."""
    chroma = bits.golomb()
    has_planes = chroma == _CHROMA_444 and bool(bits.number(1))
    bits.golomb()
    bits.golomb()
    bits.skip(1)
    if bits.number(1):
        for place in range(8 if chroma != _CHROMA_444 else 12):
            if bits.number(1):
                _skip_scaling(bits, 16 if place < 6 else 64)
    return has_planes


def _skip_scaling(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            coded = bits.golomb()
            following = (last + (-(coded // 2) if coded % 2 == 0 else (coded + 1) // 2)) % 256
        last = following or last


def _skip_order(bits: "_Bits") -> None:
    """In which order frames are shown (8.2.1)."""
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.skip(1)
        bits.golomb()
        bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()


class _Bits:
    """Bits of a unit from its first byte on, without the bytes that keep start codes out (7.4.1)."""

    def __init__(self, data: bytes) -> None:
        plain = data.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(plain)
        self._left = 8 * len(plain)
        self.is_over = False
        """Whether more was read than there is."""

    def number(self, width: int) -> int:
        self.is_over = self.is_over or width > self._left
        self._left = max(0, self._left - width)
        return (self._value >> self._left) & ((1 << width) - 1)

    def skip(self, width: int) -> None:
        self.number(width)

    def golomb(self) -> int:
        """An Exp-Golomb code without sign (9.1)."""
        zeros = 0
        while zeros < 32 and self._left and not self.number(1):
            zeros += 1
        return (1 << zeros) - 1 + self.number(zeros)


def _units(data: bytes) -> Iterator[bytes]:
    """The NAL units between start codes; none where they are told by their lengths."""
    begin = data.find(b"\x00\x00\x01")
    while begin >= 0:
        end = data.find(b"\x00\x00\x01", begin + 3)
        unit = data[begin + 3 : end if end >= 0 else len(data)]
        if unit:
            yield unit
        begin = end
