# SPDX-License-Identifier: ISC
# What docs/virtual-board.md and docs/debugging.md tell somebody to type on a Linux of their own, as it stands there, with the
# board in the guest, too. What has been done before the guest started (make, apt-get, modprobe) is only played, and whoever
# types is root already.

# as_printed FILE: these commands, in the one shell of somebody who follows the pages.
as_printed() {
    trap 'if pidof dapboot-sim >/dev/null; then killall dapboot-sim; fi' EXIT # of the case, however it ends
    in_world mkdir -p /run/played
    for program in make modprobe; do
        echo '#!/bin/sh' >"$world/run/played/$program"
    done
    printf '#!/bin/sh\nsleep 2\n' >"$world/run/played/apt-get"
    printf '#!/bin/sh\nexec "$@"\n' >"$world/run/played/sudo"
    chmod +x "$world"/run/played/*
    {
        echo "cd '$root'; PATH=/run/played:\$PATH:/usr/sbin"
        cat "$1"
    } >"$world/run/typed"
    in_world timeout 180 sh -x /run/typed >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
}

# The boards of the guest's own server, in place of those outside.
boards_of_the_guest() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=3240
    console_port=3241
    server=127.0.0.1
}
no_server() {
    ! pidof dapboot-sim
}
end_server() {
    killall dapboot-sim
    wait_until 10 no_server
}

virtual_board_as_printed() {
    boards_of_the_guest
    as_printed /share/printed/virtual-board-1
    downloaded
    runs_application 1-1
    end_server
}

# The same with another application, and from that one into the next: dfu-util is done twice.
usb_application_as_printed() {
    modprobe cdc_acm
    boards_of_the_guest
    {
        sed 's/blinky-bluepill/usb-serial-bluepill/' /share/printed/virtual-board-1
        echo 'until usbip attach -r 127.0.0.1 -b 1-1; do sleep 1; done; until [ -e /dev/ttyACM0 ]; do sleep 1; done'
        cat /share/printed/virtual-board-2
        echo 'until [ -e /dev/ttyACM0 ]; do sleep 1; done'
    } >/run/commands
    as_printed /run/commands
    downloaded
    [ "$(grep -c 'Done!' /run/dfu.log)" = 2 ]
    end_server
}

# st-flash gives its loader in the chip half a second of the clock on the wall. A chip that is computed by an emulated
# processor does not always keep up, so it may try again.
stlink_as_printed() {
    for attempt in 1 2 3; do
        as_printed /share/printed/debugging-1
        if [ "$dfu_code" = 0 ] || ! holds_text /run/dfu.log 'Flash loader run error'; then break; fi
        end_server
        wait_until 10 probe_is_gone
    done
    [ "$dfu_code" = 0 ]
    expect /run/dfu.log 'Flash written and verified! jolly good!'
    end_server
    wait_until 10 probe_is_gone
}
