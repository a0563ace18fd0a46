#!/usr/bin/env bash
# Compares Graft's speed with that of other programs, which it installs in a virtual environment.
# usage: run.sh GRAFT ENVIRONMENT [arguments of bench.py]
#
# GRAFT is the program, ENVIRONMENT the folder of the virtual environment, which is made where there is none.
# GRAFT_BENCH_PYTHON names a Python that has the packages already; then no environment is made.
set -eu
graft=$(realpath "$1")
environment=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
torch=(torch==2.15.0 torchvision==0.29.2)

# PyTorch's own index has a build for processors alone. The one of PyPI needs gigabytes of libraries for graphics
# cards to start at all; it computes the same on a processor.
install_torch() {
  local index=https://download.pytorch.org/whl/cpu
  if [ "$(uname)" = Linux ] && curl --silent --fail --max-time 10 --output /dev/null "$index/torch/"; then
    "$1" -m pip install --quiet --extra-index-url "$index" "${torch[@]/%/+cpu}"
  else
    "$1" -m pip install --quiet "${torch[@]}"
  fi
}

python=${GRAFT_BENCH_PYTHON:-}
if [ -z "$python" ]; then
  python=$environment/bin/python
  wanted=$(cat "$here/requirements.txt"; echo "${torch[@]}")
  if [ "$wanted" != "$(cat "$environment/installed" 2>/dev/null)" ]; then
    echo "installing ONNX Runtime, OpenVINO, PyTorch and TensorFlow into $environment (some gigabytes)"
    if [ -e "$environment" ] && [ ! -e "$environment/pyvenv.cfg" ]; then
      echo "$environment is there and is no virtual environment; name another folder" >&2
      exit 1
    fi
    rm -rf "$environment"
    python3 -m venv "$environment" || {
      echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)" >&2
      exit 1
    }
    echo '*' >"$environment/.gitignore"
    "$python" -m pip install --quiet --prefer-binary -r "$here/requirements.txt"
    install_torch "$python"
    echo "$wanted" >"$environment/installed"
  fi
fi
exec "$python" "$here/bench.py" "$graft" "$@"
