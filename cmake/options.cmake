# SPDX-License-Identifier: ISC
# The build's options: every macro that DEFS may define, and what its value looks like. What is not here, is written
# otherwise or is given twice stops the build with a sentence, before a compiler sees it. What a value may be, and which
# go together, depends on the board: src/config/options.hpp and layout.hpp say it, and dapboot_check_options asks them.
include("${CMAKE_CURRENT_LIST_DIR}/nearest.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/stop.cmake")

# name, and its kind:
#   switch    0 or 1; the name alone is 1
#   port      GPIOA to GPIOG
#   pin       GPIO0 to GPIO15
#   register  BKP1 to BKP10
#   bootloader  MAPLE
#   number    decimal or hexadecimal, with C's suffixes, and sums and products of such numbers
#   text      a C string, without the quotes or with them
set(DAPBOOT_OPTIONS
    "HAVE_LED switch" "LED_GPIO_PORT port" "LED_GPIO_PIN pin" "LED_OPEN_DRAIN switch"
    "HAVE_BUTTON switch" "BUTTON_GPIO_PORT port" "BUTTON_GPIO_PIN pin" "BUTTON_ACTIVE_HIGH switch"
    "BUTTON_USES_PULL switch" "BUTTON_SAMPLE_DELAY_CYCLES number"
    "HAVE_USB_PULLUP_CONTROL switch" "USB_PULLUP_GPIO_PORT port" "USB_PULLUP_GPIO_PIN pin"
    "USB_PULLUP_ACTIVE_HIGH switch" "USB_PULLUP_OPEN_DRAIN switch"
    "FLASH_SIZE_OVERRIDE number" "FLASH_PAGE_SIZE number" "APP_BASE_ADDRESS number"
    "REG_BOOT register" "CMD_BOOT number"
    "DFU_UPLOAD_AVAILABLE switch" "DFU_DOWNLOAD_AVAILABLE switch" "DFU_WILL_DETACH switch" "USB_DFU_ALTN number"
    "TARGET_DFU_WTRANSFERSIZE number"
    "USB_VID number" "USB_PID number" "USB_MICROSOFT_OS_10 switch"
    "LANDING_PAGE_URL text" "USB_VENDOR_STRING text" "USB_PRODUCT_STRING text" "USB_INTERFACE_STRING text"
    "USE_HSI switch" "HSE_VALUE number"
    "HAVE_DOUBLE_RESET switch" "BOOT_WATCHDOG_SECONDS number" "PROTECT_BOOTLOADER switch"
    "COMPATIBLE_WITH bootloader"
    "USES_GPIOA switch" "USES_GPIOB switch" "USES_GPIOC switch" "USES_GPIOD switch"
)

set(dapboot_form_switch "^[01]$")
set(dapboot_form_port "^GPIO[A-G]$")
set(dapboot_form_pin "^GPIO([0-9]|1[0-5])$")
set(dapboot_form_register "^BKP([1-9]|10)$")
set(dapboot_form_bootloader "^MAPLE$")
set(dapboot_number "(0[xX][0-9a-fA-F]+|[0-9]+)[uU]?[lL]?[lL]?")
set(dapboot_form_number "^\\(*${dapboot_number}\\)*([-+*]\\(*${dapboot_number}\\)*)*$")
set(dapboot_form_text "^[^\"\\\\]+$")

set(dapboot_words_switch "is 0 or 1")
set(dapboot_words_port "is a port, GPIOA to GPIOG")
set(dapboot_words_pin "is a pin, GPIO0 to GPIO15")
set(dapboot_words_register "is a backup register, BKP1 to BKP10")
set(dapboot_words_bootloader "names a bootloader whose place this one takes: MAPLE")
set(dapboot_words_number "is a number, such as 1024 or 0x400")
set(dapboot_words_text "is a text without quotes and backslashes inside")

# dapboot_option_kind(<name> <out>): "switch", "port" and so on. A name that is not an option stops the build.
function(dapboot_option_kind name out)
    set(names "")
    foreach(option IN LISTS DAPBOOT_OPTIONS)
        if(option MATCHES "^${name} (.*)$")
            set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
            return()
        endif()
        string(REGEX REPLACE " .*" "" option "${option}")
        list(APPEND names "${option}")
    endforeach()
    dapboot_nearest("${name}" nearest ${names})
    if(nearest)
        dapboot_stop("DEFS sets ${name}, which is not an option of this build. Did you mean ${nearest}?")
    endif()
    dapboot_stop("DEFS sets ${name}, which is not an option of this build; docs/options.md lists them.")
endfunction()

# dapboot_option(<definition> <out>): one "NAME=VALUE" or "NAME", its value checked against its kind, as a compiler
# option; the quotes of a text, which a shell may have eaten, are put back.
function(dapboot_option definition out)
    if(NOT definition MATCHES "^([A-Za-z_][A-Za-z_0-9]*)(=(.*))?$")
        dapboot_stop("DEFS holds '-D${definition}', which is not written as -DNAME=VALUE.")
    endif()
    set(name "${CMAKE_MATCH_1}")
    set(value "${CMAKE_MATCH_3}")
    dapboot_option_kind("${name}" kind)
    if(NOT definition MATCHES "=" AND kind STREQUAL "switch")
        set(value 1)
    endif()
    if(kind STREQUAL "text" AND value MATCHES "^\"(.*)\"$")
        set(value "${CMAKE_MATCH_1}")
    endif()
    set(compact "${value}")
    if(NOT kind STREQUAL "text")
        string(REPLACE " " "" compact "${value}")
    endif()
    if("${value}" STREQUAL "")
        dapboot_stop("DEFS gives ${name} no value: it ${dapboot_words_${kind}}.")
    endif()
    if(NOT compact MATCHES "${dapboot_form_${kind}}")
        dapboot_stop("DEFS sets ${name}=${value}, but it ${dapboot_words_${kind}}.")
    endif()
    if(kind STREQUAL "number")
        string(REGEX REPLACE "[uUlL]" "" plain "${compact}")
        string(REGEX REPLACE "[^(]" "" opened "${plain}")
        string(REGEX REPLACE "[^)]" "" closed "${plain}")
        string(LENGTH "${opened}" opened)
        string(LENGTH "${closed}" closed)
        if(opened EQUAL closed)
            math(EXPR plain "${plain}")
        endif()
        if(NOT opened EQUAL closed OR plain LESS 0 OR plain GREATER 0xFFFFFFFF)
            dapboot_stop("DEFS sets ${name}=${value}, but it ${dapboot_words_number}, of 32 bits.")
        endif()
    endif()
    if(kind STREQUAL "text")
        set(compact "\"${value}\"")
    endif()
    set(${out} "-D${name}=${compact}" PARENT_SCOPE)
endfunction()

# dapboot_parse_defs(<text> <out>): DEFS as a user writes it for a shell, as a list of compiler options. "-D NAME"
# becomes "-DNAME", and a text may hold blanks inside of quotes of any kind. Stops with a sentence on all that cannot
# be meant.
function(dapboot_parse_defs text out)
    string(REGEX REPLACE "[\r\n\t]" " " text "${text}")
    # CMake would take it for the end of an option.
    if(text MATCHES ";")
        dapboot_stop("DEFS holds a semicolon, which cannot be passed on. In a landing page write %3B.")
    endif()
    separate_arguments(words UNIX_COMMAND "${text}")
    set(options "")
    set(names "")
    set(pending "")
    foreach(word IN LISTS words)
        # "-D NAME", with any number of blanks, also inside of quotes; and a text whose quotes were escaped, so that
        # its blanks separated it.
        if(pending MATCHES "=\"")
            string(APPEND pending " ${word}")
        elseif(pending STREQUAL "-D")
            string(APPEND pending "${word}")
        else()
            set(pending "${word}")
        endif()
        string(REGEX REPLACE "^-D +" "-D" pending "${pending}")
        if(pending STREQUAL "-D" OR pending MATCHES "^-D[^\"]*=\"[^\"]*$")
            continue()
        endif()
        set(word "${pending}")
        set(pending "")
        if(word MATCHES "^-D(.*)$")
            dapboot_option("${CMAKE_MATCH_1}" option)
            string(REGEX REPLACE "=.*" "" name "${option}")
            if(name IN_LIST names)
                string(SUBSTRING "${name}" 2 -1 name)
                dapboot_stop("DEFS sets ${name} twice.")
            endif()
            list(APPEND names "${name}")
            list(APPEND options "${option}")
        elseif(word MATCHES "^-U *([A-Za-z_0-9]*)")
            dapboot_stop("DEFS holds '${word}': an option is not undefined but set, such as -D${CMAKE_MATCH_1}=0.")
        elseif(word MATCHES "^-")
            list(APPEND options "${word}")
        else()
            dapboot_stop("DEFS holds '${word}', which is not a compiler option. Write -DNAME=VALUE, and a text with"
                " blanks in quotes: DEFS='-DUSB_PRODUCT_STRING=\"My Gadget\"'.")
        endif()
    endforeach()
    if(pending STREQUAL "-D")
        dapboot_stop("DEFS ends with a -D that no name follows.")
    elseif(NOT pending STREQUAL "")
        dapboot_stop("DEFS holds '${pending}', in which a quote is not closed.")
    endif()
    set(${out} "${options}" PARENT_SCOPE)
endfunction()

# dapboot_check_options(<compiler option>…): compiles the board with the options and nothing else. The sentence of the
# first relation that does not hold stops the build.
function(dapboot_check_options)
    execute_process(
        COMMAND "${CMAKE_CXX_COMPILER}" ${ARGN} -fsyntax-only -fdiagnostics-color=never -include config/layout.hpp
            -x c++ /dev/null
        RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(result EQUAL 0)
        return()
    endif()
    if(said MATCHES "static assertion failed: ([^\n]+)")
        dapboot_stop("${CMAKE_MATCH_1}.")
    endif()
    message(FATAL_ERROR " The board does not compile with these options:\n${said}")
endfunction()
