// SPDX-License-Identifier: ISC
// Software trace: ITM, TPIU and what a listener at TRACESWO gets (RM0008 31.17, ARMv7-M ARM C1.7).
#include <string>
#include <vector>

#include "sim/board/machine.hpp"
#include "tests/sim/chip/chip_fixture.hpp"
#include "tests/support/paths.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t itm = 0xe000'0000, ter = itm + 0xe00, tcr = itm + 0xe80, lar = itm + 0xfb0;
constexpr std::uint32_t tpiu = 0xe004'0000, acpr = tpiu + 0x010, sppr = tpiu + 0x0f0;
constexpr std::uint32_t dbgmcu_cr = 0xe004'2004, demcr = 0xe000'edfc;

struct Trace : ChipTest {
    Trace() {
        chip_.itm.sent = [this](unsigned port, std::uint32_t value, unsigned size) {
            packets.push_back({port, value, size});
        };
    }
    void switch_on() {
        put(demcr, bit(24));
        put(sppr, 2);
        put(acpr, 7);  // 1 MHz of the HSI's 8
        put(dbgmcu_cr, bit(5));
        put(lar, 0xc5ac'ce55);
        put(tcr, 1);
        put(ter, 5);
    }
    struct Packet {
        unsigned port = 0;
        std::uint32_t value = 0;
        unsigned size = 0;
        bool operator==(const Packet&) const = default;
    };
    std::vector<Packet> packets;
};

TEST_F(Trace, TakesItsTimeOnTheWire) {
    switch_on();
    EXPECT_EQ(get(itm), 1u);
    chip_.write(itm, 1, 'A');
    EXPECT_EQ(get(itm), 0u) << "FIFOREADY";
    pass(Time{19'000'000});
    EXPECT_EQ(get(itm), 0u);
    pass(Time{2'000'000});  // a header and a byte of ten bits each
    EXPECT_EQ(get(itm), 1u);
    chip_.write(itm + 8, 4, 0x1234'5678);
    pass(Time{51'000'000});
    chip_.write(itm + 8, 2, 0xabcd);
    EXPECT_EQ(packets, (std::vector<Packet>{{0, 'A', 1}, {2, 0x1234'5678, 4}, {2, 0xabcd, 2}}));
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(Trace, LosesWhatComesTooSoonAndWhatNobodyEnabled) {
    switch_on();
    chip_.write(itm + 4, 1, 'x');  // port 1 is off
    EXPECT_EQ(get(itm + 4), 0u);
    chip_.write(itm, 1, 'a');
    chip_.write(itm, 1, 'b');
    EXPECT_EQ(packets, (std::vector<Packet>{{0, 'a', 1}}));
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(Trace, IsSilentWithoutPinProtocolOrKey) {
    switch_on();
    put(dbgmcu_cr, 0);
    chip_.write(itm, 1, 'a');
    pass(Time{100'000'000});
    put(dbgmcu_cr, bit(5));
    put(sppr, 0);  // the parallel port
    chip_.write(itm, 1, 'b');
    pass(Time{100'000'000});
    EXPECT_TRUE(packets.empty());
    put(sppr, 2);
    put(lar, 0);
    put(ter, 0);  // locked: stays as it is
    EXPECT_EQ(get(ter), 5u);
    EXPECT_EQ(complaints(), 1u);
    put(demcr, 0);
    EXPECT_EQ(get(itm), 0u) << "TRCENA is off";
}

std::string text_of(Machine& machine, Time span) {
    std::string text;
    machine.on_trace([&](Time, unsigned port, std::uint32_t value, unsigned) {
        if (port == 0) text += static_cast<char>(value);
    });
    machine.power_on();
    machine.run_for(span);
    return text;
}

TEST(TracedProgram, SwitchesItsTraceOnByItself) {
    Machine machine(stm32f103c8);
    machine.load(test_paths::built("tests/sim/chip/devices/swo_text_without_probe.elf"));
    EXPECT_EQ(text_of(machine, Time{1'000'000'000}).substr(0, 12), "hello\nagain\n");
}

TEST(TracedProgram, LeavesThatToAProbe) {
    const auto program = test_paths::built("tests/sim/chip/devices/swo_text.elf");
    Machine alone(stm32f103c8);
    alone.load(program);
    EXPECT_EQ(text_of(alone, Time{1'000'000'000}), "");
    BoardWiring wiring;
    wiring.swo_probe = true;
    Machine watched(stm32f103c8, wiring);
    watched.load(program);
    EXPECT_EQ(text_of(watched, Time{1'000'000'000}).substr(0, 12), "hello\nagain\n");
    watched.reset();  // debugging outlives it
    EXPECT_EQ(text_of(watched, Time{1'000'000'000}).substr(0, 6), "hello\n");
}

}  // namespace
}  // namespace sim::chip
