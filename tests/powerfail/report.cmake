# SPDX-License-Identifier: ISC
# Puts the lines that the sweep's cases have left together and prints them as one table with totals. Prints nothing
# when none has run.
#   cmake -DREPORT_DIR=<where they are> -P report.cmake
cmake_minimum_required(VERSION 3.25)

# print(<folder> <title>): the lines of a folder, in the order of their names
function(print folder title)
    file(GLOB parts "${REPORT_DIR}/${folder}/*.txt")
    list(LENGTH parts count)
    if(count EQUAL 0)
        return()
    endif()
    file(READ "${REPORT_DIR}/${folder}/heading" table)
    set(columns ops cuts old new bootloader none other downloads)
    foreach(column IN LISTS columns)
        set(${column} 0)
    endforeach()
    foreach(part IN LISTS parts)
        file(READ "${part}" line)
        string(APPEND table "${line}")
        string(REGEX MATCHALL " [0-9]+" numbers "${line}")
        list(REVERSE numbers)  # a scenario's name may hold numbers too
        list(SUBLIST numbers 0 8 numbers)
        list(REVERSE numbers)
        foreach(column number IN ZIP_LISTS columns numbers)
            math(EXPR ${column} "${${column}} + ${number}")
        endforeach()
    endforeach()
    message("\n${title}\n\n${table}")
    message("${count} scenarios, ${cuts} cuts: ${old} old application, ${new} new one, ${bootloader} bootloader "
        "(${downloads} of them flashed again), ${none} in the window of page 0, ${other} other")
endfunction()

print(sweep "Power cut before, in the middle of and after every flash operation; what the chip then runs:")
print(mutants "The same with one mechanism of the bootloader turned off, which must show under \"other\":")

file(GLOB sentences "${REPORT_DIR}/sentences/*.txt")
foreach(sentence IN LISTS sentences)
    file(READ "${sentence}" text)
    string(STRIP "${text}" text)
    message("${text}")
endforeach()
