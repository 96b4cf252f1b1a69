# SPDX-License-Identifier: ISC
# Puts the lines that the sweep's cases have written together and prints them as one table.
#   cmake -DREPORT_DIR=<where they are> -P report.cmake
cmake_minimum_required(VERSION 3.25)
file(GLOB parts "${REPORT_DIR}/*.txt")
list(LENGTH parts count)
if(count EQUAL 0)
    message(FATAL_ERROR "no sweep has been run: ${REPORT_DIR} is empty")
endif()
set(table "")
foreach(part IN LISTS parts)
    file(READ "${part}" line)
    string(APPEND table "${line}")
endforeach()
file(READ "${REPORT_DIR}/heading" heading)
file(WRITE "${REPORT_DIR}/../powerfail.txt" "${heading}${table}")
message("${heading}${table}")
