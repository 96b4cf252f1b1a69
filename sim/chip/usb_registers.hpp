// SPDX-License-Identifier: ISC
// Bits of the USB registers, RM0008 23.5.
#pragma once

#include <cstdint>

namespace sim::chip::usb_bits {

// USB_EPnR
inline constexpr std::uint16_t ctr_rx = 0x8000, dtog_rx = 0x4000, stat_rx = 0x3000, setup_flag = 0x0800,
                               ep_type = 0x0600, ep_kind = 0x0100, ctr_tx = 0x0080, dtog_tx = 0x0040, stat_tx = 0x0030,
                               ea = 0x000f;
inline constexpr std::uint16_t type_bulk = 0x0000, type_control = 0x0200, type_isochronous = 0x0400;
inline constexpr unsigned stat_rx_at = 12, stat_tx_at = 4;
/// Double-buffered bulk and isochronous endpoints have two buffers for their one direction, and the
/// toggle bit of the other direction becomes SW_BUF (23.4.3, 23.4.4).
constexpr bool isochronous(std::uint16_t ep) {
    return (ep & ep_type) == type_isochronous;
}
constexpr bool double_buffered(std::uint16_t ep) {
    return (ep & (ep_type | ep_kind)) == (type_bulk | ep_kind);
}
enum Stat : std::uint16_t { disabled = 0, stall = 1, nak = 2, valid = 3 };

// USB_CNTR
inline constexpr std::uint16_t fres = 0x0001, pdwn = 0x0002, lpmode = 0x0004, fsusp = 0x0008;

// USB_ISTR
inline constexpr std::uint16_t ctr_flag = 0x8000, pmaovr = 0x4000, err = 0x2000, wkup = 0x1000, susp = 0x0800,
                               reset_flag = 0x0400, sof_flag = 0x0200, esof = 0x0100, dir = 0x0010;
inline constexpr std::uint16_t rc_w0 = pmaovr | err | wkup | susp | reset_flag | sof_flag | esof;

}  // namespace sim::chip::usb_bits
