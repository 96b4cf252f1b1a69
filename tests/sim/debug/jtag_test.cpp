// SPDX-License-Identifier: ISC
// JTAG at the pins, where OpenOCD does not go: pins that the program took, errors that stick, noise.
#include "sim/debug/jtag.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/sim/debug/counting.hpp"

namespace sim::test {
namespace {

using debug::DebugPort;
using debug::Jtag;

constexpr std::uint32_t control_status = 0x4, csw = 0x0, tar = 0x4, drw = 0xc, sticky_error = 1u << 5;

/// After Test-Logic-Reset both TAPs give their IDCODE, the core's first.
std::uint64_t idcodes(Jtag& jtag) {
    std::uint64_t read = 0;
    const auto clock = [&](bool tms) {
        jtag.drive(false, tms, false);
        const bool tdo = jtag.tdo();
        jtag.drive(true, tms, false);
        return tdo;
    };
    for (int count = 0; count < 5; ++count)
        clock(true);
    for (const bool tms : {false, true, false, false})  // idle, select, capture, shift
        clock(tms);
    for (unsigned at = 0; at < 64; ++at)
        read |= std::uint64_t{clock(false)} << at;
    return read;
}

class JtagTest : public testing::Test {
  protected:
    JtagTest() {
        load_counting(machine);
        machine.power_on();
        port.write(control_status, 0x5000'0000);
    }
    Machine machine;
    DebugPort port{machine};
};

TEST_F(JtagTest, IsGoneWhereTheProgramTookThePins) {
    Jtag jtag(machine);
    EXPECT_EQ(idcodes(jtag), 0x1641'0041'3ba0'0477u);
    ASSERT_TRUE(machine.probe_write(0x4002'1018, 4, 1));            // RCC_APB2ENR.AFIOEN
    ASSERT_TRUE(machine.probe_write(0x4001'0004, 4, 0x0200'0000));  // serial wire only
    EXPECT_EQ(idcodes(jtag), ~std::uint64_t{0}) << "nobody drives TDO";
    machine.hold_reset(true);
    EXPECT_EQ(idcodes(jtag), 0x1641'0041'3ba0'0477u) << "under reset the pins are the port's again";
}

TEST_F(JtagTest, KeepsAnErrorUntilItIsCleared) {
    EXPECT_EQ(port.read(control_status), 0xf000'0000u);
    port.write_access_port(tar, 0x6000'0000);
    EXPECT_EQ(port.read_access_port(drw), 0u);
    EXPECT_NE(port.read(control_status) & sticky_error, 0u);
    port.write_access_port(tar, 0x0800'0000);
    EXPECT_EQ(port.read_access_port(drw), 0u) << "nothing happens while it sticks";
    port.write(control_status, 0x5000'0000 | sticky_error);
    port.write_access_port(tar, 0x0800'0000);
    EXPECT_EQ(port.read_access_port(drw), counting::stack);
}

// As a Blue Pill's chip shows it to a Black Magic Probe; ITM and DWT show nothing while TRCENA is 0.
TEST_F(JtagTest, FindsTheComponentsThroughTheRomTable) {
    const auto word = [this](std::uint32_t address) {
        port.write_access_port(tar, address);
        return port.read_access_port(drw);
    };
    const auto pidr = [&](std::uint32_t component) {
        std::uint64_t all = 0;
        for (unsigned number = 0; number < 8; ++number)
            all |= std::uint64_t{word(component + 0xfd0 + 4 * (number ^ 4))} << (8 * number);
        return all;
    };
    const auto cidr = [&](std::uint32_t component) {
        std::uint32_t all = 0;
        for (unsigned number = 0; number < 4; ++number)
            all |= word(component + 0xff0 + 4 * number) << (8 * number);
        return all;
    };
    port.write(0x8, 0xf0);  // SELECT: the access port's bank with BASE
    const std::uint32_t table = port.read_access_port(8) & ~3u;
    port.write(0x8, 0);
    EXPECT_EQ(table, 0xe00f'f000u);
    EXPECT_EQ(cidr(table), 0xb105'100du);
    EXPECT_EQ(pidr(table), 0x0a'0410u);
    std::vector<std::uint32_t> components;
    for (std::uint32_t at = table; word(at) != 0; at += 4)
        if ((word(at) & 1) != 0) components.push_back(table + (word(at) & ~0xfffu));
    EXPECT_EQ(components, (std::vector{0xe000'e000u, 0xe000'1000u, 0xe000'2000u, 0xe000'0000u, 0xe004'0000u}));
    EXPECT_EQ(pidr(0xe000'e000), 0x04'001b'b000u);
    EXPECT_EQ(cidr(0xe000'e000), 0xb105'e00du);
    EXPECT_EQ(pidr(0xe000'2000), 0x04'000b'b003u);
    EXPECT_EQ(cidr(0xe000'1000), 0u);
    EXPECT_EQ(cidr(0xe000'0000), 0u);
}

TEST_F(JtagTest, PutsNarrowDataIntoItsLane) {
    port.write_access_port(csw, 0x2300'0000 | 1u << 4);  // bytes, counting up
    port.write_access_port(tar, 0x2000'0001);
    port.write_access_port(drw, 0x0000'aa00);
    port.write_access_port(drw, 0x00bb'0000);
    EXPECT_EQ(machine.ram()[1], 0xaa);
    EXPECT_EQ(machine.ram()[2], 0xbb);
    port.write_access_port(csw, 0x2300'0001 | 2u << 4);  // half-words, packed
    port.write_access_port(tar, 0x2000'0010);
    port.write_access_port(drw, 0x1234'5678);
    EXPECT_EQ(machine.read_word(0x2000'0010), 0x1234'5678u);
    EXPECT_EQ(port.read_access_port(tar), 0x2000'0014u);
}

RC_GTEST_FIXTURE_PROP(JtagTest, SurvivesNoiseAtThePins, (const std::vector<std::uint8_t>& noise)) {
    Jtag jtag(machine);
    for (const std::uint8_t pins : noise)
        jtag.drive((pins & 4) != 0, (pins & 2) != 0, (pins & 1) != 0);
    machine.reset();
    RC_ASSERT(idcodes(jtag) == 0x1641'0041'3ba0'0477u);
}

}  // namespace
}  // namespace sim::test
