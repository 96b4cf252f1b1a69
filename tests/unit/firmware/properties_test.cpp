// SPDX-License-Identifier: ISC
// Every property on the host build, in both layouts.
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

const auto every_property = testing::ValuesIn(flasher::properties::all());
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfStandard, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfHigh, every_property, property_test::name_of);
INSTANTIATE_TEST_SUITE_P(HostBuild, PropertiesOfTolerant, every_property, property_test::name_of);

}  // namespace
}  // namespace firmware_test
