// SPDX-License-Identifier: ISC
// Descriptor parsers: what is right is read, what contradicts itself is refused, noise does no harm.
#include "flasher/descriptors.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace flasher::test {
namespace {

using Data = std::vector<std::uint8_t>;

Data configuration_of(const Data& rest) {
    const auto total = static_cast<std::uint8_t>(9 + rest.size());
    Data bytes{9, 2, total, 0, 1, 1, 0, 0xC0, 50};
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

const Data dfu_interface{9, 4, 0, 0, 0, 0xFE, 1, 2, 4};
const Data second_setting{9, 4, 0, 1, 0, 0xFE, 1, 2, 5};
const Data functional{9, 0x21, 0x0B, 0xFF, 0, 0, 4, 0x10, 1};

Data operator+(Data left, const Data& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

TEST(DeviceDescriptorParser, ReadsEveryField) {
    const Data bytes{18, 1, 0x10, 2, 1, 2, 3, 64, 0x09, 0x12, 0x42, 0xDB, 0x34, 0x12, 1, 2, 3, 1};
    const auto device = parse_device(bytes);
    EXPECT_EQ(device.bcdUSB, 0x0210);
    EXPECT_EQ(device.bMaxPacketSize0, 64);
    EXPECT_EQ(device.idVendor, 0x1209);
    EXPECT_EQ(device.idProduct, 0xDB42);
    EXPECT_EQ(device.bcdDevice, 0x1234);
    EXPECT_EQ(device.iManufacturer, 1);
    EXPECT_EQ(device.iSerialNumber, 3);
    EXPECT_EQ(device.bNumConfigurations, 1);
}

TEST(DeviceDescriptorParser, RefusesShortAndForeignBytes) {
    EXPECT_THROW(static_cast<void>(parse_device(Data(17, 18))), DescriptorError);
    Data bytes(18);
    bytes[0] = 18;
    bytes[1] = 2;
    EXPECT_THROW(static_cast<void>(parse_device(bytes)), DescriptorError);
}

TEST(ConfigurationParser, FindsTheFunctionalDescriptor) {
    const auto parsed = parse_configuration(configuration_of(dfu_interface + functional));
    ASSERT_EQ(parsed.interfaces.size(), 1U);
    ASSERT_TRUE(parsed.interfaces[0].functional);
    const auto& dfu = *parsed.interfaces[0].functional;
    EXPECT_EQ(dfu.transfer_size, 1024);
    EXPECT_EQ(dfu.detach_timeout, std::chrono::milliseconds(255));
    EXPECT_EQ(dfu.version, 0x0110);
    EXPECT_TRUE(dfu.attributes.can_download && dfu.attributes.can_upload && dfu.attributes.will_detach);
    EXPECT_FALSE(dfu.attributes.manifestation_tolerant);
    EXPECT_EQ(parsed.max_milliamperes, 100U);
    EXPECT_EQ(dfu_interfaces(parsed).size(), 1U);
}

TEST(ConfigurationParser, SharesOneFunctionalDescriptorAmongSettings) {
    const auto parsed = parse_configuration(configuration_of(dfu_interface + second_setting + functional));
    ASSERT_EQ(parsed.interfaces.size(), 2U);
    EXPECT_EQ(parsed.interfaces[0].functional, parsed.interfaces[1].functional);
    EXPECT_TRUE(parsed.interfaces[0].functional);
}

TEST(ConfigurationParser, AcceptsTheShortDescriptorOfDfu10) {
    const Data old{7, 0x21, 1, 0, 0, 64, 0};
    const auto parsed = parse_configuration(configuration_of(dfu_interface + old));
    EXPECT_EQ(parsed.interfaces[0].functional->version, 0x0100);
}

TEST(ConfigurationParser, DoesNotTakeAHidDescriptorForDfu) {
    const Data hid{9, 4, 0, 0, 1, 3, 1, 1, 0};
    const Data hid_class{9, 0x21, 0x11, 1, 0, 1, 0x22, 0x3F, 0};
    const auto parsed = parse_configuration(configuration_of(hid + hid_class));
    EXPECT_FALSE(parsed.interfaces[0].functional);
    EXPECT_TRUE(dfu_interfaces(parsed).empty());
}

TEST(ConfigurationParser, RefusesLengthsThatLie) {
    const auto good = configuration_of(dfu_interface + functional);
    for (const std::size_t where : {std::size_t{2}, std::size_t{9}, std::size_t{18}}) {
        auto bad = good;
        bad[where] = 200;
        EXPECT_THROW(static_cast<void>(parse_configuration(bad)), DescriptorError) << where;
        bad[where] = 1;
        EXPECT_THROW(static_cast<void>(parse_configuration(bad)), DescriptorError) << where;
    }
}

TEST(StringParser, ReadsUtf16) {
    EXPECT_EQ(parse_string(Data{8, 3, 'D', 0, 'F', 0, 'U', 0}), "DFU");
    EXPECT_EQ(parse_string(Data{4, 3, 0xE9, 0}), "é");
    EXPECT_EQ(parse_string(Data{6, 3, 0x3D, 0xD8, 0x00, 0xDE}), "😀");
    EXPECT_EQ(parse_string(Data{6, 3, 0x00, 0xD8, 0x00, 0xDC}), "\U00010000") << "the first pair";
    EXPECT_EQ(parse_string(Data{6, 3, 0xFF, 0xDB, 0xFF, 0xDF}), "\U0010FFFF") << "the last";
    EXPECT_EQ(parse_string(Data{4, 3, 0x3D, 0xD8}), "\xEF\xBF\xBD") << "half a pair";
    EXPECT_EQ(parse_string(Data{4, 3, 0x00, 0xDC}), "\xEF\xBF\xBD") << "the other half";
    EXPECT_EQ(parse_string(Data{6, 3, 0x00, 0xD8, 0x00, 0xE0}), "\xEF\xBF\xBD\xEE\x80\x80") << "no pair";
    EXPECT_THROW(static_cast<void>(parse_string(Data{5, 3, 'D', 0, 'F'})), DescriptorError);
}

TEST(BosParser, FindsPlatformCapabilities) {
    Data bos{5, 15, 29, 0, 1, 24, 16, 5, 0};
    bos = bos + Data{0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65};
    bos = bos + Data{0x00, 0x01, 0x21, 0x01};
    const auto capabilities = parse_bos(bos);
    ASSERT_EQ(capabilities.size(), 1U);
    EXPECT_TRUE(capabilities[0].is_webusb());
    EXPECT_FALSE(capabilities[0].is_microsoft_os_20());
    EXPECT_EQ(capabilities[0].data, (Data{0x00, 0x01, 0x21, 0x01}));
    EXPECT_EQ(total_length(Data{5, 15, 0x34, 0x12}), 0x1234);
    EXPECT_THROW(static_cast<void>(total_length(Data{5, 15, 0x34})), DescriptorError);
    for (const auto total : std::to_array<std::uint8_t>({4, 30})) {
        bos[2] = total;
        EXPECT_THROW(static_cast<void>(parse_bos(bos)), DescriptorError) << "wTotalLength " << int{total};
    }
    bos[2] = 29;
    bos[4] = 2;
    EXPECT_THROW(static_cast<void>(parse_bos(bos)), DescriptorError) << "counts a capability too many";
}

/// The table of docs/capability.md.
TEST(CapabilityParser, ReadsWhatTheBootloaderTells) {
    const Data uuid{0xD5, 0x27, 0x61, 0xA1, 0x8D, 0x52, 0xA7, 0x4D, 0x82, 0x81, 0x59, 0xD9, 0xA9, 0x11, 0xF8, 0xC4};
    const Data fields{0x00, 0x01, 1, 2, 0x00, 0x20, 0x00, 0x08, 0x00, 0x00, 0x02, 0x08};
    const auto found = parse_bos(Data{5, 15, 37, 0, 1, 32, 16, 5, 0} + uuid + fields);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].is_dapboot());
    const auto said = parse_dapboot_capability(found[0]);
    EXPECT_EQ(said.bcdCapability, 0x0100);
    EXPECT_EQ(said.layout, DapbootCapability::Layout::high_memory);
    EXPECT_EQ(said.page_size, 2048U);
    EXPECT_EQ(said.application_base, 0x0800'2000U);
    EXPECT_EQ(said.application_end, 0x0802'0000U);
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        auto other = found[0];
        other.uuid[i] ^= 1;
        EXPECT_FALSE(other.is_dapboot()) << i;
    }

    const auto with = [&](std::size_t at, const Data& bytes) {
        auto changed = found[0];
        std::ranges::copy(bytes, changed.data.begin() + static_cast<std::ptrdiff_t>(at));
        return changed;
    };
    auto longer = found[0];
    longer.data.push_back(9);
    EXPECT_EQ(parse_dapboot_capability(longer), said) << "a newer one may have more fields";
    auto shorter = found[0];
    shorter.data.pop_back();
    EXPECT_THROW(static_cast<void>(parse_dapboot_capability(shorter)), DescriptorError);
    for (const auto& [what, wrong] : {std::pair{"no page", with(3, {0})},
                                      {"a base below flash", with(4, {0, 0, 0xFF, 0x07})},
                                      {"an end beyond flash", with(8, {1, 0, 0x20, 0x08})},
                                      {"an end at the base", with(8, {0x00, 0x20, 0, 8})}})
        EXPECT_THROW(static_cast<void>(parse_dapboot_capability(wrong)), DescriptorError) << what;
    EXPECT_EQ(parse_dapboot_capability(with(4, {0, 0, 0, 8})).application_base, 0x0800'0000U);
    EXPECT_EQ(parse_dapboot_capability(with(8, {0, 0, 0x20, 8})).application_end, 0x0820'0000U);
}

TEST(UrlParser, AddsTheScheme) {
    EXPECT_EQ(parse_url(Data{6, 3, 1, 'a', '.', 'b'}), "https://a.b");
    EXPECT_EQ(parse_url(Data{6, 3, 0, 'a', '.', 'b'}), "http://a.b");
    EXPECT_THROW(static_cast<void>(parse_url(Data{6, 3, 7, 'a', '.', 'b'})), DescriptorError);
}

TEST(ReportParser, ReadsThe24BitPollTime) {
    const auto report = parse_report(Data{8, 0x01, 0x02, 0x03, 10, 4});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, DfuStatus::err_address);
    EXPECT_EQ(report->poll_timeout.count(), 0x030201);
    EXPECT_EQ(report->state, DfuState::dfu_error);
    EXPECT_FALSE(parse_report(Data(5)));
    EXPECT_FALSE(parse_report(Data(7)));
}

TEST(Names, AreThoseOfTheSpecification) {
    EXPECT_EQ(name_of(DfuState::dfu_manifest_wait_reset), "dfuMANIFEST-WAIT-RESET");
    EXPECT_EQ(name_of(DfuStatus::err_stalledpkt), "errSTALLEDPKT");
    EXPECT_EQ(name_of(static_cast<DfuState>(17)), "state 17");
    EXPECT_EQ(name_of(static_cast<DfuStatus>(99)), "status 99");
}

RC_GTEST_PROP(DescriptorParsers, NoiseIsReadOrRefused, (Data bytes)) {
    if (bytes.size() >= 9 && *rc::gen::arbitrary<bool>()) bytes[0] = 9, bytes[1] = 2, bytes[2] = 9, bytes[3] = 0;
    for (auto parse :
         {+[](Bytes b) { static_cast<void>(parse_configuration(b)); },
          +[](Bytes b) { static_cast<void>(parse_bos(b)); }, +[](Bytes b) { static_cast<void>(parse_string(b)); },
          +[](Bytes b) { static_cast<void>(parse_url(b)); }, +[](Bytes b) { static_cast<void>(parse_device(b)); }}) {
        try {
            parse(bytes);
        } catch (const DescriptorError&) {
        }
    }
}

}  // namespace
}  // namespace flasher::test
