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
void reset(void) { for (;;) { } }
extern unsigned stack_top[];
__attribute__((section(".vectors"), used)) static const void* const vectors[] = {stack_top, (void*)reset};
SOURCE
# With initialised data, and without: the image is vectors, code and the data's first values, and ends there.
printf 'volatile int counter = 1; int* use(void); int* use(void) { return (int*)&counter; }\n' >data.c
for sources in application.c "application.c data.c"; do
    # shellcheck disable=SC2086
    succeeds "$sources" arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -nostdlib -L "$root/kit" \
        -T "$root/kit/standard-64k.ld" $sources -o application.elf
    # The limit keeps a section that loads into RAM from filling the disk.
    succeeds "$sources as .bin" bash -c 'ulimit -f 64; arm-none-eabi-objcopy -O binary --gap-fill=0xff application.elf a.bin'
    (($(stat -c %s a.bin) < 100)) || fail "$sources: the .bin has $(stat -c %s a.bin) bytes"
done

# places SCRIPT FIRST END: an image linked with SCRIPT begins at FIRST, and one that reaches END is refused.
places() {
    local script="$1" first="$2" length="$3"
    local link=(arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -nostdlib -L "$root/kit" -T "$root/kit/$script")
    succeeds "$script" "${link[@]}" application.c -o application.elf
    output="$(arm-none-eabi-objdump -h application.elf)"
    says "$script begins at $first" " 0$first  "
    printf '__attribute__((section(".text.filler"), used)) static const char filler[%s] = {1};\n' "$((length - 64))" >filler.c
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
