#!/usr/bin/env bash
# Compiles the kernels for AArch64 and compares NEON with portable code in an emulator.
# usage: run.sh FOLDER, where the program is put
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../Sources/CGraftKernels
mkdir -p "$1"
compiler=${GRAFT_NEON_COMPILER:-clang --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include}
for file in "$here/compare.c" "$kernels/dispatch.c" "$kernels/generic.c" "$kernels/arm/neon.c"; do
  $compiler -O2 -Wall -Werror -I "$kernels/include" -I "$kernels" -c "$file" -o "$1/$(basename "$file").o"
done
aarch64-linux-gnu-gcc -static -o "$1/compare" "$1"/*.o -lm
qemu-aarch64 "$1/compare"
