# SPDX-License-Identifier: ISC
# fwupd's own DFU client, without its daemon.

# fwupd COMMAND…: its output to /run/fwupd.log, and its exit code to fwupd_code.
fwupd() {
    in_world env LD_PRELOAD=/run/share/fwupd/netlink-port.so timeout 300 fwupdtool --plugins dfu "$@" \
        >/run/fwupd.log 2>&1 && fwupd_code=0 || fwupd_code=$?
    tr '\r' '\n' </run/fwupd.log | grep -v '%$'
}

fwupd_device() {
    fwupd get-devices --json
    [ "$fwupd_code" = 0 ]
    fwupd_id="$(sed -n 's/.*"DeviceId" : "\(.*\)".*/\1/p' /run/fwupd.log)"
    [ "$(echo $fwupd_id | wc -w)" = 1 ]
}

fwupd_install() {
    fwupd_device
    fwupd install-blob "/run/share/images/$1" "$fwupd_id" --no-reboot-check --force
}

# After an update fwupd waits for a device at the same port: applications that have none it does not know.
fwupd_updates() {
    fwupd_device
    stay_plugged 1-1
    fwupd install-blob "/run/share/images/$1.dfu" "$fwupd_id" --no-reboot-check --force
    unplug
    [ "$fwupd_code" = 0 ]
    expect "$(device_of "$first")/idProduct" 0001
    holds "$images/$1.bin"
}

fwupd_recognises() {
    in_dfu 1-1
    fwupd_device
    for said in '"USB\\VID_1209&PID_DB42"' '"Plugin" : "dfu"' '"org.usb.dfu"' '"is-bootloader"' '"updatable"' \
        "\"Serial\" : \"$first\"" '"Version" : "2.10"'; do
        expect /run/fwupd.log "$said"
    done
}

# A device that stays on the bus until the host resets it (DFU_WILL_DETACH=0).
fwupd_flashes() {
    plug_staying
    fwupd_updates usb-serial
    console 'power 1-1 off'
}

fwupd_wrong_image() {
    plug_staying
    fwupd_install blinky.dfu
    in_dfu 1-1
    fwupd_install wrong-address.dfu
    [ "$fwupd_code" != 0 ]
    expect /run/fwupd.log 'Firmware is not for designed this device'  # errTARGET, in fwupd's words
    holds "$images/blinky.bin"
    console 'power 1-1 off'
}

# A device that leaves by itself, as most do. fwupd reads back what it has sent before it is content, and has no word from
# us about this device.
fwupd_left() {
    in_dfu 1-1
    fwupd_updates usb-serial-new
}

plug_staying() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=$staying_usbip_port
    console_port=$staying_console_port
    in_dfu 1-1
}
