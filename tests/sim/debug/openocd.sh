#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's unmodified OpenOCD at the model of the debug port, over JTAG by remote_bitbang: its own stm32f1x driver, whose
# flash loader runs on the modelled core, programs, verifies, locks, unlocks and erases a chip that was blank; then
# gdb-multiarch debugs the bootloader through OpenOCD.
#
#   openocd.sh DAPBOOT_SIM FIRMWARE_DIR
set -euo pipefail
sim="$1" image="$2/dapboot-bluepill"
work="$(mktemp -d)"
server=
finish() {
    if [[ -n "$server" ]] && kill -0 "$server" 2>/dev/null; then kill "$server"; fi
    rm -rf "$work"
}
trap finish EXIT

: >"$work/sim"
"$sim" serve --jtag 0 >"$work/sim" 2>&1 &
server=$!
port=
for _ in $(seq 100); do
    port="$(sed -n 's/.*remote_bitbang port \([0-9]*\);.*/\1/p' "$work/sim")"
    [[ -n "$port" ]] && break
    sleep 0.1
done

fail() {
    echo "openocd.sh: $1"
    cat "$work/out" "$work/sim"
    exit 1
}
# ocd EXPECTED COMMANDS: OpenOCD succeeds with them, and says so.
ocd() {
    timeout 100 openocd -c "adapter driver remote_bitbang; remote_bitbang host 127.0.0.1; remote_bitbang port $port" \
        -c "transport select jtag" -f target/stm32f1x.cfg \
        -c "gdb_port disabled; tcl_port disabled; telnet_port disabled" -c "$2" >"$work/out" 2>&1 ||
        fail "OpenOCD failed at: $2"
    grep -qF -- "$1" "$work/out" || fail "OpenOCD did not say '$1' at: $2"
}

ocd "0x3ba00477" "init; exit"
ocd "0x16410041" "init; exit"
ocd "Verified OK" "program $image.hex verify reset exit"
ocd "stm32x locked" "init; reset halt; echo [stm32f1x lock 0]; reset halt; exit"
# Protected: nothing of the flash can be read.
ocd "could not read" "init; halt; if {[catch {read_memory 0x08000000 32 1}]} {echo {could not read}}; exit"
ocd "stm32x unlocked" "init; reset halt; echo [stm32f1x unlock 0]; reset halt; exit"
ocd "0xffffffff" "init; halt; echo [format 0x%08x [read_memory 0x08000000 32 1]]; exit"
ocd "Verified OK" "program $image.hex verify reset exit"
ocd "stm32x mass erase complete" "init; reset halt; echo [stm32f1x mass_erase 0]; exit"
ocd "Verified OK" "program $image.hex verify reset exit"

# gdb, with OpenOCD between it and the board, stops where the bootloader waits for the first time.
place="0x$(arm-none-eabi-nm -C "$image.elf" | sed -n 's/^\([0-9a-f]*\) . .*wait_cycles.*/\1/p')"
timeout 100 gdb-multiarch -nx -batch -ex "target extended-remote | openocd -c 'adapter driver remote_bitbang; \
remote_bitbang host 127.0.0.1; remote_bitbang port $port; transport select jtag' -f target/stm32f1x.cfg \
-c 'gdb_port pipe; log_output $work/openocd.log'" -ex 'monitor reset halt' -ex 'stepi' \
    -ex "break *$place" -ex 'continue' -ex "p/x \$pc == $place" \
    "$image.elf" >"$work/out" 2>&1 || fail "gdb failed"
grep -qF '= 0x1' "$work/out" || fail "gdb did not reach its breakpoint"
