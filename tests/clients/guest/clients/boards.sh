# SPDX-License-Identifier: ISC
# More than one board, and another one.

all_boards() {
    for board in $boards; do
        console "button $board on" "power $board off" "power $board on"
        attach "$board"
        console "button $board off"
    done
    lsusb -d 1209:db42 >/run/lsusb
    cat /run/lsusb
    [ "$(grep -c 1209:db42 /run/lsusb)" = "$(echo $boards | wc -w)" ]
    dfu-util -l >/run/dfu.log 2>&1
    for board in $boards; do
        expect /run/dfu.log "serial=\"$(serial_of "$board")\""
    done
    # Two at a time, each its own image.
    dfu-util --serial "$(serial_of 1-2)" -D "$images/large.bin" >/run/dfu.2 2>&1 &
    job=$!
    dfu-util --serial "$(serial_of 1-3)" -D "$images/other.bin" >/run/dfu.3 2>&1
    wait "$job"
    is_done /run/dfu.2
    is_done /run/dfu.3
    for board in 1-2 1-3; do
        in_dfu "$board"
        dfu-util --serial "$(serial_of "$board")" -U "/run/back.$board"
    done
    head -c "$(stat -c %s "$images/large.bin")" /run/back.1-2 | cmp - "$images/large.bin"
    head -c "$(stat -c %s "$images/other.bin")" /run/back.1-3 | cmp - "$images/other.bin"
    for board in $boards; do
        [ "$board" = 1-1 ] || console "power $board off"
    done
}

# A board whose firmware stays on the bus after a download, until it is reset (DFU_WILL_DETACH=0); DFU is its alternate
# setting 2.
patient_device() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=$patient_usbip_port
    console_port=$patient_console_port
    in_dfu 1-1
    dfu -l
    expect /run/dfu.log 'alt=2, name='
    dfu -a 2 -R -D "$images/large.bin"
    expect /run/dfu.log 'Done!'
    expect /run/dfu.log 'state(2) = dfuIDLE, status(0) = No error'
    wait_until 10 absent "$first"
    in_dfu 1-1
    rm -f /run/back
    dfu -a 2 -U /run/back
    head -c "$(stat -c %s "$images/large.bin")" /run/back | cmp - "$images/large.bin"
    detach 1-1
}
