"""Files as people send them: images and documents, well made and hostile."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

SECRET = "Kari Nordmann, Storgata 1"


def picture(width: int = 600, height: int = 300, mode: str = "RGB", colour: Any = None) -> Image.Image:
    """A drawing: a ring and a line on a ground."""
    image = Image.new("RGB", (width, height), colour or (240, 240, 230))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 4, height // 4, width // 2, height // 2), outline=(180, 20, 60), width=6)
    draw.line((0, 0, width, height), fill=(20, 60, 120), width=4)
    return image if mode == "RGB" else image.convert(mode)


def photograph(width: int = 2400, height: int = 1600) -> Image.Image:
    """Something with so many colours that a drawing's format would be many times the size."""
    return Image.effect_mandelbrot((width, height), (-2, -1.5, 1, 1.5), 60).convert("RGB").rotate(7)


def encoded(image: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **more)
    return buffer.getvalue()


def png(width: int = 600, height: int = 300, **more: Any) -> bytes:
    return encoded(picture(width, height), "PNG", **more)


def telling_jpeg() -> bytes:
    """A photograph that tells where it was taken, by whom and with what, and says it in three places."""
    image = photograph()
    exif = image.getexif()
    exif[0x010E], exif[0x013B], exif[0x0112] = SECRET, SECRET, 6
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 40.0), 3: "E", 4: (10.0, 45.0, 0.0)})
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>{SECRET}</creator></x:xmpmeta>'.encode()
    return encoded(image, "JPEG", exif=exif, comment=SECRET.encode(), xmp=xmp, quality=95)


def moving(form: str) -> bytes:
    frames = [picture(60, 60, colour=(shade, 0, 0)) for shade in (0, 120, 240)]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that states, and is, nearly a billion pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def document(pages: int = 1, *, tells: bool = False, acts: bool = False, password: str = "") -> bytes:
    """A document that may tell who made it, do something when it is opened, or be locked."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if tells:
        writer.add_metadata({"/Author": SECRET, "/Title": SECRET})
        writer.xmp_metadata = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    if acts:
        script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
        writer.add_attachment("program.exe", b"MZ-program")
    if password:
        writer.encrypt(password)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def contains(content: bytes, words: Sequence[bytes]) -> list[bytes]:
    """Which of these stand in a file."""
    return [each for each in words if each in content]
