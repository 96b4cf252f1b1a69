#!/bin/bash
# SPDX-License-Identifier: ISC
# The application kit: the header in every language it serves, the linker scripts and where they put an image.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1

printf '#include "kit/dapboot.h"\nvoid f(void); void f(void) { dapboot_enter(); }\n' >header.c
cp header.c header.cpp
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -I "$root" -mcpu=cortex-m3 -mthumb)
for standard in c11 gnu17; do
    succeeds "dapboot.h in $standard" arm-none-eabi-gcc -std=$standard "${warnings[@]}" header.c
done
for standard in c++11 c++17 c++20; do
    succeeds "dapboot.h in $standard" arm-none-eabi-g++ -std=$standard "${warnings[@]}" header.cpp
done

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
succeeds "configure the examples" cmake -S "$root/kit" -B kit -G Ninja "-DDAPBOOT_FIRMWARE_DIR=$scratch/images" \
    "-DCMAKE_TOOLCHAIN_FILE=$root/cmake/arm-none-eabi.cmake"
succeeds "build the examples" bash -c 'ulimit -f 4096; cmake --build kit'
for example in blinky button; do
    for image in $example-bluepill $example-bluepill-high; do
        exists images/$image.elf images/$image.bin images/$image.hex
        (($(stat -c %s images/$image.bin) < 1024)) || fail "$image.bin has $(stat -c %s images/$image.bin) bytes"
    done
done

for image in usb-serial-bluepill usb-serial-bluepill-high; do
    exists images/$image.elf images/$image.bin images/$image.hex
    (($(stat -c %s images/$image.bin) < 4096)) || fail "$image.bin has $(stat -c %s images/$image.bin) bytes"
done

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

printf 'void reset(void); void reset(void) { }\n' >empty.c
refuses "an image without vectors" "the image has no vector table" \
    arm-none-eabi-gcc -nostdlib -L "$root/kit" -T "$root/kit/standard-64k.ld" empty.c -o empty.elf

finish
