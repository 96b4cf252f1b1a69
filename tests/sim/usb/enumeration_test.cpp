// SPDX-License-Identifier: ISC
// Enumeration and the flasher's transport, against a scripted device.
#include "sim/usb/enumeration.hpp"

#include <algorithm>
#include <string_view>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "tests/sim/usb/fake_port.hpp"

namespace sim::test {
namespace {

using Data = std::vector<std::uint8_t>;

class EnumerationTest : public testing::Test {
  protected:
    void SetUp() override {
        bench.port.on_in = [this](const flasher::SetupPacket& setup) -> std::optional<Data> {
            requests.push_back(setup);
            if (setup.bRequest != 6) return std::nullopt;
            if (setup.wValue == 0x0100) return device;
            if (setup.wValue == 0x0200) return configuration;
            if (setup.wValue == 0x0300) return Data{4, 3, 9, 4};
            if (setup.wValue == 0x0302) return Data{4, 3, 'P', 0};
            return std::nullopt;
        };
        bench.host.wait_for_attach(200 * millisecond);
    }

    Bench bench;
    Data device{18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 0x42, 0xDB, 0, 1, 0, 2, 0, 1};
    Data configuration{9, 2, 9, 0, 0, 5, 0, 0xC0, 50};
    std::vector<flasher::SetupPacket> requests;
};

TEST_F(EnumerationTest, FollowsLinux) {
    const auto found = enumerate(bench.host, 7);
    EXPECT_EQ(found.address, 7);
    EXPECT_EQ(bench.port.address, 7);
    EXPECT_EQ(bench.port.configuration, 5);
    EXPECT_EQ(found.device.idProduct, 0xDB42);
    EXPECT_EQ(found.configuration_descriptor, configuration);
    EXPECT_EQ(bench.port.of_kind('R').size(), 2U);
    ASSERT_GE(requests.size(), 2U);
    EXPECT_EQ(requests[0].wLength, 64) << "the first read at address 0";
    EXPECT_EQ(requests[1].wLength, 18);
}

TEST_F(EnumerationTest, LeavesTwoMillisecondsAfterSetAddress) {
    static_cast<void>(enumerate(bench.host, 7));
    // The third SETUP, after 64-byte read and SET_ADDRESS, goes to the new address.
    const auto setups = bench.port.of_kind('S');
    EXPECT_GE(setups.at(2).at - setups.at(1).at, 2 * millisecond);
}

TEST_F(EnumerationTest, LearnsSmallPackets) {
    device[7] = 8;
    bench.port.max_packet_size = 8;
    const auto found = enumerate(bench.host);
    EXPECT_EQ(bench.host.max_packet_size(), 8);
    EXPECT_EQ(found.device_descriptor, device);
}

TEST_F(EnumerationTest, SaysAtWhichRequestItFailed) {
    configuration.clear();
    try {
        static_cast<void>(enumerate(bench.host));
        ADD_FAILURE() << "an empty configuration passed";
    } catch (const flasher::DescriptorError&) {
    }
    bench.port.on_in = nullptr;
    try {
        static_cast<void>(enumerate(bench.host));
        ADD_FAILURE() << "a device that stalls everything passed";
    } catch (const EnumerationError& error) {
        EXPECT_STREQ(error.what(), "device descriptor at address 0: STALL in the data stage");
    }
}

TEST_F(EnumerationTest, TriesAgainWithADeviceThatStartsSlowly) {
    bench.port.faults.assign(9, Handshake::none);  // three attempts of three strikes
    EXPECT_EQ(enumerate(bench.host, 7).address, 7);
    EXPECT_EQ(bench.port.of_kind('R').size(), 5U);
    bench.port.faults.assign(12, Handshake::none);
    EXPECT_THROW(static_cast<void>(enumerate(bench.host)), EnumerationError) << "four attempts are enough";
}

TEST_F(EnumerationTest, ToleratesADeviceThatAnswersTheQualifierRequest) {
    const auto others = bench.port.on_in;
    bench.port.on_in = [others](const flasher::SetupPacket& setup) {
        return setup.wValue == 0x0600 ? Data{10, 6, 0, 2, 0, 0, 0, 64, 1, 0} : others(setup);
    };
    EXPECT_EQ(enumerate(bench.host, 7).address, 7);
}

TEST_F(EnumerationTest, WantsNoMicrosoftOsStringAndReadsOneThatIsThere) {
    static_cast<void>(enumerate(bench.host, 7));  // the device stalls string 0xEE
    HostTransport transport(bench.host);
    EXPECT_FALSE(flasher::read_device_info(transport).microsoft_os_10.has_value());
    EXPECT_EQ(bench.port.configuration, 5) << "a stall there does no harm";

    const auto others = bench.port.on_in;
    bench.port.on_in = [others](const flasher::SetupPacket& setup) -> std::optional<Data> {
        if (setup.bRequest == 6 && setup.wValue == 0x03EE)
            return Data{18, 3, 'M', 0, 'S', 0, 'F', 0, 'T', 0, '1', 0, '0', 0, '0', 0, 0x21, 0};
        if (setup.bmRequestType == 0xC0 && setup.bRequest == 0x21 && setup.wIndex == 4) {
            Data ids(40);
            ids[0] = 40;
            std::ranges::copy(std::string_view("WINUSB"), ids.begin() + 18);
            return ids;
        }
        return others(setup);
    };
    static_cast<void>(enumerate(bench.host, 8));
    const auto found = flasher::read_device_info(transport).microsoft_os_10;
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->vendor_code, 0x21);
    EXPECT_EQ(found->compatible_id, "WINUSB");
}

TEST_F(EnumerationTest, RefusesAPacketSizeThatDoesNotExist) {
    device[7] = 7;
    EXPECT_THROW(static_cast<void>(enumerate(bench.host)), EnumerationError);
}

TEST_F(EnumerationTest, TransportResetFindsTheSameDeviceOrSaysGone) {
    HostTransport transport(bench.host);
    EXPECT_EQ(transport.bus_reset(), flasher::Outcome::ok);
    EXPECT_EQ(bench.port.configuration, 5);
    device[10] = 0x43;
    EXPECT_EQ(transport.bus_reset(), flasher::Outcome::gone) << "another product came back";
}

TEST_F(EnumerationTest, TransportMapsOutcomes) {
    HostTransport transport(bench.host);
    Data buffer(4);
    EXPECT_EQ(transport.control_in({0xC0, 9, 0, 0, 4}, buffer).outcome, flasher::Outcome::stall);
    EXPECT_EQ(transport.last_detail(), "STALL in the data stage");
    bench.port.next_in_packet = Data(5);
    EXPECT_EQ(transport.control_in({0x80, 6, 0x0100, 0, 4}, buffer).outcome, flasher::Outcome::fault);
    bench.port.address = 99;
    EXPECT_EQ(transport.control_in({0x80, 6, 0x0100, 0, 4}, buffer).outcome, flasher::Outcome::gone);
    bench.port.is_attached = false;
    EXPECT_EQ(transport.control_out({0x21, 1, 0, 0, 0}, {}).outcome, flasher::Outcome::gone);
    EXPECT_TRUE(transport.wait_until_gone(std::chrono::milliseconds(1)));
    EXPECT_FALSE(transport.reopen(std::chrono::milliseconds(300)));
    bench.port.is_attached = true;
    EXPECT_TRUE(transport.reopen(std::chrono::milliseconds(1'000)));
}

}  // namespace
}  // namespace sim::test
