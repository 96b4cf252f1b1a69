// SPDX-License-Identifier: ISC
// The two documents that gdb asks for: which registers there are, and which memory.
#include <fmt/format.h>

#include "sim/debug/gdb_session.hpp"

namespace sim::debug {

std::string gdb_target_xml() {
    std::string text =
        "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
        "<architecture>arm</architecture><feature name=\"org.gnu.gdb.arm.m-profile\">";
    for (int number = 0; number <= 12; ++number)
        text += fmt::format("<reg name=\"r{}\" bitsize=\"32\"/>", number);
    text +=
        "<reg name=\"sp\" bitsize=\"32\" type=\"data_ptr\"/><reg name=\"lr\" bitsize=\"32\"/>"
        "<reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\"/><reg name=\"xpsr\" bitsize=\"32\"/></feature>"
        "<feature name=\"org.gnu.gdb.arm.m-system\"><reg name=\"msp\" bitsize=\"32\" type=\"data_ptr\"/>"
        "<reg name=\"psp\" bitsize=\"32\" type=\"data_ptr\"/></feature>"
        "<feature name=\"dapboot.m-masks\">";
    for (const char* name : {"primask", "basepri", "faultmask", "control"})
        text += fmt::format("<reg name=\"{}\" bitsize=\"8\" group=\"system\"/>", name);
    return text + "</feature></target>";
}

std::string gdb_memory_map(const ChipVariant& chip) {
    return fmt::format(
        "<?xml version=\"1.0\"?><!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
        "\"http://sourceware.org/gdb/gdb-memory-map.dtd\"><memory-map>"
        "<memory type=\"rom\" start=\"0x0\" length=\"0x{:x}\"/>"
        "<memory type=\"flash\" start=\"0x8000000\" length=\"0x{:x}\"><property name=\"blocksize\">0x{:x}</property>"
        "</memory><memory type=\"rom\" start=\"0x1ffff000\" length=\"0x1000\"/>"
        "<memory type=\"ram\" start=\"0x20000000\" length=\"0x{:x}\"/>"
        "<memory type=\"ram\" start=\"0x22000000\" length=\"0x2000000\"/>"
        "<memory type=\"ram\" start=\"0x40000000\" length=\"0x30000\"/>"
        "<memory type=\"ram\" start=\"0x42000000\" length=\"0x2000000\"/>"
        "<memory type=\"ram\" start=\"0xe0000000\" length=\"0x100000\"/></memory-map>",
        chip.flash_bytes, chip.flash_bytes, chip.page_bytes, chip.ram_bytes);
}

}  // namespace sim::debug
