# SPDX-License-Identifier: ISC
# How a program for the chip is compiled, linked and turned into the files people flash.
# The -fno- of the optimiser trade speed, which nothing here waits for, for some 120 bytes.
set(DAPBOOT_CPU_OPTIONS -mcpu=cortex-m3 -mthumb)
set(DAPBOOT_CXX_OPTIONS -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics)
set(DAPBOOT_COMPILE_OPTIONS ${DAPBOOT_CPU_OPTIONS} -Os -g -flto -ffreestanding
    -fno-section-anchors -fno-move-loop-invariants -fno-ivopts -fno-tree-scev-cprop -fno-schedule-insns2
    -fno-code-hoisting -fno-move-loop-stores -fno-if-conversion -fno-tree-loop-optimize -fno-partial-inlining -fno-tree-pre
    -ffunction-sections -fdata-sections
    -Wall -Wextra -Wshadow -Wconversion -Wundef -Werror -Wfatal-errors)
set(DAPBOOT_LINK_OPTIONS ${DAPBOOT_COMPILE_OPTIONS} -nostdlib -nostartfiles -static
    -Wl,--gc-sections -Wl,--fatal-warnings)

# dapboot_image_files(<target> <directory> <name> <flash limit> <RAM limit>): writes <name>.elf .bin .hex .map .size into
# the directory after each link, and prints how much of the limits, in bytes, is used; size-<name> prints it again.
# A gap inside the image reads as erased flash, 0xFF.
function(dapboot_image_files target directory name flash_limit ram_limit)
    set(base "${directory}/${name}")
    set(report ${CMAKE_COMMAND} -DELF=${base}.elf -DSIZE=${DAPBOOT_SIZE}
        -DFLASH_LIMIT=${flash_limit} -DRAM_LIMIT=${ram_limit}
        -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/report_size.cmake")
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME "${name}" SUFFIX ".elf" RUNTIME_OUTPUT_DIRECTORY "${directory}")
    target_link_options(${target} PRIVATE "LINKER:-Map=${base}.map")
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${DAPBOOT_OBJCOPY} -O binary --gap-fill=0xff "${base}.elf" "${base}.bin"
        COMMAND ${DAPBOOT_OBJCOPY} -O ihex "${base}.elf" "${base}.hex"
        COMMAND ${report}
        BYPRODUCTS "${base}.bin" "${base}.hex" "${base}.map" "${base}.size"
        VERBATIM)
    add_custom_target(size-${name} COMMAND ${report} DEPENDS ${target} VERBATIM)
endfunction()
