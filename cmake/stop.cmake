# SPDX-License-Identifier: ISC
# dapboot_stop(<text>…): ends the build with one sentence, on one line. It is left in the file "stopped" of the build
# tree, too, because CMake surrounds it with lines of its own: cmake/configure.sh shows the sentence alone.
function(dapboot_stop)
    # Argument by argument, because a list would lose the semicolons of a text.
    set(sentence "")
    math(EXPR last "${ARGC} - 1")
    foreach(index RANGE ${last})
        string(APPEND sentence "${ARGV${index}}")
    endforeach()
    if(NOT CMAKE_SCRIPT_MODE_FILE)
        file(WRITE "${CMAKE_BINARY_DIR}/stopped" "${sentence}\n")
    endif()
    # A leading blank keeps CMake from breaking the line.
    message(FATAL_ERROR " ${sentence}")
endfunction()
