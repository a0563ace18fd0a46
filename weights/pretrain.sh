#!/usr/bin/env bash
# Draws the pictures, trains the default network on them and writes default.h5. Stopped at any moment, the same command
# goes on from there.
# usage: pretrain.sh PROGRAM FOLDER OUTPUT.h5
#
# PROGRAM is graft-pretraining, FOLDER gets the pictures and the states of the run.
# GRAFT_PRETRAIN_PYTHON names a Python that has NumPy and Pillow; without it, a virtual environment is made in FOLDER.
set -eu
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
output=$(realpath "$3")
here=$(cd "$(dirname "$0")" && pwd)

python=${GRAFT_PRETRAIN_PYTHON:-}
if [ -z "$python" ]; then
  python=$folder/python/bin/python
  if ! cmp -s "$here/requirements.txt" "$folder/python/requirements.txt"; then
    rm -rf "$folder/python"
    python3 -m venv "$folder/python"
    "$python" -m pip install --quiet --prefer-binary -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$folder/python/requirements.txt"
  fi
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
"$python" "$here/pictures.py" pretraining "$folder/pictures"
exec "$program" "$folder/pictures" "$folder/run" "$output"
