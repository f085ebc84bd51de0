"""Pictures go out upright, in true colours, small enough, and without a word about who took them where."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from socialops.compose.media import expected_changes, fit_picture, scaled
from socialops.errors import Rejected
from socialops.networks.draft import Attachment, Fit, Upload
from socialops.workspace import Settings, Workspace

ROOMY = Fit(10_000_000, 16_000_000, 4000, ("image/jpeg", "image/png", "image/webp", "image/gif"))
BLUESKY = Fit(1_000_000, 16_000_000, 2000, ("image/jpeg", "image/png", "image/webp"))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def sent(folder: Path, name: str, data: bytes, fit: Fit = ROOMY) -> Upload:
    """Fit the bytes as if they lay in a workspace."""
    (folder / name).write_bytes(data)
    with Image.open(io.BytesIO(data)) as image:
        width, height, mime = image.width, image.height, Image.MIME[image.format or ""]
    attachment = Attachment(name, "A lamp", mime, width, height, len(data), hashlib.sha256(data).hexdigest(), fit)
    return fit_picture(Workspace(folder, Settings()), attachment)


def opened(upload: Upload) -> Image.Image:
    image = Image.open(io.BytesIO(upload.data))
    image.load()
    assert Image.MIME[image.format or ""] == upload.mime
    assert image.size == (upload.width, upload.height)
    assert hashlib.sha256(upload.data).hexdigest() == upload.sha256
    return image


def near(pixel: object, wanted: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= 6 for one, other in zip(pixel, wanted, strict=True))


def quarters() -> Image.Image:
    """A picture with red, green, blue and white quarters, clockwise from the upper left."""
    image = Image.new("RGB", (400, 200), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 199, 99), "red")
    draw.rectangle((200, 0, 399, 99), (0, 255, 0))
    draw.rectangle((200, 100, 399, 199), "blue")
    return image


def test_a_rotated_photograph_is_turned_upright_and_forgets_where_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera von Ayşe"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (41.0, 1.0, 30.0)
    data = saved(quarters(), "JPEG", exif=exif, quality=95, comment=b"a comment", xmp=b"<x:xmpmeta>Ayse</x:xmpmeta>")
    assert b"Kamera" in data
    assert b"xmpmeta" in data

    upload = sent(tmp_path, "lamp.jpg", data)

    image = opened(upload)
    assert image.size == (200, 400)
    # Turned a quarter clockwise: what was at the lower left (white) is now at the upper left.
    corners = [(10, 10), (190, 10), (190, 390), (10, 390)]
    colours = [(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert all(near(image.getpixel(at), colour) for at, colour in zip(corners, colours, strict=True))
    assert dict(image.getexif()) == {}
    assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(image.info)
    assert not any(word in upload.data for word in (b"Kamera", b"xmp", b"comment", b"Exif", b"Photoshop", b"http"))
    assert upload.changes == ("turned upright", "metadata removed")
    assert upload.alt == "A lamp"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_same_upright_picture(tmp_path: Path, orientation: int) -> None:
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = quarters()
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(inverse[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = opened(sent(tmp_path, "lamp.png", saved(stored, "PNG", exif=exif)))

    assert image.tobytes() == quarters().tobytes()


def test_a_text_chunk_of_a_png_is_left_behind(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ayşe", zip=True)
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")

    upload = sent(tmp_path, "lamp.png", saved(quarters(), "PNG", pnginfo=info, dpi=(300, 300)))

    assert opened(upload).tobytes() == quarters().tobytes()
    assert not any(chunk in upload.data for chunk in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"pHYs"))


def test_colours_of_another_profile_become_srgb(tmp_path: Path) -> None:
    # A profile in which red and blue have changed places tells a real conversion from a dropped profile.
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    description = swapped.find("sRGB".encode("utf-16-be"))
    swapped[description : description + 8] = "odd ".encode("utf-16-be")

    upload = sent(tmp_path, "lamp.png", saved(Image.new("RGB", (8, 8), "red"), "PNG", icc_profile=bytes(swapped)))

    assert near(opened(upload).getpixel((4, 4)), (0, 0, 255))
    assert upload.changes == ("colours converted to sRGB",)


def test_a_broken_profile_is_dropped(tmp_path: Path) -> None:
    upload = sent(tmp_path, "lamp.png", saved(Image.new("RGB", (8, 8), "red"), "PNG", icc_profile=b"nonsense" * 20))

    assert opened(upload).getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("image", "kind", "pixel"),
    [
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (Image.new("L", (8, 8), 90), "PNG", 90),
        (Image.new("1", (8, 8), 1), "PNG", 255),
        (Image.new("I;16", (8, 8), 40_000), "PNG", 156),
        (Image.new("P", (8, 8), 0), "PNG", (0, 0, 0)),
        (Image.new("LA", (8, 8), (90, 128)), "PNG", (90, 90, 90, 128)),
        (Image.new("RGBA", (8, 8), (1, 2, 3, 255)), "PNG", (1, 2, 3)),
        (Image.new("RGBA", (8, 8), (1, 2, 3, 4)), "PNG", (1, 2, 3, 4)),
    ],
)
def test_colours_survive_in_every_mode(tmp_path: Path, image: Image.Image, kind: str, pixel: object) -> None:
    assert opened(sent(tmp_path, "picture", saved(image, kind))).getpixel((4, 4)) == pixel


def test_a_large_photograph_is_made_to_fit_and_stays_recognisable(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (600, 300), random.Random(7).randbytes(600 * 300 * 3))
    large = noise.resize((3000, 1500), Image.Resampling.BICUBIC)
    large.paste((255, 0, 0), (0, 0, 1500, 1500))

    upload = sent(tmp_path, "large.jpg", saved(large, "JPEG", quality=95), BLUESKY)

    assert len(upload.data) <= 1_000_000
    assert opened(upload).size == (2000, 1000)
    assert near(opened(upload).getpixel((500, 500)), (254, 0, 0))
    assert "resized to 2000 × 1000" in upload.changes


def test_quality_is_lowered_in_words_before_a_picture_is_made_smaller(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (900, 900), random.Random(7).randbytes(900 * 900 * 3))

    upload = sent(tmp_path, "noise.png", saved(noise, "PNG"), BLUESKY)

    assert upload.mime == "image/jpeg"
    assert len(upload.data) <= 1_000_000
    assert opened(upload).size == (900, 900)
    assert [change.split(" to ")[0] for change in upload.changes] == ["saved as JPEG", "quality lowered"]


def test_a_picture_that_only_fits_smaller_is_made_smaller(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (900, 900), random.Random(7).randbytes(900 * 900 * 3))

    upload = sent(tmp_path, "noise.png", saved(noise, "PNG"), Fit(60_000, 10_000_000, 4000, ("image/jpeg",)))

    assert len(upload.data) <= 60_000
    assert upload.width < 900
    assert upload.width == upload.height


def test_a_transparent_picture_is_put_on_white_where_it_must_become_a_jpeg(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 20, 40))

    image = opened(sent(tmp_path, "clear.png", saved(clear, "PNG"), Fit(100_000, 10_000, 100, ("image/jpeg",))))

    assert near(image.getpixel((35, 20)), (255, 255, 255))
    assert near(image.getpixel((5, 20)), (254, 0, 0))


def test_a_webp_becomes_a_kind_that_every_client_shows(tmp_path: Path) -> None:
    clear = quarters().convert("RGBA")
    clear.putalpha(128)

    assert sent(tmp_path, "a.webp", saved(quarters(), "WEBP", lossless=True)).mime == "image/jpeg"
    assert sent(tmp_path, "b.webp", saved(clear, "WEBP", lossless=True)).mime == "image/png"


def frames() -> list[Image.Image]:
    return [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue", "white")]


def test_an_animated_gif_goes_out_frame_for_frame_without_its_comment(tmp_path: Path) -> None:
    first, *rest = frames()
    data = saved(first, "GIF", save_all=True, append_images=rest, duration=120, loop=0, comment=b"by Ayse")

    upload = sent(tmp_path, "moving.gif", data)

    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(upload.data)) as after:
        assert (getattr(after, "n_frames", 1), after.info["duration"], after.info["loop"]) == (3, 120, 0)
        for index in range(3):
            before.seek(index)
            after.seek(index)
            assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert b"Ayse" not in upload.data
    assert upload.changes == ("metadata removed",)


@pytest.mark.parametrize(("kind", "fit"), [("GIF", BLUESKY), ("WEBP", ROOMY), ("PNG", ROOMY)])
def test_other_animations_are_refused_in_words(tmp_path: Path, kind: str, fit: Fit) -> None:
    first, *rest = frames()

    with pytest.raises(Rejected, match="animated") as refused:
        sent(tmp_path, "moving", saved(first, kind, save_all=True, append_images=rest, duration=100), fit)
    assert "still picture" in refused.value.hint


def test_a_gif_that_would_have_to_shrink_is_refused(tmp_path: Path) -> None:
    first, *rest = frames()
    data = saved(first, "GIF", save_all=True, append_images=rest, duration=100)

    with pytest.raises(Rejected, match="too large"):
        sent(tmp_path, "moving.gif", data, Fit(50, 10_000, 100, ("image/gif",)))
    with pytest.raises(Rejected, match="too large"):
        sent(tmp_path, "moving.gif", data, Fit(5_000, 10_000, 10, ("image/gif",)))


def test_a_file_that_changed_since_the_check_is_refused(tmp_path: Path) -> None:
    data = saved(quarters(), "PNG")
    (tmp_path / "lamp.png").write_bytes(data)
    attachment = Attachment("lamp.png", "", "image/png", 400, 200, len(data), "0" * 64, ROOMY)

    with pytest.raises(Rejected, match="not the picture that was checked"):
        fit_picture(Workspace(tmp_path, Settings()), attachment)
    (tmp_path / "lamp.png").unlink()
    with pytest.raises(Rejected, match="cannot be read"):
        fit_picture(Workspace(tmp_path, Settings()), attachment)


@pytest.mark.parametrize("cut", [30, 200, 400])
def test_a_broken_file_is_refused_and_nothing_else_is_raised(tmp_path: Path, cut: int) -> None:
    data = saved(quarters(), "JPEG")[:cut]
    (tmp_path / "lamp.jpg").write_bytes(data)
    attachment = Attachment("lamp.jpg", "", "image/jpeg", 400, 200, 9, hashlib.sha256(data).hexdigest(), ROOMY)

    with pytest.raises(Rejected):
        fit_picture(Workspace(tmp_path, Settings()), attachment)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    data = saved(quarters(), "PNG")

    assert sent(tmp_path, "a.png", data, BLUESKY).data == sent(tmp_path, "b.png", data, BLUESKY).data


@pytest.mark.parametrize(
    ("size", "fit", "result"),
    [
        ((4000, 3000), Fit(1, 16_000_000, 2000, ()), (2000, 1500)),
        ((100, 100), Fit(1, 2_500, 2000, ()), (50, 50)),
        ((30_000, 10), Fit(1, 16_000_000, 2000, ()), (2000, 1)),
        ((200, 100), ROOMY, (200, 100)),
    ],
)
def test_pictures_keep_their_shape_when_they_shrink(size: tuple[int, int], fit: Fit, result: tuple[int, int]) -> None:
    assert scaled(*size, fit) == result


def test_visible_changes_are_foretold_without_touching_the_picture() -> None:
    attachment = Attachment("a.gif", "", "image/gif", 4000, 1000, 2_000_000, "", BLUESKY)

    assert expected_changes(attachment) == ("resized from 4000 × 1000 to 2000 × 500", "saved as PNG")
