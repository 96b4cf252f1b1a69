# SPDX-License-Identifier: ISC
# The build's knobs: every macro that DEFS may define. A name that is not here stops the build,
# because a misspelt knob would otherwise be an option silently not taken.
set(DAPBOOT_KNOBS
    HAVE_LED LED_GPIO_PORT LED_GPIO_PIN LED_OPEN_DRAIN
    HAVE_BUTTON BUTTON_GPIO_PORT BUTTON_GPIO_PIN BUTTON_ACTIVE_HIGH BUTTON_USES_PULL
    BUTTON_SAMPLE_DELAY_CYCLES
    HAVE_USB_PULLUP_CONTROL USB_PULLUP_GPIO_PORT USB_PULLUP_GPIO_PIN USB_PULLUP_ACTIVE_HIGH
    USB_PULLUP_OPEN_DRAIN
    FLASH_SIZE_OVERRIDE FLASH_PAGE_SIZE APP_BASE_ADDRESS REG_BOOT CMD_BOOT
    DFU_UPLOAD_AVAILABLE DFU_DOWNLOAD_AVAILABLE DFU_WILL_DETACH USB_DFU_ALTN
    TARGET_DFU_WTRANSFERSIZE
    USB_VID USB_PID
    USE_HSI HSE_VALUE
    HAVE_DOUBLE_RESET BOOT_WATCHDOG_SECONDS PROTECT_BOOTLOADER
    USES_GPIOA USES_GPIOB USES_GPIOC USES_GPIOD
)
# Knobs that hold a C string. Quotes that a shell has eaten are put back.
set(DAPBOOT_STRING_KNOBS
    LANDING_PAGE_URL USB_VENDOR_STRING USB_PRODUCT_STRING USB_INTERFACE_STRING
)

# dapboot_edit_distance(<a> <b> <out>): insertions, deletions and replacements that turn a into b.
function(dapboot_edit_distance a b out)
    string(LENGTH "${a}" rows)
    string(LENGTH "${b}" columns)
    set(previous "")
    foreach(column RANGE ${columns})
        list(APPEND previous ${column})
    endforeach()
    math(EXPR last_row "${rows} - 1")
    math(EXPR last_column "${columns} - 1")
    foreach(row RANGE ${last_row})
        string(SUBSTRING "${a}" ${row} 1 letter)
        math(EXPR left "${row} + 1")
        set(current ${left})
        foreach(column RANGE ${last_column})
            string(SUBSTRING "${b}" ${column} 1 other)
            math(EXPR above "${column} + 1")
            list(GET previous ${column} replaced)
            list(GET previous ${above} deleted)
            if(NOT letter STREQUAL other)
                math(EXPR replaced "${replaced} + 1")
            endif()
            math(EXPR deleted "${deleted} + 1")
            math(EXPR left "${left} + 1")
            foreach(candidate ${replaced} ${deleted})
                if(candidate LESS left)
                    set(left ${candidate})
                endif()
            endforeach()
            list(APPEND current ${left})
        endforeach()
        set(previous "${current}")
    endforeach()
    list(GET previous -1 distance)
    set(${out} ${distance} PARENT_SCOPE)
endfunction()

# dapboot_nearest_knob(<name> <out>): the knob whose name differs least.
function(dapboot_nearest_knob name out)
    set(best 1000)
    foreach(knob IN LISTS DAPBOOT_KNOBS DAPBOOT_STRING_KNOBS)
        dapboot_edit_distance("${name}" "${knob}" distance)
        if(distance LESS best)
            set(best ${distance})
            set(nearest ${knob})
        endif()
    endforeach()
    set(${out} ${nearest} PARENT_SCOPE)
endfunction()

# dapboot_parse_defs(<text> <out>): DEFS as a user writes it for a shell, as a list of compiler
# options. "-D NAME" becomes "-DNAME". Stops on a macro that is no knob and on a word that is no
# option.
function(dapboot_parse_defs text out)
    string(REGEX REPLACE "[\r\n\t]" " " text "${text}")
    # CMake would take it for the end of an option.
    if(text MATCHES ";")
        dapboot_stop("DEFS holds a semicolon, which cannot be passed on. In a landing page write %3B.")
    endif()
    separate_arguments(words UNIX_COMMAND "${text}")
    set(options "")
    set(expects_name FALSE)
    foreach(word IN LISTS words)
        if(expects_name)
            # Users type blanks inside the quotes of '-D NAME=…' too.
            set(word "-D${word}")
            set(expects_name FALSE)
        elseif(word STREQUAL "-D")
            set(expects_name TRUE)
            continue()
        endif()
        if(word MATCHES "^-D *([A-Za-z_][A-Za-z_0-9]*)(.*)$")
            set(name "${CMAKE_MATCH_1}")
            set(value "${CMAKE_MATCH_2}")
            if(name IN_LIST DAPBOOT_STRING_KNOBS)
                if(value MATCHES "^=([^\"].*)$")
                    set(value "=\"${CMAKE_MATCH_1}\"")
                endif()
            elseif(NOT name IN_LIST DAPBOOT_KNOBS)
                dapboot_nearest_knob("${name}" nearest)
                dapboot_stop("DEFS defines ${name}, which is no knob of this build."
                    " Did you mean ${nearest}?")
            endif()
            list(APPEND options "-D${name}${value}")
        elseif(word MATCHES "^-")
            list(APPEND options "${word}")
        else()
            dapboot_stop("DEFS holds '${word}', which is no compiler option."
                " Write -DNAME=VALUE, and quotes inside as \\\".")
        endif()
    endforeach()
    if(expects_name)
        dapboot_stop("DEFS ends with a -D that no name follows.")
    endif()
    set(${out} "${options}" PARENT_SCOPE)
endfunction()
