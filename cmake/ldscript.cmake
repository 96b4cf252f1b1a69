# SPDX-License-Identifier: ISC
# Reads the memory regions out of a linker script that a user brings (LDSCRIPT=).

# dapboot_bytes(<expression> <out>): the value of sums and differences of numbers as linker scripts write
# them: 0x08000000, 8192, 8K, 1M, "0x08000000 + 64K - 3K". Empty when it is anything else.
function(dapboot_bytes expression out)
    string(REGEX REPLACE "([0-9])[kK]" "\\1*1024" plain "${expression}")
    string(REGEX REPLACE "([0-9])M" "\\1*1048576" plain "${plain}")
    set(value "")
    if(plain MATCHES "^[ ()xX0-9a-fA-F+*-]+$")
        math(EXPR value "${plain}")
    endif()
    set(${out} "${value}" PARENT_SCOPE)
endfunction()

# dapboot_read_ldscript(<file> <prefix>): sets <prefix>_ORIGIN, <prefix>_LENGTH (region "rom") and
# <prefix>_RAM_LENGTH (region "ram"). What follows MEMORY in the file, such as an INCLUDE of another
# library's sections, has no meaning here; a script with SECTIONS of its own is refused.
function(dapboot_read_ldscript file prefix)
    if(NOT EXISTS "${file}")
        dapboot_stop("LDSCRIPT=${file} does not exist.")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    string(REPLACE ";" " " text "${text}")
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" " " text "${text}")
    string(REGEX REPLACE "[ \t\r\n]+" " " text "${text}")
    if(text MATCHES "SECTIONS ?{")
        dapboot_stop("LDSCRIPT=${file} has SECTIONS of its own."
            " Only its MEMORY { rom, ram } is used: take the SECTIONS out.")
    endif()
    foreach(region rom ram)
        set(number "([^,}]+)")
        if(NOT text MATCHES
           "[{ ]${region} ?(\\([a-z!]*\\))? ?: ?(ORIGIN|org|o) ?= ?${number}, ?(LENGTH|len|l) ?= ?([-0-9a-fA-FxXkKM+() ]+)")
            dapboot_stop("LDSCRIPT=${file} sets no region '${region}' as"
                " '${region} : ORIGIN = address, LENGTH = bytes'.")
        endif()
        set(origin_text "${CMAKE_MATCH_3}")
        set(length_text "${CMAKE_MATCH_5}")
        # The next region's name can begin with a letter that is also a hexadecimal digit.
        if(length_text MATCHES "^([^ ]+( [-+] [^ ]+)*)")
            set(length_text "${CMAKE_MATCH_1}")
        endif()
        dapboot_bytes("${origin_text}" ${region}_origin)
        dapboot_bytes("${length_text}" ${region}_length)
        if("${${region}_origin}" STREQUAL "" OR "${${region}_length}" STREQUAL "")
            dapboot_stop("LDSCRIPT=${file}: region '${region}' is not written in plain numbers.")
        endif()
    endforeach()
    if(NOT ram_origin EQUAL 0x20000000)
        dapboot_stop("LDSCRIPT=${file}: RAM begins at 0x20000000 on this chip.")
    endif()
    math(EXPR origin "${rom_origin}" OUTPUT_FORMAT HEXADECIMAL)
    set(${prefix}_ORIGIN "${origin}" PARENT_SCOPE)
    set(${prefix}_LENGTH "${rom_length}" PARENT_SCOPE)
    set(${prefix}_RAM_LENGTH "${ram_length}" PARENT_SCOPE)
endfunction()

# dapboot_use_regions(<board> <user>): takes the user's regions in place of the board's, where the bootloader can
# live in them: a standard one starts where the chip does, a high-memory one stays above every application.
macro(dapboot_use_regions board user)
    if(${board}_VARIANT STREQUAL "STANDARD" AND NOT ${user}_ORIGIN EQUAL ${board}_ORIGIN)
        dapboot_stop("LDSCRIPT puts rom at ${${user}_ORIGIN}, but the chip starts at ${${board}_ORIGIN}.")
    endif()
    if(NOT ${board}_VARIANT STREQUAL "STANDARD" AND ${user}_ORIGIN LESS ${board}_ORIGIN)
        dapboot_stop("LDSCRIPT puts rom at ${${user}_ORIGIN}, where applications may be written:"
            " a high-memory bootloader of this target begins at ${${board}_ORIGIN} or above.")
    endif()
    set(${board}_ORIGIN "${${user}_ORIGIN}")
    set(${board}_LENGTH "${${user}_LENGTH}")
    set(${board}_RAM_LENGTH "${${user}_RAM_LENGTH}")
endmacro()
