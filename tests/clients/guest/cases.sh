# SPDX-License-Identifier: ISC
# The cases of every run: lsusb, dfu-util, usbtest and usbmon against virtual boards. /share has the images.
set -u
. /bin/lib.sh
. /share/settings
images=/share/images
first="$(serial_of 1-1)"

# --- lsusb ----------------------------------------------------------------------------------------------------------
enumerates() {
    dmesg -c >/dev/null
    attach 1-1
    kernel_is_content
    [ "$(cat "$(device_of "$first")/product")" = "DAPBoot DFU Bootloader" ]
    [ "$(cat "$(device_of "$first")/version")" = " 2.10" ]
}

describes_itself() {
    attach 1-1
    lsusb -v -d 1209:db42 >/run/lsusb 2>/run/lsusb.errors
    cat /run/lsusb
    cat /run/lsusb.errors
    # Every byte of every descriptor that lsusb reads, by what it makes of it.
    sed "1,/^Bus /d; s/$first/SERIAL/; s/[ \t]*$//" /run/lsusb >/run/lsusb.said
    diff -u /share/lsusb.expected /run/lsusb.said
    # What lsusb says when bytes make no sense to it.
    ! grep -iE 'unrecognized|unknown|warning|can.t get|cannot|couldn.t|invalid|error|bad |junk|missing|short' \
        /run/lsusb /run/lsusb.errors
}

# --- dfu-util -------------------------------------------------------------------------------------------------------
dfu() {
    timeout 90 dfu-util --serial "$first" "$@" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
}

# A good download to a device that leaves by itself (bitWillDetach), in dfu-util's words: manifestation has begun, and when
# dfu-util asks again a second later nobody is there. Only a device that stays gets a "Done!".
is_done() {
    expect "$1" 'Download done.'
    expect "$1" 'state(7) = dfuMANIFEST, status(0) = No error'
}
downloaded() {
    is_done /run/dfu.log
}

# The flash of the board begins with the file.
holds() {
    in_dfu 1-1
    rm -f /run/back
    dfu -U /run/back
    [ "$dfu_code" = 0 ]
    expect /run/dfu.log 'Upload done.'
    size=$(stat -c %s "$1")
    [ "$(stat -c %s /run/back)" = "$flash_for_application" ]
    head -c "$size" /run/back | cmp - "$1"
}

is_listed() {
    in_dfu 1-1
    dfu -l
    [ "$dfu_code" = 0 ]
    expect /run/dfu.log 'Found DFU: [1209:db42]'
    expect /run/dfu.log "alt=0, name=\"DAPBoot DFU\", serial=\"$first\""
}

plain_download() {
    in_dfu 1-1
    dfu -D "$images/blinky.bin"
    downloaded
    runs_application 1-1
    holds "$images/blinky.bin"
}

suffixed_download() {
    in_dfu 1-1
    dfu -D "$images/blinky.dfu"
    downloaded
    refuse /run/dfu.log 'Invalid DFU suffix signature'
    runs_application 1-1
}

foreign_suffix() {
    in_dfu 1-1
    dfu -d 1209:db42 -D "$images/foreign.dfu"
    [ "$dfu_code" != 0 ]
    expect /run/dfu.log 'Error: File ID'
    attach 1-1
}

download_and_reset() {
    in_dfu 1-1
    dfu -R -D "$images/large.bin"
    downloaded
    runs_application 1-1
    holds "$images/large.bin"
}

small_transfers() {
    in_dfu 1-1
    dfu -t 64 -D "$images/blinky.bin"
    downloaded
    runs_application 1-1
    holds "$images/blinky.bin"
}

refused() {
    in_dfu 1-1
    dfu -D "$1"
    [ "$dfu_code" != 0 ]
    expect /run/dfu.log "$2"
    refuse /run/dfu.log 'Done!'
}

wrong_image() {
    download_blinky
    refused "$images/wrong-address.bin" 'status(1) = File is not targeted for use by this device'
    refused "$images/blinky.hex" 'status(1) = File is not targeted for use by this device'
    holds "$images/blinky.bin"
    # The device that refused them takes the right one, without a reset between.
    refused "$images/wrong-address.bin" 'status(1) = '
    dfu -D "$images/large.bin"
    downloaded
    runs_application 1-1
}

too_long_image() {
    refused "$images/too-long.bin" 'status(8) = '
    download_blinky
}

download_blinky() {
    in_dfu 1-1
    dfu -D "$images/blinky.bin"
    downloaded
}

# The power goes while pages are written.
yank() {
    in_dfu 1-1
    operations=$(flash_operations 1-1)
    dfu-util --serial "$first" -D "$images/other.bin" >/run/dfu.log 2>&1 &
    job=$!
    wait_until 30 beyond 1-1 $((operations + 5000))
    hands 'power 1-1 off'
    wait "$job" && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    [ "$dfu_code" != 0 ]
    refuse /run/dfu.log 'Done!'
    wait_until 10 absent "$first"
    # Half an application is none: without the button it is the bootloader that comes back.
    hands 'power 1-1 on'
    attach 1-1
    dfu -D "$images/other.bin"
    downloaded
    runs_application 1-1
    holds "$images/other.bin"
}

# The client goes while pages are written; the device keeps its power.
lost_client() {
    in_dfu 1-1
    operations=$(flash_operations 1-1)
    dfu-util --serial "$first" -D "$images/large.bin" >/run/dfu.log 2>&1 &
    job=$!
    wait_until 30 beyond 1-1 $((operations + 5000))
    detach 1-1
    wait "$job" && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    [ "$dfu_code" != 0 ]
    attach 1-1
    dfu -D "$images/large.bin"
    downloaded
    runs_application 1-1
    holds "$images/large.bin"
}

# --- many boards ----------------------------------------------------------------------------------------------------
all_boards() {
    for board in $boards; do
        hands "button $board on" "power $board off" "power $board on"
        attach "$board"
        hands "button $board off"
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
    dfu-util --serial "$(serial_of 1-3)" -D "$images/other.bin" >/run/dfu.3 2>&1 || true
    wait "$job" || true
    is_done /run/dfu.2
    is_done /run/dfu.3
    for board in 1-2 1-3; do
        in_dfu "$board"
        dfu-util --serial "$(serial_of "$board")" -U "/run/back.$board"
    done
    head -c "$(stat -c %s "$images/large.bin")" /run/back.1-2 | cmp - "$images/large.bin"
    head -c "$(stat -c %s "$images/other.bin")" /run/back.1-3 | cmp - "$images/other.bin"
    for board in $boards; do
        [ "$board" = 1-1 ] || hands "power $board off"
    done
}

# A board whose firmware stays on the bus after a download, until it is reset (DFU_WILL_DETACH=0); DFU is its alternate
# setting 2.
patient_device() {
    hands 'power 1-1 off'
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

# --- usbtest --------------------------------------------------------------------------------------------------------
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
usbtest_leaves() {
    rmmod usbtest
    dfu -l
    expect /run/dfu.log "$first"
}

# --- usbmon ---------------------------------------------------------------------------------------------------------
capture() {
    in_dfu 1-1
    detach 1-1
    bus=$(basename "$(ls -d /sys/devices/platform/vhci_hcd.0/usb* | head -n 1)" | tr -dc 0-9)
    tcpdump -Z root -i "usbmon$bus" -U -w /share/capture.pcap 2>/run/tcpdump &
    monitor=$!
    wait_until 10 grep -q listening /run/tcpdump || { cat /run/tcpdump; return 1; }
    attach 1-1
    lsusb -v -d 1209:db42 >/dev/null
    dfu -D "$images/blinky.bin"
    downloaded
    wait_until 10 absent "$first"
    sleep 1
    kill "$monitor"
    wait "$monitor" || true
}

# --- Chromium -------------------------------------------------------------------------------------------------------
# The host's own file system, read-only, under one that forgets, is Chromium's world.
chromium_world() {
    modprobe overlay
    mkdir -p /run/host /run/layer /run/world
    mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /run/host
    mount -t tmpfs layer /run/layer
    mkdir /run/layer/upper /run/layer/scratch
    mount -t overlay -o lowerdir=/run/host,upperdir=/run/layer/upper,workdir=/run/layer/scratch world /run/world
    for folder in dev proc sys; do
        mount --bind "/$folder" "/run/world/$folder"
    done
    mount -t tmpfs run /run/world/run
    mkdir -p /run/world/run/udev /run/world/run/share /run/world/dev/shm
    mount -t tmpfs shm /run/world/dev/shm
    mount --bind /run/udev /run/world/run/udev
    mount --bind /share /run/world/run/share
    mkdir -p /run/world/etc/chromium/policies/managed
    cat >/run/world/etc/chromium/policies/managed/usb.json <<END
{"WebUsbAllowDevicesForUrls": [{"devices": [{"vendor_id": 4617, "product_id": 56130}], "urls": ["http://localhost:8073"]}]}
END
}

chromium_flashes() {
    in_dfu 1-1
    chromium_world
    # The browser sits somewhere in the host's file system; its caches belong into memory.
    HOME=/run chroot /run/world /usr/bin/env HOME=/run XDG_CONFIG_HOME=/run XDG_CACHE_HOME=/run "$node" \
        /run/share/flash.mjs "$playwright" /run/share/page /run/share/images/large.bin
    runs_application 1-1
    holds "$images/large.bin"
}

content_to_the_end() {
    dmesg >/run/kernel.log
    refuse /run/kernel.log 'Call Trace'
    refuse /run/kernel.log 'device descriptor read'
    refuse /run/kernel.log 'not responding'
    refuse /run/kernel.log 'not accepting address'
    refuse /run/kernel.log 'invalid'
    refuse /run/kernel.log 'unable to enumerate'
}

try Linux 'enumerates the device without a complaint' enumerates
# Nothing else can work then, and each case would wait for its time to pass.
[ "$passed" = yes ] || exit 0
try lsusb 'decodes every descriptor' describes_itself
try dfu-util 'lists the device' is_listed
try dfu-util 'downloads a plain image, which starts; uploads the same' plain_download
try dfu-util 'downloads an image with a suffix' suffixed_download
try dfu-util 'refuses an image whose suffix names another device' foreign_suffix
try dfu-util 'downloads with -R' download_and_reset
try dfu-util 'downloads in blocks of 64 bytes' small_transfers
try dfu-util 'is told that an image is wrong, and then takes the right one' wrong_image
try dfu-util 'is told that an image is too long' too_long_image
try dfu-util 'downloads again after the power went in the middle' yank
try dfu-util 'downloads again after the client went in the middle' lost_client
try dfu-util 'resets a device that stays after the download, with -R' patient_device
try usbtest 'binds' usbtest_ready
try usbtest 'case 0: nop' usbtest_0
try usbtest 'case 9: chapter 9 requests' usbtest_9
try usbtest 'case 10: queued control requests' usbtest_10
try dfu-util 'lists the device after usbtest' usbtest_leaves
try usbip "attaches all boards at once; two downloads side by side" all_boards
try usbmon 'captures a session' capture
[ "$chromium" = no ] || try Chromium 'flashes a device from the page' chromium_flashes
try Linux 'has nothing to complain about in the end' content_to_the_end
