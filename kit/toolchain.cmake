# SPDX-License-Identifier: ISC
# Toolchain file for a Cortex-M3 without an operating system: cmake -DCMAKE_TOOLCHAIN_FILE=<this file> …
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m3)

set(DAPBOOT_PREFIX arm-none-eabi CACHE STRING "what stands before -gcc, -g++, -objcopy and so on")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DAPBOOT_PREFIX)

set(CMAKE_C_COMPILER "${DAPBOOT_PREFIX}-gcc")
set(CMAKE_CXX_COMPILER "${DAPBOOT_PREFIX}-g++")
set(CMAKE_ASM_COMPILER "${DAPBOOT_PREFIX}-gcc")

# There is no startup code and no C library to link a test program with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
