# SPDX-License-Identifier: ISC
# Prints what a program takes of flash and RAM: cmake -DELF= -DSIZE= -DFLASH_LIMIT= -DRAM_LIMIT= -P this.
# Writes it beside the ELF file as well, to <name>.size: a line for each number, as in "flash 3000".
# Stops when the .bin beside the ELF file is larger than any flash of the family: a section of it lies elsewhere.
include("${CMAKE_CURRENT_LIST_DIR}/elf_size.cmake")
dapboot_elf_size("${SIZE}" "${ELF}" used)
get_filename_component(name "${ELF}" NAME_WE)
math(EXPR stack "${RAM_LIMIT} - ${used_ram}")
message("${name}: flash ${used_flash} of ${FLASH_LIMIT} bytes, RAM ${RAM_LIMIT} bytes: ${used_ram} data, ${stack} stack")

string(REGEX REPLACE "\\.elf$" ".size" sizes "${ELF}")
file(WRITE "${sizes}"
    "flash ${used_flash}\nconstants ${used_constants}\nram ${used_ram}\nram_limit ${RAM_LIMIT}\n")

string(REGEX REPLACE "\\.elf$" ".bin" image "${ELF}")
file(SIZE "${image}" image_size)
if(image_size GREATER 1048576)
    message(FATAL_ERROR " ${image} has ${image_size} bytes: a section with contents lies outside of flash.")
endif()
