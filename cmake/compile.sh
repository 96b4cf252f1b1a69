#!/bin/sh
# SPDX-License-Identifier: ISC
# Builds a configured tree of one bootloader for src/Makefile:
#
#   compile.sh BUILD_TREE NINJA_ARGUMENT…
#
# A bootloader that does not fit is told as a sentence; any other error as the compiler tells it. V=1 shows all.
# Exit code: that of the build.
set -eu
tree="$1"
shift
if [ "${V:-}" = 1 ]; then
    exec cmake --build "$tree" -- --verbose "$@"
fi
log="$tree/compile.log"
status=0
cmake --build "$tree" -- --quiet "$@" >"$log" 2>&1 || status=$?
over="$(sed -nE "s/.*region \`(rom|ram)' overflowed by ([0-9]+) bytes?.*/\1 \2/p" "$log" | head -n 1)"
case "$over" in
    rom*) echo "The bootloader is ${over#rom } bytes larger than the flash it may fill: leave an option out." >&2 ;;
    ram*) echo "The bootloader needs ${over#ram } bytes more RAM than it may fill: choose smaller blocks." >&2 ;;
    *) if [ "$status" = 0 ]; then cat "$log"; else cat "$log" >&2; fi ;;
esac
exit "$status"
