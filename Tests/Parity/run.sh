#!/usr/bin/env bash
# Compares Graft with real Keras, Pillow and scikit-learn in a virtual environment.
# usage: run.sh GRAFT ENVIRONMENT [arguments of parity.py]
#
# GRAFT is the program, ENVIRONMENT the folder of the virtual environment, which is made where there is none.
# GRAFT_PARITY_PYTHON names a Python that has the packages already; then no environment is made.
# GRAFT_TEST_DATA names the folder with real weights and photos; without it, ../shared/data beside the package.
set -eu
graft=$(realpath "$1")
environment=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

python=${GRAFT_PARITY_PYTHON:-}
if [ -z "$python" ]; then
  python=$environment/bin/python
  if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
    echo "installing Keras, TensorFlow and others into $environment"
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
    "$python" -m pip install --quiet --no-deps tf_keras==2.21.0
    cp "$here/requirements.txt" "$environment/requirements.txt"
  fi
fi
exec "$python" "$here/parity.py" "$graft" "$@"
