# SPDX-License-Identifier: ISC
# Chromium with the built page. A policy stands in for the click in the list of devices (1209:db42, 1209:0001, the ST-Link
# 0483:3748 and the adapter 0403:6001, in decimal). One browser does all cases: it takes long to start here.

chromium_opens() {
    in_world mkdir -p /etc/chromium/policies/managed
    cat >"$world/etc/chromium/policies/managed/usb.json" <<END
{"WebUsbAllowDevicesForUrls": [{"urls": ["http://localhost:8073"], "devices": [
  {"vendor_id": 4617, "product_id": 56130}, {"vendor_id": 4617, "product_id": 1},
  {"vendor_id": 1155, "product_id": 14152}]}],
 "SerialAllowUsbDevicesForUrls": [{"urls": ["http://localhost:8073"], "devices": [
  {"vendor_id": 1027, "product_id": 24577}]}]}
END
    mkfifo /run/chromium-steps
    in_world "$node" /run/share/flash.mjs "$playwright" /run/share/page "$console_port" \
        </run/chromium-steps >/run/chromium-answers 2>/share/logs/chromium.log &
    # Held open for the cases to come: the browser ends when the guest does.
    sleep 100000 >/run/chromium-steps &
}

# page STEP [VALUE]: has the browser do it, and waits for the answer, which bears the number of the question.
page() {
    question=$(($(cat /run/chromium-question 2>/dev/null || echo 0) + 1))
    echo "$question" >/run/chromium-question
    timeout 10 sh -c 'echo "$0" >/run/chromium-steps' "$question $*"  # a browser that has died reads nothing
    wait_until 600 answered
    grep "^$question ok" /run/chromium-answers || { tail -n 30 /share/logs/chromium.log; return 1; }
}
answered() {
    grep -q "^$question " /run/chromium-answers
}

is_product() {
    [ "$(cat "$(device_of "$first")/idProduct")" = "$1" ]
}

# Read back by another client, which the page must not be in the way of: it takes every bootloader that comes.
page_wrote() {
    runs_application 1-1
    page away
    holds "$1"
}

chromium_flashes() {
    [ -p /run/chromium-steps ] || chromium_opens
    in_dfu 1-1
    page open
    page connected
    page write /run/share/images/large.bin
    page_wrote "$images/large.bin"
}

# What the page of webdfu does that its red lines depend on, in place of this project's own.
chromium_webdfu() {
    [ -p /run/chromium-steps ] || chromium_opens
    in_dfu 1-1
    page webdfu /run/share/images/large.bin
    page_wrote "$images/large.bin"
}

# The cable comes out in the middle, and is plugged in again a while later: the page goes on by itself.
chromium_resumes() {
    in_dfu 1-1
    page open
    page connected
    page cut /run/share/images/long.bin
    in_dfu 1-1
    page resumed
    page_wrote "$images/long.bin"
}

# The application has a DFU interface: it is asked for its bootloader by a click, and never by itself.
chromium_leaves_alone() {
    in_dfu 1-1
    page open
    page connected
    page write /run/share/images/usb-serial.bin
    wait_until 20 absent "$first"
    attach 1-1
    page left-alone
    is_product 0001
    page left-alone-at-start
    is_product 0001
    page leave
    wait_until 20 absent "$first"
    attach 1-1
    is_product db42
    page connected
}

chromium_element() {
    # the application of the case before, started again
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    wait_until 10 not_exported 1-1
    console 'power 1-1 on'
    attach 1-1
    is_product 0001
    page element
    wait_until 20 absent "$first"
    attach 1-1
    page element-done
    page_wrote "$images/blinky.bin"
}

# at_new_board PREFIX: the only board that the guest has from here on is that of this server.
at_new_board() {
    [ -p /run/chromium-steps ] || chromium_opens
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    eval "usbip_port=\$${1}usbip_port console_port=\$${1}console_port"
    console 'power 1-1 off' 'power 1-1 on'
}

# The bootloader that was just installed takes an application, which runs.
new_board_is_used() {
    attach 1-1
    is_product db42
    page connected
    page write /run/share/images/blinky.bin
    runs_application 1-1
    page away
    console 'power 1-1 off'
}

# Web Serial, the kernel's ftdi_sio, an emulated adapter, and the loader in the chip's ROM at its other end.
chromium_installs_by_adapter() {
    at_new_board wired_
    modprobe xhci-pci
    modprobe ftdi_sio
    wait_until 20 test -c /dev/ttyUSB0
    udevadm settle --timeout=10
    page install serial
    console 'boot0 1-1 off' 'power 1-1 off' 'power 1-1 on'  # as the page says: the jumper back, then the USB cable
    new_board_is_used
}

# WebUSB and a modelled ST-Link V2 over USB/IP.
chromium_installs_by_probe() {
    at_new_board probed_
    plug_probe
    page install stlink
    new_board_is_used
    unplug_probe
}
