#!/bin/sh
# SPDX-License-Identifier: ISC
# Configures a build tree without noise, for the Makefiles:
#
#   configure.sh BUILD_TREE SOURCE_FOLDER CMAKE_ARGUMENT…
#
# A tree that was made for other sources, which is what a moved or copied clone leaves, or for another cross compiler
# (DAPBOOT_PREFIX) begins anew. What was refused by a sentence of the project is told as that sentence, alone; any other
# error of CMake as CMake tells it. V=1 shows all. Exit code: that of CMake.
set -eu
tree="$1" sources="$2"
shift 2

cache="$tree/CMakeCache.txt"
forget() {
    rm -rf "$tree/CMakeCache.txt" "$tree/CMakeFiles"
}
if [ -f "$cache" ]; then
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$sources" "$cache" || forget
fi
if [ -f "$cache" ]; then
    grep -qxF "CMAKE_CACHEFILE_DIR:INTERNAL=$(realpath "$tree")" "$cache" || forget
fi
for argument; do
    case "$argument" in
        -DDAPBOOT_PREFIX:STRING=*) if [ -f "$cache" ]; then grep -qxF "${argument#-D}" "$cache" || forget; fi ;;
    esac
done

mkdir -p "$tree"
rm -f "$tree/stopped"
if [ "${V:-}" = 1 ]; then
    exec cmake "$@"
fi
log="$tree/configure.log"
status=0
cmake --log-level=WARNING "$@" >"$log" 2>&1 || status=$?
if [ "$status" != 0 ] && [ -s "$tree/stopped" ]; then
    cat "$tree/stopped" >&2
elif [ "$status" != 0 ]; then
    cat "$log" >&2
else
    # Warnings are worth reading; what CMake says of its own success is not.
    grep -vE '^(-- |Not searching for unused|Preset CMake variables:|  [A-Z_]+.*=|$)' "$log" >&2 || true
fi
exit "$status"
