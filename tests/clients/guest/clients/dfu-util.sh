# SPDX-License-Identifier: ISC
# dfu-util against one board.

dfu() {
    timeout 90 dfu-util --serial "$first" "$@" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
}

# A good download in dfu-util's words, whether the device leaves by itself (bitWillDetach) or stays.
is_done() {
    expect "$1" 'Download done.'
    expect "$1" 'state(2) = dfuIDLE, status(0) = No error'
    expect "$1" 'Done!'
    refuse "$1" 'unable to read DFU status'
}
downloaded() {
    [ "$dfu_code" = 0 ]
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

# Blocks that divide no page, and such as are smaller than one.
other_transfers() {
    for size in 64 1500; do
        in_dfu 1-1
        dfu -t "$size" -D "$images/large.bin"
        downloaded
        runs_application 1-1
        holds "$images/large.bin"
        in_dfu 1-1
        dfu -D "$images/blinky.bin"
        downloaded
    done
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
    console 'cut 1-1 5000'
    dfu-util --serial "$first" -D "$images/other.bin" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    [ "$dfu_code" != 0 ]
    refuse /run/dfu.log 'Done!'
    wait_until 10 absent "$first"
    # Half an application is none: without the button it is the bootloader that comes back.
    console 'power 1-1 on'
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
