# SPDX-License-Identifier: ISC
# Prints what a program takes of flash and RAM: cmake -DELF= -DSIZE= -DFLASH_LIMIT= -DRAM_LIMIT= -P this.
# Stops when the .bin beside the ELF file is larger than any flash of the family: a section of it lies elsewhere.
include("${CMAKE_CURRENT_LIST_DIR}/elf_size.cmake")
dapboot_elf_size("${SIZE}" "${ELF}" flash ram)
get_filename_component(name "${ELF}" NAME_WE)
math(EXPR stack "${RAM_LIMIT} - ${ram}")
message("${name}: flash ${flash} of ${FLASH_LIMIT} bytes, RAM ${RAM_LIMIT} bytes: ${ram} data, ${stack} stack")

string(REGEX REPLACE "\\.elf$" ".bin" image "${ELF}")
file(SIZE "${image}" image_size)
if(image_size GREATER 1048576)
    message(FATAL_ERROR " ${image} has ${image_size} bytes: a section with contents lies outside of flash.")
endif()
