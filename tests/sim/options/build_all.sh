#!/bin/bash
# SPDX-License-Identifier: ISC
# Builds every line of a list (name | TARGET | DEFS) with src/Makefile, each in a folder of its own, on all cores.
#
#   build_all.sh LIST FOLDER
#
# OPTION_BUILDS="NAME NAME" builds only those, for who knows what the tests to come look at. Without it, the script then
# compares the list with the build's options: one that no line sets would have no test. Exit codes: 0 all built, 1 something
# does not build or is not tested (each is said), 2 wrong usage.
set -euo pipefail
root="$(cd "$(dirname "$0")/../../.." && pwd)"
if (($# != 2)); then
    echo "build_all.sh: give the list and the folder." >&2
    exit 2
fi
list="$1" folder="$2"
# A make around the test must not hand its variables to the makes inside.
unset MAKEFLAGS MFLAGS MAKELEVEL TARGET DEFS LDSCRIPT PREFIX V

build() {
    local name target defs
    IFS='|' read -r name target defs <<<"$1"
    name="${name//[[:space:]]/}" target="${target//[[:space:]]/}"
    mkdir -p "$folder/$name"
    if ! DEFS="$defs" make --no-print-directory -C "$folder/$name" -f "$root/src/Makefile" TARGET="$target" \
        >"$folder/$name/log" 2>&1; then
        # What was built before must not stand in for what does not build now.
        rm -f "$folder/$name"/dapboot.*
        printf 'build_all.sh: %s (TARGET=%s DEFS=%s) does not build:\n%s\n' "$name" "$target" "$defs" \
            "$(tail -n 8 "$folder/$name/log")" >&2
        return 1
    fi
}
export -f build
export folder root

lines() {
    local line name
    while IFS= read -r line; do
        name="${line%%|*}"
        [[ -n "${OPTION_BUILDS:-}" && " $OPTION_BUILDS " != *" ${name//[[:space:]]/} "* ]] || printf '%s\n' "$line"
    done < <(grep -v '^#' "$list")
}
failed=0
lines | tr '\n' '\0' | xargs -0 -n 1 -P "$(nproc)" bash -c 'build "$1"' - || failed=1

[[ -z "${OPTION_BUILDS:-}" ]] || exit "$failed"
for option in $(sed -n '/^set(DAPBOOT_OPTIONS/,/^)/p' "$root/cmake/options.cmake" | grep -oE '"[A-Z0-9_]+ ' | tr -d '" ' |
    grep -v '^USES_GPIOD$'); do
    if ! grep -qE "D *$option\b" "$list"; then
        echo "build_all.sh: no line of $list sets $option, so nothing tests it." >&2
        failed=1
    fi
done
exit "$failed"
