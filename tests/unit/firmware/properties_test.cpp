// SPDX-License-Identifier: ISC
// Every property on the host build, in both layouts.
#include <algorithm>

#include <fmt/format.h>

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

const auto every_property = testing::ValuesIn(flasher::properties::all());
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfStandard, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfHigh, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfTolerant, every_property, property_test::name_of);

}  // namespace
}  // namespace firmware_test
