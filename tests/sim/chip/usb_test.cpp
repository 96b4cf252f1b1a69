// SPDX-License-Identifier: ISC
// The USB device's rules (RM0008 23), the registers written as a driver would and the wire played by the test.
#include "tests/sim/chip/usb_rules.hpp"

namespace sim::chip {
namespace {

TEST_F(UsbRules, SetupIsAcceptedAndSetsBothDirectionsToNak) {
    EXPECT_EQ(chip_.services.complaint_count, 0u);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::ack);
    EXPECT_EQ(get(0), 0xea60u) << "CTR_RX, DTOG_RX, RX NAK, SETUP, control, DTOG_TX, TX NAK";
    EXPECT_EQ(get(istr) & 0x801f, 0x8010u);
    EXPECT_EQ(get_memory(6), 0x8408u);
    EXPECT_EQ(get_memory(0x80), 0x0680u);
    EXPECT_TRUE(chip_.exceptions.state.line[16 + 20]);
    put(0, 0x0200);  // CTR written 0 clears, toggles unchanged
    EXPECT_EQ(get(0), 0x6a60u);
    EXPECT_FALSE(chip_.exceptions.state.line[16 + 20]);
}

TEST_F(UsbRules, ASecondSetupIsDroppedUntilTheFirstIsServed) {
    setup(0, 0, request, false);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::none);
    put(0, 0x0200);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::ack);
}

TEST_F(UsbRules, MalformedSetupIsSilence) {
    EXPECT_EQ(setup(0, 0, std::span(request).first(7), false), Handshake::none);
    EXPECT_EQ(setup(0, 0, request, true), Handshake::none);
    EXPECT_EQ(setup(5, 0, request, false), Handshake::none);
    EXPECT_EQ(setup(0, 1, request, false), Handshake::none);
    EXPECT_EQ(get(0), 0x3220u);
}

TEST_F(UsbRules, InSendsAndTogglesOnlyWhenAcknowledged) {
    setup(0, 0, request, false);
    put(0, 0x0200);
    EXPECT_EQ(in(0, 0, true).handshake, Handshake::nak);
    set_memory(0x40, 0x0112);
    set_memory(2, 2);
    put(0, 0x8290);  // TX: NAK xor valid
    const InAnswer lost = in(0, 0, false);
    const InAnswer answer = in(0, 0, true);
    EXPECT_EQ(lost.bytes, answer.bytes);
    EXPECT_TRUE(lost.data1);
    EXPECT_TRUE(answer.data1);
    EXPECT_EQ(answer.bytes, (std::vector<std::uint8_t>{0x12, 0x01}));
    EXPECT_EQ(get(0) & 0x00f0, 0x00a0u) << "CTR_TX, DTOG_TX 0, NAK";
    EXPECT_EQ(in(0, 0, true).handshake, Handshake::nak);
}

TEST_F(UsbRules, OutChecksToggleAndRoom) {
    const std::array<std::uint8_t, 3> bytes{1, 2, 3};
    EXPECT_EQ(out(0, 0, true, bytes), Handshake::ack) << "wrong toggle: taken for a repetition";
    EXPECT_EQ(get(0), 0x3220u);
    EXPECT_EQ(out(0, 0, false, bytes), Handshake::ack);
    EXPECT_EQ(get(0), 0xe220u);
    EXPECT_EQ(get_memory(6) & 0x3ff, 3u);
    EXPECT_EQ(out(0, 0, true, bytes), Handshake::nak);
    put(0, 0x1220);  // valid again, CTR cleared
    const std::vector<std::uint8_t> too_much(65);
    EXPECT_EQ(out(0, 0, true, too_much), Handshake::stall);
}

TEST_F(UsbRules, StatusOutRefusesData) {
    put(0, 0x0320);  // EP_KIND
    const std::array<std::uint8_t, 1> byte{1};
    EXPECT_EQ(out(0, 0, false, byte), Handshake::stall);
}

TEST_F(UsbRules, ABusResetKeepsOnlyCtr) {
    const std::array<std::uint8_t, 3> bytes{1, 2, 3};
    out(0, 0, false, bytes);
    bus_reset();
    EXPECT_EQ(get(0), 0x8000u);
    EXPECT_EQ(get(daddr), 0x80u) << "the address is software's to clear";
    EXPECT_EQ(get(istr) & 0x0400, 0x0400u);
    put(0, 0xb220);
    put(daddr, 0x80);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::none) << "RESET not yet cleared";
    put(istr, 0);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::none) << "CTR_RX survived";
    put(0, 0x0200);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::ack);
}

TEST_F(UsbRules, SilenceSuspends) {
    put(istr, 0);
    chip_.usb.sof(17);
    EXPECT_EQ(chip_.read(usb + 0x48, 2) & 0x7ff, 17u);
    pass(Time{1'100'000'000});
    EXPECT_EQ(get(istr) & 0x0900, 0x0100u) << "a frame without SOF";
    pass(Time{1'800'000'000});
    EXPECT_EQ(get(istr) & 0x0800, 0u);
    pass(Time{200'000'000});
    EXPECT_EQ(get(istr) & 0x0800, 0x0800u) << "three";
    put(cntr, 0x8408);
    put(istr, 0);
    pass(Time{5'000'000'000});
    EXPECT_EQ(get(istr), 0u) << "a suspended device checks nothing";
    chip_.usb.sof(18);
    EXPECT_EQ(get(istr) & 0x1000, 0x1000u) << "and wakes at the first sign";
}

TEST_F(UsbRules, DpHeldLowIsDetached) {
    EXPECT_TRUE(chip_.usb.attached());
    put(cntr, 3);
    chip_.write(0x4002'1018, 4, 4);
    chip_.write(0x4001'0804, 4, 0x4442'4444);  // PA12 output, low
    pass(Time{2'000'000});
    EXPECT_TRUE(chip_.usb.attached()) << "too short for a hub";
    pass(Time{1'000'000});
    EXPECT_FALSE(chip_.usb.attached());
    const std::uint64_t before = chip_.usb.disconnections();
    chip_.write(0x4001'0804, 4, 0x4444'4444);
    EXPECT_TRUE(chip_.usb.attached());
    EXPECT_EQ(chip_.usb.disconnections(), before + 1);
    chip_.write(0x4001'0804, 4, 0x4442'4444);
    pass(Time{2'000'000});
    chip_.write(0x4001'0804, 4, 0x4444'4444);
    EXPECT_EQ(chip_.usb.disconnections(), before + 1);
}

TEST_F(UsbRules, WithoutItsClockTheDeviceIsDeafAndSilent) {
    chip_.write(0x4002'1004, 4, 0x001d'0400);
    chip_.write(0x4002'1000, 4, 0x0001'0083);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::none);
    EXPECT_EQ(chip_.services.complaint_count, 0u);
}

TEST_F(UsbRules, ABufferOfNoSizeIsTakenAsOneWithoutEnd) {
    set_memory(6, 0);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::ack);
    EXPECT_EQ(get_memory(6), 8u);
    EXPECT_EQ(chip_.services.complaint_count, 1u);
    EXPECT_TRUE(chip_.services.refused.empty());
}

TEST_F(UsbRules, ADeviceThatSetItsAddressRegisterOnceIsHeardAfterEveryReset) {
    bus_reset();
    put(istr, 0);
    put(0, 0x3220);
    EXPECT_EQ(setup(0, 0, request, false), Handshake::ack);
}

TEST_F(UsbRules, CtrInterruptsThoughCtrmIsZero) {
    put(cntr, 0x1c00);  // RESETM, SUSPM, WKUPM
    setup(0, 0, request, false);
    EXPECT_TRUE(chip_.exceptions.state.line[first_irq + 20]);
}

TEST_F(UsbRules, ASlowBusOverrunsThePacketMemory) {  // 23.4.2: PCLK1 of 8 MHz at least
    chip_.write(0x4002'1004, 4, 0x001d'0702);
    chip_.write(0x4002'1004, 4, 0x001d'0792);  // SYSCLK / 4, APB1 / 16
    EXPECT_EQ(setup(0, 0, request, false), Handshake::none);
    EXPECT_EQ(get(istr) & 0x4000, 0x4000u);
}

TEST_F(UsbRules, ALostAcknowledgementIsAnError) {
    set_memory(2, 0);
    put(0, 0x0010);
    in(0, 0, false);
    EXPECT_EQ(get(istr) & 0x2000, 0x2000u);
}

}  // namespace
}  // namespace sim::chip
