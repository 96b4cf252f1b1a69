# SPDX-License-Identifier: ISC
# An application that is itself a USB device, examples/usb-serial of the kit, under the kernel's driver of serial ports.

tty=/dev/ttyACM0

# The board runs the application, and the guest has it as a serial port.
serial_port_appears() {
    wait_until 10 absent "$first"
    attach 1-1
    [ "$(cat "$(device_of "$first")/idProduct")" = 0001 ]
    wait_until 10 test -c "$tty"
}

# echoed BYTES: so many come back as they went, while both directions are under way.
echoed() {
    seq 1 99999 | head -c "$1" >/run/sent
    exec 3<>"$tty"
    stty -F "$tty" raw -echo
    timeout 30 head -c "$1" <&3 >/run/came &
    job=$!
    timeout 30 cat /run/sent >&3
    wait "$job"
    exec 3>&-
    cmp /run/sent /run/came
}

install_usb_serial() {
    modprobe cdc-acm
    in_dfu 1-1
    dfu -D "$images/usb-serial.bin"
    downloaded
    dmesg -c >>/share/kernel.log
    serial_port_appears
}

cdc_acm_binds() {
    install_usb_serial
    kernel_is_content
    [ "$(cat "$(device_of "$first")/product")" = 'USB serial example' ]
}

cdc_acm_echoes() {
    for size in 1 63 64 65 128 1000 10000; do
        echoed "$size"
    done
}

usb_serial_describes_itself() {
    [ -c "$tty" ] || install_usb_serial
    lsusb -v -d 1209:0001 >/run/lsusb 2>/run/lsusb.errors
    cat /run/lsusb
    cat /run/lsusb.errors
    makes_sense
    expect /run/lsusb 'iSerial 3 '"$first"
    expect /run/lsusb 'CDC Union:'
    expect /run/lsusb 'Will Detach'
    expect /run/lsusb 'wDetachTimeout 250 milliseconds'
    expect /run/lsusb 'bcdDFUVersion 1.10'
}

# No hand at a button or a cable: dfu-util alone brings the bootloader, loads, and the new application comes back. Only
# "usbip attach" has to be said again for each device that appears: its client forgets one that has left.
dfu_util_detaches() {
    operations=$(flash_operations 1-1)
    timeout 120 dfu-util -d 1209:0001,1209:db42 --serial "$first" -E 15 -D "$images/usb-serial-new.bin" \
        >/run/dfu.log 2>&1 &
    job=$!
    wait_until 20 absent "$first"
    attach 1-1
    [ "$(cat "$(device_of "$first")/idProduct")" = db42 ]
    wait "$job" && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    expect /run/dfu.log 'Device will detach and reattach...'
    downloaded
    beyond 1-1 $((operations + 5000))
    serial_port_appears
    echoed 1000
}
