# SPDX-License-Identifier: ISC
# The kernel's own tests of a USB device, in its module usbtest.

usbtest_ready() {
    in_dfu 1-1
    modprobe usbtest vendor=0x1209 product=0xdb42
    [ -e "$(device_of "$first")"/*:1.0/driver ]
}

usbtest_case() {
    usbtest-case "$(node_of "$first")" "$@" | tee /run/usbtest
    expect /run/usbtest passed
}

usbtest_0() { usbtest_case 0 1 64 16 1; }
usbtest_9() { usbtest_case 9 20 64 16 1; }
usbtest_10() { usbtest_case 10 100 64 16 16; }
# All others are for devices that have more: bulk, interrupt or isochronous endpoints (1 to 8, 11 to 13, 15 to 20 and 22 to
# 29), or the vendor requests 0x5B and 0x5C of a test device that the module knows by its ids (14 and 21).
usbtest_others() {
    for number in $(seq 1 8) $(seq 11 29); do
        usbtest-case "$(node_of "$first")" "$number" 1 64 16 1 && code=0 || code=$?
        [ "$code" = 2 ] || { echo "case $number: the kernel runs it after all, exit code $code"; return 1; }
    done
}
usbtest_leaves() {
    rmmod usbtest
    dfu -l
    expect /run/dfu.log "$first"
}
