"""Runs as a process of its own: a file on standard input, the same image or document made anew on standard output.

What decodes images and documents of strangers may be led to use much memory or time, or worse; whatever happens,
happens to this process, which has little of both and nothing else. Imports nothing of ours.

What comes out holds what is seen and nothing besides: no place, camera, author or comment, nothing behind the end.
An image that was made here before comes out as it went in, so that copies of it stay the same file.

Arguments: the widest, the tallest, and the width for phones. Exit status 0: one line of JSON, then the content and the
small image. The line is `{"fault": …}` or `{"media_type", "width", "height", "small_width", "sizes": [.., ..]}`.
Anything else: it could not be read.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
# A telephone's largest; a file that states more is made to fill the memory.
MOST_PIXELS = 50_000_000
QUALITY = 80
# A drawing stays sharp as PNG unless that is this many times the size of the photograph.
DEARER = 2
PDF = b"%PDF-"
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}
# In a JPEG's picture, what ends a part of it.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
# What a page needs in order to be seen is none of this.
ACTIVE = ("/AA", "/OpenAction", "/JS", "/JavaScript", "/EmbeddedFiles", "/AF", "/XFA", "/Collection")
TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/SpiderInfo")
DEEDS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition")
LINKS = ("/URI", "/GoTo", "/Named")
DEEPEST = 200
# Until it stays as it is, so that a document from another installation is the same file here.
MOST_REWRITES = 5


class Refused(Exception):
    """The file is not taken; the message says why, in a word."""


def main() -> None:
    """Make one file anew, within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    widest, tallest, for_phones = (int(each) for each in sys.argv[1:4])
    content = sys.stdin.buffer.read()
    try:
        about, made = _document(content) if content.startswith(PDF) else _image(content, (widest, tallest), for_phones)
    except Refused as refused:
        about, made = {"fault": str(refused)}, ()
    except MemoryError:
        about, made = {"fault": "too_many_pixels"}, ()
    except Exception:  # noqa: BLE001  decoders raise whatever they like for damaged files
        about, made = {"fault": "damaged"}, ()
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + b"".join(made))


# --- Images ---------------------------------------------------------------------------------------------------


def _image(content: bytes, largest: tuple[int, int], for_phones: int) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    from PIL import Image, ImageOps

    form = next((name for start, name in SIGNATURES.items() if content.startswith(start)), "")
    if not form:
        raise Refused("unknown")
    Image.MAX_IMAGE_PIXELS = None
    image: Any = Image.open(io.BytesIO(content), formats=[form])
    if image.width * image.height > MOST_PIXELS:
        raise Refused("too_many_pixels")
    if form != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise Refused("moves")
    # A photograph far too large is read at half or a quarter of its size at once.
    image.draft(None, largest)
    image.load()
    may_stay = form == "JPEG" and _is_ours(content, image) and image.width <= largest[0] and image.height <= largest[1]
    quantization = getattr(image, "quantization", None)
    drawn = _plain(ImageOps.exif_transpose(image))
    drawn.thumbnail(largest, Image.Resampling.LANCZOS)
    media_type, made = _written(drawn, form)
    if may_stay and media_type == "image/jpeg" and quantization == _tables(made):
        made = content
    small, small_width = b"", None
    if drawn.width > for_phones:
        phone = drawn.copy()
        phone.thumbnail((for_phones, largest[1]), Image.Resampling.LANCZOS)
        small, small_width = _as(phone, media_type), phone.width
        if len(small) >= len(made):
            small, small_width = b"", None
    about = {"media_type": media_type, "width": drawn.width, "height": drawn.height, "small_width": small_width}
    return {**about, "sizes": [len(made), len(small)]}, (made, small)


def _tables(content: bytes) -> Any:
    from PIL import Image

    return getattr(Image.open(io.BytesIO(content)), "quantization", None)


def _plain(image: Any) -> Any:
    """The image in the colours of the web: RGB, grey, or RGB with transparency where there is some."""
    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    image = _in_srgb(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image
    return image if image.mode == "L" else image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Any) -> Any:
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, found, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image


def _written(image: Any, form: str) -> tuple[str, bytes]:
    if image.mode == "RGBA":
        return "image/png", _as(image, "image/png")
    photograph = _as(image, "image/jpeg")
    if form == "JPEG":
        return "image/jpeg", photograph
    drawing = _as(image, "image/png")
    return ("image/png", drawing) if len(drawing) <= DEARER * len(photograph) else ("image/jpeg", photograph)


def _as(image: Any, media_type: str) -> bytes:
    from PIL import Image

    # Into an image of its own: what came with the file (profile, place, comments) stays behind.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    buffer = io.BytesIO()
    if media_type == "image/png":
        bare.save(buffer, "PNG", optimize=True)
    else:
        bare.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()


def _is_ours(content: bytes, image: Any) -> bool:
    """Whether a JPEG is built as those made here: its tables and its picture, no segment for anything else."""
    at, end = 2, len(content) - 2
    if image.mode not in ("RGB", "L") or content[end:] != b"\xff\xd9":
        return False
    while at < end:
        marker, length = content[at : at + 2], int.from_bytes(content[at + 2 : at + 4], "big")
        is_head = marker == b"\xff\xe0" and at == 2 and length == 16
        if not is_head and marker not in (b"\xff\xdb", b"\xff\xc2", b"\xff\xc4", b"\xff\xda"):
            return False
        at += 2 + length
        if marker == b"\xff\xda":
            following = MARKER.search(content, at, end)
            at = following.start() if following else end
    return at == end


# --- Documents ------------------------------------------------------------------------------------------------


def _document(content: bytes) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    made = content
    for _again in range(MOST_REWRITES):
        before, made = made, _rewritten(made)
        if made == before:
            break
    about = {"media_type": "application/pdf", "width": None, "height": None, "small_width": None}
    return {**about, "sizes": [len(made), 0]}, (made,)


def _rewritten(content: bytes) -> bytes:
    """The document written anew. What nothing points at any longer is left out the next time."""
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Refused("locked")
    if not len(reader.pages):
        raise Refused("damaged")
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    writer._ID = None
    for each in writer._objects:
        _strip(each, 0)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _strip(value: Any, depth: int) -> None:
    """Take out of one object what does something when it is opened, and what tells who made it."""
    if depth > DEEPEST:
        raise Refused("damaged")
    if isinstance(value, dict):
        for name in (*ACTIVE, *TELLING):
            dict.pop(value, name, None)
        if "/A" in value and not _only_leads(value["/A"]):
            dict.pop(value, "/A")
        if dict.get(value, "/S") in DEEDS or dict.get(value, "/Subtype") == "/FileAttachment":
            value.clear()
        for inner in list(dict.values(value)):
            _strip(inner, depth + 1)
    elif isinstance(value, list):
        for inner in list(list.__iter__(value)):
            _strip(inner, depth + 1)


def _only_leads(action: Any) -> bool:
    """Whether pressing it leads somewhere, and does nothing else."""
    found = action.get_object() if hasattr(action, "get_object") else action
    return isinstance(found, dict) and found.get("/S") in LINKS


if __name__ == "__main__":
    main()
