# SPDX-License-Identifier: ISC
# Chromium with the built page. A policy stands in for the click in the list of devices (1209:db42, in decimal).

chromium_flashes() {
    in_dfu 1-1
    in_world mkdir -p /etc/chromium/policies/managed
    cat >"$world/etc/chromium/policies/managed/usb.json" <<END
{"WebUsbAllowDevicesForUrls": [{"devices": [{"vendor_id": 4617, "product_id": 56130}], "urls": ["http://localhost:8073"]}]}
END
    in_world "$node" /run/share/flash.mjs "$playwright" /run/share/page /run/share/images/large.bin
    runs_application 1-1
    holds "$images/large.bin"
}
