# SPDX-License-Identifier: ISC
# The command lines by which others flash a board with the Maple or STM32duino bootloader, letter by letter, against a
# Maple Mini whose bootloader takes that one's place (COMPATIBLE_WITH=MAPLE). docs/options.md names where they come from.

plug_maple() {
    hands 'power 1-1 off'
    wait_until 10 absent "$first"
    usbip_port=$maple_usbip_port
    console_port=$maple_console_port
    in_dfu 1-1
    lsusb -d 1eaf:0003
}

# as_written COMMAND…: runs it; the download was good, for whoever looks at the exit code, too.
as_written() {
    plug_maple
    timeout 90 "$@" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    downloaded
    runs_application 1-1
    hands 'power 1-1 off'
}

maple_klipper() {
    mkdir -p out && cp "$images/blinky.bin" out/klipper.bin
    as_written dfu-util -d ,1eaf:0003 -R -a 2 -D out/klipper.bin
}

maple_qmk() {
    cp "$images/large.bin" firmware.bin
    plug_maple
    dfu-util -l | grep -q "Found DFU"
    as_written dfu-util -d 1EAF:0003 -a 2 -R -D firmware.bin
}

# maple_upload, the script of the STM32duino core, which PlatformIO calls as well.
maple_stm32duino() {
    cp "$images/blinky.bin" firmware.bin
    usbID=1EAF:0003 altID=2 binfile=firmware.bin dfuse_addr=
    as_written dfu-util -d ${usbID} -a ${altID} -D ${binfile} ${dfuse_addr} -R
}

maple_refuses_ram() {
    plug_maple
    dfu-util -d 1eaf:0003 -a 0 -D "$images/large.bin" >/run/dfu.log 2>&1 && dfu_code=0 || dfu_code=$?
    cat /run/dfu.log
    [ "$dfu_code" != 0 ]
    expect /run/dfu.log 'status(1) = File is not targeted for use by this device'
    hands 'power 1-1 off'
}
