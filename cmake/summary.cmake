# SPDX-License-Identifier: ISC
# Checksums and sizes of a release:
#
#   cmake -DDIRECTORY= -DBOOTLOADERS= -DINSTALLERS= -DAPPLICATIONS= -DSIZE= -P this
#
# Writes SHA256SUMS in the directory, as sha256sum -c reads it, and prints a table. The files of all names must be there.
include("${CMAKE_CURRENT_LIST_DIR}/elf_size.cmake")

set(sums "")
# dapboot_summary(<heading> <names> <extensions>)
macro(dapboot_summary heading names extensions)
    message("| ${heading} | flash | RAM without stack |\n|---|---:|---:|")
    foreach(name ${names})
        foreach(extension ${extensions})
            set(file "${name}.${extension}")
            if(NOT EXISTS "${DIRECTORY}/${file}")
                message(FATAL_ERROR " ${DIRECTORY}/${file} was not built.")
            endif()
            file(SHA256 "${DIRECTORY}/${file}" sum)
            string(APPEND sums "${sum}  ${file}\n")
        endforeach()
        dapboot_elf_size("${SIZE}" "${DIRECTORY}/${name}.elf" used)
        message("| ${name} | ${used_flash} | ${used_ram} |")
    endforeach()
endmacro()
dapboot_summary(bootloader "${BOOTLOADERS}" "bin;hex;elf;map")
message("")
dapboot_summary(installer "${INSTALLERS}" "bin;hex;elf;map;dfu")
message("")
dapboot_summary(application "${APPLICATIONS}" "bin;hex;elf;map;dfu")
file(WRITE "${DIRECTORY}/SHA256SUMS" "${sums}")
