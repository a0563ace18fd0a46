"""Runs a command and prints its peak memory in bytes. It imports little, because a command starts with the memory
of the process that starts it.

usage: peak_memory.py COMMAND [ARGUMENT...]
"""

import os
import sys

child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, usage = os.wait4(child, 0)
if status:
    sys.exit(f"{sys.argv[1]} ended with {os.waitstatus_to_exitcode(status)}")
# Linux counts in KiB, macOS in bytes.
print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), flush=True)
