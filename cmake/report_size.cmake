# SPDX-License-Identifier: ISC
# Prints what an ELF file takes of flash and RAM: cmake -DELF= -DSIZE= -DFLASH_LIMIT= -DRAM_LIMIT= -P this.
# A section counts where it runs; .data counts in flash too, where its first values wait.
execute_process(COMMAND ${SIZE} -A -d "${ELF}"
    OUTPUT_VARIABLE listing RESULT_VARIABLE result ERROR_VARIABLE reason)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${SIZE} cannot read ${ELF}: ${reason}")
endif()

set(flash_used 0)
set(ram_used 0)
string(REPLACE "\n" ";" lines "${listing}")
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([^ ]+) +([0-9]+) +([0-9]+) *$")
        continue()
    endif()
    set(section "${CMAKE_MATCH_1}")
    set(bytes "${CMAKE_MATCH_2}")
    math(EXPR region "${CMAKE_MATCH_3} >> 24")
    if(region EQUAL 0x08)
        math(EXPR flash_used "${flash_used} + ${bytes}")
    elseif(region EQUAL 0x20)
        math(EXPR ram_used "${ram_used} + ${bytes}")
        if(section MATCHES "^\\.data")
            math(EXPR flash_used "${flash_used} + ${bytes}")
        endif()
    endif()
endforeach()

get_filename_component(name "${ELF}" NAME_WE)
math(EXPR stack "${RAM_LIMIT} - ${ram_used}")
message("${name}: flash ${flash_used} of ${FLASH_LIMIT} bytes, RAM ${RAM_LIMIT} bytes: ${ram_used} data, ${stack} stack")
