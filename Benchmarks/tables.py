"""Tables of the results, for the terminal or for a Markdown page."""

from contest import GRAFT


def text(results, markdown=False):
    render = _markdown if markdown else _plain
    parts = [_heading(results["machine"], markdown)]
    for section, build in SECTIONS.items():
        if results.get(section):
            title, table = build(results[section])
            parts += [f"**{title}**" if markdown else title, render(table)]
    return "\n\n".join(parts)


def _heading(machine, markdown):
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"{machine['date']}, {machine['processor']}, {machine['threads']} threads on {machine['cores']} cores",
        f"{machine['graft']}; {versions}",
    ]
    return (" " if markdown else "\n").join(lines)


# Sections


def _speed(rows):
    table = []
    for (network, batch), found in _grouped(rows, "network", "batch"):
        name = network + ("" if next(iter(found.values()))["top"] else " without top")
        cells = _rates(found, "imagesPerSecond")
        fraction = found[GRAFT]["fractionOfLimit"] if GRAFT in found else None
        table.append([name, str(batch), *cells, "" if fraction is None else f"{fraction:.2f}"])
    header = ["network", "batch", *_names(rows), "Graft / fastest other", "of the FMA limit"]
    return "Images a second, network alone", [header, *table]


def _neighbour(rows):
    table = []
    for (network, batch), found in _grouped(rows, "network", "batch"):
        cells = [f"{row['imagesPerSecond']:.1f} ({row['share']:.0%})" for row in found.values()]
        others = [row["imagesPerSecond"] for name, row in found.items() if name != GRAFT]
        table.append([network, str(batch), *cells, f"{found[GRAFT]['imagesPerSecond'] / max(others):.2f}"])
    header = ["network", "batch", *_names(rows), "Graft / fastest other"]
    return "Images a second while another process keeps a core busy (share of the speed without it)", [header, *table]


def _folders(rows):
    table = []
    for (network,), found in _grouped(rows, "network"):
        count = next(iter(found.values()))["pictures"]
        table.append([network, str(count), *_rates(found, "imagesPerSecond")])
    header = ["network", "pictures", *_names(rows), "Graft / fastest other"]
    return "Pictures a second, from JPEG files of 500 x 375 to features", [header, *table]


def _start(rows):
    table = []
    for (network,), found in _grouped(rows, "network"):
        table.append([network, *_costs(found, "seconds", lambda seconds: f"{seconds * 1e3:.0f}")])
    header = ["network", *_names(rows), "smallest other / Graft"]
    return "Milliseconds from the start of the process to the first prediction", [header, *table]


def _memory(rows):
    table = []
    for (network, batch), found in _grouped(rows, "network", "batch"):
        table.append([network, str(batch), *_costs(found, "bytes", lambda bytes: f"{bytes / 1e6:.0f}")])
    header = ["network", "batch", *_names(rows), "smallest other / Graft"]
    return "Peak memory in MB", [header, *table]


def _training(rows):
    table = []
    for (network,), found in _grouped(rows, "network"):
        table.append([network, *_rates(found, "imagesPerSecond")])
    return "Images a second, steps of training, batch 16", [["network", *_names(rows), "Graft / fastest other"], *table]


def _epochs(rows):
    table = []
    for (network,), found in _grouped(rows, "network"):
        pictures, count = (next(iter(found.values()))[key] for key in ("pictures", "epochs"))
        cells = _costs(found, "seconds", lambda seconds: f"{seconds:.1f}")
        shares = [f"{max(seconds[1:]) / seconds[0]:.0%}" for seconds in (found[GRAFT]["epochs"], found[GRAFT]["headAlone"])]
        table.append([network, str(pictures), str(len(count)), *cells, *shares])
    header = ["network", "pictures", "epochs", *_names(rows), "fastest other / Graft"]
    header += ["later epoch / first, Graft", "where the head alone trains"]
    return "Seconds of epochs in which the last stage trains", [header, *table]


def _classifiers(rows):
    table = []
    for _, found in _grouped(rows, "goal"):
        others = [row for row in found.values() if not row["contestant"].startswith(GRAFT)]
        for name, row in found.items():
            cells = [name, f"{row['tolerance']:g}", f"{row['objective']:.8f}"]
            for key in ("seconds", "whole"):
                ratio = f" ({min(other[key] for other in others) / row[key]:.2f})" if name == GRAFT else ""
                cells.append(f"{row[key]:.2f}{ratio}")
            table.append(cells)
    first = rows[0]
    title = f"Logistic regression, {first['rows']:,} x {first['width']:,} features, {first['classes']} classes"
    header = ["", "tolerance", "objective", "seconds to fit", "of the whole process"]
    return f"{title} (fastest other / Graft)", [header, *table]


def _large_store(rows):
    table = [[f"{row['bytes'] / 1e9:.2f}", f"{row['seconds']:.0f}", f"{row['peak'] / 1e6:.0f}"] for row in rows]
    return "Logistic regression on a store larger than --memory 1G", [["GB", "seconds", "peak MB"], *table]


SECTIONS = {
    "speed": _speed,
    "neighbour": _neighbour,
    "endToEnd": _folders,
    "coldStart": _start,
    "memory": _memory,
    "training": _training,
    "epochs": _epochs,
    "classifiers": _classifiers,
    "largeStore": _large_store,
}


# Cells


def _names(rows):
    return list(dict.fromkeys(row["contestant"] for row in rows))


def _grouped(rows, *keys):
    """By the values of `keys`, the rows by contestant."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), {})[row["contestant"]] = row
    return groups.items()


def _rates(found, key):
    """The figures, and how many times the best of the others Graft's is."""
    others = [row[key] for name, row in found.items() if name != GRAFT]
    ratio = f"{found[GRAFT][key] / max(others):.2f}" if GRAFT in found and others else ""
    return [f"{row[key]:.1f}" for row in found.values()] + [ratio]


def _costs(found, key, format):
    others = [row[key] for name, row in found.items() if name != GRAFT]
    ratio = f"{min(others) / found[GRAFT][key]:.1f}" if GRAFT in found and others else ""
    return [format(row[key]) for row in found.values()] + [ratio]


def _plain(table):
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if not i else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths)))
        for row in table
    )


def _markdown(table):
    header, *rows = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([header, "|---" + "|---:" * (len(table[0]) - 1) + "|", *rows])
