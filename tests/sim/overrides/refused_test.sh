#!/bin/bash
# SPDX-License-Identifier: ISC
# DEFS that cannot be: the build stops, says the sentence, says it once, and leaves no image behind.
source "$(dirname "$0")/../../build/lib.sh"
cd "$scratch" || exit 1

# Each line: what must be said | TARGET | DEFS
cat >cases.txt <<'CASES'
DEFS defines HAVE_LEDS, which is no knob of this build. Did you mean HAVE_LED? | BLUEPILL | -DHAVE_LEDS=0
DEFS defines FLASH_SIZE_OVERIDE, which is no knob of this build. Did you mean FLASH_SIZE_OVERRIDE? | BLUEPILL | -DFLASH_SIZE_OVERIDE=0x10000
DEFS defines HAVE_DOUBLE_RESETS, which is no knob of this build. Did you mean HAVE_DOUBLE_RESET? | BLUEPILL | -DHAVE_DOUBLE_RESETS=1
FLASH_PAGE_SIZE: an STM32F103 has pages of 1024 or 2048 bytes | BLUEPILL | -DFLASH_PAGE_SIZE=1000
APP_BASE_ADDRESS: the application must start on a flash page | BLUEPILL | -DAPP_BASE_ADDRESS=0x08002100
APP_BASE_ADDRESS: the application must start on a flash page | BTTSKRMINIE3V2 | -DAPP_BASE_ADDRESS=0x08001400
APP_BASE_ADDRESS: the application must not overlap the bootloader | BLUEPILL | -DAPP_BASE_ADDRESS=0x08000800
APP_BASE_ADDRESS: the application must not overlap the bootloader | BLUEPILL_HIGH | -DAPP_BASE_ADDRESS=0x08002000
FLASH_SIZE_OVERRIDE: the flash ends before the application starts | BLUEPILL | -DFLASH_SIZE_OVERRIDE=0x2000
FLASH_SIZE_OVERRIDE: not whole pages | BLUEPILL | -DFLASH_SIZE_OVERRIDE=100000
TARGET_DFU_WTRANSFERSIZE: 64 to 4096 bytes | BLUEPILL | -DTARGET_DFU_WTRANSFERSIZE=32
REG_BOOT | BLUEPILL | -DREG_BOOT=BKP11
LED_GPIO_PORT | BLUEPILL | -DLED_GPIO_PORT=GPIOX
LED_GPIO_PIN | BLUEPILL | '-DLED_GPIO_PIN=(1<<13)'
HSE_VALUE: 8000000, 12000000 or 16000000, or USE_HSI | BLUEPILL | -DHSE_VALUE=10000000
USB_DFU_ALTN: 0 to 7 | BLUEPILL | -DUSB_DFU_ALTN=8
BOOT_WATCHDOG_SECONDS: 0 to 26 | BLUEPILL | -DBOOT_WATCHDOG_SECONDS=27
PROTECT_BOOTLOADER: protects 4 KiB | BLUEPILL | -DPROTECT_BOOTLOADER=1 -DAPP_BASE_ADDRESS=0x08000C00
PROTECT_BOOTLOADER: on a 256 KiB part | BTTSKRMINIE3V2_HIGH_256 | -DPROTECT_BOOTLOADER=1
CASES
long="$(printf 'a%.0s' {1..253})"
echo "LANDING_PAGE_URL: longer than 252 bytes | BLUEPILL | '-DLANDING_PAGE_URL=\"$long\"'" >>cases.txt
echo "USB_PRODUCT_STRING: longer than 126 characters | BLUEPILL | '-DUSB_PRODUCT_STRING=\"${long:0:127}\"'" >>cases.txt

# try NUMBER LINE: writes what is wrong to NUMBER.wrong.
try() {
    local sentence target defs folder="$scratch/$1"
    IFS='|' read -r sentence target defs <<<"$2"
    sentence="${sentence% }" target="${target//[[:space:]]/}"
    mkdir "$folder"
    if DEFS="$defs" make --no-print-directory -C "$folder" -f "$root/src/Makefile" TARGET="$target" >"$folder/log" 2>&1; then
        echo "TARGET=$target DEFS=$defs: was accepted"
    elif [[ -s "$folder/dapboot.bin" ]]; then
        echo "TARGET=$target DEFS=$defs: was refused, but left an image"
    elif ! grep -qF -- "$sentence" "$folder/log"; then
        echo "TARGET=$target DEFS=$defs: does not say '$sentence':"
        grep -iE 'error|stop' "$folder/log" | head -n 5
    elif [[ "$(grep -cE 'error:|CMake Error|overflowed' "$folder/log")" -gt 1 ]]; then
        echo "TARGET=$target DEFS=$defs: says more than one sentence:"
        grep -E 'error:|CMake Error|overflowed' "$folder/log" | head -n 5
    fi >"$scratch/$1.wrong"
}
number=0
while IFS= read -r line; do
    number=$((number + 1))
    while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
    try "$number" "$line" &
done <cases.txt
wait
((number >= 20)) || fail "the list of cases was not read"
for wrong in *.wrong; do
    if [[ -s "$wrong" ]]; then
        output="$(tail -n +2 "$wrong")"
        fail "$(head -n 1 "$wrong")"
    fi
done

finish
