# SPDX-License-Identifier: ISC
# Checksums and sizes of a release: cmake -DDIRECTORY= -DNAMES= -DEXTENSIONS= -DSIZE= -P this. Writes SHA256SUMS in the
# directory, as sha256sum -c reads it, and prints a table of NAMES, whose files must all be there.
include("${CMAKE_CURRENT_LIST_DIR}/elf_size.cmake")

set(sums "")
message("| bootloader | flash | RAM without stack |\n|---|---:|---:|")
foreach(name IN LISTS NAMES)
    foreach(extension IN LISTS EXTENSIONS)
        set(file "${name}.${extension}")
        if(NOT EXISTS "${DIRECTORY}/${file}")
            message(FATAL_ERROR " ${DIRECTORY}/${file} was not built.")
        endif()
        file(SHA256 "${DIRECTORY}/${file}" sum)
        string(APPEND sums "${sum}  ${file}\n")
    endforeach()
    dapboot_elf_size("${SIZE}" "${DIRECTORY}/${name}.elf" flash ram)
    message("| ${name} | ${flash} | ${ram} |")
endforeach()
file(WRITE "${DIRECTORY}/SHA256SUMS" "${sums}")
