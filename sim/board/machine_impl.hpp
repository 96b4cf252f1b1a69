// SPDX-License-Identifier: ISC
// What a Machine consists of; shared by machine.cpp and machine_snapshot.cpp.
#pragma once

#include <map>

#include "sim/board/machine.hpp"
#include "sim/board/serial_input.hpp"
#include "sim/board/system_loader.hpp"
#include "sim/chip/access_port.hpp"
#include "sim/chip/core.hpp"

namespace sim {

struct Machine::Impl {
    Impl(const ChipVariant& variant, const BoardWiring& wiring, const MachineOptions& options)
        : chip(variant, wiring, options), core(chip) {}

    chip::Chip chip;
    chip::Core core;
    chip::AccessPort access_port{chip, core};
    SystemLoader loader{chip, core};
    SerialInput serial_input{chip};
    Level boot0 = Level::low;
    MachineCounters counters;
    ResetCause last_reset = ResetCause::power_on;
    std::map<Pin, std::vector<std::function<void(Time, Level)>>> pin_watchers;
    std::uint32_t paint = 0xDEAD'BEEF;
    std::uint64_t power_cycles = 0;

    void start(ResetCause cause);
    void handle_requests();
};

class Machine::Snapshot {
  public:
    std::string variant_name;
    std::string wiring_name;
    std::vector<std::byte> chip;
    chip::CoreState core;
    SystemLoaderState loader;
    Level boot0 = Level::low;
    std::vector<std::uint8_t> flash, flash_before, ram;
    std::map<std::uint32_t, chip::StuckBits> stuck;
    MachineCounters counters;
    ResetCause last_reset = ResetCause::power_on;
    std::uint64_t power_cycles = 0;
    std::uint32_t paint = 0;
};

}  // namespace sim
