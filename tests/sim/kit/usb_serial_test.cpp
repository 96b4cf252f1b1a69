// SPDX-License-Identifier: ISC
// The usb-serial example: installed over DFU, used as a serial port, and sent back to the bootloader over USB alone.
// The machine is pedantic: a wrong access to the chip ends a test.
#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "flasher/image.hpp"
#include "tests/sim/support/bench.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::uint8_t class_out = 0x21, class_in = 0xA1;
constexpr std::uint16_t cdc = 0, dfu = 2;

class UsbSerial : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.enter_dfu();
        install();
    }
    /// Downloads the example into the bootloader that is on the bus, and meets it there.
    void install() {
        serial_ = flasher::read_device_info(*bench.transport).serial_number;
        const auto file = "usb-serial-" + bench.target.name + ".bin";
        const auto image = flasher::load_image(test_paths::firmware(file));
        ASSERT_EQ(bench.client().download(image.bytes), flasher::Ending::left);
        bench.enumerate();
        ASSERT_EQ(product_id(), 0x0001);
    }
    std::uint16_t product_id() { return bench.transport->device().device.idProduct; }
    TransferResult ask(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) {
        return bench.host.control_in(setup, data);
    }
    TransferResult tell(const flasher::SetupPacket& setup, const Bytes& data = {}) {
        return bench.host.control_out(setup, data);
    }
    bool stalls(std::uint8_t type, std::uint8_t request, std::uint16_t value = 0, std::uint16_t index = 0,
                std::uint16_t length = 0) {
        const flasher::SetupPacket setup{type, request, value, index, length};
        Bytes data(length);
        const auto result = (type & 0x80) != 0 ? ask(setup, data) : tell(setup, data);
        return result.end == TransferEnd::stall;
    }
    /// What comes until nothing more does.
    Bytes fetch(std::size_t wanted) {
        Bytes all;
        while (all.size() < wanted) {
            Bytes some(wanted - all.size());
            const auto result = bench.host.bulk_in(in, some);
            if (!result.ok()) break;
            all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(result.length));
        }
        return all;
    }
    void be_impatient() {
        HostTiming timing = bench.host.timing();
        timing.transfer_timeout = 50 * millisecond;
        bench.host.set_timing(timing);
    }
    static Bytes pattern(std::size_t size) {
        Bytes bytes(size);
        std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(size));
        return bytes;
    }

    Bench bench{target(GetParam())};
    Pipe out{.endpoint = 0x01}, in{.endpoint = 0x81};
    std::string serial_;
};
INSTANTIATE_TEST_SUITE_P(Behind, UsbSerial, testing::Values("bluepill", "bluepill-high"),
                         [](const auto& one) { return identifier(one.param); });

TEST_P(UsbSerial, SaysWhatItIs) {
    const auto info = flasher::read_device_info(*bench.transport);
    EXPECT_EQ(info.device.idVendor, 0x1209);
    EXPECT_EQ(info.product, "USB serial example");
    EXPECT_EQ(info.serial_number, serial_) << "the bootloader's, so that a host knows it again";
    ASSERT_EQ(info.configuration.interfaces.size(), 3U);
    const auto& runtime = info.configuration.interfaces[dfu];
    EXPECT_TRUE(runtime.is_dfu());
    EXPECT_EQ(runtime.bInterfaceProtocol, 1) << "DFU 1.1 table 4.1: run-time";
    const auto functional = runtime.functional.value_or(flasher::DfuFunctional{});
    EXPECT_TRUE(functional.attributes.will_detach);
    EXPECT_EQ(functional.version, 0x0110);
}

TEST_P(UsbSerial, EchoesPacketsOfAnySize) {
    for (const std::size_t size : {1U, 7U, 63U, 64U, 65U, 128U, 192U, 1000U}) {
        const Bytes sent = pattern(1000);
        Bytes back;
        for (std::size_t at = 0; at < sent.size(); at += size) {
            const auto piece = std::span(sent).subspan(at, std::min(size, sent.size() - at));
            // The device has room for one packet beside the one on its way back: a host that sends more must read, too.
            for (std::size_t from = 0; from < piece.size(); from += 64) {
                const auto part = piece.subspan(from, std::min<std::size_t>(64, piece.size() - from));
                ASSERT_TRUE(bench.host.bulk_out(out, part).ok());
                const Bytes some = fetch(part.size());
                back.insert(back.end(), some.begin(), some.end());
            }
        }
        EXPECT_EQ(back, sent) << "in pieces of " << size;
    }
}

TEST_P(UsbSerial, EndsAFullPacketWithAnEmptyOne) {
    const Bytes sent = pattern(64);
    ASSERT_TRUE(bench.host.bulk_out(out, sent).ok());
    Bytes room(256);
    const auto result = bench.host.bulk_in(in, room);
    EXPECT_TRUE(result.ok()) << "a host with a large buffer is not kept waiting";
    EXPECT_EQ(result.length, 64U);
}

TEST_P(UsbSerial, HoldsTheHostUpInsteadOfLosingBytes) {
    be_impatient();
    const Bytes sent = pattern(320);
    const auto blocked = bench.host.bulk_out(out, sent);
    EXPECT_EQ(blocked.end, TransferEnd::timeout);
    EXPECT_GE(blocked.length, 128U);
    const Bytes back = fetch(blocked.length);
    EXPECT_TRUE(std::ranges::equal(back, std::span(sent).first(blocked.length)));
}

TEST_P(UsbSerial, HasNothingToNotify) {
    be_impatient();
    Pipe notifications{.endpoint = 0x82, .max_packet_size = 8};
    Bytes room(8);
    EXPECT_EQ(bench.host.interrupt_in(notifications, room).end, TransferEnd::timeout);
}

TEST_P(UsbSerial, KeepsTheLineCoding) {
    const Bytes coding{0x80, 0x25, 0, 0, 0, 0, 8};
    Bytes back(7);
    EXPECT_TRUE(tell({class_out, 0x20, 0, cdc, 7}, coding).ok());
    EXPECT_TRUE(ask({class_in, 0x21, 0, cdc, 7}, back).ok());
    EXPECT_EQ(back, coding);
    EXPECT_TRUE(tell({class_out, 0x22, 3, cdc, 0}).ok()) << "DTR and RTS";
    EXPECT_TRUE(tell({class_out, 0x20, 0, cdc, 0}).ok()) << "nothing to take does not hang it";
    EXPECT_TRUE(stalls(class_out, 0x20, 0, cdc, 8)) << "longer than a line coding";
    EXPECT_TRUE(stalls(class_in, 0x22, 0, cdc, 1));
}

TEST_P(UsbSerial, RefusesWhatItDoesNotKnow) {
    EXPECT_TRUE(stalls(0x80, 6, 0x0600, 0, 10)) << "a qualifier is for high speed";
    EXPECT_TRUE(stalls(0x80, 6, 0x0305, 0x0409, 255));
    EXPECT_TRUE(stalls(0x00, 9, 2)) << "there is one configuration";
    EXPECT_TRUE(stalls(0x01, 11, 1, 0)) << "and no alternate setting";
    EXPECT_TRUE(stalls(0x81, 0, 0, 3, 2)) << "nor a fourth interface";
    EXPECT_TRUE(stalls(0x00, 8)) << "GET_CONFIGURATION to the device";
    EXPECT_TRUE(stalls(0x02, 3, 0, 0x03)) << "no such endpoint";
    EXPECT_TRUE(stalls(0xC0, 1, 0, 0, 8)) << "a vendor's request";
    Bytes status(2, 0xFF);
    EXPECT_TRUE(ask({0x80, 0, 0, 0, 2}, status).ok()) << "and goes on";
    EXPECT_EQ(status, Bytes(2, 0));
}

TEST_P(UsbSerial, HaltsAnEndpointUntilTheHostClearsIt) {
    be_impatient();
    const Bytes byte{1};
    Bytes back(1), status(2);
    ASSERT_TRUE(bench.host.bulk_out(out, byte).ok());
    ASSERT_EQ(fetch(1), byte);
    for (Pipe* pipe : {&out, &in}) {
        const std::uint16_t address = pipe->endpoint;
        EXPECT_TRUE(tell({0x02, 3, 0, address, 0}).ok()) << "SET_FEATURE(ENDPOINT_HALT)";
        EXPECT_TRUE(ask({0x82, 0, 0, address, 2}, status).ok());
        EXPECT_EQ(status, (Bytes{1, 0}));
        const auto result = (address & 0x80) != 0 ? bench.host.bulk_in(*pipe, back) : bench.host.bulk_out(*pipe, byte);
        EXPECT_EQ(result.end, TransferEnd::stall);
        EXPECT_TRUE(tell({0x02, 1, 0, address, 0}).ok()) << "CLEAR_FEATURE";
        EXPECT_TRUE(ask({0x82, 0, 0, address, 2}, status).ok());
        EXPECT_EQ(status, (Bytes{0, 0}));
        pipe->data1 = false;
    }
    ASSERT_TRUE(bench.host.bulk_out(out, byte).ok());
    EXPECT_EQ(fetch(1), byte) << "both directions are back at DATA0";
    EXPECT_TRUE(tell({0x00, 9, 1, 0, 0}).ok()) << "SET_CONFIGURATION once more";
    out.data1 = in.data1 = false;
    ASSERT_TRUE(bench.host.bulk_out(out, byte).ok());
    EXPECT_EQ(fetch(1), byte);
}

TEST_P(UsbSerial, WaitsForAConfiguration) {
    ASSERT_TRUE(tell({0x00, 9, 0, 0, 0}).ok());
    const Bytes byte{1};
    EXPECT_EQ(bench.host.bulk_out(out, byte).end, TransferEnd::no_response);
    EXPECT_TRUE(stalls(class_out, 0, 0, dfu));
    EXPECT_TRUE(stalls(0x02, 1, 0, 0x81)) << "there is no endpoint yet";
    bench.enumerate();
    out = Pipe{.endpoint = 0x01};
    EXPECT_TRUE(bench.host.bulk_out(out, byte).ok()) << "after a bus reset";
}

TEST_P(UsbSerial, GoesBackToTheBootloaderOnDetach) {
    Bytes status(6, 0xFF), state(1, 0xFF);
    EXPECT_TRUE(ask({class_in, 3, 0, dfu, 6}, status).ok());
    EXPECT_EQ(status, Bytes(6, 0)) << "appIDLE";
    EXPECT_TRUE(ask({class_in, 5, 0, dfu, 1}, state).ok());
    EXPECT_EQ(state, Bytes(1, 0));
    EXPECT_TRUE(stalls(class_out, 1, 0, dfu, 8)) << "DNLOAD is for DFU mode";
    EXPECT_TRUE(stalls(class_out, 0, 1000, cdc)) << "DETACH of another interface";
    EXPECT_EQ(bench.host.port_state(), PortState::enabled);

    bench.watch.clear();
    EXPECT_TRUE(tell({class_out, 0, 1000, dfu, 0}).ok()) << "the host gets its answer";
    EXPECT_TRUE(bench.host.wait_for_detach(20 * millisecond)) << "and sees the device leave";
    bench.enumerate();
    EXPECT_EQ(product_id(), 0xDB42);
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
    EXPECT_TRUE(bench.watch.operations().empty());
    install();
    EXPECT_TRUE(bench.watch.trespasses().empty());
    const Bytes byte{42};
    out = Pipe{.endpoint = 0x01};
    in = Pipe{.endpoint = 0x81};
    ASSERT_TRUE(bench.host.bulk_out(out, byte).ok());
    EXPECT_EQ(fetch(1), byte);
}

TEST_P(UsbSerial, IsTakenToTheBootloaderByTheFlasher) {
    const auto info = flasher::read_device_info(*bench.transport);
    flasher::DfuClient client(*bench.transport, info.configuration.interfaces.at(dfu));
    client.enter_dfu();
    EXPECT_EQ(product_id(), 0xDB42);
    EXPECT_EQ(bench.client().get_state(), flasher::DfuState::dfu_idle);
}

}  // namespace
}  // namespace sim::test
