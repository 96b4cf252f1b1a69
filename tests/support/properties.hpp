// SPDX-License-Identifier: ISC
// The list of properties (flasher/properties) as test cases: one a property, for each transport that has a factory.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "flasher/properties/property.hpp"

namespace property_test {

/// Keeps a device and all that its subject refers to.
class Device {
  public:
    Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    virtual ~Device() = default;

    [[nodiscard]] virtual flasher::properties::Subject subject() = 0;
    /// Called after the property: what only this device's side can see, such as complaints of the chip.
    virtual void expect_in_order() {}
};

/// Every property that `device` has the means for, each on a device of its own.
inline void run(const flasher::properties::Property& property, Device& device) {
    const auto subject = device.subject();
    ASSERT_TRUE(flasher::properties::can_run(property, subject)) << "this transport must offer what is needed";
    const auto result = flasher::properties::run(property, subject);
    EXPECT_TRUE(result.holds) << result.sentence;
    device.expect_in_order();
}

inline std::string name_of(const testing::TestParamInfo<flasher::properties::Property>& named) {
    return std::string(named.param.name);
}

}  // namespace property_test

namespace flasher::properties {
inline std::ostream& operator<<(std::ostream& out, const Property& property) {
    return out << property.name;
}
}  // namespace flasher::properties
