// SPDX-License-Identifier: ISC
// Image formats: round trips, refusals, and bytes that nobody meant.
#include "flasher/image.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace flasher::test {
namespace {

using Data = std::vector<std::uint8_t>;

Data text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}

std::string message_of(const Data& file) {
    try {
        static_cast<void>(parse_image(file));
    } catch (const ImageError& error) {
        return error.what();
    }
    return "(accepted)";
}

void expect_refused(const Data& file, std::string_view words) {
    const auto message = message_of(file);
    EXPECT_NE(message.find(words), std::string::npos) << message;
}

std::string hex_record(int type, int offset, const Data& data) {
    int sum = static_cast<int>(data.size()) + (offset >> 8) + (offset & 0xFF) + type;
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, ":%02X%04X%02X", static_cast<unsigned>(data.size()),
                  static_cast<unsigned>(offset), static_cast<unsigned>(type));
    std::string line = buffer;
    for (const auto byte : data) {
        std::snprintf(buffer, sizeof buffer, "%02X", static_cast<unsigned>(byte));
        line += buffer;
        sum += byte;
    }
    std::snprintf(buffer, sizeof buffer, "%02X\r\n", static_cast<unsigned>(-sum & 0xFF));
    return line + buffer;
}

const std::string at_0800 = hex_record(4, 0, {0x08, 0x00});
const std::string end_record = ":00000001FF\n";

TEST(IntelHex, JoinsRecordsAndFillsGaps) {
    const auto image = parse_image(text(at_0800 + hex_record(0, 0x2000, {1, 2}) + hex_record(0, 0x2004, {3}) +
                                        hex_record(5, 0, {8, 0, 0x20, 1}) + end_record));
    EXPECT_EQ(image.format, ImageFormat::intel_hex);
    EXPECT_EQ(image.base, 0x0800'2000U);
    EXPECT_EQ(image.bytes, (Data{1, 2, 0xFF, 0xFF, 3}));
}

TEST(IntelHex, KnowsSegmentAddresses) {
    const auto image = parse_image(text(hex_record(2, 0, {0x10, 0x00}) + hex_record(0, 0x10, {7}) + end_record));
    EXPECT_EQ(image.base, 0x1'0010U);
}

TEST(IntelHex, AcceptsRecordsInAnyOrder) {
    const auto image = parse_image(text(hex_record(0, 4, {5, 6, 7, 8}) + hex_record(0, 0, {1, 2, 3, 4}) + end_record));
    EXPECT_EQ(image.bytes, (Data{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(IntelHex, RefusesDamage) {
    const auto record = hex_record(0, 0, {1, 2, 3, 4});
    expect_refused(text(record), "no end-of-file record");
    expect_refused(text(record + record + end_record), "claim address");
    expect_refused(text(record + end_record + record), "line 3 of the Intel HEX text follows");
    expect_refused(text(end_record), "no bytes to program");
    expect_refused(text(hex_record(6, 0, {1}) + end_record), "unknown record type 6");
    expect_refused(text(hex_record(4, 0, {1}) + end_record), "1 data bytes instead of 2");
    expect_refused(text(hex_record(0, 0xFFFE, {1, 2, 3}) + end_record), "crosses a 64 KiB border");
    expect_refused(text(at_0800 + record + hex_record(4, 0, {0x20, 0}) + record + end_record), "an image is at most");

    auto wrong_sum = record;
    wrong_sum[10] = '7';
    expect_refused(text(wrong_sum + end_record), "line 1 of the Intel HEX text has a wrong checksum");
    expect_refused(text(record + "hello\n"), "line 2 of the Intel HEX text does not start with a colon");
    expect_refused(text(record + ":0\n"), "half a byte");
    expect_refused(text(record + ":00\n"), "too short");
    expect_refused(text(record + ":zz\n"), "hex digit");
}

RC_GTEST_PROP(IntelHexProperty, RoundTripsThroughRecords, ()) {
    const auto bytes = *rc::gen::nonEmpty<Data>();
    const auto width = *rc::gen::inRange<std::size_t>(1, 40);
    const auto start = *rc::gen::inRange(0, 0x1000);
    std::string file = at_0800;
    for (std::size_t offset = 0; offset < bytes.size(); offset += width) {
        const auto stop = std::min(bytes.size(), offset + width);
        file += hex_record(0, start + static_cast<int>(offset),
                           Data(bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                                bytes.begin() + static_cast<std::ptrdiff_t>(stop)));
    }
    const auto image = parse_image(text(file + end_record));
    RC_ASSERT(image.bytes == bytes);
    RC_ASSERT(image.base == 0x0800'0000U + static_cast<std::uint32_t>(start));
}

TEST(DfuFile, RefusesADamagedOne) {
    auto file = with_dfu_suffix(Data{1, 2, 3}, {});
    file[1] ^= 4;
    expect_refused(file, "CRC");
}

TEST(DfuFile, RefusesASuffixWithoutAnImage) {
    expect_refused(with_dfu_suffix({}, {}), "leaves no image");
}

TEST(DfuFile, RefusesADfuSeContainer) {
    expect_refused(with_dfu_suffix(text("DfuSe\x01 and so on"), {}), "DfuSe");
}

TEST(DfuFile, SaysForWhomItIs) {
    const DfuSuffix suffix{.idVendor = 0x1209, .idProduct = 0xDB42, .bcdDevice = 0x0100};
    EXPECT_TRUE(suffix.matches(0x1209, 0xDB42));
    EXPECT_FALSE(suffix.matches(0x1209, 0xDB43));
    EXPECT_FALSE(suffix.matches(0x1208, 0xDB42));
    EXPECT_TRUE(DfuSuffix{}.matches(1, 2));
}

RC_GTEST_PROP(DfuFileProperty, RoundTrips, (std::uint16_t vendor, std::uint16_t product, std::uint16_t device)) {
    const auto bytes = *rc::gen::nonEmpty<Data>();
    const DfuSuffix suffix{.idVendor = vendor, .idProduct = product, .bcdDevice = device};
    const auto image = parse_image(with_dfu_suffix(bytes, suffix));
    RC_ASSERT(image.format == ImageFormat::dfu);
    RC_ASSERT(image.bytes == bytes);
    RC_ASSERT(image.suffix == suffix);
}

RC_GTEST_PROP(ImageProperty, NoiseIsReadOrRefused, (Data bytes)) {
    const auto start = *rc::gen::element<std::string>("",
                                                      "\x7F"
                                                      "ELF\x01\x01",
                                                      ":0400", ":00000001FF\n");
    auto file = text(start);
    file.insert(file.end(), bytes.begin(), bytes.end());
    try {
        const auto image = parse_image(file);
        RC_ASSERT(!image.bytes.empty());
    } catch (const ImageError&) {
    }
}

TEST(PlainBinary, MustNotBeEmpty) {
    expect_refused({}, "empty");
}

class RunnableTest : public testing::Test {
  protected:
    static Image image_of(std::uint32_t stack, std::uint32_t reset, std::size_t size = 64) {
        Image image;
        image.bytes.resize(size, 0);
        for (unsigned i = 0; i < 4; ++i) {
            image.bytes[i] = static_cast<std::uint8_t>(stack >> 8 * i);
            image.bytes[4 + i] = static_cast<std::uint8_t>(reset >> 8 * i);
        }
        return image;
    }
    static void expect_complaint(const Image& image, std::string_view words) {
        const auto complaint = check_runnable(image, region);
        ASSERT_TRUE(complaint) << words;
        EXPECT_NE(complaint->find(words), std::string::npos) << *complaint;
    }
    static constexpr Region region{.flash_start = 0x0800'2000, .flash_length = 4096, .ram_length = 20'480};
};

TEST_F(RunnableTest, AcceptsAnApplication) {
    EXPECT_FALSE(check_runnable(image_of(0x2000'5000, 0x0800'2011), region));
    EXPECT_FALSE(check_runnable(image_of(0x2000'0100, 0x0800'2009, 4096), region));
}

TEST_F(RunnableTest, SaysWhatIsWrong) {
    expect_complaint(image_of(0x2000'5004, 0x0800'2011), "not in RAM");
    expect_complaint(image_of(0x2000'0000, 0x0800'2011), "not in RAM");
    expect_complaint(image_of(0xFFFF'FFFF, 0xFFFF'FFFF), "not in RAM");
    expect_complaint(image_of(0, 0), "not in RAM");
    expect_complaint(image_of(0x2000'5000, 0x0800'0011), "link it for 0x08002000");
    expect_complaint(image_of(0x2000'5000, 0x0800'2010), "reset vector");
    expect_complaint(image_of(0x2000'5000, 0x0800'2041), "reset vector");
    expect_complaint(image_of(0x2000'5000, 0x0800'2011, 4097), "4097 bytes");
    Image tiny;
    tiny.bytes.resize(7);
    expect_complaint(tiny, "vector table");
    auto elsewhere = image_of(0x2000'5000, 0x0800'2011);
    elsewhere.base = 0x0800'0000;
    expect_complaint(elsewhere, "linked for 0x08000000");
}

TEST(LoadImage, NamesTheFileThatIsMissingOrMislabelled) {
    const auto folder = std::filesystem::path(testing::TempDir());
    EXPECT_THROW(static_cast<void>(load_image(folder / "absent.bin")), ImageError);
    EXPECT_THROW(static_cast<void>(load_image(folder)), ImageError);
    const auto file = folder / "mislabelled_image.bin";
    std::ofstream(file) << hex_record(0, 0, {1, 2, 3, 4}) << end_record;
    try {
        static_cast<void>(load_image(file));
        ADD_FAILURE() << "a HEX text passed as .bin";
    } catch (const ImageError& error) {
        EXPECT_NE(std::string(error.what()).find("mislabelled_image.bin: the name says plain binary"),
                  std::string::npos)
            << error.what();
    }
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace flasher::test
