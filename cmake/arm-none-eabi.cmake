# SPDX-License-Identifier: ISC
# Toolchain file for the firmware and the examples of the kit: the kit's own, and the tools that the release needs.
include("${CMAKE_CURRENT_LIST_DIR}/../kit/toolchain.cmake")
find_program(found_compiler "${DAPBOOT_PREFIX}-g++" NO_CACHE)
if(NOT found_compiler)
    include("${CMAKE_CURRENT_LIST_DIR}/stop.cmake")
    dapboot_stop("There is no ${DAPBOOT_PREFIX}-g++: install the cross compiler, or name another one with PREFIX=.")
endif()
set(DAPBOOT_OBJCOPY "${DAPBOOT_PREFIX}-objcopy")
set(DAPBOOT_OBJDUMP "${DAPBOOT_PREFIX}-objdump")
set(DAPBOOT_SIZE "${DAPBOOT_PREFIX}-size")
