"""Makes the pictures and the expected pixels for GraftImageTests.

    python make_golden.py

Needs Pillow 13 and TensorFlow 2.21 with Keras 3.15. Writes beside itself: pictures/*.jpg and *.png, expected.json (what is
where) and expected.bin (the bytes). All expected values come from Pillow, TensorFlow and Keras; the PNG files are
written here, because Pillow does not write all kinds.
"""

import io
import json
import os
import struct
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))
pictures = os.path.join(here, "pictures")
os.makedirs(pictures, exist_ok=True)
for old in os.listdir(pictures):
    os.remove(os.path.join(pictures, old))

blob = bytearray()
index = {"decoded": [], "resized": [], "keras": [], "inputs": []}


def stored(array):
    """Appends an array to the file of bytes and returns where it starts."""
    offset = len(blob)
    blob.extend(np.ascontiguousarray(array).tobytes())
    return offset


def scene(width, height):
    """A smooth picture with an edge in it, different in every channel and corner."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    r = 255 * x / max(width - 1, 1)
    g = 255 * y / max(height - 1, 1)
    b = 127 + 120 * np.sin(x / 2.3) * np.cos(y / 3.1)
    edge = (x > width * 0.6) & (y < height * 0.5)
    rgb = np.stack([r, g, b], axis=-1)
    rgb[edge] = [250, 20, 40]
    return np.clip(rgb, 0, 255).astype(np.uint8)


def noise(width, height):
    """The test's own formula, so that large sources need not be stored (Noise.swift)."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    h = x * np.uint32(73856093) ^ y * np.uint32(19349663) ^ c * np.uint32(83492791)
    h ^= h >> np.uint32(15)
    h *= np.uint32(2246822519)
    h ^= h >> np.uint32(13)
    return (h & np.uint32(255)).astype(np.uint8)


def add(name, data, truth=None, upright=False, note=""):
    """Writes a picture and what Pillow makes of it."""
    with open(os.path.join(pictures, name), "wb") as file:
        file.write(data)
    if truth is None:
        image = Image.open(io.BytesIO(data))
        if upright:
            image = ImageOps.exif_transpose(image)
        truth = np.asarray(image.convert("RGB"))
    index["decoded"].append(
        {"name": name, "width": truth.shape[1], "height": truth.shape[0], "offset": stored(truth), "note": note})


# JPEG ----------------------------------------------------------------------------------------------------------

def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def without_segment(data, marker):
    """Removes the first segment with this marker."""
    position = 2
    while data[position + 1] != marker:
        position += 2 + struct.unpack(">H", data[position + 2:position + 4])[0]
    length = struct.unpack(">H", data[position + 2:position + 4])[0]
    return data[:position] + data[position + 2 + length:]


rgb = Image.fromarray(scene(37, 29))
add("baseline-444.jpg", jpeg(rgb, quality=90, subsampling="4:4:4"))
add("baseline-422.jpg", jpeg(rgb, quality=85, subsampling="4:2:2"))
add("baseline-420.jpg", jpeg(rgb, quality=75, subsampling="4:2:0"))
add("low-quality.jpg", jpeg(rgb, quality=5))
add("optimized.jpg", jpeg(rgb, quality=80, optimize=True))
add("progressive.jpg", jpeg(rgb, quality=80, progressive=True))
add("progressive-444.jpg", jpeg(rgb, quality=95, progressive=True, subsampling="4:4:4"))
add("restart.jpg", jpeg(rgb, quality=80, restart_marker_blocks=2))
add("stored-rgb.jpg", jpeg(rgb, quality=90, keep_rgb=True))
add("grey.jpg", jpeg(rgb.convert("L"), quality=85))
add("grey-progressive.jpg", jpeg(rgb.convert("L"), quality=85, progressive=True))
add("tiny.jpg", jpeg(Image.fromarray(scene(1, 1)), quality=85))
add("thin.jpg", jpeg(Image.fromarray(scene(3, 61)), quality=85))
add("profile.jpg", jpeg(rgb, quality=85, icc_profile=bytes(range(256)) * 2))

ink = scene(37, 29)
cmyk = Image.frombytes("CMYK", (37, 29), np.concatenate([255 - ink, ink[..., :1] // 3], axis=-1).tobytes())
data = jpeg(cmyk, quality=90)
add("cmyk-adobe.jpg", data)
adobe = data.index(b"Adobe")
ycck = bytearray(data)
ycck[adobe + 11] = 2
add("ycck-adobe.jpg", bytes(ycck), note="the transform flag of cmyk-adobe.jpg set to YCCK")
add("cmyk-plain.jpg", without_segment(data, 0xEE), note="cmyk-adobe.jpg without its Adobe segment")
add("cmyk-progressive.jpg", jpeg(cmyk, quality=90, progressive=True))


def exif(orientation, order):
    """A TIFF structure with two tags, the second of them the orientation."""
    letters = b"II" if order == "<" else b"MM"
    head = letters + struct.pack(order + "HI", 42, 8)
    make = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"abc\0")
    turn = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + struct.pack(order + "H", 2) + make + turn + struct.pack(order + "I", 0)


for orientation in range(1, 9):
    data = jpeg(Image.fromarray(scene(13, 8)), quality=90, exif=exif(orientation, "<>"[orientation % 2]))
    add(f"orientation-{orientation}.jpg", data, upright=True)

# PNG -----------------------------------------------------------------------------------------------------------

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(rows, bits):
    """Rows of samples to filtered scan lines, with a different filter type in turn."""
    out = bytearray()
    previous = None
    for number, row in enumerate(rows):
        flat = row.reshape(-1)
        if bits == 16:
            line = flat.astype(">u2").tobytes()
        elif bits == 8:
            line = flat.astype(np.uint8).tobytes()
        else:
            per = 8 // bits
            padded = np.zeros((len(flat) + per - 1) // per * per, dtype=np.uint16)
            padded[:len(flat)] = flat
            line = bytearray(len(padded) // per)
            for i, value in enumerate(padded):
                line[i // per] |= int(value) << (8 - bits * (i % per + 1))
            line = bytes(line)
        step = max(1, row.shape[-1] * bits // 8)
        kind = number % 3  # none, sub, up
        if kind == 1:
            shifted = bytes(step) + line[:-step] if len(line) >= step else bytes(len(line))
            body = bytes((a - b) & 255 for a, b in zip(line, shifted))
        elif kind == 2:
            above = previous if previous is not None else bytes(len(line))
            body = bytes((a - b) & 255 for a, b in zip(line, above))
        else:
            body = line
        out.append(kind)
        out += body
        previous = line
    return bytes(out)


def png(samples, color, bits, interlaced=False, before=b"", after=b""):
    height, width = samples.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 1 if interlaced else 0)
    if interlaced:
        lines = b"".join(
            packed(samples[y0::dy, x0::dx], bits) for x0, y0, dx, dy in ADAM7 if samples[y0::dy, x0::dx].size)
    else:
        lines = packed(samples, bits)
    stream = zlib.compress(lines, 9)
    half = len(stream) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", stream[:half])
            + chunk(b"IDAT", stream[half:]) + after + chunk(b"IEND", b""))


random = np.random.default_rng(5)
names = {0: "grey", 2: "rgb", 3: "palette", 4: "grey-alpha", 6: "rgb-alpha"}
for color, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
    for bits in depths:
        for interlaced in (False, True):
            samples = random.integers(0, 1 << bits, size=(9, 13, CHANNELS[color]), dtype=np.uint32)
            before = b""
            if color == 3:
                before = chunk(b"PLTE", random.integers(0, 256, size=3 << bits, dtype=np.uint8).tobytes())
            truth = None
            note = ""
            if color == 0 and bits == 16:
                truth = np.repeat((samples >> 8).astype(np.uint8), 3, axis=-1)
                note = "Pillow clips 16-bit grey at 255; expected are the upper 8 bits, as in 16-bit colour"
            name = f"{names[color]}-{bits}{'-interlaced' if interlaced else ''}.png"
            add(name, png(samples, color, bits, interlaced, before), truth, note=note)

samples = random.integers(0, 16, size=(9, 13, 1), dtype=np.uint32)
palette = chunk(b"PLTE", random.integers(0, 256, size=48, dtype=np.uint8).tobytes())
add("palette-transparent.png", png(samples, 3, 4, before=palette + chunk(b"tRNS", bytes([0, 100, 200]))))
add("palette-transparent-interlaced.png",
    png(samples, 3, 4, True, before=palette + chunk(b"tRNS", bytes([0, 100, 200]))))
samples = random.integers(0, 256, size=(9, 13, 3), dtype=np.uint32)
add("rgb-transparent.png", png(samples, 2, 8, before=chunk(b"tRNS", struct.pack(">HHH", *samples[0, 0].tolist()))))
samples = random.integers(0, 4, size=(9, 13, 1), dtype=np.uint32)
add("grey-transparent.png", png(samples, 0, 2, before=chunk(b"tRNS", struct.pack(">H", 1))))
samples = random.integers(0, 256, size=(9, 13, 3), dtype=np.uint32)
add("gamma.png", png(samples, 2, 8, before=chunk(b"gAMA", struct.pack(">I", 100000))))
add("background.png", png(np.concatenate([samples, samples[..., :1]], -1), 6, 8,
                          before=chunk(b"bKGD", struct.pack(">HHH", 255, 0, 0))))
samples = random.integers(0, 256, size=(1, 1, 3), dtype=np.uint32)
add("tiny.png", png(samples, 2, 8))
add("tiny-interlaced.png", png(samples, 2, 8, True))
samples = random.integers(0, 256, size=(5, 9, 3), dtype=np.uint32)
add("orientation-6.png", png(samples, 2, 8, before=chunk(b"eXIf", exif(6, ">")[6:])), upright=True)
add("orientation-3-at-end.png", png(samples, 2, 8, after=chunk(b"eXIf", exif(3, "<")[6:])), upright=True)

# Resizing ------------------------------------------------------------------------------------------------------

for width, height, new_width, new_height in [
    (37, 29, 16, 16), (37, 29, 37, 11), (37, 29, 11, 29), (37, 29, 37, 29), (16, 16, 41, 23), (5, 3, 9, 8),
    (640, 480, 14, 9), (1, 1, 5, 4), (1, 300, 4, 7), (300, 1, 7, 4), (500, 333, 25, 17), (33, 65, 1, 1),
    (255, 257, 32, 32), (9, 9, 10, 8),
]:
    source = Image.fromarray(noise(width, height))
    for filter, code in (("bilinear", Image.BILINEAR), ("nearest", Image.NEAREST)):
        result = np.asarray(source.resize((new_width, new_height), code))
        index["resized"].append({
            "from": [width, height], "to": [new_width, new_height], "filter": filter, "offset": stored(result)})

import tensorflow as tf  # noqa: E402

for width, height, size in [(37, 29, 8), (5, 3, 9), (8, 8, 8), (640, 480, 9), (1, 1, 3), (300, 7, 7), (224, 100, 10)]:
    result = tf.image.resize(noise(width, height), (size, size), method="bilinear").numpy()
    assert result.dtype == np.float32
    index["keras"].append({"from": [width, height], "to": [size, size], "offset": stored(result)})

# Preprocessing -------------------------------------------------------------------------------------------------

from keras.src.applications import imagenet_utils  # noqa: E402
from keras.utils import load_img  # noqa: E402


def centre(image, size):
    """torchvision's Resize(round(size * 256 / 224)) and CenterCrop(size) for a PIL image."""
    width, height = image.size
    side = round(size * 256 / 224)
    if width <= height:
        image = image.resize((side, int(side * height / width)), Image.BILINEAR)
    else:
        image = image.resize((int(side * width / height), side), Image.BILINEAR)
    left = int(round((image.size[0] - size) / 2.0))
    top = int(round((image.size[1] - size) / 2.0))
    return image.crop((left, top, left + size, top + size))


for width, height, size in [(37, 29, 8), (31, 58, 7), (300, 40, 7)]:
    source = Image.fromarray(noise(width, height))
    out = io.BytesIO()
    source.save(out, "PNG")
    for resize in ("antialias", "keras", "nearest"):
        if resize == "antialias":
            values = np.asarray(centre(source, size), dtype=np.float32)
        elif resize == "keras":
            values = tf.image.resize(np.asarray(source), (size, size), method="bilinear").numpy()
        else:
            out.seek(0)
            values = np.asarray(load_img(out, target_size=(size, size)), dtype=np.float32)
        for mode in ("caffe", "tf", "torch", "none"):
            x = values.copy()
            if mode != "none":
                x = imagenet_utils.preprocess_input(x, data_format="channels_last", mode=mode)
            assert x.dtype == np.float32
            index["inputs"].append({
                "from": [width, height], "size": size, "resize": resize, "mode": mode, "offset": stored(x)})

with open(os.path.join(here, "expected.bin"), "wb") as file:
    file.write(blob)
with open(os.path.join(here, "expected.json"), "w") as file:
    json.dump(index, file, separators=(",", ":"))
    file.write("\n")
print(len(index["decoded"]), "pictures,", len(blob), "bytes expected")
