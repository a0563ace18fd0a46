#!/usr/bin/env bash
# Says how much a network of the size of the default one helps on the example pictures: the accuracy of graft fit's
# classifier on its features, and on those of the same network with random weights.
# usage: evaluate.sh GRAFT WEIGHTS.h5 PICTURES
set -eu
graft=$1 weights=$2 pictures=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for source in "$weights" random:1 random:2 random:3 random:4 random:5; do
  rm -f "$folder"/*
  "$graft" extract "$pictures/train" --weights "$source" -o "$folder/train.h5" --quiet
  "$graft" fit "$folder/train.h5" -o "$folder/model.h5" --quiet >/dev/null
  echo "$source: $("$graft" evaluate "$pictures/val" --model "$folder/model.h5" --quiet | head -1)"
done
