#!/usr/bin/env python3
"""Writes the HDF5 files beside it with h5py. The expected values stand as formulas in GoldenTests.swift.

    python3 make_golden.py          (needs h5py and numpy)
"""
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def numbers(count):
    """Quarters from -8 to 7.75: exact in every floating-point type."""
    return (np.arange(count) * 7 % 64) / 4 - 8


def write_types(file):
    """Every type of number in both byte orders, plain, and packed."""
    values = numbers(60).reshape(5, 4, 3)
    for kind in ["f2", "f4", "f8"]:
        for order, name in [("<", "little"), (">", "big")]:
            file[f"{name}/{kind}"] = values.astype(order + kind)
    for kind in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]:
        whole = np.arange(60).reshape(5, 4, 3) * (1 if kind[0] == "u" else -1)
        for order, name in [("<", "little"), (">", "big")]:
            file[f"{name}/{kind}"] = whole.astype(order + kind)
    packed = file.create_group("packed")
    for kind in ["<f2", ">f2", "<f4", ">f4", "<f8", ">i4"]:
        packed.create_dataset(
            kind[1:] + ("le" if kind[0] == "<" else "be"), data=values.astype(kind), chunks=(2, 3, 3),
            compression="gzip", compression_opts=9, shuffle=True)
    packed.create_dataset("checksum", data=values.astype("<f4"), chunks=(2, 4, 3), fletcher32=True)
    packed.create_dataset("lzf", data=values.astype("<f4"), chunks=(2, 4, 3), compression="lzf")
    file["bool"] = np.array([True, False, True])
    file["enum"] = np.array([0, 300, 2], h5py.enum_dtype({"a": 0, "b": 300, "c": 2}, "<i4"))
    # The ends of half precision: smallest, largest subnormal, smallest normal, largest, and what is not finite.
    file["half"] = np.array(
        [2.0**-24, 1023 * 2.0**-24, 2.0**-14, 65504, -65504, -0.0, np.inf, -np.inf, np.nan], "<f2")
    # As Keras stores bfloat16: two opaque bytes and an attribute.
    brain = np.array([1, -2.5, 2.0**100], "<f4").view("<u4") >> 16
    file["brain"] = brain.astype("<u2").view("V2")
    file["brain"].attrs["dtype"] = "bfloat16"
    file["opaque"] = brain.astype("<u2").view("V2")
    # Precision, exponent and fraction as in bfloat16, as a number rather than opaque, big-endian.
    kind = h5py.h5t.IEEE_F32BE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_size(2)
    kind.set_ebias(127)
    brain_number = h5py.h5d.create(file.id, b"brain_number", kind, h5py.h5s.create_simple((3,)))
    brain_number.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, -2.5, 2.0**100], "<f4"))
    file["large"] = np.array([2**63, 1], "<u8")
    file["complex"] = np.array([1 + 2j])


def write_shapes(file):
    file["scalar"] = np.float32(2.5)
    file["none"] = np.zeros((3, 0, 2), "<f4")
    file["null"] = h5py.Empty("<f4")
    file.create_dataset("unwritten", (4,), "<f4", fillvalue=1.5)
    file.create_dataset("sparse", (100, 10), "<f4", maxshape=(None, 10), chunks=(10, 10), compression="gzip")
    file["sparse"][50:60] = 1
    file["deep/er/est/x"] = numbers(3).astype("<f4")
    file["names with space/größe/10"] = numbers(1).astype("<f4")
    file["names with space/größe/2"] = numbers(2).astype("<f4")


def write_strings(file):
    words = ["", "a", "Grüße", "猫の写真"]
    encoded = [word.encode() for word in words]
    file.create_dataset("variable", data=words, dtype=h5py.string_dtype())
    file.create_dataset("ascii", data=[b"plain", b"text"], dtype=h5py.string_dtype("ascii"))
    file["fixed"] = np.array(encoded, "S12")
    for pad, name in [(h5py.h5t.STR_NULLTERM, "terminated"), (h5py.h5t.STR_NULLPAD, "padded"),
                      (h5py.h5t.STR_SPACEPAD, "spaced")]:
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(13)
        kind.set_strpad(pad)
        data = h5py.h5d.create(file.id, name.encode(), kind, h5py.h5s.create_simple((4,)))
        filler = b" " if pad == h5py.h5t.STR_SPACEPAD else b"\0"
        raw = np.array([word.ljust(13, filler) for word in encoded], "V13")
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, raw, kind)
    file["invalid"] = np.array([b"ok", b"\xffbad\xc3"], "S5")
    file.create_dataset("packed", data=words * 10, dtype=h5py.string_dtype(), chunks=(7,), compression="gzip")
    file["word"] = "one"
    file.create_dataset("unwritten", (2,), h5py.string_dtype())


def write_attributes(holder):
    holder["string"] = "Grüße"
    holder["fixed"] = np.bytes_("Grüße".encode())
    holder["strings"] = ["conv1", "", "猫"]
    holder["fixed_strings"] = np.array([b"conv1", b"bn"])
    holder["empty_list"] = []
    holder["empty"] = h5py.Empty("S1")
    holder["empty_string"] = ""
    holder["integer"] = 7
    holder["big_endian"] = np.array([1, -2, 3], ">i2")
    holder["unsigned"] = np.array([1, 2], "u1")
    holder["float"] = 0.1
    holder["half"] = np.float16(1.5)
    holder["floats"] = np.array([[1, 2], [3, 4]], ">f4")
    holder["bool"] = True
    holder["bools"] = np.array([True, False])
    holder["größe"] = 1
    holder["complex"] = 1 + 2j
    holder["reference"] = holder_reference(holder)


def holder_reference(holder):
    return h5py.h5r.create(holder._id, b".", h5py.h5r.OBJECT)


def write_leading_elsewhere(file):
    file["real"] = numbers(4).astype("<f4")
    file["soft"] = h5py.SoftLink("/real")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["external"] = h5py.ExternalLink("types.h5", "/little/f4")
    file["hard"] = file["real"]
    group = file.create_group("group")
    group["back"] = file["/"]
    ring = file.create_group("ring")
    ring["self"] = ring
    ring["x"] = file["real"]
    file["loop_a"] = h5py.SoftLink("/loop_b")
    file["loop_b"] = h5py.SoftLink("/loop_a")
    file["loop_self"] = h5py.SoftLink("loop_self")
    file.create_dataset("outside", (4,), "<f4", external=[("outside.raw", 0, 16)])
    layout = h5py.VirtualLayout(shape=(5, 4, 3), dtype="<f4")
    layout[:] = h5py.VirtualSource("types.h5", "little/f4", shape=(5, 4, 3))
    file.create_virtual_dataset("virtual", layout)
    file.create_dataset("absurd", (1 << 20, 1 << 20), "<f4", chunks=(1024, 1024), compression="gzip")
    file.create_dataset("uncountable", (1 << 40, 1 << 40), "<f4", chunks=(1024, 1024))
    file.create_dataset("uncountable_none", (1 << 40, 1 << 40, 0), "<f4", chunks=(1024, 1024, 1),
                        maxshape=(1 << 40, 1 << 40, None))
    file.create_dataset("absurd_plain", (1 << 10, 1 << 20), "<f4", chunks=(1024, 1024))
    file.create_dataset("absurd_contiguous", (1 << 28,), "<f4")
    file.create_dataset("absurd_chunk", (4,), "<f4", maxshape=(None,), chunks=(1 << 29,), compression="gzip")


def write_compact(file):
    """A dataset inside its object header; the test looks for its extent, 777, in the bytes."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    data = h5py.h5d.create(
        file.id, b"compact", h5py.h5t.STD_U8LE, h5py.h5s.create_simple((777,)), properties)
    data.write(h5py.h5s.ALL, h5py.h5s.ALL, (np.arange(777) % 251).astype("u1"))


def main():
    h5py.get_config().track_order = False
    with h5py.File(os.path.join(HERE, "types.h5"), "w") as file:
        write_types(file)
        write_shapes(file)
    with h5py.File(os.path.join(HERE, "strings.h5"), "w") as file:
        write_strings(file.create_group("strings"))
        write_attributes(file.attrs)
        write_attributes(file.create_dataset("x", data=1.0).attrs)
    # The newer structures: superblock 3, link messages, fractal heaps and B-trees of version 2.
    with h5py.File(os.path.join(HERE, "modern.h5"), "w", libver=("v110", "v110")) as file:
        write_types(file)
        write_shapes(file)
        write_strings(file.create_group("strings"))
        write_attributes(file.attrs)
        many = file.create_group("many")
        for index in range(40):
            many[f"d{index}"] = np.float32(index)
            many.attrs[f"a{index}"] = index
    with h5py.File(os.path.join(HERE, "compact.h5"), "w") as file:
        write_compact(file)
    with h5py.File(os.path.join(HERE, "elsewhere.h5"), "w") as file:
        write_leading_elsewhere(file)


if __name__ == "__main__":
    main()
