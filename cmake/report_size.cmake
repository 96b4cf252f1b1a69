# SPDX-License-Identifier: ISC
# Prints what a program takes of flash and RAM: cmake -DELF= -DSIZE= -DFLASH_LIMIT= -DRAM_LIMIT= -P this.
include("${CMAKE_CURRENT_LIST_DIR}/elf_size.cmake")
dapboot_elf_size("${SIZE}" "${ELF}" flash ram)
get_filename_component(name "${ELF}" NAME_WE)
math(EXPR stack "${RAM_LIMIT} - ${ram}")
message("${name}: flash ${flash} of ${FLASH_LIMIT} bytes, RAM ${RAM_LIMIT} bytes: ${ram} data, ${stack} stack")
