"""Pictures as people send them: looked at, turned upright, made small, written anew.

What is written anew holds no place and no camera, and is a picture to every browser.
"""

from __future__ import annotations

from io import BytesIO

from django.core.files.base import File
from PIL import Image, ImageOps, UnidentifiedImageError

from kfar.ground.errors import Refused

#: The longest side of what is kept, and the most pixels of what is read.
SIDE, PIXELS = 1600, 50_000_000
#: What may be sent, and in bytes.
FORMATS, BYTES = ("JPEG", "PNG", "WEBP"), 4_000_000
#: How Pillow says that something is no picture, or one that would fill the memory.
UNREADABLE = (
    *(UnidentifiedImageError, OSError, ValueError, SyntaxError),
    *(Image.DecompressionBombWarning, Image.DecompressionBombError),
)
#: What the first bytes of what we write say it is.
KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def read(upload: File[bytes]) -> bytes:
    """Return a picture as it is kept: PNG where it is see-through, JPEG otherwise.

    Refuses `pictures.too_large` and `pictures.unreadable`.
    """
    if (upload.size or 0) > BYTES:
        raise Refused("pictures.too_large", most=BYTES // 1_000_000)
    try:
        return _anew(upload.read())
    except UNREADABLE:
        raise Refused("pictures.unreadable") from None


def kind(data: bytes) -> str:
    """Return what a picture of ours is, as browsers call it."""
    return next((name for start, name in KINDS.items() if data.startswith(start)), "image/png")


def _anew(data: bytes) -> bytes:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > PIXELS:
            raise ValueError("more pixels than anybody needs")
        upright = ImageOps.exif_transpose(image)
        clear = upright.has_transparency_data
        upright = upright.convert("RGBA" if clear else "RGB")
        upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    # A new image has none of what came with the old one.
    plain = Image.new(upright.mode, upright.size)
    plain.paste(upright)
    out = BytesIO()
    if clear:
        plain.save(out, "PNG", optimize=True)
    else:
        plain.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
