# SPDX-License-Identifier: ISC
# stm32flash, unmodified, at the loader that every chip has in its ROM: over a USB-serial adapter of the emulated machine,
# with the kernel's driver and the parity that the loader wants. The lines are those of docs/first-installation.md.

# The jumper BOOT0, and the reset button.
jumper() {
    console "boot0 1-1 $1" 'reset 1-1'
}
stm32flash_line() {
    jumper on
    programmer stm32flash stm32flash "$@"
}

stm32flash_does_all() {
    usbip_port=$wired_usbip_port
    console_port=$wired_console_port
    modprobe xhci_pci
    modprobe ftdi_sio
    wait_until 20 [ -c /dev/ttyUSB0 ]
    console 'power 1-1 on'
    cp "$images/dapboot.bin" dapboot-bluepill.bin
    stm32flash_line -w dapboot-bluepill.bin -v /dev/ttyUSB0
    expect /run/stm32flash.log 'Interface serial_posix: 57600 8E1'
    expect /run/stm32flash.log '(100.00%) Done.'
    jumper off
    wait_until 20 exported 1-1
    stm32flash_line -r read.bin -S "0x08000000:$(wc -c <"$images/dapboot.bin")" /dev/ttyUSB0
    cmp read.bin "$images/dapboot.bin"
    # A protected chip says so; unprotected it is blank, and takes the bootloader again.
    stm32flash_line -j /dev/ttyUSB0
    jumper on
    ! stm32flash -w dapboot-bluepill.bin -v /dev/ttyUSB0
    stm32flash_line -k /dev/ttyUSB0
    stm32flash_line -u /dev/ttyUSB0
    stm32flash_line -r read.bin -S 0x08000000:1024 /dev/ttyUSB0
    [ "$(tr -d '\377' <read.bin | wc -c)" = 0 ]
    stm32flash_line -w dapboot-bluepill.bin -v /dev/ttyUSB0
    jumper off
    wait_until 20 exported 1-1
    # Blank again, and in its loader, as it was in the beginning.
    stm32flash_line -o /dev/ttyUSB0
    console 'power 1-1 off'
}
