#!/bin/bash
# SPDX-License-Identifier: ISC
# The unmodified gdb-multiarch debugs the bootloader while a USB host sends it an application, then the application.
#
#   gdb.sh DAPBOOT_SIM FIRMWARE_DIR
set -euo pipefail
sim="$1" firmware="$2"
work="$(mktemp -d)"
server=
finish() {
    if [[ -n "$server" ]] && kill -0 "$server" 2>/dev/null; then kill "$server"; fi
    rm -rf "$work"
}
trap finish EXIT

"$sim" gdb "$firmware/dapboot-bluepill.elf" --port 0 --fast \
    --download "$firmware/blinky-bluepill.bin" >"$work/sim" 2>&1 &
server=$!
for _ in $(seq 100); do
    port="$(touch "$work/sim"; sed -n 's/.*localhost:\([0-9]*\).*/\1/p' "$work/sim")"
    [[ -n "$port" ]] && break
    sleep 0.1
done

cat >"$work/script" <<EOF
set pagination off
set confirm off
target remote localhost:$port
echo == reset\n
p/x \$pc == (unsigned)&reset
echo == the bootloader commits the first word\n
watch *(unsigned*)0x08002000
continue
info symbol \$pc
echo == and leaves, as told by a breakpoint\n
delete
break *(unsigned)&chip::system_reset
continue
x/2xw 0x08002000
delete
echo == the application\n
file $firmware/blinky-bluepill.elf
break systick_exception
continue
backtrace
stepi
x/1xw 0x4001100c
monitor time
delete
echo == reset again\n
monitor reset
maintenance flush register-cache
x/i \$pc
kill
EOF
timeout 100 gdb-multiarch -nx -batch -x "$work/script" "$firmware/dapboot-bluepill.elf" >"$work/gdb" 2>&1 || {
    cat "$work/gdb" "$work/sim"
    exit 1
}

expect() {
    grep -qE -- "$2" "$work/$1" && return
    echo "gdb.sh: '$2' is not in what $1 said:"
    cat "$work/gdb" "$work/sim"
    exit 1
}
word="$(od -An -tx4 -N4 "$firmware/blinky-bluepill.bin" | tr -d ' ')"
reset="$(od -An -tx4 -j4 -N4 "$firmware/blinky-bluepill.bin" | tr -d ' ')"
expect gdb '\$1 = 0x1'
expect gdb 'Hardware watchpoint .*0x08002000'
expect gdb 'Breakpoint [0-9]+, .*system_reset'
expect gdb "0x8002000:.*0x$word.*0x$reset"
expect gdb 'Breakpoint [0-9]+, .*systick_exception'
expect gdb 'signal handler called'
expect gdb '=> 0x8000[0-9a-f]+'
expect sim 'USB device 1209:db42'
expect sim 'bytes .*100 %|100 %'
wait "$server"
