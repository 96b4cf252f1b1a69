#!/bin/bash
# SPDX-License-Identifier: ISC
# DEFS that cannot be: the build stops, says the sentence, says it once, and leaves no image behind.
source "$(dirname "$0")/../../build/lib.sh"
cd "$scratch" || exit 1

# Each line: the sentence | TARGET | DEFS
cat >cases.txt <<'CASES'
There is no TARGET=bluepill. Did you mean BLUEPILL? | bluepill |
There is no TARGET=BLUEPIL_HIGH. Did you mean BLUEPILL_HIGH? | BLUEPIL_HIGH |
There is no TARGET=maple-mini. Did you mean MAPLEMINI? | maple-mini |
There is no TARGET=NUCLEO_F401RE_WITH_SHIELD. There are: STM32F103 | NUCLEO_F401RE_WITH_SHIELD |
DEFS sets HAVE_LEDS, which is not an option of this build. Did you mean HAVE_LED? | BLUEPILL | -DHAVE_LEDS=0
DEFS sets FLASH_SIZE_OVERIDE, which is not an option of this build. Did you mean FLASH_SIZE_OVERRIDE? | BLUEPILL | -DFLASH_SIZE_OVERIDE=0x10000
DEFS sets HAVE_DOUBLE_RESETS, which is not an option of this build. Did you mean HAVE_DOUBLE_RESET? | BLUEPILL | -DHAVE_DOUBLE_RESETS=1
DEFS sets XYZZY, which is not an option of this build; docs/options.md lists them. | BLUEPILL | -DXYZZY=1
DEFS sets HAVE_LED twice. | BLUEPILL | -DHAVE_LED=0 -DHAVE_LED=1
DEFS holds '-UHAVE_LED': an option is not undefined but set, such as -DHAVE_LED=0. | BLUEPILL | -UHAVE_LED
DEFS holds '-D1=2', which is not written as -DNAME=VALUE. | BLUEPILL | -D1=2
DEFS sets HAVE_LED=no, but it is 0 or 1. | BLUEPILL | -DHAVE_LED=no
DEFS sets HAVE_LED=2, but it is 0 or 1. | BLUEPILL | -DHAVE_LED=2
DEFS gives HAVE_LED no value: it is 0 or 1. | BLUEPILL | -DHAVE_LED=
DEFS sets DFU_WILL_DETACH=true, but it is 0 or 1. | BLUEPILL | -DDFU_WILL_DETACH=true
DEFS sets USE_HSI=yes, but it is 0 or 1. | BLUEPILL | -DUSE_HSI=yes
DEFS sets LED_GPIO_PORT=GPIOX, but it is a port, GPIOA to GPIOG. | BLUEPILL | -DLED_GPIO_PORT=GPIOX
DEFS sets LED_GPIO_PORT=GPIO2, but it is a port, GPIOA to GPIOG. | BLUEPILL | -DLED_GPIO_PORT=GPIO2
DEFS sets LED_GPIO_PIN=GPIO99, but it is a pin, GPIO0 to GPIO15. | BLUEPILL | -DLED_GPIO_PIN=GPIO99
DEFS sets LED_GPIO_PIN=13, but it is a pin, GPIO0 to GPIO15. | BLUEPILL | -DLED_GPIO_PIN=13
DEFS sets LED_GPIO_PIN=(1<<13), but it is a pin, GPIO0 to GPIO15. | BLUEPILL | '-DLED_GPIO_PIN=(1<<13)'
DEFS sets REG_BOOT=BKP11, but it is a backup register, BKP1 to BKP10. | BLUEPILL | -DREG_BOOT=BKP11
DEFS sets REG_BOOT=RTC_BKP_DR(1), but it is a backup register, BKP1 to BKP10. | BLUEPILL | '-DREG_BOOT=RTC_BKP_DR(1)'
DEFS sets CMD_BOOT=BOOT, but it is a number, such as 1024 or 0x400. | BLUEPILL | -DCMD_BOOT=BOOT
DEFS sets CMD_BOOT=0x100000000, but it is a number, such as 1024 or 0x400, of 32 bits. | BLUEPILL | -DCMD_BOOT=0x100000000
DEFS sets HSE_VALUE=(8, but it is a number, such as 1024 or 0x400, of 32 bits. | BLUEPILL | '-DHSE_VALUE=(8'
DEFS gives USB_PRODUCT_STRING no value: it is a text without quotes and backslashes inside. | BLUEPILL | '-DUSB_PRODUCT_STRING=""'
DEFS gives LANDING_PAGE_URL no value: it is a text without quotes and backslashes inside. | BLUEPILL | -DLANDING_PAGE_URL=
DEFS sets USB_PRODUCT_STRING=a\b, but it is a text without quotes and backslashes inside. | BLUEPILL | '-DUSB_PRODUCT_STRING="a\\b"'
DEFS holds '-DUSB_PRODUCT_STRING="My Gadget', in which a quote is not closed. | BLUEPILL | -DUSB_PRODUCT_STRING=\"My Gadget
DEFS holds 'Gadget', which is not a compiler option. Write -DNAME=VALUE, and a text with blanks in quotes: DEFS='-DUSB_PRODUCT_STRING="My Gadget"'. | BLUEPILL | -DUSB_PRODUCT_STRING=My Gadget
CMD_BOOT: 1 to 0xFFFF; a backup register has 16 bits, and 0 in it when no application has asked. | BLUEPILL | -DCMD_BOOT=0
CMD_BOOT: 1 to 0xFFFF; a backup register has 16 bits, and 0 in it when no application has asked. | BLUEPILL | -DCMD_BOOT=0x12345678
USB_VID: 1 to 0xFFFF. | BLUEPILL | -DUSB_VID=0x12345
USB_PID: 1 to 0xFFFF. | BLUEPILL | -DUSB_PID=0
HSE_VALUE: USE_HSI says that there is no crystal. | BLUEPILL | -DUSE_HSI -DHSE_VALUE=8000000
HSE_VALUE: 8000000, 12000000 or 16000000, or USE_HSI. | BLUEPILL | -DHSE_VALUE=10000000
HAVE_USB_PULLUP_CONTROL: USB_PULLUP_GPIO_PORT and USB_PULLUP_GPIO_PIN (GPIO0 to GPIO15) must say where the transistor is. | BLUEPILL | -DHAVE_USB_PULLUP_CONTROL=1
HAVE_USB_PULLUP_CONTROL: USB_PULLUP_GPIO_PORT and USB_PULLUP_GPIO_PIN (GPIO0 to GPIO15) must say where the transistor is. | BLUEPILL | -DHAVE_USB_PULLUP_CONTROL=1 -DUSB_PULLUP_GPIO_PIN=GPIO9
HAVE_LED: LED_GPIO_PORT and LED_GPIO_PIN (GPIO0 to GPIO15) must say where the LED is. | STM32F103 | -DHAVE_LED=1
HAVE_BUTTON: BUTTON_GPIO_PORT and BUTTON_GPIO_PIN (GPIO0 to GPIO15) must say where the button is. | MAPLEMINI | -DHAVE_BUTTON=1 -DBUTTON_GPIO_PORT=GPIOB
LED_GPIO_PORT, LED_GPIO_PIN, LED_OPEN_DRAIN: there is no LED; HAVE_LED=1 adds one. | STM32F103 | -DLED_GPIO_PIN=GPIO13
LED_GPIO_PORT, LED_GPIO_PIN, LED_OPEN_DRAIN: there is no LED; HAVE_LED=1 adds one. | BLUEPILL | -DHAVE_LED=0 -DLED_OPEN_DRAIN=1
there is no button; HAVE_BUTTON=1 adds one. | STLINK | -DBUTTON_ACTIVE_HIGH=1
there is no button; HAVE_BUTTON=1 adds one. | STLINK | -DBUTTON_SAMPLE_DELAY_CYCLES=720
the pull-up of this board is not switched; HAVE_USB_PULLUP_CONTROL=1 says that it is. | BLUEPILL | -DUSB_PULLUP_ACTIVE_HIGH=1
LED_GPIO_PIN: PA11 and PA12 carry USB. | BLUEPILL | -DLED_GPIO_PORT=GPIOA -DLED_GPIO_PIN=GPIO12
BUTTON_GPIO_PIN: PA11 and PA12 carry USB. | BLUEPILL | -DBUTTON_GPIO_PORT=GPIOA -DBUTTON_GPIO_PIN=GPIO11
USB_PULLUP_GPIO_PIN: PA11 and PA12 carry USB. | MAPLEMINI | -DUSB_PULLUP_GPIO_PORT=GPIOA -DUSB_PULLUP_GPIO_PIN=GPIO12
LED_GPIO_PIN, BUTTON_GPIO_PIN: LED and button cannot share a pin. | BLUEPILL | -DLED_GPIO_PORT=GPIOB -DLED_GPIO_PIN=GPIO2
LED_GPIO_PIN, USB_PULLUP_GPIO_PIN: LED and pull-up cannot share a pin. | MAPLEMINI | -DLED_GPIO_PIN=GPIO9
BUTTON_GPIO_PIN, USB_PULLUP_GPIO_PIN: button and pull-up cannot share a pin. | OLIMEXSTM32H103 | -DBUTTON_GPIO_PORT=GPIOC -DBUTTON_GPIO_PIN=GPIO11
BUTTON_SAMPLE_DELAY_CYCLES: 9 to 150994943 cycles of 72 MHz. | BLUEPILL | -DBUTTON_SAMPLE_DELAY_CYCLES=0
DFU_UPLOAD_AVAILABLE, DFU_DOWNLOAD_AVAILABLE: one of them must be 1, or there is nothing to do. | BLUEPILL | -DDFU_UPLOAD_AVAILABLE=0 -DDFU_DOWNLOAD_AVAILABLE=0
LANDING_PAGE_URL: without the scheme, which is always https. | BLUEPILL | -DLANDING_PAGE_URL=https://example.com/
LANDING_PAGE_URL: without the scheme, which is always https. | BLUEPILL | -DLANDING_PAGE_URL=\"http://example.com/\"
FLASH_PAGE_SIZE: an STM32F103 has pages of 1024 or 2048 bytes. | BLUEPILL | -DFLASH_PAGE_SIZE=1000
APP_BASE_ADDRESS: the application must start on a flash page. | BLUEPILL | -DAPP_BASE_ADDRESS=0x08002100
APP_BASE_ADDRESS: the application must start on a flash page. | BTTSKRMINIE3V2 | -DAPP_BASE_ADDRESS=0x08001400
APP_BASE_ADDRESS: the application must not overlap the bootloader. | BLUEPILL | -DAPP_BASE_ADDRESS=0x08000800
APP_BASE_ADDRESS: the application must not overlap the bootloader. | BLUEPILL_HIGH | -DAPP_BASE_ADDRESS=0x08002000
APP_BASE_ADDRESS: behind the end of the flash. | MAPLEMINI | -DAPP_BASE_ADDRESS=0x09000000
FLASH_SIZE_OVERRIDE: the flash ends before the application starts. | BLUEPILL | -DFLASH_SIZE_OVERRIDE=0x2000
FLASH_SIZE_OVERRIDE: not whole pages. | BLUEPILL | -DFLASH_SIZE_OVERRIDE=100000
FLASH_SIZE_OVERRIDE: a board with pages of 2 KiB states its size. | BTTSKRMINIE3V2 | -DFLASH_SIZE_OVERRIDE=0
TARGET_DFU_WTRANSFERSIZE: 64 to 4096 bytes. | BLUEPILL | -DTARGET_DFU_WTRANSFERSIZE=32
TARGET_DFU_WTRANSFERSIZE: 64 to 4096 bytes. | BLUEPILL | -DTARGET_DFU_WTRANSFERSIZE=65600
USB_DFU_ALTN: 0 to 7. | BLUEPILL | -DUSB_DFU_ALTN=256
BOOT_WATCHDOG_SECONDS: 0 to 26, the most that the independent watchdog can wait. | BLUEPILL | -DBOOT_WATCHDOG_SECONDS=27
PROTECT_BOOTLOADER: protects 4 KiB, so APP_BASE_ADDRESS must be 0x08001000 or above. | BLUEPILL | -DPROTECT_BOOTLOADER=1 -DAPP_BASE_ADDRESS=0x08000C00
PROTECT_BOOTLOADER: on a 256 KiB part the protection of the last pages reaches down to 124 KiB. | BTTSKRMINIE3V2_HIGH_256 | -DPROTECT_BOOTLOADER=1
CASES
long="$(printf 'a%.0s' {1..253})"
long_url="${long:0:200}"
echo "LANDING_PAGE_URL: longer than 252 bytes | BLUEPILL | '-DLANDING_PAGE_URL=\"$long\"'" >>cases.txt
echo "USB_PRODUCT_STRING: longer than 126 characters. | BLUEPILL | '-DUSB_PRODUCT_STRING=\"${long:0:127}\"'" >>cases.txt
echo "bytes larger than the flash it may fill: leave an option out. | BLUEPILL | '-DUSB_PRODUCT_STRING=\"${long:0:126}\"'\
 '-DUSB_VENDOR_STRING=\"${long:0:126}\"' '-DLANDING_PAGE_URL=\"$long_url\"'" >>cases.txt

# try FOLDER LINE: prints what is wrong. One line is the sentence, the other one is make's own.
try() {
    local sentence target defs folder="$1" wrong=""
    IFS='|' read -r sentence target defs <<<"$2"
    sentence="${sentence% }" target="${target//[[:space:]]/}"
    echo older >"$folder/dapboot.bin"
    if DEFS="$defs" make --no-print-directory -C "$folder" -f "$root/src/Makefile" TARGET="$target" >"$folder/log" 2>&1; then
        wrong="was accepted"
    elif [[ -n "$(find "$folder" -maxdepth 1 -name 'dapboot.*')" ]]; then
        wrong="was refused, but left an image"
    elif ! head -n 1 "$folder/log" | grep -F -- "$sentence" >/dev/null; then
        wrong="does not say '$sentence', but '$(head -n 1 "$folder/log")'"
    elif (($(wc -l <"$folder/log") != 2)) || ! tail -n 1 "$folder/log" | grep '^make: \*\*\*' >/dev/null; then
        wrong="says more than one line and make's own: $(head -n 5 "$folder/log")"
    fi
    [[ -z "$wrong" ]] || echo "TARGET=$target DEFS=$defs: $wrong"
}
# Each core takes every so manieth case, in a folder of its own.
cores="$(nproc)"
mapfile -t cases <cases.txt
((${#cases[@]} >= 70)) || fail "the list of cases was not read"
for ((core = 0; core < cores; ++core)); do
    mkdir "core$core"
    for ((index = core; index < ${#cases[@]}; index += cores)); do try "core$core" "${cases[index]}"; done >"$core.wrong" &
done
wait
for wrong in *.wrong; do
    while IFS= read -r line; do fail "$line"; done <"$wrong"
done

finish
