// SPDX-License-Identifier: ISC
// Packing of descriptors: nothing is lost, whatever they hold.
#include "usb/packed.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firmware_test {
namespace {

RC_GTEST_PROP(Packed, UnpackingGivesBackWhatWasPacked, ()) {
    // Zeroes are frequent: they are what the packing is about.
    const auto octet = rc::gen::weightedOneOf<std::uint8_t>(
        {{2, rc::gen::just<std::uint8_t>(0)}, {1, rc::gen::arbitrary<std::uint8_t>()}});
    const auto plain = *rc::gen::oneOf(rc::gen::container<std::vector<std::uint8_t>>(octet),
                                       rc::gen::resize(400, rc::gen::container<std::vector<std::uint8_t>>(octet)),
                                       rc::gen::map(rc::gen::inRange<std::size_t>(0, 512),
                                                    [](std::size_t n) { return std::vector<std::uint8_t>(n, 0); }),
                                       rc::gen::map(rc::gen::inRange<std::size_t>(0, 512),
                                                    [](std::size_t n) { return std::vector<std::uint8_t>(n, 0x41); }));
    RC_PRE(!plain.empty() && plain.size() <= 512U);

    usb::Bytes<512> bytes;
    for (const std::uint8_t value : plain)
        bytes.append(value);
    const auto packed = usb::pack(bytes);
    std::vector<std::uint8_t> unpacked(plain.size() + 2, 0xEE);
    const usb::Unpacked ends = usb::unpack(packed.data.data(), unpacked.data());
    RC_ASSERT(ends.from == packed.data.data() + packed.size);
    RC_ASSERT(ends.to == unpacked.data() + plain.size());
    RC_ASSERT(unpacked.back() == 0xEE);
    unpacked.resize(plain.size());
    RC_ASSERT(unpacked == plain);
}

TEST(Packed, AStringTakesABytePerCharacter) {
    usb::Bytes<64> text;
    for (const char c : std::string("WINUSB text of 24 bytes.")) {
        text.append(static_cast<std::uint8_t>(c)).append(0);
    }
    EXPECT_EQ(usb::pack(text).size, 1U + 24U);
}

}  // namespace
}  // namespace firmware_test
