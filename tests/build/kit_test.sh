#!/bin/bash
# SPDX-License-Identifier: ISC
# The application kit: the header in every language it serves, the linker scripts and where they put an image.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1

printf '#include "dapboot.h"\nvoid f(void); void f(void) { dapboot_enter(); }\n' >header.c
cp header.c header.cpp
warnings=(-Wall -Wextra -Wpedantic -pedantic-errors -Wshadow -Wconversion -Werror -fsyntax-only -I "$root/kit" -mcpu=cortex-m3 -mthumb)
for standard in c99 c11 gnu17; do
    succeeds "dapboot.h in $standard" arm-none-eabi-gcc -std=$standard "${warnings[@]}" header.c
    succeeds "dapboot_dfu.c in $standard" arm-none-eabi-gcc -std=$standard "${warnings[@]}" "$root/kit/dapboot_dfu.c"
    succeeds "startup.c in $standard" arm-none-eabi-gcc -std=$standard "${warnings[@]}" "$root/kit/startup.c"
done
for standard in c++11 c++17 c++20; do
    succeeds "dapboot.h in $standard" arm-none-eabi-g++ -std=$standard "${warnings[@]}" header.cpp
done
# A compiler that knows nothing of GNU, as far as the preprocessor can play one.
succeeds "dapboot.h without GNU" arm-none-eabi-gcc -std=c99 -U__GNUC__ "${warnings[@]}" header.c
! grep -q asm "$root/kit/dapboot.h" || fail "dapboot.h has inline assembly"
refuses "an unknown board" "DAPBOOT_REGISTER_BLUPILL" arm-none-eabi-gcc -DDAPBOOT_BOARD=BLUPILL "${warnings[@]}" header.c

# Register and word of each board are those of its bootloader.
for header in "$root"/src/boards/*.hpp; do
    board="$(basename "$header" .hpp)"
    cat >board.cpp <<SOURCE
#include "config/layout.hpp"
#include "dapboot.h"
static_assert(config::board.command.backup_register == DAPBOOT_BACKUP_REGISTER && config::board.command.word == DAPBOOT_STAY);
SOURCE
    succeeds "dapboot.h for $board" arm-none-eabi-g++ -std=c++20 -I "$root/src" "${warnings[@]}" \
        -DDAPBOOT_BOARD_HEADER="\"boards/$board.hpp\"" -DDAPBOOT_BOARD="${board^^}" board.cpp
done

# The glue for other people's USB stacks, against what it uses of their declarations, as their headers have them: Debian
# packages none of them.
mkdir -p stacks/libopencm3/usb
cat >stacks/libopencm3/usb/usbd.h <<'SOURCE'
#include <stdint.h>
enum usbd_request_return_codes { USBD_REQ_NOTSUPP = 0, USBD_REQ_HANDLED = 1, USBD_REQ_NEXT_CALLBACK = 2 };
typedef struct _usbd_device usbd_device;
struct usb_setup_data { uint8_t bmRequestType; uint8_t bRequest; uint16_t wValue; uint16_t wIndex; uint16_t wLength; };
typedef void (*usbd_control_complete_callback)(usbd_device *usbd_dev, struct usb_setup_data *req);
SOURCE
cat >stacks/usbd_def.h <<'SOURCE'
#include <stdint.h>
typedef struct usb_setup_req { uint8_t bmRequest; uint8_t bRequest; uint16_t wValue; uint16_t wIndex; uint16_t wLength; }
    USBD_SetupReqTypedef;
typedef struct _USBD_HandleTypeDef USBD_HandleTypeDef;
typedef enum { USBD_OK = 0, USBD_BUSY, USBD_EMEM, USBD_FAIL } USBD_StatusTypeDef;
SOURCE
echo 'USBD_StatusTypeDef USBD_CtlSendData(USBD_HandleTypeDef *pdev, uint8_t *pbuf, uint32_t len);' >stacks/usbd_ioreq.h
echo 'void USBD_CtlError(USBD_HandleTypeDef *pdev, USBD_SetupReqTypedef *req);' >stacks/usbd_ctlreq.h
sed -i '1i #include "usbd_def.h"' stacks/usbd_ioreq.h stacks/usbd_ctlreq.h
sed -i '1i #pragma once' stacks/*.h stacks/libopencm3/usb/usbd.h
for stack in TINYUSB "LIBOPENCM3 -DDAPBOOT_DFU_INTERFACE=2" ST; do
    # shellcheck disable=SC2086 # two words
    succeeds "dapboot_dfu.c for $stack" arm-none-eabi-gcc -std=c99 -DDAPBOOT_DFU_$stack -I stacks "${warnings[@]}" \
        "$root/kit/dapboot_dfu.c"
done

# What dapboot_dfu.c answers, and when it leaves: 20 ms after the DETACH, whatever the clock says, and never without one.
mkdir dfu
cp "$root"/kit/dapboot_dfu.[ch] dfu/
printf '#include <stdlib.h>\nstatic inline void dapboot_enter(void) { exit(42); }\n' >dfu/dapboot.h
cat >dfu/main.c <<'SOURCE'
#include <assert.h>
#include "dapboot_dfu.h"
static const unsigned char descriptor[] = {DAPBOOT_DFU_DESCRIPTOR(2, 4)};
int main(void) {
    const uint8_t* data = 0;
    uint16_t length = 0;
    assert(sizeof descriptor == DAPBOOT_DFU_DESCRIPTOR_BYTES && descriptor[2] == 2 && descriptor[8] == 4);
    assert(dapboot_dfu_request(0xA1, 3, &data, &length) == DAPBOOT_DFU_DATA && length == 6 && data[4] == 0);
    assert(dapboot_dfu_request(0xA1, 5, &data, &length) == DAPBOOT_DFU_DATA && length == 1 && *data == 0);
    for (int request = 0; request < 8; ++request)
        assert(dapboot_dfu_request(0x21, (uint8_t)request, &data, &length) ==
               (request == 0 ? DAPBOOT_DFU_LEAVE : DAPBOOT_DFU_STALL));
    assert(dapboot_dfu_request(0xA1, 5, &data, &length) == DAPBOOT_DFU_DATA && *data == 1);
    uint32_t now = 0xFFFFFFF8u;
    dapboot_dfu_poll(now);
    for (int i = 0; i < 19; ++i) dapboot_dfu_poll(++now);
    dapboot_dfu_poll(now);
    dapboot_dfu_poll(now + 1);
    return 1;
}
SOURCE
succeeds "dapboot_dfu.c on this machine" gcc -std=c99 -Wall -Wextra -Werror dfu/main.c dfu/dapboot_dfu.c -o dfu/main
run dfu/main
((status == 42)) || fail "dapboot_dfu.c does not leave 20 ms after a DETACH: exit code $status"
printf '#include "dapboot_dfu.h"\nint main(void) { for (uint32_t t = 0; t < 1000; ++t) dapboot_dfu_poll(t); return 0; }\n' >dfu/idle.c
succeeds "dapboot_dfu.c without a DETACH" sh -c 'gcc -std=c99 dfu/idle.c dfu/dapboot_dfu.c -o dfu/idle && dfu/idle'

# Linker scripts that the recipes show: they are read, and place an image where the recipe says.
echo 'void entry(void); void entry(void) { }' >nothing.c
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -c nothing.c
fragments=0
for recipe in "$root"/docs/recipes/*.md; do
    fragment="$(sed -n '/^```ld$/,/^```$/p' "$recipe" | grep -vE '^```|^INCLUDE')"
    [[ -n "$fragment" ]] || continue
    fragments=$((fragments + 1))
    region="$(grep -oiE '^\s*(flash|rom)\b' <<<"$fragment" | tr -d '[:space:]')"
    printf '%s\nSECTIONS { .text : { *(.text*) } > %s }\nrest = LENGTH(%s);\n' "$fragment" "$region" "$region" >fragment.ld
    succeeds "$(basename "$recipe"): linker script" arm-none-eabi-ld -e entry -T fragment.ld nothing.o -o fragment.elf
    run arm-none-eabi-nm fragment.elf
    says "$(basename "$recipe"): origin" "08002000 T entry"
    says "$(basename "$recipe"): length" "0000e000 A rest"
done
((fragments >= 3)) || fail "the recipes' linker scripts were not found"

# An application of the simplest kind: two vectors and an endless loop.
cat >application.c <<'SOURCE'
void reset(void);
extern unsigned stack_top[], data_begin[], data_end[], bss_begin[], bss_end[];
extern const unsigned data_load[];
void reset(void) {
    const unsigned* from = data_load;
    for (volatile unsigned* to = data_begin; to != data_end; ++to) *to = *from++;
    for (volatile unsigned* to = bss_begin; to != bss_end; ++to) *to = 0;
    for (;;) { }
}
__attribute__((section(".vectors"), used)) static const void* const vectors[] = {stack_top, (void*)reset};
SOURCE
# The examples: an image is vectors, code and the first values of data, and ends there. The limit keeps a section that
# loads into RAM from filling the disk.
succeeds "configure the examples" cmake -S "$root/kit/examples" -B kit -G Ninja "-DDAPBOOT_FIRMWARE_DIR=$scratch/images" \
    "-DCMAKE_TOOLCHAIN_FILE=$root/kit/toolchain.cmake"
succeeds "build the examples" bash -c 'ulimit -f 4096; cmake --build kit'
for example in blinky button ram-vectors scheduler usb-serial watchdog; do
    limit=1024
    [[ "$example" != usb-serial ]] || limit=4096
    for image in $example-bluepill $example-bluepill-high; do
        exists images/$image.elf images/$image.bin images/$image.hex images/$image.dfu
        (($(stat -c %s images/$image.bin) < limit)) || fail "$image.bin has $(stat -c %s images/$image.bin) bytes"
    done
done
for folder in "$root"/kit/examples/*/; do
    grep -q "^| \`$(basename "$folder")/\`" "$root/kit/README.md" || fail "kit/README.md does not list $(basename "$folder")"
done
run dfu-suffix --check images/blinky-bluepill.dfu
says "the DFU file is for the bootloader" "Vendor ID:	0x1209"

# places SCRIPT FIRST END: an image linked with SCRIPT begins at FIRST, and one that reaches END is refused.
places() {
    local script="$1" first="$2" length="$3"
    local link=(arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -nostdlib -L "$root/kit" -T "$root/kit/$script")
    succeeds "$script" "${link[@]}" application.c -o application.elf
    output="$(arm-none-eabi-objdump -h application.elf)"
    says "$script begins at $first" " 0$first  "
    printf '__attribute__((section(".text.filler"), used)) static const char filler[%s] = {1};\n' "$((length - 128))" >filler.c
    succeeds "$script, almost full" "${link[@]}" application.c filler.c -o application.elf
    printf '__attribute__((section(".text.filler"), used)) static const char filler[%s] = {1};\n' "$length" >filler.c
    refuses "$script, over its end" "region \`flash' overflowed" "${link[@]}" application.c filler.c -o application.elf
}
places standard-64k.ld 8002000 $((56 * 1024))
places standard-128k.ld 8002000 $((120 * 1024))
places high-64k.ld 8000000 $((57 * 1024))
places high-128k.ld 8000000 $((121 * 1024))
places standard-256k.ld 8002000 $((248 * 1024))
places high-256k.ld 8000000 $((249 * 1024))

printf 'void reset(void); void reset(void) { }\n' >empty.c
refuses "an image without vectors" "the image has no vector table" \
    arm-none-eabi-gcc -nostdlib -L "$root/kit" -T "$root/kit/standard-64k.ld" empty.c -o empty.elf

finish
