#!/bin/bash
# SPDX-License-Identifier: ISC
# Builds the Blue Pill's bootloader with one fault, for tests that must find it.
#
#   tests/support/build_broken.sh FOLDER FILE SED-SCRIPT
#
# FOLDER gets a copy of the sources with the edit in FILE (as git names it); FOLDER/dapboot.elf is the result. Exit codes:
# 0 built, 2 not, or the edit changes nothing (each is said).
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
if (($# != 3)); then
    echo "build_broken.sh: give a folder, a file and an edit." >&2
    exit 2
fi
folder="$1" file="$2" edit="$3"
# A make around the test must not hand its variables to the make inside.
unset MAKEFLAGS MFLAGS MAKELEVEL TARGET DEFS LDSCRIPT PREFIX V
rm -rf "${folder:?}"
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
(cd "$root" && cp -r --parents src cmake kit CMakeLists.txt CMakePresets.json "$folder")
sed -i "$edit" "$folder/$file"
if cmp -s "$root/$file" "$folder/$file"; then
    echo "build_broken.sh: '$edit' changes nothing in $file" >&2
    exit 2
fi
mkdir "$folder/build"
make -s -C "$folder/build" -f "$folder/src/Makefile" TARGET=BLUEPILL >"$folder/build.log" 2>&1 || {
    tail -n 15 "$folder/build.log" >&2
    exit 2
}
mv "$folder/build/dapboot.elf" "$folder/"
