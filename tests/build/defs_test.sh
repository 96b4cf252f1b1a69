#!/bin/bash
# SPDX-License-Identifier: ISC
# DEFS as users write it: through make, shell and CMake it must reach the compiler whole, and a misspelt name must not.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1
front=(make -f "$root/src/Makefile" LDSCRIPT="$scratch/roomy.ld")

# These tests look at what arrives, not at what fits: long texts need more than the usual 3 KiB.
cat >roomy.ld <<'SCRIPT'
MEMORY
{
    rom (rx)  : ORIGIN = 0x08000000, LENGTH = 6K
    ram (rwx) : ORIGIN = 0x20000000, LENGTH = 8K
}
SCRIPT

# in_image NAME TEXT
in_image() {
    strings -n 4 dapboot.bin | grep -F -- "$2" >/dev/null || fail "$1: '$2' is not in dapboot.bin"
}

succeeds "quotes from the environment" env 'DEFS=-DLANDING_PAGE_URL=\"example.com/x/\"' "${front[@]}"
in_image "quotes from the environment" 'example.com/x/'
succeeds "quotes on the command line" "${front[@]}" 'DEFS=-DLANDING_PAGE_URL=\"example.com/y/\"'
in_image "quotes on the command line" 'example.com/y/'
succeeds "-D with a blank behind it" "${front[@]}" 'DEFS=-D LANDING_PAGE_URL=\"example.com/z/\"'
in_image "-D with a blank behind it" 'example.com/z/'
succeeds "a line break behind -D" env $'DEFS=\'-D\nLANDING_PAGE_URL=\\"example.com/w/\\"\'' "${front[@]}"
in_image "a line break behind -D" 'example.com/w/'
succeeds "quotes forgotten" "${front[@]}" 'DEFS=-DUSB_PRODUCT_STRING=Gadget'
in_image "quotes forgotten" 'Gadget'
succeeds "blanks inside quotes" "${front[@]}" "DEFS='-DUSB_VENDOR_STRING=\"Mill and Co\"'"
in_image "blanks inside quotes" 'Mill and Co'
succeeds "blanks inside escaped quotes" "${front[@]}" 'DEFS=-DUSB_VENDOR_STRING=\"Mill and Sons\" -DHAVE_LED=0'
in_image "blanks inside escaped quotes" 'Mill and Sons'
succeeds "blanks inside plain quotes" "${front[@]}" 'DEFS=-DUSB_VENDOR_STRING="Mill and Daughters"'
in_image "blanks inside plain quotes" 'Mill and Daughters'
succeeds "blanks inside single quotes" "${front[@]}" "DEFS=-DUSB_VENDOR_STRING='Mill Only'"
in_image "blanks inside single quotes" 'Mill Only'
succeeds "several at once" "${front[@]}" \
    "DEFS=-DLED_GPIO_PIN=GPIO12 -DLED_GPIO_PORT=GPIOB -D HAVE_BUTTON=0 '-DUSB_INTERFACE_STRING=\"Flash here\"'"
in_image "several at once" 'Flash here'
succeeds "what was needed once" "${front[@]}" 'DEFS=-DUSES_GPIOA -DUSES_GPIOB=1 -DUSES_GPIOC=1'
succeeds "another option of the compiler" "${front[@]}" 'DEFS=-DHAVE_LED=0 -fno-inline-small-functions'

succeeds "numbers as C writes them" "${front[@]}" \
    'DEFS=-DCMD_BOOT=0x4F42UL -DFLASH_SIZE_OVERRIDE=(64*1024) -DHAVE_BUTTON -DUSE_HSI=0'
cp dapboot.bin sized.bin
succeeds "numbers as they are" "${front[@]}" DEFS=-DFLASH_SIZE_OVERRIDE=65536
cmp -s dapboot.bin sized.bin || fail "numbers as C writes them mean something else"

refuses "misspelt" "DEFS sets LED_GPIO_PON, which is not an option of this build. Did you mean LED_GPIO_PIN?" \
    "${front[@]}" DEFS=-DLED_GPIO_PON=GPIO1
refuses "misspelt, blank behind -D" "Did you mean HAVE_BUTTON?" "${front[@]}" 'DEFS=-D HAVEBUTTON=0'
refuses "misspelt text" "Did you mean LANDING_PAGE_URL?" "${front[@]}" 'DEFS=-DLANDING_PAGE_URI=\"a\"'
refuses "lower case" "Did you mean USE_HSI?" "${front[@]}" 'DEFS=-Duse_hsi=1'
refuses "no option" "DEFS holds 'HAVE_LED=0', which is not a compiler option" "${front[@]}" DEFS=HAVE_LED=0
refuses "-D at the end" "ends with a -D" "${front[@]}" 'DEFS=-DHAVE_LED=0 -D'
refuses "semicolon" "DEFS holds a semicolon" "${front[@]}" 'DEFS=-DLANDING_PAGE_URL=\"a;b\"'
refuses "offset not on a page" "the application must start on a flash page" \
    "${front[@]}" DEFS=-DAPP_BASE_ADDRESS=0x08002100
refuses "landing page too long" "longer than 252 bytes" \
    "${front[@]}" "DEFS=-DLANDING_PAGE_URL=\\\"$(printf 'a%.0s' {1..253})\\\""

finish
