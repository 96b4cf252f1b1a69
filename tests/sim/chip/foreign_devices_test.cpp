// SPDX-License-Identifier: ISC
// Devices that are not our bootloader, started in the ways that other people's code starts the chip, against the USB
// host.
#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/board/machine.hpp"
#include "sim/usb/enumeration.hpp"
#include "sim/usb/host.hpp"
#include "tests/support/paths.hpp"

namespace sim {
namespace {

class ForeignDevice : public testing::Test {
  protected:
    EnumeratedDevice start(const std::string& name) {
        machine_.load(test_paths::built("tests/sim/chip/devices/" + std::string(name) + ".elf"));
        machine_.power_on();
        host_ = std::make_unique<UsbHost>(machine_.usb(), machine_);
        EXPECT_TRUE(host_->wait_for_attach(Time{1'000'000'000'000}));
        return enumerate(*host_);
    }
    Machine machine_{stm32f103c8};
    std::unique_ptr<UsbHost> host_;
};

TEST_F(ForeignDevice, OfASmallLibraryEnumerates) {
    const EnumeratedDevice found = start("small_library_dfu");
    EXPECT_EQ(found.device_descriptor.at(10), 1);
    EXPECT_EQ(found.configuration_descriptor.size(), 27U);
    EXPECT_EQ(machine_.backup_register(1), 1);
    EXPECT_EQ(machine_.counters().complaints, 2U) << "the backup register without clock, and no tSTARTUP";
    EXPECT_TRUE(host_->control_out({0x21, 6, 0, 0, 0}, {}).ok());
    EXPECT_EQ(host_->control_out({0x21, 7, 0, 0, 0}, {}).end, TransferEnd::stall);
}

TEST_F(ForeignDevice, OfTheVendorsLibraryEnumeratesAndReports) {
    const EnumeratedDevice found = start("vendor_library_hid");
    EXPECT_EQ(found.device_descriptor.at(10), 2);
    EXPECT_EQ(host_->max_packet_size(), 8);
    Pipe reports{.endpoint = 0x81, .max_packet_size = 8};
    std::array<std::uint8_t, 8> first{}, second{};
    ASSERT_TRUE(host_->interrupt_in(reports, first, 5).ok());
    host_->advance(Time{20'000'000'000});
    ASSERT_TRUE(host_->interrupt_in(reports, second, 5).ok());
    EXPECT_EQ(first[0] + 1, second[0]);
    EXPECT_GT(machine_.counters().complaints, 0U);
}

TEST_F(ForeignDevice, OfThisKindIsRefusedByThePedantic) {
    Machine machine(stm32f103c8, {}, {.pedantic = true, .log = {}});
    machine.load(test_paths::built("tests/sim/chip/devices/vendor_library_hid.elf"));
    machine.power_on();
    EXPECT_THROW(machine.run_for(Time{10'000'000'000}), MachineError);
}

TEST_F(ForeignDevice, ThatNeverSetsCtrmLivesByItsInterrupt) {
    EXPECT_EQ(start("hid_bootloader").device_descriptor.at(10), 0x11);
    EXPECT_EQ(host_->max_packet_size(), 8);
}

TEST_F(ForeignDevice, ThatSetsItsAddressRegisterOnceEnumeratesAgainAndAgain) {
    const EnumeratedDevice found = start("address_once");
    EXPECT_EQ(found.device_descriptor.at(10), 0x12);
    EXPECT_TRUE(reset_and_restore(*host_, found).has_value());
    EXPECT_EQ(machine_.counters().complaints, 0U);
}

TEST_F(ForeignDevice, ThatStartsSlowlyIsTriedAgain) {
    EXPECT_EQ(start("slow_starter").device_descriptor.at(10), 0x13);
    EXPECT_GT(machine_.now(), Time{300'000'000'000});
}

TEST_F(ForeignDevice, EnumeratesWithEveryHost) {
    for (const auto profile : {HostProfile::immediate, HostProfile::gap, HostProfile::next_frame})
        for (const char* const name :
             {"cdc_echo", "queued_cdc", "hid_bootloader", "address_once", "slow_starter", "vendor_library_hid"}) {
            Machine machine(stm32f103c8);
            machine.load(test_paths::built("tests/sim/chip/devices/" + std::string(name) + ".elf"));
            machine.power_on();
            UsbHost host(machine.usb(), machine, HostTiming{}.with(profile));
            ASSERT_TRUE(host.wait_for_attach(Time{1'000'000'000'000}));
            EXPECT_NO_THROW(static_cast<void>(enumerate(host))) << name;
        }
}

TEST_F(ForeignDevice, WithoutUsbMakesASignal) {
    machine_.load(test_paths::built("tests/sim/chip/devices/pwm_timer.elf"));
    std::vector<Time> rising, falling;
    machine_.on_pin_change({'A', 0},
                           [&](Time at, Level level) { (level == Level::high ? rising : falling).push_back(at); });
    machine_.power_on();
    machine_.run_for(Time{100'500'000'000});
    ASSERT_GE(rising.size(), 99U);
    for (std::size_t period = 1; period < 99; ++period) {
        EXPECT_NEAR(seconds(rising[period] - rising[period - 1]), 1e-3, 1e-6);
        EXPECT_NEAR(seconds(falling[period] - rising[period]), 250e-6, 1e-6);
    }
    EXPECT_NEAR(machine_.read_word(0x2000'0100), 100, 1);
    EXPECT_EQ(machine_.counters().complaints, 0U);
}

TEST_F(ForeignDevice, EchoesOverBulkEndpoints) {
    start("cdc_echo");
    EXPECT_EQ(machine_.counters().complaints, 0U);
    Pipe out{.endpoint = 0x02}, in{.endpoint = 0x82};
    for (const std::size_t size : {1U, 63U, 64U}) {
        std::vector<std::uint8_t> sent(size), back(size);
        std::iota(sent.begin(), sent.end(), static_cast<std::uint8_t>(size));
        EXPECT_TRUE(host_->bulk_out(out, sent).ok());
        EXPECT_EQ(host_->bulk_in(in, back).length, size);
        EXPECT_EQ(back, sent);
    }
    Pipe silent{.endpoint = 0x83, .max_packet_size = 8};
    std::array<std::uint8_t, 8> nothing{};
    HostTiming impatient = host_->timing();
    impatient.transfer_timeout = Time{50'000'000'000};
    host_->set_timing(impatient);
    EXPECT_EQ(host_->interrupt_in(silent, nothing).end, TransferEnd::timeout);
    std::vector<std::uint8_t> two(128);
    const TransferResult blocked = host_->bulk_out(out, two);
    EXPECT_EQ(blocked.end, TransferEnd::timeout) << "the echo was not fetched";
    EXPECT_EQ(blocked.length, 64U);
}

TEST_F(ForeignDevice, ThatAnswersFromItsMainLoopTakesAndGivesWholeTransfers) {
    const EnumeratedDevice found = start("queued_cdc");
    EXPECT_EQ(found.device_descriptor.at(10), 0x14);
    EXPECT_EQ(found.configuration_descriptor.size(), 75U) << "two packets";
    Pipe out{.endpoint = 0x02}, in{.endpoint = 0x82};
    for (const std::size_t size : {1U, 63U, 65U, 200U}) {
        std::vector<std::uint8_t> sent(size), back(size);
        std::iota(sent.begin(), sent.end(), static_cast<std::uint8_t>(size));
        EXPECT_TRUE(host_->bulk_out(out, sent).ok());
        EXPECT_EQ(host_->bulk_in(in, back).length, size);
        EXPECT_EQ(back, sent);
    }
    const std::array<std::uint8_t, 7> coding{0x00, 0xc2, 0x01, 0x00, 0, 0, 8};
    std::array<std::uint8_t, 7> read_back{};
    EXPECT_TRUE(host_->control_out({0x21, 0x20, 0, 0, 7}, coding).ok());
    EXPECT_TRUE(host_->control_in({0xa1, 0x21, 0, 0, 7}, read_back).ok());
    EXPECT_EQ(read_back, coding);
    EXPECT_TRUE(host_->control_out({0x21, 0x22, 3, 0, 0}, {}).ok());
    EXPECT_EQ(host_->control_out({0x40, 0x55, 0, 0, 0}, {}).end, TransferEnd::stall);
    EXPECT_TRUE(host_->control_in({0xa1, 0x21, 0, 0, 7}, read_back).ok()) << "a SETUP ends the stall";

    host_->suspend();
    host_->advance(Time{20'000'000'000});
    host_->resume();
    EXPECT_TRUE(host_->control_in({0xa1, 0x21, 0, 0, 7}, read_back).ok());
    EXPECT_TRUE(reset_and_restore(*host_, found).has_value());
    EXPECT_GT(machine_.counters().complaints, 0U) << "an OUT stage without data has a buffer of no size";
}

TEST_F(ForeignDevice, SendsALostPacketAgainAndTheHostDropsIt) {
    start("cdc_echo");
    Pipe out{.endpoint = 0x02}, in{.endpoint = 0x82};
    const std::array<std::uint8_t, 2> first{1, 2}, second{3, 4};
    std::array<std::uint8_t, 2> back{};
    ASSERT_TRUE(host_->bulk_out(out, first).ok());
    InAnswer lost;
    while (lost.handshake != Handshake::ack)
        lost = host_->raw_in(host_->address(), 2, false);
    in.data1 = true;  // The host has it; its acknowledgement got lost on the way (8.6.4).
    HostTiming impatient = host_->timing();
    impatient.transfer_timeout = Time{20'000'000'000};
    host_->set_timing(impatient);
    EXPECT_EQ(host_->bulk_in(in, back).end, TransferEnd::timeout) << "the repetition does not count as data";
    ASSERT_TRUE(host_->bulk_out(out, second).ok());
    ASSERT_TRUE(host_->bulk_in(in, back).ok());
    EXPECT_EQ(back, second);
}

}  // namespace
}  // namespace sim
