# SPDX-License-Identifier: ISC
# Toolchain file for the firmware and the application kit: Cortex-M3, bare metal.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m3)

set(DAPBOOT_PREFIX arm-none-eabi CACHE STRING "what stands before -gcc, -g++, -objcopy and so on")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DAPBOOT_PREFIX)

find_program(found_compiler "${DAPBOOT_PREFIX}-g++" NO_CACHE)
if(NOT found_compiler)
    include("${CMAKE_CURRENT_LIST_DIR}/stop.cmake")
    dapboot_stop("There is no ${DAPBOOT_PREFIX}-g++: install the cross compiler, or name another one with PREFIX=.")
endif()

set(CMAKE_C_COMPILER "${DAPBOOT_PREFIX}-gcc")
set(CMAKE_CXX_COMPILER "${DAPBOOT_PREFIX}-g++")
set(DAPBOOT_OBJCOPY "${DAPBOOT_PREFIX}-objcopy")
set(DAPBOOT_OBJDUMP "${DAPBOOT_PREFIX}-objdump")
set(DAPBOOT_SIZE "${DAPBOOT_PREFIX}-size")

# There is no startup code and no C library to link a test program with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
