"""Writes the small photo files beside it: what cameras, phones, browsers and broken transfers make of one picture.

Usage: pip install numpy pillow pillow-heif; python make.py (pillow-heif brings the HEVC encoder). Own content, CC0.
The picture, upright: 240 x 320, quarters red, green / blue, yellow. table.ts says what each file has to give.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

OUT = Path(__file__).parent
WIDTH, HEIGHT = 240, 320
QUARTERS = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 230, 30))
RNG = np.random.default_rng(13)
pillow_heif.register_heif_opener()


def picture(noise=0, width=WIDTH, height=HEIGHT):
    """Quarters with soft waves; `noise` spreads the data of a compressed file evenly over its rows."""
    y, x = np.mgrid[0:height, 0:width]
    waves = 8 * np.sin(x / 9) + 8 * np.sin(y / 11)
    index = (y >= height // 2) * 2 + (x >= width // 2)
    pixels = np.asarray(QUARTERS, float)[index] + waves[..., None]
    pixels += RNG.integers(-noise, noise + 1, (height, width, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype("u1"))


def flat(width=WIDTH, height=HEIGHT):
    """The quarters alone: a few hundred bytes as PNG."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.asarray(QUARTERS, "u1")[(y >= height // 2) * 2 + (x >= width // 2)])


def write(name, content):
    (OUT / name).write_bytes(content)


def saved(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


# -- pieces of files

EXIF = b"Exif\0\0"
SHORT, LONG = 3, 4


def tiff(orientation, order="MM", kind=SHORT):
    e = ">" if order == "MM" else "<"
    value = struct.pack(e + "HH", orientation, 0) if kind == SHORT else struct.pack(e + "I", orientation)
    entry = struct.pack(e + "HHI", 0x112, kind, 1) + value
    return order.encode() + struct.pack(e + "HIH", 42, 8, 1) + entry + struct.pack(e + "I", 0)


def xmp(orientation):
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"


def segment(payload):
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def with_segments(jpeg, *payloads):
    return jpeg[:2] + b"".join(segment(p) for p in payloads) + jpeg[2:]


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels, colour_type, depth=8, before=b"", after=b"", raw=None, size=None):
    height, width = size or pixels.shape[:2]
    if raw is None:
        rows = pixels.astype(">u2" if depth == 16 else "u1").reshape(height, -1)
        raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", head) + before + chunk(b"IDAT", zlib.compress(raw, 9)) + after
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


UPRIGHT, LYING = picture(), picture().transpose(Image.ROTATE_90)  # orientation 6 shows LYING upright
TURN = {
    1: None,
    2: Image.FLIP_LEFT_RIGHT,
    3: Image.ROTATE_180,
    4: Image.FLIP_TOP_BOTTOM,
    5: Image.TRANSPOSE,
    6: Image.ROTATE_90,
    7: Image.TRANSVERSE,
    8: Image.ROTATE_270,
}


def stored(orientation, image):
    """How `image` lies in a file that says this orientation."""
    return image if orientation == 1 else image.transpose(TURN[orientation])


def jpeg(image, quality=60, **options):
    return saved(image, "JPEG", quality=quality, **options)


def turns():
    lying = jpeg(LYING)
    for orientation in (2, 3, 4, 5, 7, 8):
        data = with_segments(jpeg(stored(orientation, UPRIGHT)), EXIF + tiff(orientation))
        write(f"turn_exif{orientation}.jpg", data)
    for order in ("MM", "II"):
        write(f"turn_short_{order}.jpg", with_segments(lying, EXIF + tiff(6, order)))
        write(f"turn_long_{order}.jpg", with_segments(lying, EXIF + tiff(6, order, LONG)))
    write("turn_two_exif_1_6.jpg", with_segments(lying, EXIF + tiff(1), EXIF + tiff(6)))
    write("turn_two_exif_6_1.jpg", with_segments(lying, EXIF + tiff(6), EXIF + tiff(1)))
    write("turn_xmp_only.jpg", with_segments(lying, XMP_HEAD + xmp(6)))
    write("turn_xmp6_exif1.jpg", with_segments(lying, XMP_HEAD + xmp(6), EXIF + tiff(1)))
    write("turn_exif6_xmp1.jpg", with_segments(lying, EXIF + tiff(6), XMP_HEAD + xmp(1)))
    write("turn_exif0.jpg", with_segments(lying, EXIF + tiff(0)))
    write("turn_exif9.jpg", with_segments(lying, EXIF + tiff(9)))
    at = lying.index(b"\xff\xda")
    write("turn_after_frame.jpg", lying[:at] + segment(EXIF + tiff(6)) + lying[at:])
    block = chunk(b"eXIf", tiff(6))
    pixels = np.asarray(flat().transpose(Image.ROTATE_90))
    write("turn_before_idat.png", png(pixels, 2, before=block))
    write("turn_behind_idat.png", png(pixels, 2, after=block))
    write("turn_behind_idat_II.png", png(pixels, 2, after=chunk(b"eXIf", tiff(6, "II"))))
    write("turn_long.png", png(pixels, 2, before=chunk(b"eXIf", tiff(6, "II", LONG))))
    write("turn_exif_prefix.png", png(pixels, 2, before=chunk(b"eXIf", EXIF + tiff(6))))
    write("turn_half.png", png(np.asarray(flat().transpose(Image.ROTATE_180)), 2, before=chunk(b"eXIf", tiff(3))))
    write("turn_lossy.webp", saved(LYING, "WEBP", quality=60, exif=EXIF + tiff(6)))
    write("turn_lossless.webp", saved(flat().transpose(Image.ROTATE_90), "WEBP", lossless=True, exif=tiff(6)))
    # Pillow writes the turn of an AVIF as its own property (irot), as the format wants.
    write("turn_irot.avif", saved(LYING, "AVIF", quality=50, exif=tiff(6)))


def jpegs():
    whole = jpeg(UPRIGHT)
    scan = whole.index(b"\xff\xda")
    write("jpeg_no_end.jpg", whole[:-2])
    write("jpeg_no_end_zeros.jpg", whole[:-2] + b"\0" * 4096)
    write("jpeg_stray_bytes.jpg", whole[:scan] + b"\0" * 16 + whole[scan:])
    table = whole.index(b"\xff\xdb")
    write("jpeg_stray_and_fill.jpg", whole[:table] + b"\0\1\2" + b"\xff" * 7 + whole[table:])
    write("jpeg_junk_before.jpg", b"\r\n\0junk\7" + whole)
    write("jpeg_junk_behind.jpg", whole + RNG.bytes(3000))
    noisy = jpeg(picture(12), 40)
    half = len(noisy) // 2
    write("jpeg_half.jpg", noisy[:half])
    write("jpeg_half_ended.jpg", noisy[:half] + b"\xff\xd9")
    write("jpeg_half_zeros.jpg", noisy[:half] + b"\0" * (half - 2) + b"\xff\xd9")
    write("jpeg_half_thumbnail.jpg", noisy[:half] + jpeg(UPRIGHT.resize((64, 64)), 30))
    write("jpeg_half_turned.jpg", with_segments(jpeg(picture(12).transpose(Image.ROTATE_90), 40), EXIF + tiff(6))[: half + 34])
    start = noisy.index(b"\xff\xda")
    write("jpeg_hardly.jpg", noisy[: start + (len(noisy) - start) // 20])
    write("jpeg_head_only.jpg", noisy[: start - 40])
    waves = jpeg(picture(12), 40, progressive=True)
    write("jpeg_progressive_80.jpg", waves[: len(waves) * 8 // 10])
    first = waves.index(b"\xff\xda")
    second = waves.index(b"\xff\xc4", first)
    write("jpeg_progressive_first.jpg", waves[: second + 5])
    write("jpeg_progressive_half_first.jpg", waves[: (first + second) // 2])
    black = Image.new("RGB", (WIDTH, HEIGHT))
    black.paste(UPRIGHT.resize((WIDTH, HEIGHT // 2)), (0, 0))
    write("jpeg_black_below.jpg", jpeg(black, optimize=True))
    write("jpeg_cmyk.jpg", jpeg(UPRIGHT.convert("CMYK")))
    write("jpeg_grey.jpg", jpeg(UPRIGHT.convert("L")))
    write("jpeg_progressive.jpg", jpeg(UPRIGHT, progressive=True))


def pngs():
    pixels = np.asarray(flat())
    write("png_plain.png", png(pixels, 2))
    write("png_rgb16.png", png(pixels.astype(int) * 257, 2, 16))
    palette = flat().quantize(4)
    indices = np.asarray(palette)
    colours = np.asarray(palette.getpalette()[:12], "u1")
    # Two colours at the top see-through: the palette's order is the quantiser's, so they are looked up.
    top = {int(indices[10, 10]), int(indices[10, -10])}
    alpha = bytes(0 if i in top else 255 for i in range(4))
    before = chunk(b"PLTE", colours.tobytes()) + chunk(b"tRNS", alpha)
    write("png_palette_alpha.png", png(indices, 3, before=before))
    fine = (indices * 16 + RNG.integers(0, 2, indices.shape)).astype("u1")
    shades = np.zeros((64, 3), "u1")
    for i in range(4):
        shades[i * 16 : i * 16 + 16] = colours[i * 3 : i * 3 + 3]
        shades[i * 16 + 1] = np.clip(shades[i * 16].astype(int) + 5, 0, 255)
    whole = png(fine, 3, before=chunk(b"PLTE", shades.tobytes()))
    write("png_half.png", whole[: len(whole) // 2])
    write("png_no_end.png", whole[:-12])
    write("png_hardly.png", whole[: whole.index(b"IDAT") + 300])
    damaged = bytearray(whole)
    damaged[29] ^= 1
    write("png_bad_checksum.png", bytes(damaged))
    damaged = bytearray(whole)
    damaged[len(whole) * 3 // 4 : len(whole) * 3 // 4 + 64] = b"\xff" * 64
    write("png_damaged_inside.png", bytes(damaged))
    interlaced = adam7(np.asarray(flat()))
    write("png_interlaced_half.png", interlaced[: len(interlaced) - 700])
    # Display P3: these numbers are the sRGB quarters in the wider space.
    p3 = p3_profile()
    values = to_p3(pixels)
    write("png_display_p3.png", png(values, 2, before=chunk(b"iCCP", b"p3\0\0" + zlib.compress(p3))))
    write("jpeg_display_p3.jpg", jpeg(Image.fromarray(values), 90, icc_profile=p3))
    return p3, values


def adam7(pixels):
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    height, width = pixels.shape[:2]
    # Noise in the last pass only, so that it is most of the file.
    noisy = pixels.astype(int)
    noisy[1::2] += RNG.integers(0, 2, noisy[1::2].shape)
    noisy = np.clip(noisy, 0, 255).astype("u1")
    raw = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in noisy[y::dy, x::dx])
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    # The noisy rows would take 100 kB; so small a picture is enough.
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


P3_TO_XYZ = np.array([[0.48657, 0.26567, 0.19822], [0.22897, 0.69174, 0.07929], [0.0, 0.04511, 1.04394]])
SRGB_TO_XYZ = np.array([[0.41239, 0.35758, 0.18048], [0.21264, 0.71517, 0.07219], [0.01933, 0.11919, 0.95053]])


def to_p3(pixels):
    v = pixels / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    p3 = np.clip(linear @ SRGB_TO_XYZ.T @ np.linalg.inv(P3_TO_XYZ).T, 0, 1)
    return np.round(255 * np.where(p3 <= 0.0031308, p3 * 12.92, 1.055 * p3 ** (1 / 2.4) - 0.055)).astype("u1")


def p3_profile():
    """A Display P3 profile: the primaries adapted to D50, and the curve of sRGB as parameters (ICC type 'para', 3)."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50, d65 = np.array([0.96422, 1, 0.82521]), np.array([0.95046, 1, 1.08906])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ d65)) @ bradford
    primaries = adapt @ P3_TO_XYZ
    fixed = lambda value: struct.pack(">i", round(value * 65536))
    xyz = lambda v: b"XYZ \0\0\0\0" + b"".join(fixed(c) for c in v)
    curve = b"para\0\0\0\0\0\3\0\0" + b"".join(fixed(v) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    name = b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + b"\0" * 78
    tags = [(b"desc", name), (b"cprt", b"text\0\0\0\0CC0\0"), (b"wtpt", xyz(d50))]
    tags += [(k, xyz(primaries[:, i])) for i, k in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    tags += [(k, curve) for k in (b"rTRC", b"gTRC", b"bTRC")]
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for kind, content in tags:
        content += b"\0" * (-len(content) % 4)
        table += kind + struct.pack(">II", at + len(body), len(content))
        body += content
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + b"\0" * 12 + b"acsp"
    head += b"\0" * 28 + b"".join(fixed(c) for c in d50)
    return head.ljust(128, b"\0") + table + body


def webps():
    noisy = saved(picture(12), "WEBP", quality=30)
    write("webp_half.webp", noisy[: len(noisy) // 2])
    write("webp_size_zero.webp", noisy[:4] + b"\0\0\0\0" + noisy[8:])
    write("webp_size_one_more.webp", noisy[:4] + struct.pack("<I", len(noisy) - 7) + noisy[8:])
    write("webp_hardly.webp", noisy[:90])
    lossless = saved(flat().quantize(4).convert("RGB"), "WEBP", lossless=True)
    write("webp_lossless.webp", lossless)
    write("webp_animated.webp", saved(flat(), "WEBP", lossless=True, save_all=True, append_images=[flat().rotate(180)], duration=100))
    write("avif_cut.avif", saved(picture(6), "AVIF", quality=30)[:-400])


def heic(image, **options):
    return saved(image, "HEIF", **{"quality": 45, **options})


def heics(p3, p3_values):
    plain = heic(UPRIGHT)
    write("heic_plain.heic", plain)
    write("heic_named.jpg", plain)
    write("heic_turned.heif", heic(LYING, exif=EXIF + tiff(6)))  # as irot
    write("heic_mirrored.hif", heic(UPRIGHT.transpose(Image.TRANSPOSE), exif=EXIF + tiff(5)))  # as irot and imir
    write("heic_grid.heic", heic(UPRIGHT, tile_size=128))
    noisy = heic(picture(8), tile_size=128)
    write("heic_grid_cut.heic", noisy[: len(noisy) * 6 // 10])
    write("heic_hardly.heic", noisy[: len(noisy) // 20])
    several = pillow_heif.from_pillow(Image.new("RGB", (300, 300), (9, 9, 9)))
    several.add_from_pillow(UPRIGHT)
    buffer = io.BytesIO()
    several.save(buffer, quality=45, primary_index=1)
    write("heic_second_is_primary.heic", buffer.getvalue())
    see_through = UPRIGHT.copy()
    alpha = Image.new("L", UPRIGHT.size, 255)
    alpha.paste(0, (144, 0, 240, 80))
    see_through.putalpha(alpha)
    write("heic_alpha.heic", heic(see_through))
    # A phone's portrait: the same layout, but the second picture is a depth map.
    write("heic_depth.heic", heic(see_through).replace(b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:hevc:2015:auxid:2"))
    deep = np.asarray(UPRIGHT).astype("u2") * 257
    ten = pillow_heif.from_bytes(mode="RGB;16", size=UPRIGHT.size, data=deep.tobytes())
    buffer = io.BytesIO()
    ten.save(buffer, quality=45)
    write("heic_10_bit.heic", buffer.getvalue())
    write("heic_display_p3.heic", heic(Image.fromarray(p3_values), quality=80, icc_profile=p3))

    # A person (CC0 sample), lying in a grid of two tiles as a phone held sideways saves it.
    sample = Image.open(OUT / "../../../public/samples/yellow-shirt.jpg").convert("RGB").resize((720, 720))
    lying = sample.transpose(Image.ROTATE_90)
    write("person.heic", heic(lying, quality=40, tile_size=512, exif=EXIF + tiff(6)))


def others():
    write("gif_still.gif", saved(flat().quantize(4), "GIF"))
    write("gif_animated.gif", saved(flat().quantize(4), "GIF", save_all=True, append_images=[flat().rotate(180).quantize(4)]))
    write("bmp.bmp", saved(flat().quantize(4), "BMP"))
    write("ico.ico", saved(flat(256, 256), "ICO", sizes=[(256, 256)]))
    write("tiff.tif", saved(flat().quantize(4), "TIFF", compression="tiff_deflate"))
    write("tiff_named.jpg", saved(flat().quantize(4), "TIFF", compression="tiff_deflate"))
    write("jp2.jp2", saved(flat(64, 64), "JPEG2000"))
    box = lambda kind, *parts: struct.pack(">I", 8 + sum(map(len, parts))) + kind + b"".join(parts)
    write("jxl_stream.jxl", b"\xff\x0a\xfa\x1f\x01\x90\x01\x08\x06\x01\x00" + b"\x5a" * 50)
    write("jxl_container.jxl", box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"jxlc", b"\xff\x0a" + b"\x5a" * 40))
    write("raw.cr2", b"II*\0\x10\0\0\0CR\2\0" + b"\0" * 60)
    write("raw.cr3", box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", b"\0" * 40))
    write("raw.nef", camera_tiff(b"NIKON CORPORATION\0"))
    write("raw.arw", camera_tiff(b"SONY\0"))
    write("raw.dng", camera_tiff(b"Google\0", dng=True))
    write("raw.raf", b"FUJIFILMCCD-RAW 0201FF383501" + b"\0" * 60 + jpeg(UPRIGHT.resize((32, 32)), 30))
    write("raw.orf", b"IIRO\x08\0\0\0" + b"\0" * 60)
    write("raw.rw2", b"IIU\0\x18\0\0\0" + b"\0" * 60)
    write("photoshop.psd", b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, HEIGHT, WIDTH, 8, 3) + b"\0" * 30)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="800"><circle r="9"/></svg>'
    write("drawing.svg", drawing)
    licence = b"<!-- " + b"A long licence text. " * 400 + b"-->\n"
    kind = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [ <!ENTITY ns "http://example.org/"> ]>\n'
    write("drawing_long_head.svg", b'\xef\xbb\xbf<?xml version="1.0" standalone="no"?>\n' + licence + kind + licence + drawing)
    write("document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + jpeg(UPRIGHT.resize((32, 32)), 30))
    write("live_photo.mov", box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"wide") + box(b"mdat", b"\0" * 40))
    write("video.mp4", box(b"ftyp", b"isom\0\0\2\0isommp42") + box(b"mdat", b"\0" * 40))
    write("quicktime_old.mov", box(b"moov", box(b"mvhd", b"\0" * 100)))
    write("sequence.heics", box(b"ftyp", b"hevc\0\0\0\0msf1hevciso8") + box(b"moov", b"\0" * 40))
    write("archive.zip", b"PK\3\4\x14\0\0\0\0\0" + b"\0" * 40)
    write("page.jpg", b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>")
    write("text.jpg", b"Hello, this is no picture.\n")
    write("pointer.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n")
    write("empty.jpg", b"")
    write("noise.jpg", bytes([0, 1]) + RNG.bytes(500))
    write("small.png", png(np.asarray(flat(100, 120)), 2))
    one_bit = lambda width, height: b"".join(b"\0" + b"\0" * ((width + 7) // 8) for _ in range(height))
    write("wide_12001.png", png(None, 0, 1, raw=one_bit(12001, 300), size=(300, 12001)))
    write("wide_11000.png", png(None, 0, 1, raw=one_bit(11000, 400), size=(400, 11000)))
    write("bmp_as_photo.jpg", saved(flat().quantize(4), "BMP"))


def camera_tiff(make, dng=False):
    entries = [(254, 4, 1, struct.pack("<I", 1)), (271, 2, len(make), None), (330, 4, 1, struct.pack("<I", 0))]
    if dng:
        entries.append((50706, 1, 4, b"\1\4\0\0"))
    at = 8 + 2 + 12 * len(entries) + 4
    body = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        inline = value if value is not None else (make.ljust(4, b"\0") if len(make) <= 4 else struct.pack("<I", at))
        body += struct.pack("<HHI", tag, kind, count) + inline
    return b"II*\0\x08\0\0\0" + body + b"\0" * 4 + make + b"\0" * 40


if __name__ == "__main__":
    turns()
    jpegs()
    profile = pngs()
    webps()
    heics(*profile)
    others()
