# SPDX-License-Identifier: ISC
# The kit as a CMake package and as a subproject:
#
#   find_package(dapboot-kit REQUIRED PATHS path/to/kit)      or      add_subdirectory(path/to/kit)
#   add_executable(myapp main.c)
#   dapboot_application(myapp LAYOUT standard-64k)
#
# needs a cross compiler: -DCMAKE_TOOLCHAIN_FILE=path/to/kit/toolchain.cmake, or one of your own.
if(NOT TARGET dapboot::kit)
    # dapboot.h, and the options of a Cortex-M3.
    add_library(dapboot::kit INTERFACE IMPORTED GLOBAL)
    target_include_directories(dapboot::kit INTERFACE "${CMAKE_CURRENT_LIST_DIR}")
    target_compile_options(dapboot::kit INTERFACE -mcpu=cortex-m3 -mthumb)
    target_link_options(dapboot::kit INTERFACE -mcpu=cortex-m3 -mthumb)
endif()

# dapboot_application(<target> [LAYOUT <script>] [STARTUP C|CXX|NONE] [BOARD <board>]): links an executable for where the
# bootloader starts it, and writes its .bin and .hex beside it, with dfu-util at hand also a .dfu.
#   LAYOUT   a linker script of the kit without its .ld: standard-64k (the default), standard-128k, standard-256k,
#            high-64k, high-128k, high-256k
#   STARTUP  the kit's startup.c (the default) or startup.cpp; NONE when the target brings its own
#   BOARD    the bootloader's TARGET without its variant, for dapboot_enter() (the default: BLUEPILL)
function(dapboot_application target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "LAYOUT;STARTUP;BOARD" "")
    set(kit "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
    if(NOT arg_LAYOUT)
        set(arg_LAYOUT standard-64k)
    endif()
    if(NOT arg_STARTUP)
        set(arg_STARTUP C)
    endif()
    set(script "${kit}/${arg_LAYOUT}.ld")
    if(arg_UNPARSED_ARGUMENTS OR NOT EXISTS "${script}" OR NOT arg_STARTUP MATCHES "^(C|CXX|NONE)$")
        message(FATAL_ERROR " dapboot_application(${ARGV}): LAYOUT is a linker script of the kit without its .ld, STARTUP"
            " is C, CXX or NONE, BOARD a board.")
    endif()

    if(arg_STARTUP STREQUAL "C")
        target_sources(${target} PRIVATE "${kit}/startup.c")
    elseif(arg_STARTUP STREQUAL "NONE")
        target_sources(${target} PRIVATE "${kit}/libc_init.c")
    else()
        target_sources(${target} PRIVATE "${kit}/startup.cpp")
        set_property(SOURCE "${kit}/startup.cpp" APPEND PROPERTY COMPILE_OPTIONS -std=c++20 -fno-exceptions -fno-rtti)
    endif()
    target_link_libraries(${target} PRIVATE dapboot::kit)
    if(arg_BOARD)
        target_compile_definitions(${target} PRIVATE DAPBOOT_BOARD=${arg_BOARD})
    endif()
    target_link_options(${target} PRIVATE -nostartfiles "-L${kit}" "-T${script}" -Wl,--gc-sections)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}" "${kit}/application.ld")
    get_target_property(suffix ${target} SUFFIX)
    if(NOT suffix)
        set_target_properties(${target} PROPERTIES SUFFIX ".elf")
    endif()

    find_program(DAPBOOT_DFU_SUFFIX dfu-suffix)
    set(elf "$<TARGET_FILE:${target}>")
    set(base "$<TARGET_FILE_DIR:${target}>/$<TARGET_FILE_BASE_NAME:${target}>")
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_OBJCOPY} -O binary --gap-fill=0xff "${elf}" "${base}.bin"
        COMMAND ${CMAKE_OBJCOPY} -O ihex "${elf}" "${base}.hex" VERBATIM)
    if(DAPBOOT_DFU_SUFFIX)
        add_custom_command(TARGET ${target} POST_BUILD
            COMMAND ${CMAKE_COMMAND} "-DTOOL=${DAPBOOT_DFU_SUFFIX}" "-DIMAGE=${base}.bin" "-DDFU=${base}.dfu"
                -P "${kit}/dfu_file.cmake" VERBATIM)
    endif()
endfunction()
