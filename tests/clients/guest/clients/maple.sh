# SPDX-License-Identifier: ISC
# The command lines by which others flash a board with the Maple or STM32duino bootloader, letter by letter, against
# Blue Pills whose bootloader takes that one's place (COMPATIBLE_WITH=MAPLE). docs/options.md names where they come from.
#
# No hand is at a button: each case takes a blank board, which begins in DFU mode, and from then on the application brings
# the bootloader back, by one of the words that those bootloaders know.

# plug_maple 1-2: that board of the server of such boards, and no other, is a DFU device of the guest.
plug_maple() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=$maple_usbip_port
    console_port=$maple_console_port
    plug_blank "$1"
}
plug_blank() {
    board=$1
    serial=$(serial_of "$board")
    console "power $board on"
    attach "$board"
    lsusb -d 1eaf:0003
}

# as_written COMMAND…: the download was good, for whoever looks at the exit code, too, and the application is there.
as_written() {
    timeout 90 "$@" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    downloaded
    wait_until 10 absent "$serial"
    attach "$board"
    [ "$(cat "$(device_of "$serial")/product")" = 'USB serial example' ]
}

# The application leaves for the bootloader, without a hand.
application_leaves() {
    timeout 30 dfu-util -d 1209:0001 -e
    wait_until 10 absent "$serial"
    attach "$board"
    lsusb -d 1eaf:0003
}

unplug_maple() {
    console "power $board off"
    wait_until 10 absent "$serial"
}

# Klipper's line for a board that is in DFU mode, and the one for a serial port, which becomes the place on the bus.
maple_klipper() {
    plug_maple 1-1
    mkdir -p out
    cp "$images/enters-by-BKP1-4F42.bin" out/klipper.bin
    as_written dfu-util -d ,1eaf:0003 -R -a 2 -D out/klipper.bin
    application_leaves
    buspath=$(basename "$(device_of "$serial")")
    as_written dfu-util -p "$buspath" -R -a 2 -D out/klipper.bin
    unplug_maple
}

# QMK waits for the device, and its image carries a suffix.
maple_qmk() {
    plug_maple 1-2
    mkdir -p .build
    cp "$images/enters-by-BKP10-424C.dfu" .build/handwired_onekey_bluepill_default.bin
    dfu-util -l | grep -q "Found DFU"
    as_written dfu-util -d 1EAF:0003 -a 2 -R -D .build/handwired_onekey_bluepill_default.bin
    application_leaves
    dfu-util -l | grep -q "Found DFU"
    as_written dfu-util -d 1EAF:0003 -a 2 -R -D .build/handwired_onekey_bluepill_default.bin
    unplug_maple
}

# maple_upload PORT ALTID USBID BINFILE: what the script of that name does once it has reset the board.
maple_upload() {
    altID=$2
    usbID=$3
    binfile=$4
    dfuse_addr=
    as_written dfu-util -d ${usbID} -a ${altID} -D ${binfile} ${dfuse_addr} -R
}

maple_stm32duino() {
    plug_maple 1-3
    mkdir -p /run/arduino_build_1
    cp "$images/enters-by-BKP10-0001.bin" /run/arduino_build_1/Blink.ino.bin
    maple_upload ttyACM0 2 1EAF:0003 /run/arduino_build_1/Blink.ino.bin
    application_leaves
    maple_upload ttyACM0 2 1EAF:0003 /run/arduino_build_1/Blink.ino.bin
    unplug_maple
}

maple_platformio() {
    plug_maple 1-4
    mkdir -p .pio/build/maple_mini
    cp "$images/enters-by-BKP10-424C.bin" .pio/build/maple_mini/firmware.bin
    maple_upload ttyACM0 2 1EAF:0003 "$PWD/.pio/build/maple_mini/firmware.bin"
    application_leaves
    maple_upload ttyACM0 2 1EAF:0003 "$PWD/.pio/build/maple_mini/firmware.bin"
    unplug_maple
}

# A Maple Mini, whose pull-up is switched.
maple_mini() {
    console 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=$maple_mini_usbip_port
    console_port=$maple_mini_console_port
    plug_blank 1-1
    dfu -d 1eaf:0003 -a 0 -D "$images/blinky.bin"
    [ "$dfu_code" != 0 ]
    expect /run/dfu.log 'Error during download (LIBUSB_ERROR_PIPE)'
    dfu -d 1eaf:0003 -a 2 -R -D "$images/blinky.bin"
    expect /run/dfu.log 'dfuERROR, status(1) = File is not targeted'
    downloaded
    wait_until 10 absent "$first"
    console 'power 1-1 off'
}
