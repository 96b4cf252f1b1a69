// SPDX-License-Identifier: ISC
// The firmware's arithmetic on any value of EPnR.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chip/usb.hpp"

namespace firmware_test {
namespace {

using chip::Epr;
using chip::Stat;

// What chip::Epr promises: both STAT as given, CTR that was seen cleared, everything else kept.
RC_GTEST_PROP(Epr, ServedSetsBothStatsAndClearsWhatWasSeen, ()) {
    const auto stat = [] { return static_cast<Stat>(*rc::gen::inRange(0, 4)); };
    // An EPnR of a control endpoint at any moment.
    const auto before = static_cast<std::uint16_t>((*rc::gen::arbitrary<std::uint16_t>() & 0xF8F0) | Epr::CONTROL);
    const Stat tx = stat(), rx = stat();
    const auto written = static_cast<std::uint16_t>(Epr{before}.served(Epr::stats(tx, rx)).value);

    const auto after =
        static_cast<std::uint16_t>(((before ^ written) & 0x7070) | (before & written & 0x8080) | (written & 0x070F));
    RC_ASSERT((after >> 12 & 3) == static_cast<int>(rx));
    RC_ASSERT((after >> 4 & 3) == static_cast<int>(tx));
    RC_ASSERT((after & 0x8080) == 0);
    RC_ASSERT((after & 0x4040) == (before & 0x4040));
    RC_ASSERT((after & 0x070F) == Epr::CONTROL);

    // What had not been seen yet is still there afterwards.
    const auto now = static_cast<std::uint16_t>(before | 0x8080);
    RC_ASSERT((now & written & 0x8080) == (~before & 0x8080));
}

}  // namespace
}  // namespace firmware_test
