# SPDX-License-Identifier: ISC
# Every target there is, in one table: target, size of a flash page in KiB, and the variants that exist.
# The board header is the target's name in lower case, src/boards/<target>.hpp.
# A new board is its header and a line here.
include("${CMAKE_CURRENT_LIST_DIR}/nearest.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/stop.cmake")

set(DAPBOOT_BOARD_TABLE
    "STM32F103         1  STANDARD HIGH HIGH_128"
    "BLUEPILL          1  STANDARD HIGH HIGH_128"
    "BLUEPILLPLUSSTM32 1  STANDARD HIGH HIGH_128"
    "BLUEPILLPLUSGD32  2  STANDARD"
    "MAPLEMINI         1  STANDARD HIGH HIGH_128"
    "STLINK            1  STANDARD HIGH HIGH_128"
    "OLIMEXSTM32H103   1  STANDARD HIGH HIGH_128"
    "BTTSKRMINIE3V2    2  STANDARD HIGH HIGH_128 HIGH_256"
)

# Bytes of flash a bootloader may fill; a high-memory one of a board with 2 KiB pages has the rest of its second page,
# too. The linker enforces it.
set(DAPBOOT_FLASH_LIMIT 3072)

# dapboot_all_targets(<out>): every target with every variant as a user types it: BLUEPILL;BLUEPILL_HIGH;…
function(dapboot_all_targets out)
    set(names "")
    foreach(row IN LISTS DAPBOOT_BOARD_TABLE)
        separate_arguments(row UNIX_COMMAND "${row}")
        list(POP_FRONT row board page)
        foreach(variant IN LISTS row)
            if(variant STREQUAL "STANDARD")
                list(APPEND names "${board}")
            else()
                list(APPEND names "${board}_${variant}")
            endif()
        endforeach()
    endforeach()
    set(${out} "${names}" PARENT_SCOPE)
endfunction()

# dapboot_describe_target(<target> <prefix> [<options>]): splits BOARD[_VARIANT] and sets, as the user's compiler
# options (-DFLASH_PAGE_SIZE=, -DPROTECT_BOOTLOADER=) would have it,
#   <prefix>_BOARD_HEADER   "boards/bluepill.hpp"
#   <prefix>_VARIANT        STANDARD, HIGH, HIGH_128 or HIGH_256
#   <prefix>_FILE           bluepill-high-128, for names of files
#   <prefix>_ORIGIN         where the bootloader sits
#   <prefix>_LENGTH         bytes of flash it may fill
#   <prefix>_RAM_LENGTH     bytes of RAM it may fill, stack included
# An unknown target stops the build.
function(dapboot_describe_target target prefix)
    set(options "${ARGN}")
    foreach(row IN LISTS DAPBOOT_BOARD_TABLE)
        separate_arguments(row UNIX_COMMAND "${row}")
        list(POP_FRONT row board page)
        foreach(variant IN LISTS row)
            if((variant STREQUAL "STANDARD" AND target STREQUAL board)
               OR target STREQUAL "${board}_${variant}")
                set(found TRUE)
                set(found_board "${board}")
                set(found_page "${page}")
                set(found_variant "${variant}")
            endif()
        endforeach()
    endforeach()
    if(NOT found)
        dapboot_all_targets(names)
        dapboot_nearest("${target}" nearest ${names})
        list(JOIN names " " all)
        if(nearest)
            dapboot_stop("There is no TARGET=${target}. Did you mean ${nearest}? There are: ${all}")
        endif()
        dapboot_stop("There is no TARGET=${target}. There are: ${all}")
    endif()

    string(TOLOWER "${found_board}" header)
    string(TOLOWER "${target}" file)
    string(REPLACE "_" "-" file "${file}")

    if(options MATCHES "-DFLASH_PAGE_SIZE=(1024|2048)")
        math(EXPR found_page "${CMAKE_MATCH_1} / 1024")
    endif()
    # Write protection comes in units of 4 KiB, so a bootloader that asks for it has all of one; and so has one that takes
    # the place of a larger one. Two resets or a watchdog do not fit into three pages beside everything else.
    set(length "${DAPBOOT_FLASH_LIMIT}")
    if(options MATCHES "-DPROTECT_BOOTLOADER=1|-DCOMPATIBLE_WITH=|-DHAVE_DOUBLE_RESET=1|-DBOOT_WATCHDOG_SECONDS=[1-9]")
        set(length 4096)
    endif()

    # A high-memory bootloader fills whole pages below the end of the flash, and may use all of them.
    math(EXPR page_bytes "${found_page} * 1024")
    if(NOT found_variant STREQUAL "STANDARD")
        math(EXPR length "(${length} + ${page_bytes} - 1) / ${page_bytes} * ${page_bytes}")
    endif()
    set(flash_end_HIGH 0x08010000)
    set(flash_end_HIGH_128 0x08020000)
    set(flash_end_HIGH_256 0x08040000)
    if(found_variant STREQUAL "STANDARD")
        set(origin 0x08000000)
    else()
        math(EXPR origin "${flash_end_${found_variant}} - ${length}" OUTPUT_FORMAT HEXADECIMAL)
    endif()
    # Two pages and a block are gathered in RAM. The smallest parts have 6 KiB, those with pages of 2 KiB at least 48.
    math(EXPR ram_length "${found_page} * 4096 + 2048")

    set(${prefix}_BOARD_HEADER "boards/${header}.hpp" PARENT_SCOPE)
    set(${prefix}_VARIANT "${found_variant}" PARENT_SCOPE)
    set(${prefix}_FILE "${file}" PARENT_SCOPE)
    set(${prefix}_ORIGIN "${origin}" PARENT_SCOPE)
    set(${prefix}_LENGTH "${length}" PARENT_SCOPE)
    set(${prefix}_RAM_LENGTH "${ram_length}" PARENT_SCOPE)
endfunction()
