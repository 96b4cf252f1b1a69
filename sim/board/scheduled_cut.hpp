// SPDX-License-Identifier: ISC
// Pulls the plug at one flash operation to come.
#pragma once

#include <cstdint>

#include "sim/chip/flash_observer.hpp"

namespace sim {

class ScheduledCut final : public FlashObserver {
  public:
    /// At the n-th operation from now; 1 is the next, 0 takes the plan back.
    void plan(std::uint64_t operation, PowerCut cut) {
        operations_left_ = operation;
        cut_ = cut;
    }

    PowerCut before(const FlashOperation&) override {
        if (operations_left_ == 0) return {};
        --operations_left_;
        return operations_left_ == 0 ? cut_ : PowerCut{};
    }
    void after(const FlashOperation&) override {}

  private:
    std::uint64_t operations_left_ = 0;
    PowerCut cut_;
};

}  // namespace sim
