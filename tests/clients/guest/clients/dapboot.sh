# SPDX-License-Identifier: ISC
# The project's own flasher, through libusb and this kernel.

# dapboot COMMAND…: its output to /run/dapboot.log, and its exit code to dapboot_code.
dapboot() {
    LD_LIBRARY_PATH=/share/dapboot timeout 240 /share/dapboot/dapboot "$@" >/run/dapboot.log 2>&1 &&
        dapboot_code=0 || dapboot_code=$?
    cat /run/dapboot.log
}
good() {
    dapboot "$@"
    [ "$dapboot_code" = 0 ]
}

# stay_plugged 1-1: plugs the board in again whenever it comes back, as a real cable does by itself; until unplug.
stay_plugged() {
    touch /run/plugged
    trap 'rm -f /run/plugged' EXIT # of the case, which may fail before unplug
    {
        { set +xe; trap - EXIT; } 2>/dev/null
        while [ -e /run/plugged ]; do
            if absent "$first" && usbip --tcp-port "$usbip_port" attach -r "$server" -b "$1"; then
                wait_until 10 device_of "$first"
            fi
            sleep 0.1
        done
    } >/dev/null 2>&1 &
    plugging=$!
}
unplug() {
    rm -f /run/plugged
    wait "$plugging"
}

dapboot_lists() {
    in_dfu 1-1
    good list
    expect /run/dapboot.log '1-1 DAPBoot DFU Bootloader 1209:db42'
    expect /run/dapboot.log "serial $first"
    expect /run/dapboot.log 'standard layout, application at 0x08002000, 120 KiB'
    expect /run/dapboot.log 'ready, dfuIDLE'
    good list --json
    for said in '"location": "1-1"' "\"serial\": \"$first\"" '"layout": "standard"' '"state": "dfuIDLE"' \
        '"base": "0x08002000"'; do
        expect /run/dapboot.log "$said"
    done
    # Looking has changed nothing.
    good list
    expect /run/dapboot.log 'ready, dfuIDLE'
}

# Twice in a row without a hand: from the bootloader, and from the application that runs then.
dapboot_flashes() {
    modprobe cdc-acm
    in_dfu 1-1
    stay_plugged 1-1
    good flash "$images/usb-serial.elf" --runtime
    expect /run/dapboot.log 'read back equal'
    expect /run/dapboot.log '1209:0001 "USB serial example" runs'
    good flash "$images/usb-serial.elf" --runtime
    expect /run/dapboot.log 'read back equal'
    expect /run/dapboot.log '1209:0001 "USB serial example" runs'
    operations=$(flash_operations 1-1)
    good flash "$images/usb-serial-new.bin" --runtime
    beyond 1-1 $((operations + 500)) # most of its pages may be there from another case, and are left alone
    unplug
    wait_until 10 test -c "$tty"
    echoed 1000
}

dapboot_reads() {
    in_dfu 1-1
    good flash "$images/large.bin"
    expect /run/dapboot.log 'application started'
    runs_application 1-1
    in_dfu 1-1
    rm -f /run/back.bin
    good read /run/back.bin
    head -c "$(stat -c %s "$images/large.bin")" /run/back.bin | cmp - "$images/large.bin"
    good verify "$images/large.bin"
    dapboot verify "$images/other.bin"
    [ "$dapboot_code" = 6 ]
    expect /run/dapboot.log 'the flash differs from the image'
    dapboot flash "$images/wrong-address.bin"
    [ "$dapboot_code" = 2 ]
    good list
    expect /run/dapboot.log 'ready, dfuIDLE'
    good reset
    runs_application 1-1
}

# The power goes in the middle: a sentence, an exit code, and the same command again.
dapboot_loses_its_board() {
    in_dfu 1-1
    console 'cut 1-1 5000'
    dapboot flash "$images/other.bin"
    expect /run/dapboot.log 'the device left the bus'
    expect /run/dapboot.log 'Plug it in again'
    wait_until 10 absent "$first"
    console 'power 1-1 on'
    attach 1-1
    good flash "$images/other.bin"
    runs_application 1-1
}

# Somebody who is not root: told what is in the way, and let in by the rule that doctor installs.
as_maker() {
    su maker -c "LD_LIBRARY_PATH=/share/dapboot /share/dapboot/dapboot $*" >/run/dapboot.log 2>&1 &&
        dapboot_code=0 || dapboot_code=$?
    cat /run/dapboot.log
}
dapboot_lets_others_in() {
    in_dfu 1-1
    as_maker list
    expect /run/dapboot.log 'not usable: the system does not let you use 1209:db42 at 1-1'
    as_maker flash "$images/blinky.bin"
    [ "$dapboot_code" = 3 ]
    expect /run/dapboot.log '`dapboot doctor` says what to install'
    as_maker doctor
    [ "$dapboot_code" = 3 ]
    expect /run/dapboot.log 'no udev rule lets people without root use 1209:db42'
    expect /run/dapboot.log 'sudo dapboot doctor --install-rule'
    good doctor --install-rule
    udevadm control --reload
    in_dfu 1-1
    as_maker doctor
    [ "$dapboot_code" = 0 ]
    expect /run/dapboot.log 'can be used'
    as_maker flash "$images/blinky.bin"
    [ "$dapboot_code" = 0 ]
    runs_application 1-1
}

# Who holds the device is told apart from who may not use it. Small blocks keep the other one busy for long enough.
dapboot_meets_another_program() {
    in_dfu 1-1
    operations=$(flash_operations 1-1)
    dfu-util --serial "$first" -t 32 -D "$images/large.bin" >/run/dfu.log 2>&1 &
    job=$!
    wait_until 30 beyond 1-1 $((operations + 100))
    dapboot flash "$images/blinky.bin"
    [ "$dapboot_code" = 3 ]
    expect /run/dapboot.log 'another program holds the DFU interface of the device at 1-1'
    kill "$job"
    wait "$job" || [ $? = 143 ]  # of the signal
    in_dfu 1-1
    good flash "$images/blinky.bin"
    runs_application 1-1
}

# The whole list of properties. The button stays, as BOOT1 does on a desk.
dapboot_selftest() {
    in_dfu 1-1
    console 'button 1-1 on'
    stay_plugged 1-1
    good selftest --yes --button-held --report /share/selftest
    expect /run/dapboot.log ', 0 are broken,'
    unplug
    console 'button 1-1 off'
}
