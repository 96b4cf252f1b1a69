// SPDX-License-Identifier: ISC
// What counts as an application, for any vectors.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dfu/image.hpp"

namespace firmware_test {
namespace {

// 20 KiB of RAM, 56 KiB of application on a 64 KiB part.
constexpr dfu::Ranges ranges{0x2000'0000, 0x2000'5000, 0x0800'2000, 0x0801'0000};

RC_GTEST_PROP(Runnable, AgreesWithItsDefinition, ()) {
    const auto near = [](std::uint32_t a, std::uint32_t b) {
        return rc::gen::oneOf(rc::gen::arbitrary<std::uint32_t>(), rc::gen::inRange<std::uint32_t>(a - 16, a + 16),
                              rc::gen::inRange<std::uint32_t>(b - 16, b + 16), rc::gen::inRange<std::uint32_t>(a, b));
    };
    const std::uint32_t stack = *near(ranges.ram_base, ranges.ram_end);
    const std::uint32_t reset = *near(ranges.application_base, ranges.application_end);
    const bool stack_is_good = stack > ranges.ram_base && stack <= ranges.ram_end;
    const bool reset_is_good = reset >= ranges.application_base && reset < ranges.application_end && reset % 2 == 1;
    RC_ASSERT(dfu::runnable({stack, reset}, ranges) == (stack_is_good && reset_is_good));
}

}  // namespace
}  // namespace firmware_test
