#!/usr/bin/env bash
# The main job on the built-in weights and pictures: features, a linear classifier, predictions, and the
# same with a trunk of random weights, which shows what the pretrained trunk is worth.
# usage: demo.sh GRAFT [FOLDER]      FOLDER keeps what is made; a temporary one is removed.
set -eu
graft=$(realpath "$1")
pictures=$(cd "$(dirname "$0")" && pwd)/pictures
if [ $# -ge 2 ]; then
  mkdir -p "$2"
  folder=$(realpath "$2")
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
cd "$folder"

run() { printf '\n$ graft %s\n' "$(sed "s|$pictures|pictures|g" <<<"$*")"; "$graft" "$@"; }

quietly() { printf '\n$ graft %s --quiet\n' "$(sed "s|$pictures|pictures|g" <<<"$*")"; "$graft" "$@" --quiet; }

run extract "$pictures/train" -o features.h5
run fit features.h5 -o model.h5
first=$(find "$pictures/val" -name '*.jpg' | LC_ALL=C sort | head -1)
run predict "$first" --model model.h5 --top 3
run evaluate "$pictures/val" --model model.h5

printf '\nThe same classifier on the same network with random weights:\n'
quietly extract "$pictures/train" --weights random -o random.h5
quietly fit random.h5 -o random_model.h5

accuracy() { "$graft" evaluate "$pictures/val" --model "$1" --json --quiet | sed -n 's/^ *"top1" : \([0-9.]*\),*$/\1/p'; }
pretrained=$(accuracy model.h5)
random=$(accuracy random_model.h5)
awk -v a="$pretrained" -v b="$random" 'BEGIN {
  printf "\nHeld-out accuracy: %.1f %% with the pretrained trunk, %.1f %% with random weights.\n", 100 * a, 100 * b
  exit !(a > b) }' || { echo "the pretrained trunk did not help" >&2; exit 1; }
