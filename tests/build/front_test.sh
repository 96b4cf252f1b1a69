#!/bin/bash
# SPDX-License-Identifier: ISC
# The classic front, src/Makefile: what people type there, and what they get.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1
front=(make -f "$root/src/Makefile")

# A program that writes down how it was called.
mkdir bin
printf '#!/bin/sh\necho "called: $0 $*"\n' | tee bin/openocd bin/st-flash bin/gdb >/dev/null
chmod +x bin/*
PATH="$scratch/bin:$PATH"

succeeds "make" "${front[@]}"
says "make prints the use of memory" "dapboot: flash "
says "make prints the limits" " of 3072 bytes, RAM 6144 bytes"
exists dapboot.elf dapboot.bin dapboot.hex dapboot.map
cp dapboot.bin default.bin
(($(stat -c %s dapboot.bin) <= 3072)) || fail "dapboot.bin is larger than 3,072 bytes"

succeeds "make again" "${front[@]}"
[[ "$output" != *"dapboot: flash"* ]] || fail "nothing changed, and yet it was linked again"

succeeds "changed DEFS rebuild" "${front[@]}" DEFS=-DUSB_PID=0x1234
cmp -s dapboot.bin default.bin && fail "DEFS had no effect"
succeeds "DEFS from the environment" env DEFS=-DUSB_PID=0x1234 "${front[@]}"
succeeds "without DEFS as before" "${front[@]}"
cmp -s dapboot.bin default.bin || fail "the default build is not what it was"

succeeds "changed TARGET rebuilds" "${front[@]}" TARGET=BLUEPILL_HIGH
high_size="$(stat -c %s dapboot.bin)"
((high_size > 61 * 1024 && high_size <= 64 * 1024)) ||
    fail "a high-memory image reaches from the start of flash to the end of the bootloader, not over $high_size bytes"
succeeds "TARGET in local.mk" sh -c 'echo TARGET = BLUEPILL_HIGH >local.mk; cp dapboot.bin high.bin; rm dapboot.*; make -f "$1"' \
    - "$root/src/Makefile"
cmp -s dapboot.bin high.bin || fail "local.mk had no effect"
rm -f local.mk

succeeds "make images" "${front[@]}" images
exists dapboot.srec dapboot.list dapboot.bin dapboot.hex
succeeds "make size" "${front[@]}" size
says "make size lists the sections" "text"
says "make size names the limit" " of 3072 bytes"
for part in elf bin hex srec list; do
    rm -f dapboot.*
    succeeds "make $part" "${front[@]}" $part
    exists dapboot.$part
done
succeeds "make V=1" "${front[@]}" V=1 DEFS=-DHAVE_LED=0
says "V=1 shows the compiler" "-mcpu=cortex-m3"

succeeds "make flash" "${front[@]}" flash
says "flash" "openocd -f interface/$("$root/scripts/which-probe").cfg -f target/stm32f1x.cfg -c program ./dapboot.hex verify reset exit"
# Which probe: an ST-Link is found by its ids, and a CMSIS-DAP probe beside it goes first.
plug() {
    mkdir -p "$scratch/usb/$1"
    printf '%s\n' "$2" >"$scratch/usb/$1/idVendor"
    printf '%s\n' "$3" >"$scratch/usb/$1/idProduct"
    printf '%s\n' "$4" >"$scratch/usb/$1/product"
}
probe_is() {
    run "$root/scripts/which-probe" "$scratch/usb"
    [[ "$status $output" == "0 $1" ]] || fail "which-probe: says '$output', not $1"
}
probe_is cmsis-dap
plug 1-1 0483 df11 "STM32  BOOTLOADER"
probe_is cmsis-dap
plug 1-2 0483 3748 "STM32 STLink"
probe_is stlink
plug 1-3 c251 f001 "LU-Link CMSIS-DAP"
probe_is cmsis-dap

succeeds "make flash with others" "${front[@]}" flash OOCD_INTERFACE=stlink OOCD_BOARD=board/my.cfg
says "flash with others" "openocd -f interface/stlink.cfg -f board/my.cfg -c program"
succeeds "make flash with CMSIS-DAP" "${front[@]}" flash OOCD_INTERFACE=CMSIS-DAP OOCD=openocd
says "flash with CMSIS-DAP" "-f interface/cmsis-dap.cfg "
succeeds "make erase" "${front[@]}" erase
says "erase" "mass_erase"
succeeds "make debug" "${front[@]}" debug GDB=gdb
says "debug" "dapboot.elf"
succeeds "make dapboot.stlink-flash" "${front[@]}" dapboot.stlink-flash
says "dapboot.stlink-flash" "st-flash --reset write ./dapboot.bin 0x08000000"

# The programs are there, and fail as they do without a probe, without a chip, and without the right to open it.
fails_with() {
    printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "$2" >"bin/$1"
}
fails_with openocd "Error: unable to find a matching CMSIS-DAP device"
refuses "no probe" "make flash: no CMSIS-DAP probe was found; connect it by USB, or name the one you have: OOCD_INTERFACE=stlink" \
    "${front[@]}" flash OOCD_INTERFACE=cmsis-dap
says "the program's own words pass through" "Error: unable to find a matching CMSIS-DAP device"
fails_with openocd "Error: open failed"
refuses "no ST-Link" "make erase: no ST-Link was found; connect it by USB" "${front[@]}" erase OOCD_INTERFACE=stlink
fails_with openocd "Error: Error connecting DP: cannot read IDR"
refuses "no chip" "make flash: the probe reaches no chip; connect SWDIO, SWCLK, GND and 3.3 V" "${front[@]}" flash
fails_with openocd "Error: libusb_open() failed with LIBUSB_ERROR_ACCESS"
refuses "no right" "make flash: this user may not open the probe; install the rules" "${front[@]}" flash
fails_with openocd "Error: something else"
refuses "something else" "Error: something else" "${front[@]}" flash
[[ "$output" != *"make flash:"* ]] || fail "something else: is explained, and is not known"
fails_with st-flash "2026-01-01T00:00:00 WARN usb.c: Couldn't find any ST-Link devices"
refuses "no ST-Link for st-flash" "make dapboot.stlink-flash: no ST-Link was found; connect it by USB." \
    "${front[@]}" dapboot.stlink-flash
refuses "no OpenOCD" "make flash: no-such-openocd is not installed; on Debian and Ubuntu: sudo apt-get install no-such-openocd" \
    "${front[@]}" flash OOCD=no-such-openocd
refuses "no gdb" "make debug: no-such-gdb is not installed" "${front[@]}" debug GDB=no-such-gdb
rm bin/st-flash bin/openocd
ln -s "$(command -v bash)" "$(command -v basename)" bin/
refuses "no st-flash" "make x: st-flash is not installed; on Debian and Ubuntu: sudo apt-get install stlink-tools" \
    env PATH="$scratch/bin" "$root/scripts/with-probe" "make x" st-flash --reset write dapboot.bin 0x08000000
rm bin/bash bin/basename

refuses "unknown target" "There is no TARGET=BLUEPIL. Did you mean BLUEPILL? There are: STM32F103 " \
    "${front[@]}" TARGET=BLUEPIL
[[ ! -e dapboot.bin ]] || fail "unknown target: an older dapboot.bin is left"
refuses "a compiler that is not there" "There is no no-such-thing-g++: install the cross compiler" \
    "${front[@]}" PREFIX=no-such-thing INSTALL_DEPS=true
succeeds "the compiler that is there, afterwards" "${front[@]}" PREFIX=arm-none-eabi

for file in dapboot.bin dapboot.elf dapboot.hex dapboot.map dapboot.srec dapboot.list; do
    rm -f dapboot.*
    succeeds "make $file" "${front[@]}" $file
    exists $file
done
succeeds "make help" "${front[@]}" help
while IFS= read -r target; do
    says "make help" "make $target"
done < <(sed -nE 's/^(size|images|installer|flash|erase|debug|clean|dapboot\.stlink-flash):.*/\1/p' "$root/src/Makefile")

# An application that installs the bootloader of these options.
succeeds "make installer" "${front[@]}" installer DEFS=-DUSB_PID=0x1234
exists install-dapboot.bin install-dapboot.dfu install-dapboot.hex dapboot.bin
grep -qF "$(printf '\x09\x12\x34\x12')" install-dapboot.bin || fail "make installer: the ids of DEFS are not in it"
(($(od -An -tu4 -j4 -N4 install-dapboot.bin) - 0x08002000 < 4096)) || fail "make installer: does not begin at 0x08002000"
succeeds "make installer for another base" "${front[@]}" installer INSTALLER_BASE=0x08005000
(($(od -An -tu4 -j4 -N4 install-dapboot.bin) >= 0x08005000)) || fail "make installer: does not begin at 0x08005000"

# The two options that need most, together, where a high-memory bootloader has two pages of 2 KiB.
succeeds "both boot options in 4 KiB" "${front[@]}" TARGET=BTTSKRMINIE3V2_HIGH \
    DEFS="-DHAVE_DOUBLE_RESET=1 -DBOOT_WATCHDOG_SECONDS=5"
says "both boot options in 4 KiB" " of 4096 bytes"

# A bare machine: what is missing is installed or named before anything else, as at the top.
printf '#!/bin/sh\necho "install-deps $*"\nexit 1\n' >bin/install-deps
chmod +x bin/install-deps
ln -s "$(command -v sh)" "$(command -v dirname)" "$(command -v rm)" "$(command -v realpath)" bin/
refuses "a bare machine" "install-deps firmware" \
    env PATH="$scratch/bin" "$(command -v make)" -f "$root/src/Makefile" INSTALL_DEPS="$scratch/bin/install-deps"
rm bin/sh bin/dirname bin/rm bin/realpath

succeeds "make clean" "${front[@]}" clean
[[ -z "$(ls dapboot.* build 2>/dev/null)" ]] || fail "make clean left something behind"

# In a clone whose path has a blank, in src/ itself; and again after the clone has moved.
mkdir "a clone"
cp -r "$root/src" "$root/cmake" "$root/kit" "$root/scripts" "$root/CMakeLists.txt" "a clone/"
succeeds "a path with a blank" make -C "a clone/src"
exists "a clone/src/dapboot.bin"
cp "a clone/src/dapboot.bin" first.bin
mv "a clone" "moved clone"
succeeds "a clone that has moved" make -C "moved clone/src"
cmp -s "moved clone/src/dapboot.bin" first.bin || fail "a clone that has moved builds another bootloader"
mkdir "out of it"
succeeds "called from elsewhere, by a path with a blank" make -C "out of it" -f "$scratch/moved clone/src/Makefile" \
    OUTPUT_DIR="its images"
exists "out of it/its images/dapboot.bin"

finish
