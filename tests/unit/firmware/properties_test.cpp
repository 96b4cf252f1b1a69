// SPDX-License-Identifier: ISC
// Every property on the host build, in both layouts.
#include <algorithm>

#include <fmt/format.h>

#include "flasher/properties/examination.hpp"
#include "tests/unit/firmware/host_build.hpp"

namespace firmware_test {
namespace {

using flasher::properties::Property;

template <class L>
class PropertiesOfHostBuild : public testing::TestWithParam<Property> {};

using PropertiesOfStandard = PropertiesOfHostBuild<Standard>;
TEST_P(PropertiesOfStandard, Holds) {
    HostBuild<Standard> device;
    property_test::run(GetParam(), device);
}
using PropertiesOfHigh = PropertiesOfHostBuild<High>;
TEST_P(PropertiesOfHigh, Holds) {
    HostBuild<High> device;
    property_test::run(GetParam(), device);
}
using PropertiesOfTolerant = PropertiesOfHostBuild<BigPages>;
TEST_P(PropertiesOfTolerant, Holds) {
    HostBuild<BigPages, tolerant> device;
    property_test::run(GetParam(), device);
}

// A way to the device that carries no block past its transfer size cannot show that such blocks are refused.
TEST(Properties, WhatTheWayToTheDeviceCannotCarryIsNotShown) {
    HostBuild<Standard> device;
    const auto all = flasher::properties::all();
    const auto too_large = std::ranges::find(all, "BlocksPastTheTransferSizeAreRefused", &Property::name);
    ASSERT_NE(too_large, all.end());
    auto subject = device.subject();
    subject.longest_data_stage = Standard::place.transfer_size + 64;
    EXPECT_TRUE(run(*too_large, subject).holds);
    subject.longest_data_stage = Standard::place.transfer_size;
    const auto result = run(*too_large, subject);
    EXPECT_FALSE(result.shown);
    EXPECT_FALSE(result.holds);
    EXPECT_NE(result.sentence.find(fmt::format("more than {} bytes", subject.longest_data_stage)), std::string::npos)
        << result.sentence;
}

// A board made of silicon may start them, and must come to no harm.
TEST(Properties, ImagesUnderExaminationStayWhereTheyStart) {
    HostBuild<Standard> device;
    const auto subject = device.subject();
    const flasher::properties::Examination examination(subject);
    for (const std::size_t size : {0x102U, 0x103U, 3000U}) {
        const auto image = examination.image(size, 5);
        ASSERT_EQ(image.size(), size);
        const auto word = [&](std::size_t at) { return image[at] | image[at + 1] << 8; };
        const auto start = static_cast<std::uint32_t>(word(4) | word(6) << 16) - subject.application_base;
        ASSERT_EQ(start % 2, 1U) << "Thumb";
        EXPECT_EQ(word(start - 1), 0xE7FE) << "b .";
    }
}

const auto every_property = testing::ValuesIn(flasher::properties::all());
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfStandard, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfHigh, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfTolerant, every_property, property_test::name_of);

}  // namespace
}  // namespace firmware_test
