# SPDX-License-Identifier: ISC
# Programmers of others, unmodified, at a modelled ST-Link V2: st-flash, and OpenOCD with its own configuration for one; by
# the commands of the documents, letter by letter, and by those of src/Makefile.

at_probed_board() {
    usbip_port=$probed_usbip_port
    console_port=$probed_console_port
}
probe_is_there() {
    lsusb -d 0483:3748
}
plug_probe() {
    at_probed_board
    probe_is_there 2>/dev/null || usbip --tcp-port "$probe_port" attach -r "$server" -b 2-1
    wait_until 20 probe_is_there
    udevadm settle --timeout=10
}
probe_is_gone() {
    ! probe_is_there
}
# The boards of the other cases are 1-1 to the kernel only while nothing else is there.
unplug_probe() {
    usbip --tcp-port "$probe_port" detach -p "$(usbip_port=$probe_port && port_of 2-1)"
    wait_until 10 probe_is_gone
}
# The board's own USB: the bootloader is a device of the server.
bootloader_runs() {
    wait_until 20 exported 1-1
}
# programmer NAME COMMAND…: its exit code is 0; what it says is kept in /run/NAME.log.
programmer() {
    log_of_programmer=/run/$1.log
    shift
    timeout 120 "$@" >"$log_of_programmer" 2>&1 && code=0 || code=$?
    cat "$log_of_programmer"
    [ "$code" = 0 ]
}

stlink_is_known() {
    plug_probe
    programmer info st-info --probe
    expect /run/info.log 'Found 1 stlink programmers'
    expect /run/info.log 'chipid: 0x0410'
    expect /run/info.log 'version: V2J37S7'
}

stflash_writes() {
    plug_probe
    cp "$images/dapboot.bin" dapboot.bin
    not_exported 1-1
    programmer write st-flash --reset write dapboot.bin 0x08000000
    expect /run/write.log 'Flash written and verified! jolly good!'
    bootloader_runs
}

stflash_reads() {
    plug_probe
    size=$(wc -c <"$images/dapboot.bin")
    programmer read st-flash read out.bin 0x08000000 "$size"
    cmp out.bin "$images/dapboot.bin"
}

stflash_erases() {
    plug_probe
    programmer erase st-flash erase
    programmer read st-flash read out.bin 0x08000000 4096
    [ "$(tr -d '\377' <out.bin | wc -c)" = 0 ]
    programmer reset st-flash reset
    wait_until 10 not_exported 1-1
}

openocd_programs() {
    plug_probe
    cp "$images/dapboot.hex" dapboot.hex
    programmer program openocd -f interface/stlink.cfg -f target/stm32f1x.cfg -c "program ./dapboot.hex verify reset exit"
    expect /run/program.log '** Verified OK **'
    bootloader_runs
}

openocd_erases() {
    plug_probe
    programmer erase openocd -f interface/stlink.cfg -f target/stm32f1x.cfg -c "init; reset halt; stm32f1x mass_erase 0; exit"
    programmer read st-flash read out.bin 0x08000000 4096
    [ "$(tr -d '\377' <out.bin | wc -c)" = 0 ]
}

# make_in_clone WORDS: as somebody types it in src/ of a clone; its exit code is make's.
make_in_clone() {
    in_world sh -c "cd '$clone/src' && $1" >/run/make.log 2>&1 && code=0 || code=$?
    cat /run/make.log
    return "$code"
}

make_without_probe() {
    plug_probe
    unplug_probe
    ! make_in_clone 'make flash'
    expect /run/make.log 'make flash: no CMSIS-DAP probe was found; connect it by USB, or name the one you have'
    ! make_in_clone 'make dapboot.stlink-flash'
    expect /run/make.log 'make dapboot.stlink-flash: no ST-Link was found; connect it by USB.'
    in_world mv /usr/bin/openocd /usr/bin/openocd.away
    ! make_in_clone 'make flash'
    in_world mv /usr/bin/openocd.away /usr/bin/openocd
    expect /run/make.log 'make flash: openocd is not installed; on Debian and Ubuntu: sudo apt-get install openocd'
    plug_probe
    console 'power 1-1 off'
    ! make_in_clone 'make OOCD_INTERFACE=stlink flash'
    expect /run/make.log 'make flash: the probe reaches no chip; connect SWDIO, SWCLK, GND and 3.3 V'
    console 'power 1-1 on'
}

make_by_openocd() {
    plug_probe
    for command in 'make flash' 'make OOCD_INTERFACE=stlink flash'; do
        make_in_clone "$command"
        expect /run/make.log '** Verified OK **'
        bootloader_runs
        make_in_clone 'make erase'
        wait_until 10 not_exported 1-1
    done
}

make_by_stflash() {
    plug_probe
    make_in_clone 'make dapboot.stlink-flash'
    expect /run/make.log 'Flash written and verified! jolly good!'
    bootloader_runs
    programmer erase st-flash erase
}

# A chip without power is no chip: both say so, and fail.
probe_without_chip() {
    plug_probe
    console 'power 1-1 off'
    ! timeout 60 st-flash read out.bin 0x08000000 1024 >/run/none.log 2>&1
    ! timeout 60 openocd -f interface/stlink.cfg -f target/stm32f1x.cfg -c 'init; exit' >/run/none.log 2>&1
    cat /run/none.log
    expect /run/none.log 'unable to connect to the target'
    console 'power 1-1 on'
    unplug_probe
}
