#!/bin/bash
# SPDX-License-Identifier: ISC
# demo_test.sh DAPBOOT_SIM FIRMWARE_DIR: the demo prints what README.md shows, and fails where it should.
export LC_ALL=C.UTF-8  # in which the README shows it
source "$(dirname "$0")/lib.sh"
sim="$1"
firmware="$2/dapboot-bluepill.elf"
application="$2/blinky-bluepill.bin"

# All figures are virtual time, but for how long it took in the end.
words() {
    sed -E 's/in [0-9.]+ s\.$/in no time./' | grep -vE '^ *$|^<!--'
}
succeeds "demo" "$sim" demo --firmware "$firmware" --application "$application"
shown="$output"
words <<<"$shown" >"$scratch/shown"
sed -n '/<!-- demo:begin -->/,/<!-- demo:end -->/p' "$root/README.md" | sed 's/^    //' | words >"$scratch/written"
[[ -s "$scratch/written" ]] || fail "README.md shows no demo"
run diff "$scratch/written" "$scratch/shown"
((status == 0)) || fail "README.md shows another demo (< README, > demo); make bench BENCH=--write writes it anew"
output="$shown"
says "the LED is lit" "●"
says "the LED is dark" "○"

refuses "no application" "no-such-file.bin" "$sim" demo --firmware "$firmware" --application "$scratch/no-such-file.bin"
head -c 4096 /dev/zero >"$scratch/zeroes.bin"
refuses "an application that cannot run" "every byte is 0" \
    "$sim" demo --firmware "$firmware" --application "$scratch/zeroes.bin"
refuses "a bootloader that is none" "dapboot-sim:" "$sim" demo --firmware "$application" --application "$application"

finish
