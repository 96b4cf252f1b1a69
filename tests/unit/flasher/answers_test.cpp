// SPDX-License-Identifier: ISC
// What a USB/IP server answers, read in whatever pieces it comes, and what no server may say.
#include "flasher/usbip/answers.hpp"

#include <gtest/gtest.h>

namespace flasher::usbip {
namespace {

DeviceFacts device(const char* bus_id, std::size_t interfaces) {
    DeviceFacts facts;
    facts.bus_id = bus_id;
    facts.bus = 1;
    facts.device = 3;
    facts.idVendor = 0x1209;
    facts.idProduct = 0xDB42;
    facts.bcdDevice = 0x0210;
    facts.bNumConfigurations = 1;
    facts.interfaces.assign(interfaces, {0xFE, 1, 2});
    return facts;
}

/// Feeds one byte after the other; nothing may come before the last.
template <class Take>
auto read_bytewise(AnswerReader& reader, const Bytes& bytes, Take take) {
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
        reader.feed(std::span(bytes).subspan(i, 1));
        EXPECT_FALSE(take(reader)) << "after " << i + 1 << " of " << bytes.size() << " bytes";
    }
    reader.feed(std::span(bytes).last(1));
    return take(reader);
}

TEST(UsbipAnswers, ListComesWholeOrNotAtAll) {
    const std::vector<DeviceFacts> devices{device("1-1", 1), device("1-2", 3)};
    AnswerReader reader;
    const auto list = read_bytewise(reader, list_answer(devices), [](auto& one) { return one.list(); });
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 2U);
    EXPECT_EQ((*list)[0].bus_id, "1-1");
    EXPECT_EQ((*list)[1].interfaces.size(), 3U);
    EXPECT_EQ((*list)[1].interfaces[2].bInterfaceClass, 0xFE);
    EXPECT_EQ((*list)[0].idVendor, 0x1209);
    EXPECT_EQ((*list)[0].idProduct, 0xDB42);
    EXPECT_EQ((*list)[0].number(), 0x1'0003U);
}

TEST(UsbipAnswers, AnEmptyListIsAList) {
    AnswerReader reader;
    reader.feed(list_answer({}));
    const auto list = reader.list();
    ASSERT_TRUE(list);
    EXPECT_TRUE(list->empty());
}

TEST(UsbipAnswers, ImportGivesTheDeviceOrTheReason) {
    AnswerReader reader;
    const auto taken = read_bytewise(reader, import_answer(device("3-1", 1)), [](auto& one) { return one.import(); });
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->status, ImportStatus::ok);
    EXPECT_EQ(taken->device->bus_id, "3-1");
    for (const auto status : {ImportStatus::busy, ImportStatus::no_such_device}) {
        const auto refused = read_bytewise(reader, import_refusal(status), [](auto& one) { return one.import(); });
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->status, status);
        EXPECT_FALSE(refused->device);
    }
}

TEST(UsbipAnswers, DataFollowsAnAnswerToInAlone) {
    AnswerReader reader;
    const Bytes data{1, 2, 3};
    const auto in = read_bytewise(reader, submit_answer(7, TransferStatus::ok, 3, data),
                                  [](auto& one) { return one.command(Direction::in); });
    ASSERT_TRUE(in);
    EXPECT_EQ(std::get<SubmitAnswer>(*in).sequence, 7U);
    EXPECT_EQ(std::get<SubmitAnswer>(*in).data, data);
    // Of OUT, the length says what was taken; the next answer follows at once.
    reader.feed(submit_answer(8, TransferStatus::ok, 64, {}));
    reader.feed(submit_answer(9, TransferStatus::stall, 0, {}));
    const auto out = std::get<SubmitAnswer>(reader.command(Direction::out).value());
    EXPECT_EQ(out.sequence, 8U);
    EXPECT_EQ(out.length, 64U);
    EXPECT_TRUE(out.data.empty());
    EXPECT_EQ(std::get<SubmitAnswer>(reader.command(Direction::out).value()).status, TransferStatus::stall);
}

TEST(UsbipAnswers, UnlinkTellsWhatItFound) {
    AnswerReader reader;
    reader.feed(unlink_answer(5, TransferStatus::unlinked));
    const auto answer = std::get<UnlinkAnswer>(reader.command(Direction::in).value());
    EXPECT_EQ(answer.sequence, 5U);
    EXPECT_EQ(answer.status, TransferStatus::unlinked);
}

/// A list of one device, with `change` made to its bytes.
template <class Change>
void expect_refused_list(Change change) {
    const std::vector<DeviceFacts> one{device("1-1", 1)};
    auto bytes = list_answer(one);
    change(bytes);
    AnswerReader reader;
    reader.feed(bytes);
    EXPECT_THROW(static_cast<void>(reader.list()), ProtocolError);
}

TEST(UsbipAnswers, WhatNoServerMaySayIsAnError) {
    expect_refused_list([](Bytes& bytes) { bytes[0] = 2; });                               // another version
    expect_refused_list([](Bytes& bytes) { bytes[3] = 3; });                               // another operation
    expect_refused_list([](Bytes& bytes) { bytes[7] = 1; });                               // no list
    expect_refused_list([](Bytes& bytes) { bytes[8] = 1; });                               // 16,777,217 devices
    expect_refused_list([](Bytes& bytes) { bytes[12 + 256] = 0; });                        // a bus id without a letter
    expect_refused_list([](Bytes& bytes) { bytes[12 + 256] = ' '; });                      // or with others
    expect_refused_list([](Bytes& bytes) { std::fill_n(bytes.begin() + 268, 32, 'x'); });  // or without an end

    AnswerReader reader;
    reader.feed(submit_answer(1, TransferStatus::ok, longest_transfer + 1, {}));
    EXPECT_THROW(static_cast<void>(reader.command(Direction::out)), ProtocolError);
    AnswerReader other;
    auto bytes = submit_answer(1, TransferStatus::ok, 0, {});
    bytes[3] = 1;
    other.feed(bytes);
    EXPECT_THROW(static_cast<void>(other.command(Direction::out)), ProtocolError);
}

TEST(UsbipAnswers, RequestsAreReadByTheServersOwnReader) {
    Reader server;
    server.feed(list_request());
    EXPECT_TRUE(std::holds_alternative<ListRequest>(server.next().value()));
    server.feed(import_request("1-4"));
    EXPECT_EQ(std::get<ImportRequest>(server.next().value()).bus_id, "1-4");
    server.imported(0x1'0002);
    const Submit submit{.sequence = 11,
                        .direction = Direction::out,
                        .endpoint = 0,
                        .flags = 0,
                        .length = 2,
                        .interval = 0,
                        .setup = {0x21, 1, 0, 0, 0, 0, 2, 0},
                        .data = {0xAA, 0x55}};
    server.feed(submit_command(submit, 0x1'0002));
    EXPECT_EQ(std::get<Submit>(server.next().value()), submit);
    server.feed(unlink_command({.sequence = 12, .target = 11}, 0x1'0002));
    EXPECT_EQ(std::get<Unlink>(server.next().value()), (Unlink{.sequence = 12, .target = 11}));
}

}  // namespace
}  // namespace flasher::usbip
