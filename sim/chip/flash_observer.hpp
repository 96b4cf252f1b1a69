// SPDX-License-Identifier: ISC
// Observes every flash operation and may cut the power at one.
#pragma once

#include <cstdint>

#include "sim/time.hpp"

namespace sim {

/// One erase or program operation of the main array or of the option bytes.
struct FlashOperation {
    enum class Kind : std::uint8_t { program, erase_page, mass_erase, program_option, erase_options };
    Kind kind = Kind::program;
    std::uint32_t address = 0;  ///< Of the half-word, or of the first byte of the page.
    std::uint16_t value = 0;    ///< What a program operation writes.
    Time at{};                  ///< When it starts.
    std::uint64_t index = 0;    ///< Counts operations since the machine was built.
};

/// What the power does at an operation.
struct PowerCut {
    enum class When : std::uint8_t { not_at_all, before, during, after };
    When when = When::not_at_all;
    /// Of `during`: share of the bits that have already moved, 0 to 1. Which ones is random, from
    /// `seed`.
    double fraction = 0.5;
    std::uint64_t seed = 1;
};

/// Called from inside the run: may read the machine, must not run, restore or reset it.
class FlashObserver {
  public:
    virtual ~FlashObserver() = default;
    /// Before anything changes. The answer decides whether the power fails here.
    virtual PowerCut before(const FlashOperation& operation) = 0;
    /// The array holds its new content (the operation's time still has to pass). Not called after a
    /// cut.
    virtual void after(const FlashOperation& operation) = 0;
};

}  // namespace sim
