// SPDX-License-Identifier: ISC
// When the USB device decides (RM0008 23.4.2): the token finds STAT, ADDR and COUNT, and software hears of the
// transaction once its handshake has passed.
#include "tests/sim/chip/usb_rules.hpp"

namespace sim::chip {
namespace {

constexpr std::array<std::uint8_t, 3> data{1, 2, 3};
constexpr unsigned rx_valid = 0x3220;

class UsbTokens : public UsbRules {
  protected:
    void token(Token which) { chip_.usb.begin_transaction(which, 0, 0); }
    void end() { chip_.usb.end_transaction(); }
};

TEST_F(UsbTokens, AnEndpointThatIsArmedAfterTheTokenIsTooLate) {
    put(0, 0x1220);  // valid becomes NAK
    ASSERT_EQ(get(0) & 0x3000, 0x2000u);
    token(Token::out);
    put(0, 0x1220);  // and valid again, while the data packet is on the wire
    EXPECT_EQ(chip_.usb.out(0, 0, false, data), Handshake::nak);
    end();
    EXPECT_EQ(get(0), rx_valid) << "the packet leaves no trace";
    token(Token::out);
    EXPECT_EQ(chip_.usb.out(0, 0, false, data), Handshake::ack) << "the next one is in time";
    end();
    EXPECT_EQ(get(0) & 0xb000, 0xa000u);
}

TEST_F(UsbTokens, TheBufferIsTheOneThatTheTokenFound) {
    token(Token::out);
    set_memory(4, 0xc0);  // ADDR0_RX
    set_memory(6, 0);     // COUNT0_RX: no room
    EXPECT_EQ(chip_.usb.out(0, 0, false, data), Handshake::ack);
    end();
    EXPECT_EQ(get_memory(0x80), 0x0201u);
    EXPECT_EQ(get_memory(0xc0), 0u);
    EXPECT_EQ(chip_.services.complaint_count, 0u);
}

TEST_F(UsbTokens, SoftwareHearsOfAPacketAfterItsHandshake) {
    token(Token::out);
    EXPECT_EQ(chip_.usb.out(0, 0, false, data), Handshake::ack);
    EXPECT_EQ(get(0), rx_valid);
    EXPECT_EQ(get(istr) & 0x8000, 0u);
    end();
    EXPECT_EQ(get(0) & 0xf000, 0xe000u) << "CTR_RX, DTOG_RX, NAK";
    EXPECT_EQ(get(istr) & 0x8000, 0x8000u);
}

TEST_F(UsbTokens, ASetupThatMeetsAnUnservedOneIsLostThoughItIsServedMeanwhile) {
    token(Token::setup);
    EXPECT_EQ(chip_.usb.setup(0, 0, request, false), Handshake::ack);
    end();
    token(Token::setup);
    put(0, 0x0200);  // CTR_RX cleared
    EXPECT_EQ(chip_.usb.setup(0, 0, request, false), Handshake::none);
    end();
}

TEST_F(UsbTokens, AnInPacketIsSentOnlyWhenTheHostHasAcknowledgedIt) {
    set_memory(2, 0);
    put(0, 0x0210);  // TX: NAK becomes valid
    token(Token::in);
    EXPECT_EQ(chip_.usb.in(0, 0, true).handshake, Handshake::ack);
    EXPECT_EQ(get(0) & 0x00f0, 0x0030u) << "still valid, no CTR_TX: the ACK is on its way";
    end();
    EXPECT_EQ(get(0) & 0x00f0, 0x00e0u);
}

TEST_F(UsbTokens, ABusResetEndsATransaction) {
    token(Token::out);
    EXPECT_EQ(chip_.usb.out(0, 0, false, data), Handshake::ack);
    bus_reset();
    end();
    EXPECT_EQ(get(0), 0u);
}

}  // namespace
}  // namespace sim::chip
