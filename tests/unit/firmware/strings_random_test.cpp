// SPDX-License-Identifier: ISC
// String descriptors of any text.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "usb/descriptors.hpp"

namespace firmware_test {
namespace {

RC_GTEST_PROP(Strings, AnyCodePointBecomesItsUtf16, (std::uint32_t seed)) {
    std::uint32_t code = seed % 0x11'0000;
    if (code >= 0xD800 && code < 0xE000) code -= 0x800;
    std::string utf8;
    const auto tail = [&](unsigned shift) { utf8.push_back(static_cast<char>(0x80 | (code >> shift & 0x3F))); };
    if (code < 0x80) {
        utf8.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        utf8.push_back(static_cast<char>(0xC0 | code >> 6));
        tail(0);
    } else if (code < 0x1'0000) {
        utf8.push_back(static_cast<char>(0xE0 | code >> 12));
        tail(6);
        tail(0);
    } else {
        utf8.push_back(static_cast<char>(0xF0 | code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
    const auto units = usb::wire::utf16(utf8);
    if (code < 0x1'0000) {
        RC_ASSERT(units.size == 2U);
        RC_ASSERT((units.data[0] | units.data[1] << 8U) == code);
    } else {
        RC_ASSERT(units.size == 4U);
        const unsigned high = units.data[0] + 256U * units.data[1];
        const unsigned low = units.data[2] + 256U * units.data[3];
        RC_ASSERT((high & 0xFC00) == 0xD800U);
        RC_ASSERT((low & 0xFC00) == 0xDC00U);
        RC_ASSERT(0x1'0000 + ((high & 0x3FF) << 10 | (low & 0x3FF)) == code);
    }
}

}  // namespace
}  // namespace firmware_test
