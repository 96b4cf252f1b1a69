// SPDX-License-Identifier: ISC
// Takes the bootloader's image in. The build makes payload.bin of its ELF file (installer.cmake).

asm(R"(
    .section .rodata.payload, "a"
    .balign 4
    .global payload, payload_end
payload:
    .incbin "payload.bin"
    .balign 4, 0xFF
payload_end:
    .previous
)");
