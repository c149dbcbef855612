"""Files of strangers: what is kept of them, and what is refused."""

from __future__ import annotations

import io
import random

import pytest
from django.utils.translation import override
from PIL import Image, ImageCms
from pypdf import PdfReader

from surveys.attachments import cleaning
from surveys.attachments.cleaning import Unclean
from tests import files

NEITHER = "This is neither an image (PNG, JPEG or WebP) nor a document (PDF)."
DAMAGED = "The file is damaged, or not what it seems to be: it cannot be read."


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def refusal(content: bytes) -> str:
    with override("en"), pytest.raises(Unclean) as caught:
        cleaning.clean(content)
    return str(caught.value)


# --- What is kept -----------------------------------------------------------------------------------------


def test_a_drawing_is_kept_sharp_and_a_photograph_small() -> None:
    drawing = cleaning.clean(files.png())
    assert (drawing.media_type, drawing.width, drawing.height, drawing.small) == ("image/png", 600, 300, b"")
    assert opened(drawing.content).tobytes() == files.picture().tobytes()
    photograph = cleaning.clean(files.encoded(files.photograph(), "PNG"))
    assert (photograph.media_type, photograph.width, photograph.height) == ("image/jpeg", 1600, 1067)
    assert len(photograph.content) < 300_000


@pytest.mark.parametrize(("size", "kept"), [((3200, 800), (1600, 400)), ((600, 9000), (320, 4800)), ((1, 1), (1, 1))])
def test_an_image_is_no_larger_than_a_page_needs(size: tuple[int, int], kept: tuple[int, int]) -> None:
    made = cleaning.clean(files.encoded(Image.new("RGB", size, "red")))
    assert (made.width, made.height) == kept == opened(made.content).size


def test_a_wide_image_has_a_smaller_one_for_phones() -> None:
    made = cleaning.clean(files.encoded(files.photograph(), "JPEG"))
    assert (made.small_width, opened(made.small).size) == (800, (800, 534))
    assert len(made.small) < len(made.content) / 2
    assert cleaning.clean(files.encoded(files.photograph(790, 500), "JPEG")).small_width is None


def test_nothing_is_left_of_place_camera_author_and_comment() -> None:
    sent = files.telling_jpeg()
    told = [files.SECRET.encode(), b"Exif", b"xmpmeta"]
    assert files.contains(sent, told) == told
    made = cleaning.clean(sent)
    assert files.contains(made.content + made.small, told) == []
    image = opened(made.content)
    assert (dict(image.getexif()), set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density",
            "progressive", "progression"}) == ({}, set())  # fmt: skip
    # It lay on its side, and the note that said so is gone with the others.
    assert (made.width, made.height) == (1600, 2400)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_stands_behind_the_end_is_gone(form: str) -> None:
    payload = b"<script>alert(1)</script>PK\x03\x04"
    made = cleaning.clean(files.encoded(files.picture(), form) + payload)
    assert files.contains(made.content, [payload, b"<script"]) == []


def test_an_image_made_here_stays_the_same_file() -> None:
    for sent in (files.telling_jpeg(), files.png(2000, 900), files.encoded(files.picture(mode="L"), "JPEG")):
        made = cleaning.clean(sent)
        again = cleaning.clean(made.content)
        assert (again.content, again.digest, again.width) == (made.content, made.digest, made.width)


def test_a_jpeg_like_ours_with_something_between_is_drawn_anew() -> None:
    made = cleaning.clean(files.telling_jpeg()).content
    comment = b"\xff\xfe\x00\x0a" + b"comment!"
    for changed in (made[:2] + comment + made[2:], made[:20] + comment + made[20:], made + b"behind"):
        again = cleaning.clean(changed).content
        assert again != changed
        assert files.contains(again, [b"comment!", b"behind"]) == []


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "RGBA", "I;16"])
def test_every_way_to_write_colours_ends_in_those_of_the_web(mode: str) -> None:
    image = files.picture(colour=(255, 255, 255)).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 256).convert("I;16")
    made = opened(cleaning.clean(files.encoded(image, "JPEG" if mode == "CMYK" else "PNG")).content)
    assert made.mode in ("RGB", "L", "RGBA")
    # The ground is light: nothing has been turned into its opposite, or into black.
    assert made.convert("L").getpixel((300, 20)) > 200


def test_transparency_stays_where_there_is_some() -> None:
    clear = files.picture(mode="RGBA")
    clear.putpixel((5, 5), (0, 0, 0, 0))
    assert opened(cleaning.clean(files.encoded(clear)).content).mode == "RGBA"
    assert opened(cleaning.clean(files.encoded(files.picture(mode="RGBA"))).content).mode == "RGB"


def test_a_profile_is_worked_into_the_colours() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = cleaning.clean(files.encoded(files.picture(), "JPEG", icc_profile=profile))
    assert "icc_profile" not in opened(made.content).info


def test_a_document_tells_no_author_and_does_nothing() -> None:
    sent = files.document(3, tells=True, acts=True)
    words = [files.SECRET.encode(), b"/JavaScript", b"/OpenAction", b"MZ-program"]
    assert files.contains(sent, words) == words
    made = cleaning.clean(sent + b"<html>behind</html>")
    assert files.contains(made.content, [*words, b"behind", b"/Producer"]) == []
    assert (made.media_type, made.width, len(PdfReader(io.BytesIO(made.content)).pages)) == ("application/pdf", None, 3)
    assert cleaning.clean(made.content) == made


# --- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00" + b"\0" * 500, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
     b"<!doctype html><script>alert(1)</script>", b"PK\x03\x04" + b"\0" * 100, b"GIF89a" + b"\0" * 100, b"\0", b"hei",
     b"\xef\xbb\xbf%PDF-1.4", b"  %PDF-1.4", b"BM" + b"\0" * 100, b"%!PS-Adobe-3.0\n"],
)  # fmt: skip
def test_what_is_neither_image_nor_document(content: bytes) -> None:
    assert refusal(content) == NEITHER


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_images(form: str) -> None:
    assert refusal(files.encoded(files.picture(48, 48), form)) == NEITHER


def test_nothing_at_all() -> None:
    assert refusal(b"") == "The file is empty."


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_file_that_ends_too_early(form: str) -> None:
    whole = files.encoded(files.photograph(400, 300), form)
    assert {refusal(whole[: len(whole) * part // 10]) for part in (1, 5, 8)} == {DAMAGED}


@pytest.mark.parametrize(
    "start",
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\x10\0\0WEBP", b"RIFF\0\x10\0\0WAVE", b"%PDF-1.7\n"],
)
def test_a_signature_with_something_else_behind(start: bytes) -> None:
    assert refusal(start + b"<script>alert(1)</script>" * 50) == DAMAGED


def test_an_image_that_unfolds_to_a_billion_pixels() -> None:
    assert len(files.bomb()) < 200_000
    assert refusal(files.bomb()) == "The image has too many pixels. Make it smaller first: 1600 across is enough."


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_moves(form: str) -> None:
    assert refusal(files.moving(form)) == "The image moves. Use one that stands still."


def test_a_locked_document() -> None:
    assert refusal(files.document(password="hemmelig")) == (
        "The document is locked with a password. Save it without one."
    )
    assert refusal(files.document()[:300]) == DAMAGED


def test_what_is_too_large() -> None:
    assert refusal(b"\xff\xd8\xff" + b"\0" * cleaning.LARGEST_SENT) == "The file is larger than 10 MB."
    large = files.document() + b"\0" * 5 * 1024 * 1024
    assert refusal(large) == "The document is larger than 5 MB. Make it smaller, or link to it instead."


def test_noise_that_cannot_be_made_small() -> None:
    noise = Image.frombytes("RGBA", (1600, 900), random.Random(1).randbytes(1600 * 900 * 4))
    assert refusal(files.encoded(noise)).startswith("The image is larger than 2 MB")
