# SPDX-License-Identifier: ISC
# Writes a DFU file, an image with the suffix of DFU 1.1 appendix B: cmake -DTOOL=dfu-suffix -DIMAGE= -DDFU= -P this.
file(COPY_FILE "${IMAGE}" "${DFU}")
execute_process(COMMAND "${TOOL}" --vid 1209 --pid db42 --add "${DFU}"
    RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT result EQUAL 0)
    file(REMOVE "${DFU}")
    message(FATAL_ERROR " ${TOOL} could not add a suffix to ${DFU}: ${said}")
endif()
