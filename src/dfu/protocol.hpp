// SPDX-License-Identifier: ISC
// Requests, states and status codes of USB Device Firmware Upgrade 1.1, spelled as there.
#pragma once

#include <cstdint>

namespace dfu {

/** bRequest (DFU 1.1 table 3.2). */
enum class Request : std::uint8_t {
    DFU_DETACH = 0,
    DFU_DNLOAD = 1,
    DFU_UPLOAD = 2,
    DFU_GETSTATUS = 3,
    DFU_CLRSTATUS = 4,
    DFU_GETSTATE = 5,
    DFU_ABORT = 6,
};
inline constexpr std::uint8_t request_count = 7;

/** bState (DFU 1.1 section 6.1.2). */
enum class State : std::uint8_t {
    appIDLE = 0,
    appDETACH = 1,
    dfuIDLE = 2,
    dfuDNLOAD_SYNC = 3,
    dfuDNBUSY = 4,
    dfuDNLOAD_IDLE = 5,
    dfuMANIFEST_SYNC = 6,
    dfuMANIFEST = 7,
    dfuMANIFEST_WAIT_RESET = 8,
    dfuUPLOAD_IDLE = 9,
    dfuERROR = 10,
};

/** bStatus (DFU 1.1 section 6.1.2). */
enum class Status : std::uint8_t {
    OK = 0x00,
    errTARGET = 0x01,  ///< the image cannot run here
    errFILE = 0x02,
    errWRITE = 0x03,  ///< the page is write-protected
    errERASE = 0x04,
    errCHECK_ERASED = 0x05,  ///< the page is not blank after its erase
    errPROG = 0x06,          ///< a half-word did not take what was written
    errVERIFY = 0x07,
    errADDRESS = 0x08,  ///< the image reaches past the end, or a block came out of order
    errNOTDONE = 0x09,  ///< the image ends before its own reset handler
    errFIRMWARE = 0x0A,
    errVENDOR = 0x0B,
    errUSBR = 0x0C,
    errPOR = 0x0D,
    errUNKNOWN = 0x0E,
    errSTALLEDPKT = 0x0F,  ///< a request that is not allowed in this state
};

/** What DFU_GETSTATUS answers (DFU 1.1 section 6.1.2). */
struct Report {
    Status bStatus;
    std::uint8_t bwPollTimeout;  ///< in milliseconds; its low byte, which is all that is needed here
    std::uint8_t bwPollTimeout_high[2];
    State bState;
    std::uint8_t iString;
};
static_assert(sizeof(Report) == 6);

/** Milliseconds of bwPollTimeout. */
struct Milliseconds {
    std::uint32_t count;
};

}  // namespace dfu
