// SPDX-License-Identifier: ISC
// Endpoints with two buffers: double-buffered bulk (RM0008 23.4.3) and isochronous (23.4.4).
#include "tests/sim/chip/usb_rules.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t ep1 = 4, first_buffer = 0x100, second_buffer = 0x140;
constexpr unsigned usb_hp = 19, usb_lp = 20;  // RM0008 table 63
constexpr unsigned sw_buf_of_rx = 0x0040, sw_buf_of_tx = 0x4000, ctr = 0x8080;

class TwoBuffers : public UsbRules {
  protected:
    TwoBuffers() {
        set_memory(8, first_buffer);
        set_memory(12, second_buffer);
    }
    Handshake send(bool data1, std::uint8_t byte) {
        const std::array<std::uint8_t, 2> bytes{byte, 0};
        return out(0, 1, data1, bytes);
    }
    /// Writes EP1R so that only the given toggle bits move, CTR kept.
    void toggle(unsigned bits) { put(ep1, (get(ep1) & 0x070f) | ctr | bits); }
    bool line(unsigned irq) { return chip_.exceptions.state.line[first_irq + irq]; }
};

TEST_F(TwoBuffers, BulkOutFillsOneBufferWhileTheOtherIsRead) {
    set_memory(10, 0x8400);
    set_memory(14, 0x8400);
    put(ep1, 0x3101);
    EXPECT_EQ(send(false, 1), Handshake::ack);
    EXPECT_EQ(get_memory(first_buffer), 1u);
    EXPECT_EQ(get(ep1) & 0x3000, 0x2000u) << "the first transaction ends as any other";
    EXPECT_EQ(get(istr) & 0x801f, 0x8011u);
    EXPECT_TRUE(line(usb_hp));
    EXPECT_TRUE(line(usb_lp));
    put(ep1, 0x1101);  // CTR cleared, RX valid again
    EXPECT_FALSE(line(usb_hp));
    EXPECT_EQ(send(true, 2), Handshake::ack);
    EXPECT_EQ(get_memory(second_buffer), 2u);
    EXPECT_EQ(get(ep1) & 0x3000, 0x3000u) << "valid it stays";
    EXPECT_EQ(send(false, 3), Handshake::nak) << "both are full";
    toggle(sw_buf_of_rx);
    EXPECT_EQ(send(false, 3), Handshake::ack);
    EXPECT_EQ(get_memory(first_buffer), 3u);
    EXPECT_EQ(chip_.services.complaint_count, 0u);
}

TEST_F(TwoBuffers, BulkInSendsWhatSoftwareHandsOver) {
    set_memory(10, 1);
    set_memory(14, 1);
    set_memory(first_buffer, 0x11);
    set_memory(second_buffer, 0x22);
    put(ep1, 0x0131);
    EXPECT_EQ(in(0, 1, true).bytes, std::vector<std::uint8_t>{0x11});
    put(ep1, 0x0111 | 0x8000);  // CTR_TX cleared, TX valid
    EXPECT_EQ(in(0, 1, true).bytes, std::vector<std::uint8_t>{0x22});
    EXPECT_EQ(in(0, 1, true).handshake, Handshake::nak);
    toggle(sw_buf_of_tx);
    const InAnswer third = in(0, 1, true);
    EXPECT_EQ(third.bytes, std::vector<std::uint8_t>{0x11});
    EXPECT_FALSE(third.data1);
}

TEST_F(TwoBuffers, IsochronousKnowsNoHandshake) {
    set_memory(10, 0x8400);
    set_memory(14, 0x8400);
    put(ep1, 0x3401);
    EXPECT_EQ(send(false, 1), Handshake::none);
    EXPECT_EQ(send(false, 2), Handshake::none) << "no toggle is looked at";
    EXPECT_EQ(get_memory(first_buffer), 1u);
    EXPECT_EQ(get_memory(second_buffer), 2u);
    EXPECT_EQ(get(ep1) & 0xf000, 0xb000u);
    EXPECT_TRUE(line(usb_hp));
}

TEST_F(TwoBuffers, TheirTransfersComeFirst) {
    set_memory(10, 0x8400);
    put(ep1, 0x3401);
    setup(0, 0, request, false);
    EXPECT_EQ(get(istr) & 0x801f, 0x8010u);
    send(false, 1);
    EXPECT_EQ(get(istr) & 0x801f, 0x8011u);
}

}  // namespace
}  // namespace sim::chip
