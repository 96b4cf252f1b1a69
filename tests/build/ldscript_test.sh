#!/bin/bash
# SPDX-License-Identifier: ISC
# LDSCRIPT=: a user's MEMORY { rom, ram } takes the place of the target's.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1
front=(make -f "$root/src/Makefile")

# script ROM RAM [MORE]: a linker script with these two regions.
script() {
    printf '/* rom : ORIGIN = 1, LENGTH = 2 */\nMEMORY\n{\n\trom (rx)  : %s\n\tram (rwx) : %s\n}\n%s\n' "$1" "$2" "${3:-}" >regions.ld
}
rom='ORIGIN = 0x08000000, LENGTH = 8K'
ram='ORIGIN = 0x20000000, LENGTH = 20K'
# uses NAME FLASH RAM [TARGET]: the build is made for these limits.
uses() {
    succeeds "$1" "${front[@]}" LDSCRIPT=regions.ld TARGET="${4:-BLUEPILL}"
    says "$1" " of $2 bytes, RAM $3 bytes"
}

script "$rom" "$ram" 'INCLUDE libopencm3_stm32f1.ld'
uses "regions and an INCLUDE" 8192 20480
script 'org = 0x8000000, len = 0x1800' 'org = 0x20000000, len = 6144'
uses "short words, other bases" 6144 6144
script 'ORIGIN = 0x08000000, LENGTH = 8K - 1K' 'ORIGIN=0x20000000,LENGTH=10k'
uses "a difference, no blanks" 7168 10240
printf 'MEMORY { ram (rwx) : ORIGIN = 0x20000000, LENGTH = 12K rom (rx) : ORIGIN = 0x08000000, LENGTH = 5K }\n' >regions.ld
uses "one line, the other order" 5120 12288
script 'ORIGIN = 0x08000000 + 64K - 3K, LENGTH = 3K' "$ram"
uses "high memory" 3072 20480 BLUEPILL_HIGH
grep -qE '0x0*800f400' dapboot.map || fail "high memory: the linker was told another origin"

script 'ORIGIN = 0x08000000, LENGTH = 1K' "$ram"
refuses "a region that does not suffice" "larger than the flash it may fill" "${front[@]}" LDSCRIPT=regions.ld
succeeds "the script changes, the build follows" sh -c 'sed -i s/1K/7K/ regions.ld; make -f "$1" LDSCRIPT=regions.ld' \
    - "$root/src/Makefile"

refuses "no file" "LDSCRIPT=$scratch/nothing.ld does not exist" "${front[@]}" LDSCRIPT=nothing.ld
script "$rom" "$ram" 'SECTIONS { }'
refuses "SECTIONS" "has SECTIONS of its own" "${front[@]}" LDSCRIPT=regions.ld
printf 'MEMORY { rom (rx) : ORIGIN = 0x08000000, LENGTH = 8K }\n' >regions.ld
refuses "no ram" "sets no region 'ram'" "${front[@]}" LDSCRIPT=regions.ld
script 'ORIGIN = flash_begin, LENGTH = 8K' "$ram"
refuses "a name in place of a number" "region 'rom' is not written in plain numbers" "${front[@]}" LDSCRIPT=regions.ld
script "$rom" 'ORIGIN = 0x10000000, LENGTH = 20K'
refuses "RAM elsewhere" "RAM begins at 0x20000000" "${front[@]}" LDSCRIPT=regions.ld
script 'ORIGIN = 0x08001000, LENGTH = 4K' "$ram"
refuses "not where the chip starts" "but the chip starts at 0x08000000" "${front[@]}" LDSCRIPT=regions.ld
script 'ORIGIN = 0x0800e000, LENGTH = 8K' "$ram"
refuses "where applications are written" "where applications may be written" \
    "${front[@]}" LDSCRIPT=regions.ld TARGET=BLUEPILL_HIGH

finish
