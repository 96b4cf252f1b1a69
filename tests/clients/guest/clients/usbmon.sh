# SPDX-License-Identifier: ISC
# A session as usbmon sees it; the host lets tshark judge it.

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
    wait "$monitor" || [ $? = 143 ]  # of the signal
}
