# SPDX-License-Identifier: ISC
# Writes a DFU file, an image with the suffix of DFU 1.1 appendix B: cmake -DTOOL=dfu-suffix -DIMAGE= -DDFU= -P this.
# -DVID= and -DPID= name other devices than the bootloader; ffff is any.
if(NOT DEFINED VID)
    set(VID 1209)
    set(PID db42)
endif()
file(COPY_FILE "${IMAGE}" "${DFU}")
execute_process(COMMAND "${TOOL}" --vid ${VID} --pid ${PID} --add "${DFU}"
    RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT result EQUAL 0)
    file(REMOVE "${DFU}")
    message(FATAL_ERROR " ${TOOL} could not add a suffix to ${DFU}: ${said}")
endif()
