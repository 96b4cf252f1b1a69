// SPDX-License-Identifier: ISC
// Taking and restoring the whole state.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "sim/board/machine_impl.hpp"

namespace sim {

std::shared_ptr<const Machine::Snapshot> Machine::snapshot() const {
    const Impl& impl = *impl_;
    auto taken = std::make_shared<Snapshot>();
    taken->variant_name = impl.chip.variant.name;
    taken->wiring_name = impl.chip.wiring.name;
    taken->chip = impl.chip.save();
    taken->core = impl.core.save();
    taken->loader = impl.loader.state;
    taken->boot0 = impl.boot0;
    taken->flash = impl.chip.flash.array;
    taken->flash_before = impl.chip.flash.before;
    taken->ram.assign(impl.chip.ram.begin(), impl.chip.ram.end());
    taken->stuck = impl.chip.flash.stuck;
    taken->counters = counters();
    taken->last_reset = impl.last_reset;
    taken->power_cycles = impl.power_cycles;
    taken->paint = impl.paint;
    return taken;
}

void Machine::restore(const Snapshot& from) {
    Impl& impl = *impl_;
    const bool fits = from.variant_name == impl.chip.variant.name && from.wiring_name == impl.chip.wiring.name &&
                      from.flash.size() == impl.chip.flash.array.size() && from.ram.size() == impl.chip.ram.size();
    if (!fits) {
        throw std::invalid_argument(fmt::format("a snapshot of {} on {} does not fit {} on {}", from.variant_name,
                                                from.wiring_name, impl.chip.variant.name, impl.chip.wiring.name));
    }
    // Only pages that differ are copied: translated code of the others stays valid.
    static constexpr std::size_t page = 1024;
    const auto copy = [&impl](std::span<std::uint8_t> to, std::span<const std::uint8_t> bytes, std::uint32_t base) {
        for (std::size_t at = 0; at < to.size(); at += page) {
            const std::size_t size = std::min(page, to.size() - at);
            if (std::memcmp(&to[at], &bytes[at], size) == 0) continue;
            std::memcpy(&to[at], &bytes[at], size);
            impl.core.forget_code(base + static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size));
        }
    };
    copy(impl.chip.flash.array, from.flash, chip::flash_base);
    copy(impl.chip.ram, from.ram, chip::ram_base);
    impl.chip.flash.before = from.flash_before;
    impl.chip.flash.stuck = from.stuck;
    impl.chip.load(from.chip);
    impl.core.load(from.core);
    impl.loader.state = from.loader;
    impl.boot0 = from.boot0;
    impl.core.instructions = from.counters.instructions;
    impl.counters = from.counters;
    impl.last_reset = from.last_reset;
    impl.power_cycles = from.power_cycles;
    impl.paint = from.paint;
    chip::Services& services = impl.chip.services;
    services.power_cut = services.reset_requested = false;
    services.fault = chip::Fault::none;
    services.refused.clear();
}

}  // namespace sim
