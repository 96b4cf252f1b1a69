// SPDX-License-Identifier: ISC
// bxCAN (RM0008 24).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t can = 0x4000'6400, mcr = can, msr = can + 4, tsr = can + 8, rf0r = can + 0xc, rf1r = can + 0x10,
                        ier = can + 0x14, esr = can + 0x18, btr = can + 0x1c, tx0 = can + 0x180, tx1 = can + 0x190,
                        rx0 = can + 0x1b0, rx1 = can + 0x1c0, fmr = can + 0x200, fm1r = can + 0x204, fs1r = can + 0x20c,
                        ffa1r = can + 0x214, fa1r = can + 0x21c, filters = can + 0x240;
constexpr std::uint32_t inrq = 1, inak = 1, slak = 2, loopback = bit(30);
constexpr Time us{1'000'000};

struct CanTest : ChipTest {
    CanTest() { put(apb1enr, bit(25)); }
    void start(std::uint32_t mode) {
        put(mcr, inrq);
        put(btr, mode | 0x0000'0000 | 3u << 16 | 2u << 20);  // 8 quanta of 125 ns: 1 Mbit/s
        put(fmr, 1);
        put(fs1r, 1);
        put(fa1r, 1);  // bank 0: everything
        put(fmr, 0);
        put(mcr, 0);
        pass(20 * us);
    }
    void send(std::uint32_t mailbox, std::uint32_t identifier, std::uint8_t first_byte) {
        put(mailbox + 4, 1);
        put(mailbox + 8, first_byte);
        put(mailbox, identifier << 21 | 1);
    }
    std::uint32_t received() {
        const std::uint32_t byte = get(rx0 + 8) & 0xff;
        put(rf0r, bit(5));
        return byte;
    }
};

TEST_F(CanTest, SleepsAfterReset) {  // 24.4.3
    EXPECT_EQ(get(mcr), 0x0001'0002u);
    EXPECT_EQ(get(msr) & (slak | inak), slak);
    put(mcr, inrq);
    EXPECT_EQ(get(msr) & (slak | inak), inak);
}

TEST_F(CanTest, SendsToItselfInLoopback) {  // 24.5.2
    start(loopback);
    EXPECT_EQ(get(msr) & inak, 0u);
    send(tx0, 0x123, 0x55);
    EXPECT_EQ(get(tsr) & bit(26), 0u);
    pass(40 * us);
    EXPECT_EQ(get(rf0r) & 3, 0u) << "55 bits of 1 us";
    pass(20 * us);
    EXPECT_EQ(get(tsr) & (bit(26) | 3), bit(26) | 3) << "TME0, TXOK0, RQCP0";
    EXPECT_EQ(get(rf0r) & 3, 1u);
    EXPECT_EQ(get(rx0) >> 21, 0x123u);
    EXPECT_EQ(get(rx0 + 4) & 0xf, 1u);
    EXPECT_EQ(received(), 0x55u);
    EXPECT_EQ(get(rf0r) & 3, 0u);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(CanTest, SendsTheLowestIdentifierFirst) {  // 24.7.1
    start(loopback);
    send(tx0, 0x700, 1);
    send(tx1, 0x200, 2);
    send(can + 0x1a0, 0x100, 3);
    pass(300 * us);
    EXPECT_EQ(received(), 1u) << "was on the bus already";
    EXPECT_EQ(received(), 3u);
    EXPECT_EQ(received(), 2u);
}

TEST_F(CanTest, OverrunsAFifoOfThree) {  // 24.7.3
    start(loopback);
    for (std::uint8_t number = 1; number <= 4; ++number) {
        send(tx0, 0x100, number);
        pass(100 * us);
    }
    EXPECT_EQ(get(rf0r) & 0x1b, 0x1bu);
    EXPECT_EQ(received(), 1u);
    EXPECT_EQ(received(), 2u);
    EXPECT_EQ(received(), 4u) << "the last one is overwritten";
}

TEST_F(CanTest, FiltersByListAndMask) {  // 24.7.4
    start(loopback);
    put(fmr, 1);
    put(fa1r, 0);
    put(fm1r, bit(1));
    put(fs1r, bit(0));
    put(ffa1r, bit(1));
    put(filters, 0x100u << 21);  // bank 0, 32 bits, mask: 0x100 to 0x10f, FIFO 0
    put(filters + 4, 0x7f0u << 21);
    put(filters + 8, 0x300u << 5 | 0x301u << 21);  // bank 1, 16 bits, list, FIFO 1
    put(filters + 12, 0x302u << 5 | 0x303u << 21);
    put(fa1r, 3);
    put(fmr, 0);
    for (const std::uint32_t identifier : {0x105u, 0x302u, 0x400u}) {
        send(tx0, identifier, 9);
        pass(100 * us);
    }
    EXPECT_EQ(get(rf0r) & 3, 1u);
    EXPECT_EQ(get(rx0) >> 21, 0x105u);
    EXPECT_EQ(get(rf1r) & 3, 1u);
    EXPECT_EQ(get(rx1) >> 21, 0x302u);
    EXPECT_EQ(get(rx1 + 4) >> 8 & 0xff, 2u) << "FMI: the third of FIFO 1";
}

TEST_F(CanTest, IsNotAcknowledgedAlone) {  // 24.7.6
    chip_.gpio.drive({'A', 11}, Level::high);
    start(0);
    send(tx0, 0x123, 1);
    pass(1000 * us);
    EXPECT_EQ(get(tsr) & (bit(26) | 1), 0u) << "again and again";
    EXPECT_EQ(get(esr) & 0x72, 0x32u) << "error passive, acknowledgement error";
}

TEST_F(CanTest, StaysOutOfABusThatIsHeldLow) {  // 24.4.2
    start(0);
    pass(1000 * us);
    EXPECT_EQ(get(msr) & inak, inak);
}

TEST_F(CanTest, InterruptsForWhatItReceives) {
    start(loopback);
    put(ier, 2);
    send(tx0, 1, 1);
    pass(100 * us);
    EXPECT_TRUE(chip_.exceptions.state.pending[first_irq + 20]);
}

TEST_F(CanTest, SharesItsMemoryWithUsb) {  // 3.3.1
    put(apb1enr, bit(25) | bit(23));
    put(mcr, inrq);
    EXPECT_EQ(complaints(), 1u);
}

}  // namespace
}  // namespace sim::chip
