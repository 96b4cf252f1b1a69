# SPDX-License-Identifier: ISC
# dapboot_stop(<text>…): ends the build with one sentence, on one line.
function(dapboot_stop)
    string(CONCAT sentence ${ARGV})
    # A leading blank keeps CMake from breaking the line.
    message(FATAL_ERROR " ${sentence}")
endfunction()
