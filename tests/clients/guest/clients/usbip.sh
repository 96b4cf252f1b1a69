# SPDX-License-Identifier: ISC
# The five lines of docs/virtual-board.md, with the board in the guest, too. What has been done before the guest started
# (make, apt-get, modprobe) is only played, and whoever types is root already.

five_lines() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=3240
    console_port=3241
    server=127.0.0.1
    in_world mkdir -p /run/played
    for program in make modprobe; do
        echo '#!/bin/sh' >"$world/run/played/$program"
    done
    printf '#!/bin/sh\nsleep 2\n' >"$world/run/played/apt-get"
    printf '#!/bin/sh\nexec "$@"\n' >"$world/run/played/sudo"
    chmod +x "$world"/run/played/*
    {
        echo "cd '$root'; PATH=/run/played:\$PATH:/usr/sbin"
        cat /share/five-lines
        echo 'echo $! >/run/server'
    } >"$world/run/five-lines"
    in_world timeout 120 sh -x /run/five-lines >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    downloaded
    runs_application 1-1
    kill "$(cat "$world/run/server")"
}
