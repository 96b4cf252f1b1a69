# SPDX-License-Identifier: ISC
# Builds bootloaders in which one mechanism is turned off: copies the sources, changes one line, makes the target.
# A line that is not there exactly once is an error: then the mechanism has moved, and this file has to follow.
#   cmake -DSOURCE_DIR=<root of the tree> -DOUTPUT_DIR=<where dapboot-<mutant>.elf go> -P mutants.cmake
cmake_minimum_required(VERSION 3.25)

set(update "src/dfu/update.hpp")

# mutant(<name> <TARGET> <file> <line> <what stands there instead>)
function(mutant name target file line instead)
    file(READ "${SOURCE_DIR}/${file}" text)
    string(REPLACE "${line}" "${instead}" changed "${text}")
    string(LENGTH "${line}" line_length)
    string(LENGTH "${instead}" instead_length)
    string(LENGTH "${text}" before)
    string(LENGTH "${changed}" after)
    math(EXPR once "${before} - ${line_length} + ${instead_length}")
    if(text STREQUAL changed OR NOT after EQUAL once)
        message(FATAL_ERROR "mutant ${name}: ${file} does not hold this line exactly once: ${line}")
    endif()

    set(copy "${OUTPUT_DIR}/${name}")
    string(SHA256 stamp "${sources_hash};${target};${changed}")
    if(EXISTS "${copy}/stamp" AND EXISTS "${OUTPUT_DIR}/dapboot-${name}.elf")
        file(READ "${copy}/stamp" built)
        if(built STREQUAL stamp)
            return()
        endif()
    endif()
    file(REMOVE_RECURSE "${copy}")
    foreach(folder src cmake kit)
        file(REAL_PATH "${SOURCE_DIR}/${folder}" real)  # its content, should the folder be a link
        file(COPY "${real}/" DESTINATION "${copy}/${folder}"
            PATTERN "*.bin" EXCLUDE PATTERN "*.elf" EXCLUDE PATTERN "local.mk" EXCLUDE)
    endforeach()
    file(COPY "${SOURCE_DIR}/CMakeLists.txt" DESTINATION "${copy}")  # it has the version
    # A mutation must never reach the sources themselves, whatever links lead there.
    file(REAL_PATH "${copy}" real_copy)
    file(REAL_PATH "${copy}/${file}" real_file)
    cmake_path(IS_PREFIX real_copy "${real_file}" inside)
    if(NOT inside)
        message(FATAL_ERROR "mutant ${name}: ${copy}/${file} is a link to ${real_file}; nothing has been changed")
    endif()
    file(WRITE "${copy}/${file}" "${changed}")
    execute_process(
        COMMAND make -C "${copy}/src" "TARGET=${target}" "BUILD_DIR=${copy}/build" "OUTPUT_DIR=${copy}"
        OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "mutant ${name} does not build:\n${output}")
    endif()
    file(COPY_FILE "${copy}/dapboot.elf" "${OUTPUT_DIR}/dapboot-${name}.elf")
    file(WRITE "${copy}/stamp" "${stamp}")
    message(STATUS "built mutant ${name}")
endfunction()

file(GLOB_RECURSE sources "${SOURCE_DIR}/src/*.hpp" "${SOURCE_DIR}/src/*.cpp" "${SOURCE_DIR}/src/*.ld"
    "${SOURCE_DIR}/src/Makefile" "${SOURCE_DIR}/src/CMakeLists.txt" "${SOURCE_DIR}/CMakeLists.txt" "${SOURCE_DIR}/cmake/*.cmake")
set(sources_hash "")
foreach(source IN LISTS sources)
    file(SHA256 "${source}" one)
    string(APPEND sources_hash "${one}")
endforeach()

foreach(layout "BLUEPILL" "BLUEPILL_HIGH")
    string(TOLOWER "${layout}" suffix)
    string(REPLACE "_" "-" suffix "${suffix}")

    mutant("not-invalidated-${suffix}" "${layout}" "${update}"
        "    static Status open() {\n"
        "    static Status open() {\n        return Status::OK;\n")

    mutant("size-unchecked-${suffix}" "${layout}" "${update}"
        "if (window_ - place.page + fill_ > end()) return Status::errADDRESS;"
        "")
endforeach()

mutant("vectors-first-bluepill" "BLUEPILL" "${update}"
    "    Status write() {\n"
    "    Status write() {\n        if (fill_ >= 2 * place.page) store(place.application_base, vector_page());\n")

mutant("stack-first-bluepill" "BLUEPILL" "${update}"
    "constexpr std::uint32_t start = 4;"
    "constexpr std::uint32_t start = 0;")

mutant("record-ignored-bluepill-high" "BLUEPILL_HIGH" "${update}"
    "            if (update_is_open()) return false;\n"
    "")
