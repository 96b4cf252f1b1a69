# SPDX-License-Identifier: ISC
# Installer images: applications that put a bootloader in the place of the one that starts them.
set(installer_dir "${CMAKE_CURRENT_LIST_DIR}")

# Where such an application may begin: behind the C dapboot, Maple's and STM32duino's bootloaders or Katapult, and
# behind the larger of Maple's. A high-memory bootloader is installed from the first only: the second has a standard one
# installed first.
set(DAPBOOT_INSTALLER_BASES 0x08002000 0x08005000)

# dapboot_installer_name(<bootloader's name> <base> <out>): install-dapboot-bluepill, and -at-0x08005000 for other bases
function(dapboot_installer_name bootloader base out)
    set(name "install-${bootloader}")
    if(NOT base EQUAL 0x08002000)
        string(APPEND name "-at-${base}")
    endif()
    set(${out} "${name}" PARENT_SCOPE)
endfunction()

# add_installer(<cmake target of the bootloader> <prefix of dapboot_describe_target> <base> <directory> <file name>
#     <options>): needs what add_bootloader has defined; <file name>.{elf,bin,hex,map,dfu} are made.
function(add_installer bootloader board base directory file_name options)
    set(name "${file_name}")
    set(payload_dir "${CMAKE_CURRENT_BINARY_DIR}/${name}-payload")
    file(MAKE_DIRECTORY "${payload_dir}")
    # Of a high-memory image, what lies at the top; the word in page 0 follows from it.
    add_custom_command(OUTPUT "${payload_dir}/payload.bin"
        COMMAND ${DAPBOOT_OBJCOPY} -O binary --remove-section=.start "$<TARGET_FILE:${bootloader}>"
            "${payload_dir}/payload.bin"
        DEPENDS ${bootloader} VERBATIM)
    dapboot_board_definitions(${board} definitions)
    # A source of its own, because its object depends on what it takes in.
    configure_file("${installer_dir}/payload.cpp" "${payload_dir}/payload.cpp" COPYONLY)
    set_source_files_properties("${payload_dir}/payload.cpp" PROPERTIES
        COMPILE_OPTIONS "-fno-lto;-Wa,-I,${payload_dir}"  # the optimiser knows no symbols of assembly
        OBJECT_DEPENDS "${payload_dir}/payload.bin")
    add_executable(${name} "${installer_dir}/main.cpp" "${installer_dir}/vectors.cpp" "${payload_dir}/payload.cpp")
    target_include_directories(${name} PRIVATE "${installer_dir}/../src" "${installer_dir}/..")
    target_compile_options(${name} PRIVATE ${DAPBOOT_COMPILE_OPTIONS} ${DAPBOOT_CXX_OPTIONS} ${options} ${definitions})
    set(installer_end 0x08010000)
    if(NOT ${board}_VARIANT STREQUAL "STANDARD")
        set(installer_end "${${board}_ORIGIN}")
    endif()
    target_link_options(${name} PRIVATE ${DAPBOOT_LINK_OPTIONS}
        "LINKER:--defsym=installer_base=${base}" "LINKER:--defsym=installer_end=${installer_end}"
        "-T${installer_dir}/installer.ld")
    target_link_libraries(${name} PRIVATE gcc)
    set_target_properties(${name} PROPERTIES LINK_DEPENDS "${installer_dir}/installer.ld")
    math(EXPR space "${installer_end} - ${base}")
    dapboot_image_files(${name} "${directory}" "${file_name}" ${space} 4096)
    # For any device: the bootloader that takes it may have any ids.
    find_program(DAPBOOT_DFU_SUFFIX dfu-suffix)
    if(DAPBOOT_DFU_SUFFIX)
        add_custom_command(TARGET ${name} POST_BUILD
            COMMAND ${CMAKE_COMMAND} "-DTOOL=${DAPBOOT_DFU_SUFFIX}" -DVID=ffff -DPID=ffff
                "-DIMAGE=${directory}/${file_name}.bin" "-DDFU=${directory}/${file_name}.dfu"
                -P "${installer_dir}/../kit/dfu_file.cmake"
            BYPRODUCTS "${directory}/${file_name}.dfu" VERBATIM)
    endif()
endfunction()
