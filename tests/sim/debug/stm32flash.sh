#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's unmodified stm32flash at the model of the loader in system memory, over a pseudo-terminal: it identifies,
# writes, verifies, reads, erases, protects and unprotects a blank chip, which then runs the bootloader: after a reset, or
# started by the loader.
#
#   stm32flash.sh DAPBOOT_SIM FIRMWARE_DIR
#
# A pseudo-terminal takes no parity, so stm32flash is told 8n1; on a real adapter its own 8e1 is right.
set -euo pipefail
sim="$1" image="$2/dapboot-bluepill.bin"
work="$(mktemp -d)"
server=
finish() {
    if [[ -n "$server" ]] && kill -0 "$server" 2>/dev/null; then kill "$server"; fi
    rm -rf "$work"
}
trap finish EXIT

# serve OPTION…: a blank chip behind a serial line.
serve() {
    if [[ -n "$server" ]]; then
        kill "$server"
        wait "$server" || fail "the board's server did not end as it should"
    fi
    rm -f "$work/tty"
    "$sim" serve --serial "$work/tty" --fast "$@" >"$work/sim" 2>&1 &
    server=$!
    for _ in $(seq 100); do
        [[ -e "$work/tty" ]] && return
        sleep 0.1
    done
}

fail() {
    echo "stm32flash.sh: $1"
    cat "$work/out" "$work/sim"
    exit 1
}
# flash EXPECTED ARGUMENT…: stm32flash succeeds, and says so.
flash() {
    local expected="$1"
    shift
    stm32flash -m 8n1 "$@" "$work/tty" >"$work/out" 2>&1 || fail "stm32flash $* failed"
    grep -qF -- "$expected" "$work/out" || fail "stm32flash $* did not say '$expected'"
}
refused() {
    stm32flash -m 8n1 "$@" "$work/tty" >"$work/out" 2>&1 && fail "stm32flash $* should have failed"
    return 0
}
bootloader_starts() {
    for _ in $(seq 100); do
        [[ "$(tail -n 1 "$work/sim")" == *"device 1209:db42 attached"* ]] && return
        sleep 0.1
    done
    fail "the bootloader did not start"
}

serve --auto-reset
size="$(stat -c %s "$image")"

flash "0x0410 (STM32F10xxx Medium-density)"
flash "(100.00%)" -w "$image" -v
flash "(100.00%)" -r "$work/back" -S "0x08000000:$size"
cmp "$image" "$work/back"

flash "Done." -j
refused -r "$work/back"
refused -w "$image"
flash "Done." -k
flash "(100.00%)" -r "$work/back" -S 0x08000000:1024
[[ "$(tr -d '\377' <"$work/back" | wc -c)" == 0 ]] || fail "unprotecting did not erase"

flash "Done." -u
flash "(100.00%)" -w "$image" -v
flash "Erasing flash" -o
flash "(100.00%)" -r "$work/back" -S 0x08000000:1024
[[ "$(tr -d '\377' <"$work/back" | wc -c)" == 0 ]] || fail "-o did not erase"

flash "(100.00%)" -w "$image" -v
bootloader_starts # closing the line has reset the chip, with BOOT0 at 0

serve --boot0
flash "Starting execution at address 0x08000000... done." -w "$image" -v -g 0x08000000
bootloader_starts # there was no reset
