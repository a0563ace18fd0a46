#!/usr/bin/env bash
# Installs the system packages that are missing on Debian and Ubuntu; names them elsewhere.
# usage: setup.sh "APT PACKAGES" "BREW PACKAGES" SWIFT
set -eu
read -r -a apt <<<"$1"
read -r -a brew <<<"$2"

if ! command -v "${3:-swift}" >/dev/null; then
  echo "Graft needs Swift 6.3 or newer: see swift.org/install" >&2
  exit 1
fi

if [ "$(uname)" = Darwin ]; then
  missing=()
  for package in "${brew[@]}"; do
    brew list --versions "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] || { echo "install these first: brew install ${missing[*]}" >&2; exit 1; }
  exit 0
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is neither Debian, Ubuntu nor a Mac. Graft needs these libraries with their headers:" >&2
  echo "  HDF5, OpenBLAS, libjpeg-turbo, libpng, and pkg-config" >&2
  exit 0
fi

missing=()
for package in "${apt[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "as root, run: apt-get install ${missing[*]}" >&2
    exit 1
  }
  sudo=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
