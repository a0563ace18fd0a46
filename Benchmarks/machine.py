"""Where and when figures were measured."""

import datetime
import importlib.metadata
import os
import platform


def facts(settings):
    packages = {"onnxruntime", "openvino", "torch", "torchvision", "tensorflow-cpu", "tensorflow", "keras", "pillow", "scikit-learn"}
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": settings.threads,
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()}",
        "load": os.getloadavg()[0],
        "graft": settings.graft.version(),
        "versions": {name: version for name in sorted(packages) if (version := _version(name))},
    }


def restrict(threads):
    """Leaves every program the same cores, one for each thread, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        return
    available = sorted(os.sched_getaffinity(0))
    # Of processors that share a core, the first comes before all seconds.
    order = sorted(available, key=lambda number: (number != min(_sharing_core(number)), number))
    os.sched_setaffinity(0, order[:threads])


def _sharing_core(number):
    try:
        with open(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list") as file:
            return [int(part) for part in file.read().replace("-", ",").split(",")]
    except OSError:
        return [number]


def processor():
    """Its name and the vector instructions that matter here."""
    try:
        with open("/proc/cpuinfo") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return platform.processor() or platform.machine()
    lines = {key.strip(): value.strip() for key, value in lines.items()}
    flags = lines.get("flags", "").split()
    vectors = [text for flag, text in (("avx2", "AVX2"), ("avx512f", "AVX-512"), ("amx_tile", "AMX")) if flag in flags]
    return f"{lines.get('model name', platform.machine())} ({', '.join(vectors) or 'no AVX2'})"


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
