// SPDX-License-Identifier: ISC
// The real bootloader on the virtual chip, driven by host model and DFU client: what the demo shows, as assertions.
#include <filesystem>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "flasher/dfu_client.hpp"
#include "flasher/image.hpp"
#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

const std::filesystem::path firmware = test_paths::firmware("dapboot-bluepill.bin");
const std::filesystem::path blinky = test_paths::firmware("blinky-bluepill.bin");
constexpr std::size_t application_offset = 0x2000;

class EndToEndTest : public testing::Test {
  protected:
    void SetUp() override {
        machine.load(firmware);
        machine.power_on();
    }

    flasher::InterfaceDescriptor dfu_interface(HostTransport& transport) {
        return flasher::dfu_interfaces(flasher::parse_configuration(transport.device().configuration_descriptor)).at(0);
    }

    const Board& board = *find_board("bluepill");
    Machine machine{board.chip, board.wiring};
    UsbHost host{machine.usb(), machine};
};

TEST_F(EndToEndTest, TheDeviceSaysWhatTheSpecificationAsksFor) {
    HostTransport transport(host);
    const auto info = flasher::read_device_info(transport);
    EXPECT_EQ(info.device.bcdUSB, 0x0210);
    EXPECT_EQ(info.device.idVendor, 0x1209);
    EXPECT_EQ(info.device.idProduct, 0xDB42);
    EXPECT_EQ(info.manufacturer, "Devanarchy");
    EXPECT_EQ(info.product, "DAPBoot DFU Bootloader");
    EXPECT_EQ(info.serial_number.size(), 24U);
    EXPECT_EQ(info.serial_number.find_first_not_of("0123456789ABCDEFabcdef"), std::string::npos);
    ASSERT_EQ(info.configuration.interfaces.size(), 1U);
    EXPECT_TRUE(info.configuration.interfaces[0].is_dfu_mode());
    EXPECT_EQ(info.interface_names.at(0), "DAPBoot DFU");
    const auto& dfu = info.configuration.interfaces[0].functional;
    ASSERT_TRUE(dfu);
    EXPECT_EQ(dfu->attributes, (flasher::DfuAttributes{.can_download = true, .can_upload = true, .will_detach = true}));
    EXPECT_EQ(dfu->version, 0x0110);
    ASSERT_TRUE(info.webusb);
    EXPECT_EQ(info.webusb->landing_page, "https://devanlai.github.io/webdfu/dfu-util/");
    ASSERT_TRUE(info.microsoft_os_10);
    EXPECT_EQ(info.microsoft_os_10->compatible_id, "WINUSB");
    ASSERT_TRUE(info.microsoft_os_20);
    EXPECT_EQ(info.microsoft_os_20->compatible_id, "WINUSB");
    EXPECT_TRUE(info.microsoft_os_20->interface_guid);
}

TEST_F(EndToEndTest, ADownloadedApplicationBlinks) {
    HostTransport transport(host);
    flasher::DfuClient client(transport, dfu_interface(transport));
    const auto image = flasher::load_image(blinky);

    EXPECT_EQ(client.download(image.bytes), flasher::Ending::left);
    EXPECT_TRUE(std::ranges::equal(machine.flash().subspan(application_offset, image.bytes.size()), image.bytes));

    std::vector<Time> toggles;
    machine.on_pin_change(board.wiring.led, [&](Time at, Level) { toggles.push_back(at); });
    host.advance(5'000 * millisecond);
    ASSERT_GE(toggles.size(), 4U);
    for (std::size_t i = 2; i < toggles.size(); ++i)
        EXPECT_NEAR(seconds(toggles[i] - toggles[i - 1]), 1.0, 0.01);
    EXPECT_EQ(machine.counters().complaints, 0U);
}

TEST_F(EndToEndTest, UploadReturnsTheDownload) {
    HostTransport transport(host);
    const auto interface = dfu_interface(transport);
    flasher::DfuClient client(transport, interface);
    const auto image = flasher::load_image(blinky);
    client.download(image.bytes);

    machine.press_button(true);
    machine.reset();
    ASSERT_TRUE(transport.reopen(std::chrono::milliseconds(1'000)));
    const auto back = client.upload(1U << 20);
    ASSERT_GE(back.size(), image.bytes.size());
    EXPECT_TRUE(std::equal(image.bytes.begin(), image.bytes.end(), back.begin()));
}

TEST_F(EndToEndTest, ARefusedImageIsNamedAndTheNextOneWorks) {
    HostTransport transport(host);
    flasher::DfuClient client(transport, dfu_interface(transport));
    try {
        client.download(std::vector<std::uint8_t>(3'000, 0));
        ADD_FAILURE() << "zeroes passed";
    } catch (const flasher::DfuError& error) {
        ASSERT_TRUE(error.point().report) << error.what();
        EXPECT_EQ(error.point().report->status, flasher::DfuStatus::err_target) << error.what();
        EXPECT_EQ(error.point().block, 0);
    }
    EXPECT_EQ(client.download(flasher::load_image(blinky).bytes), flasher::Ending::left);
}

}  // namespace
}  // namespace sim::test
