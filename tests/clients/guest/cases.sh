# SPDX-License-Identifier: ISC
# The cases of a run: for each the client, what is shown, and the function of clients/*.sh that shows it. One boot of the
# guest does them all, in this order. A new case is a function there and a line here; a new client also wants a line of
# versions (in tests/clients/guest-image or run), so that the table counts it.
set -u
. /share/guest/lib.sh
. /share/settings
images=/share/images
first="$(serial_of 1-1)"
for file in /share/guest/clients/*.sh; do
    . "$file"
done

# Nobody looks at the other boards yet, and one without power costs no time.
for board in $boards; do
    [ "$board" = 1-1 ] || console "power $board off"
done
for console_of_others in "$patient_console_port" "$maple_mini_console_port" "$maple_console_port" "$wired_console_port"; do
    (console_port=$console_of_others; console 'power 1-1 off')
done
(console_port=$maple_console_port; console 'power 1-2 off' 'power 1-3 off' 'power 1-4 off')
try Linux 'enumerates the device without a complaint' enumerates
# Nothing else can work then, and each case would wait for its time to pass.
[ "${passed:-yes}" = yes ] || exit 0
try lsusb 'decodes every descriptor' describes_itself
try dfu-util 'lists the device' is_listed
try dfu-util 'downloads a plain image, which starts; uploads the same' plain_download
try dfu-util 'downloads an image with a suffix' suffixed_download
try dfu-util 'refuses an image whose suffix names another device' foreign_suffix
try dfu-util 'downloads with -R' download_and_reset
try dfu-util 'downloads in blocks of 64 and of 1500 bytes (-t)' other_transfers
try dfu-util 'is told that an image is wrong, and then takes the right one' wrong_image
try dfu-util 'is told that an image is too long' too_long_image
try dfu-util 'downloads again after the power went in the middle' yank
try dfu-util 'downloads again after the client went in the middle' lost_client
try dfu-util 'resets a device that stays after the download, with -R' patient_device
try usbtest 'binds' usbtest_ready
try usbtest 'case 0: nop' usbtest_0
try usbtest 'case 9: chapter 9 requests' usbtest_9
try usbtest 'case 10: queued control requests' usbtest_10
try usbtest 'has no other case for a device with no endpoint but 0' usbtest_others
try usbtest 'leaves the device as it was' usbtest_leaves
try usbip "attaches all boards at once; two downloads side by side" all_boards
try cdc_acm 'binds to the application that dfu-util has loaded' cdc_acm_binds
try cdc_acm 'carries bytes there and back' cdc_acm_echoes
try lsusb 'decodes every descriptor of the application' usb_serial_describes_itself
try cdc_acm 'leaves by itself for dfu-util, and the next one comes back' dfu_util_detaches
try dfu-util 'as Klipper calls it for a Maple board' maple_klipper
try dfu-util 'as QMK calls it for a Maple board' maple_qmk
try dfu-util "as STM32duino's core calls it for a Maple board" maple_stm32duino
try dfu-util 'as PlatformIO calls it for a Maple board' maple_platformio
try dfu-util "is refused on a Maple Mini's setting for RAM, and downloads to that for flash" maple_mini
try st-flash 'knows the ST-Link and the chip behind it' stlink_is_known
try st-flash 'writes the bootloader to a blank chip, which starts it' stflash_writes
try st-flash 'reads it back' stflash_reads
try st-flash 'erases the chip, and resets it' stflash_erases
try OpenOCD 'programs, verifies and starts it through the ST-Link' openocd_programs
try OpenOCD 'erases the chip through the ST-Link' openocd_erases
try make 'says which probe or program is missing' make_without_probe
try make 'flashes and erases through the ST-Link: make flash, make OOCD_INTERFACE=stlink flash, make erase' make_by_openocd
try make 'flashes through the ST-Link: make dapboot.stlink-flash' make_by_stflash
try OpenOCD 'says that there is no chip, as st-flash does' probe_without_chip
try stm32flash 'writes, verifies, reads, unprotects and starts by a USB-serial adapter' stm32flash_does_all
try dapboot 'tells what is attached' dapboot_lists
try dapboot 'flashes with --runtime, twice in a row without a hand' dapboot_flashes
try dapboot 'flashes, reads, compares, refuses and resets' dapboot_reads
try dapboot 'says what to do when the power went' dapboot_loses_its_board
try dapboot 'lets somebody in who is not root, once its rule is installed' dapboot_lets_others_in
try dapboot 'names another program that holds the device' dapboot_meets_another_program
# Not in every run: a board that leaves by itself does so by the clock, which a busy emulator does not always keep up with.
if [ "$full" = yes ] || [ "$only_case" = dapboot_selftest ]; then
    try dapboot 'finds that all properties hold' dapboot_selftest
fi
try usbmon 'captures a session' capture
if [ "$full" = yes ]; then
    try fwupd 'recognises the device' fwupd_recognises
    try fwupd 'downloads an image, which starts' fwupd_flashes
    try fwupd 'is told that an image is wrong' fwupd_wrong_image
    try fwupd 'downloads an image to a device that leaves by itself' fwupd_left
    try usbip 'attaches a board by the first lines of docs/virtual-board.md' virtual_board_as_printed
    try usbip 'attaches an application that is a USB device by the next lines' usb_application_as_printed
    try st-flash 'writes a blank chip by the lines of docs/debugging.md' stlink_as_printed
    try Chromium 'flashes a device from the page' chromium_flashes
    try Chromium "downloads with the requests of webdfu's page, which all succeed" chromium_webdfu
    try Chromium 'goes on by itself after the cable was out' chromium_resumes
    try Chromium 'leaves an application alone until a click' chromium_leaves_alone
    try Chromium "updates a product from its vendor's page" chromium_element
    try Chromium 'takes a blank chip to a blinking LED by a USB-serial adapter' chromium_installs_by_adapter
    try Chromium 'takes a blank chip to a blinking LED by an ST-Link' chromium_installs_by_probe
fi
try Linux 'has nothing to complain about in the end' content_to_the_end
