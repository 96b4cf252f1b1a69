// SPDX-License-Identifier: ISC
// USB/IP as bytes: what is understood, what is refused, what is answered.
#include "sim/serve/usbip/protocol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/sim/serve/usbip/messages.hpp"

namespace sim::serve::usbip::test {
namespace {

constexpr std::uint32_t device = 0x0001'0002;

Message next_of(Reader& reader) {
    if (auto message = reader.next()) return *message;
    throw std::logic_error("no whole message has come");
}

/// The one message in the bytes.
Message read_one(const Octets& bytes, bool imported) {
    Reader reader;
    if (imported) reader.imported(device);
    reader.feed(bytes);
    return next_of(reader);
}

void expect_refused(const Octets& bytes, bool imported) {
    EXPECT_THROW(static_cast<void>(read_one(bytes, imported)), ProtocolError);
}

TEST(UsbipReaderTest, OperationsAreUnderstood) {
    EXPECT_EQ(std::get<ListRequest>(read_one(list_request(), false)), ListRequest{});
    EXPECT_EQ(std::get<ImportRequest>(read_one(import_request("1-3"), false)).bus_id, "1-3");
}

TEST(UsbipReaderTest, SubmitsCarryTheirData) {
    const Command command{.sequence = 7,
                          .endpoint = 2,
                          .flags = 0x40,
                          .length = 3,
                          .packets = 0xffff'ffff,
                          .interval = 5,
                          .payload = {1, 2, 3}};
    const auto submit = std::get<Submit>(read_one(bytes_of(command), true));
    EXPECT_EQ(submit.sequence, 7U);
    EXPECT_EQ(submit.direction, Direction::out);
    EXPECT_EQ(submit.endpoint, 2);
    EXPECT_EQ(submit.flags, Submit::zero_packet);
    EXPECT_EQ(submit.interval, 5U);
    EXPECT_EQ(submit.data, (Bytes{1, 2, 3}));
}

TEST(UsbipReaderTest, ReadingHasNoPayloadInTheRequest) {
    Reader reader;
    reader.imported(device);
    reader.feed(bytes_of(control_in(9, {0x80, 6, 0, 1, 0, 0, 18, 0})));
    reader.feed(unlink(10, 9));
    const auto submit = std::get<Submit>(next_of(reader));
    EXPECT_EQ(submit.length, 18U);
    EXPECT_TRUE(submit.data.empty());
    EXPECT_EQ(submit.setup[1], 6);
    const auto taken_back = std::get<Unlink>(next_of(reader));
    EXPECT_EQ(taken_back, (Unlink{.sequence = 10, .target = 9}));
    EXPECT_FALSE(reader.next());
}

TEST(UsbipReaderTest, WhatNoClientMaySayIsRefused) {
    expect_refused({0x01, 0x06, 0x80, 0x05, 0, 0, 0, 0}, false);  // another version
    expect_refused({0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0}, false);  // a server's answer
    expect_refused(import_request(std::string(32, '1')), false);  // no end
    expect_refused(import_request("1-\x1b[2J"), false);
    expect_refused({'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, false);
    expect_refused(bytes_of({.command = 3, .payload = {}}), true);
    expect_refused(bytes_of({.devid = 0x0001'0003, .payload = {}}), true);
    expect_refused(bytes_of({.direction = 2, .payload = {}}), true);
    expect_refused(bytes_of({.endpoint = 16, .payload = {}}), true);
    expect_refused(bytes_of({.endpoint = 1, .packets = 1, .payload = {}}), true);
    // Refused by its header: nobody waits for four gigabytes.
    expect_refused(bytes_of({.endpoint = 1, .length = 0xffff'ffff, .payload = {}}), true);
    expect_refused(bytes_of({.endpoint = 1, .length = longest_transfer + 1, .payload = {}}), true);
}

TEST(UsbipReaderTest, CutIntoAnyPiecesTheStreamMeansTheSame) {
    rc::check([] {
        Octets stream;
        std::vector<std::uint32_t> sent;
        const auto count = *rc::gen::inRange<std::uint32_t>(1, 6);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto payload = *rc::gen::container<Octets>(rc::gen::arbitrary<std::uint8_t>());
            const auto bytes = bytes_of({.sequence = i,
                                         .endpoint = 1,
                                         .length = static_cast<std::uint32_t>(payload.size()),
                                         .payload = payload});
            stream.insert(stream.end(), bytes.begin(), bytes.end());
            sent.push_back(i);
        }
        Reader reader;
        reader.imported(device);
        std::vector<std::uint32_t> came;
        for (std::size_t at = 0; at < stream.size();) {
            const auto piece = std::min(stream.size() - at, *rc::gen::inRange<std::size_t>(1, 100));
            reader.feed(std::span(stream).subspan(at, piece));
            at += piece;
            while (const auto message = reader.next())
                came.push_back(std::get<Submit>(*message).sequence);
        }
        RC_ASSERT(came == sent);
    });
}

TEST(UsbipReaderTest, NoiseIsUnderstoodOrRefusedButDoesNoHarm) {
    rc::check([](bool imported) {
        const auto noise = *rc::gen::container<Octets>(rc::gen::arbitrary<std::uint8_t>());
        // Half of the noise begins as a message does, or else nothing behind the first word is tried.
        auto bytes = *rc::gen::element(Octets{}, bytes_of({.endpoint = 1, .payload = {}}), import_request("1-1"));
        for (std::size_t i = 0; i < noise.size() && i < bytes.size(); i += 2)
            bytes[bytes.size() - 1 - i] = noise[i];
        bytes.insert(bytes.end(), noise.begin(), noise.end());
        Reader reader;
        if (imported) reader.imported(device);
        reader.feed(bytes);
        try {
            for (int i = 0; i < 100 && reader.next(); ++i) {
            }
        } catch (const ProtocolError& error) {
            RC_ASSERT(std::string_view(error.what()) != "");
        }
    });
}

TEST(UsbipAnswerTest, TheListHasTheFieldsOfTheProtocol) {
    const DeviceFacts facts{.bus_id = "1-1",
                            .bus = 1,
                            .device = 2,
                            .idVendor = 0x1209,
                            .idProduct = 0xdb42,
                            .bcdDevice = 0x0200,
                            .bConfigurationValue = 1,
                            .bNumConfigurations = 1,
                            .interfaces = {{0xfe, 1, 2}}};
    const auto bytes = list_answer(std::span(&facts, 1));
    ASSERT_EQ(bytes.size(), 8U + 4 + 312 + 4);
    EXPECT_EQ(word_at(bytes, 0), 0x0111'0005U);
    EXPECT_EQ(word_at(bytes, 4), 0U);
    EXPECT_EQ(word_at(bytes, 8), 1U);  // one device
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(&bytes[12 + 256])), "1-1");
    EXPECT_EQ(word_at(bytes, 12 + 288), 1U);  // busnum
    EXPECT_EQ(word_at(bytes, 12 + 292), 2U);  // devnum
    EXPECT_EQ(word_at(bytes, 12 + 296), 2U);  // full speed
    EXPECT_EQ(word_at(bytes, 12 + 300), 0x1209'db42U);
    EXPECT_EQ(bytes[12 + 311], 1);  // bNumInterfaces
    EXPECT_EQ(word_at(bytes, 12 + 312), 0xfe01'0200U);
    EXPECT_EQ(import_answer(facts).size(), 8U + 312);
    EXPECT_EQ(import_refusal(ImportStatus::no_such_device), (Bytes{1, 0x11, 0, 3, 0, 0, 0, 4}));
}

TEST(UsbipAnswerTest, TransfersAreAnsweredWithFortyEightBytesAndTheirData) {
    const Bytes data{0xaa, 0xbb};
    const auto answer = submit_answer(5, TransferStatus::ok, 2, data);
    ASSERT_EQ(answer.size(), 50U);
    EXPECT_EQ(word_at(answer, 0), 3U);
    EXPECT_EQ(word_at(answer, 4), 5U);
    EXPECT_EQ(word_at(answer, 20), 0U);
    EXPECT_EQ(word_at(answer, 24), 2U);
    EXPECT_EQ(answer[48], 0xaa);

    const auto stall = submit_answer(6, TransferStatus::stall, 0, {});
    EXPECT_EQ(static_cast<std::int32_t>(word_at(stall, 20)), -32);
    const auto taken_back = unlink_answer(7, TransferStatus::unlinked);
    ASSERT_EQ(taken_back.size(), 48U);
    EXPECT_EQ(word_at(taken_back, 0), 4U);
    EXPECT_EQ(static_cast<std::int32_t>(word_at(taken_back, 20)), -104);
}

}  // namespace
}  // namespace sim::serve::usbip::test
