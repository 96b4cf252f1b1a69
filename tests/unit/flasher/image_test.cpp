// SPDX-License-Identifier: ISC
// Image formats: round trips, refusals, and bytes that nobody meant.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/flasher/files.hpp"

namespace flasher::test {
namespace {

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
    expect_refused(text(record + end_record + record), "line 3 of the Intel HEX text follows the end");
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

TEST(IntelHex, ReadsWhatEditorsAndOldToolsLeaveInIt) {
    const auto record = hex_record(0, 0, {1, 2, 3, 4});
    const auto image = parse_image(text("\xEF\xBB\xBF; by hand\r\n# and twice\n// and so\n\n  " + record.substr(0, 19) +
                                        "\t; four bytes\r\n//\n" + end_record + "\x1A" + "whatever follows"));
    EXPECT_EQ(image.bytes, (Data{1, 2, 3, 4}));
}

TEST(SRecord, JoinsRecordsOfAllAddressLengths) {
    const auto image =
        parse_image(text("S0030000FC\nS1051000AABB85\r\nS205001002CC1C\nS30600001004EEF7\nS804001000EB\n"));
    EXPECT_EQ(image.format, ImageFormat::s_record);
    EXPECT_EQ(image.base, 0x1000U);
    EXPECT_EQ(image.bytes, (Data{0xAA, 0xBB, 0xCC, 0xFF, 0xEE}));
}

TEST(SRecord, RefusesDamage) {
    const std::string one = "S1051000AABB85\n", end = "S9030000FC\n";
    EXPECT_EQ(parse_image(text(one + end)).bytes, (Data{0xAA, 0xBB}));
    EXPECT_EQ(parse_image(text(one + end)).base, 0x1000U);
    EXPECT_EQ(parse_image(text(one + "S5030001FB\n" + end)).bytes, (Data{0xAA, 0xBB}));
    expect_refused(text(one), "neither an end record");
    expect_refused(text(one + "S5030002FA\n" + end), "counts 2 records and follows 1");
    expect_refused(text(one + one + end), "claim address");
    expect_refused(text(one + end + one), "line 3 of the S-record text follows");
    expect_refused(text("S1051000AABB86\n" + end), "line 1 of the S-record text has a wrong checksum");
    expect_refused(text(one + "S1061000AABB84\n" + end), "claims 6 bytes and holds 5");
    expect_refused(text(one + "S4051000AABB85\n" + end), "digit of a record's type");
    expect_refused(text(one + "S0\n" + end), "too short");
    expect_refused(text(one + "S30408002000\n" + end), "too short");
    expect_refused(text(end), "neither Intel HEX nor S-records");
}

TEST(SRecord, CountsAsFarAsItsCountReaches) {
    std::string file;
    for (unsigned address = 0; address <= 0x1'0000; ++address) {
        const unsigned sum = 5 + (address >> 16) + (address >> 8 & 0xFF) + (address & 0xFF) + 7;
        char line[32];
        std::snprintf(line, sizeof line, "S205%06X07%02X\n", address, ~sum & 0xFF);
        file += line;
    }
    EXPECT_EQ(parse_image(text(file + "S5030001FB\n")).bytes.size(), 0x1'0001U) << "16 bits of 65,537";
    EXPECT_EQ(parse_image(text(file + "S604010001F9\n")).bytes.size(), 0x1'0001U) << "24 bits";
    expect_refused(text(file + "S5030002FA\n"), "counts 2 records and follows 65537");
}

// A block of UF2 as the specification draws it; the reader must not depend on our own writer.
Data uf2_block(std::uint32_t flags, std::uint32_t address, std::uint32_t number, std::uint32_t count,
               std::uint32_t family, const Data& data) {
    Data block;
    const auto put = [&](std::uint32_t word) {
        for (int i = 0; i < 4; ++i)
            block.push_back(static_cast<std::uint8_t>(word >> 8 * i));
    };
    for (const std::uint32_t word :
         {0x0A324655U, 0x9E5D5157U, flags, address, static_cast<std::uint32_t>(data.size()), number, count, family})
        put(word);
    block.insert(block.end(), data.begin(), data.end());
    block.resize(508);
    put(0x0AB16F30);
    return block;
}

constexpr std::uint32_t family_f1 = 0x5EE21072, has_family = 0x2000;

TEST(Uf2, JoinsBlocksInAnyOrder) {
    const auto second = uf2_block(has_family, 0x0800'2004, 1, 2, family_f1, {5, 6});
    const auto first = uf2_block(has_family, 0x0800'2000, 0, 2, family_f1, {1, 2, 3, 4});
    const auto image = parse_image(second + first);
    EXPECT_EQ(image.format, ImageFormat::uf2);
    EXPECT_EQ(image.base, 0x0800'2000U);
    EXPECT_EQ(image.bytes, (Data{1, 2, 3, 4, 5, 6}));
}

TEST(Uf2, LeavesOutWhatIsForOtherMemoriesAndChips) {
    const auto ours = uf2_block(has_family, 0x0800'2000, 0, 1, family_f1, {1});
    const auto not_flash = uf2_block(1, 0, 0, 1, 0, {9});
    const auto other_chip = uf2_block(has_family, 0x1000'0000, 0, 1, 0xE48BFF56, {9});
    EXPECT_EQ(parse_image(other_chip + not_flash + ours).bytes, (Data{1}));
    expect_refused(other_chip, "for another chip (family 0xe48bff56)");
}

TEST(Uf2, RefusesDamage) {
    const auto first = uf2_block(has_family, 0x0800'2000, 0, 2, family_f1, {1, 2, 3, 4});
    const auto second = uf2_block(has_family, 0x0800'2004, 1, 2, family_f1, {5, 6});
    expect_refused(first, "calls itself 0 of 2");
    expect_refused(first + first, "calls itself 0 of 2");
    expect_refused(first + uf2_block(1, 0, 0, 1, 0, {9}), "holds 1 of the 2 blocks");
    expect_refused(first + uf2_block(has_family, 0x0800'2000, 1, 2, family_f1, {5, 6}), "claim address");
    auto cut = first + second;
    cut.pop_back();
    expect_refused(cut, "not whole blocks of 512");
    auto damaged = first + second;
    damaged[1023] ^= 1;
    expect_refused(damaged, "block 1 of the UF2 file has no magic");
    auto too_long = first + second;
    too_long[16] = 0xFF, too_long[17] = 0x01;
    expect_refused(too_long, "claims 511 bytes");
    too_long[16] = 0xDD;
    expect_refused(too_long, "claims 477 bytes; 476 fit a block");
    EXPECT_EQ(parse_image(uf2_block(has_family, 0x0800'2000, 0, 1, family_f1, Data(476, 7))).bytes, Data(476, 7));
}

RC_GTEST_PROP(WriterProperty, EveryFormatRoundTrips, ()) {
    Image image{.format = ImageFormat::binary, .bytes = {0x00, 0x50, 0x00, 0x20, 1}, .base = {}, .suffix = {}};
    const auto more = *rc::gen::container<Data>(rc::gen::arbitrary<std::uint8_t>());
    image.bytes.insert(image.bytes.end(), more.begin(), more.end());
    image.base = *rc::gen::inRange<std::uint32_t>(0x0800'0000U - 300, 0x0801'0000U);
    for (const auto format : {ImageFormat::binary, ImageFormat::intel_hex, ImageFormat::s_record, ImageFormat::elf,
                              ImageFormat::uf2, ImageFormat::dfu}) {
        const auto read = parse_image(write_image(image, format));
        RC_ASSERT(read.format == format);
        RC_ASSERT(read.bytes == image.bytes);
        if (format != ImageFormat::binary && format != ImageFormat::dfu) RC_ASSERT(read.base == image.base);
    }
}

// One section with a name, in front of it the empty one that the ELF specification asks for, behind it the names.
TEST(Writers, AnElfFileHasTheSectionsOfItsSpecification) {
    const Image image{.format = ImageFormat::binary,
                      .bytes = {0, 0x50, 0, 0x20, 1, 0x20, 0, 8, 9},
                      .base = 0x0800'2000,
                      .suffix = {}};
    const auto file = write_image(image, ImageFormat::elf);
    const auto word = [&](std::size_t at) { return u32_at(file, at); };
    EXPECT_TRUE(std::all_of(file.begin() + 7, file.begin() + 16, [](std::uint8_t byte) { return byte == 0; }));
    const std::size_t sections = word(32);
    ASSERT_EQ(file.size(), sections + 3 * 40);
    EXPECT_TRUE(std::all_of(file.begin() + static_cast<std::ptrdiff_t>(sections),
                            file.begin() + static_cast<std::ptrdiff_t>(sections + 40),
                            [](std::uint8_t byte) { return byte == 0; }));
    const auto section = [&](std::size_t number) {
        std::vector<std::uint32_t> words;
        for (std::size_t at = 0; at < 40; at += 4)
            words.push_back(word(sections + 40 * number + at));
        return words;
    };
    const std::uint32_t names = section(2)[4];
    const auto name_of = [&](std::size_t number) {
        return std::string(reinterpret_cast<const char*>(&file.at(names + section(number)[0])));
    };
    EXPECT_EQ(name_of(1), ".text");
    EXPECT_EQ(name_of(2), ".shstrtab");
    // Type, flags, address, offset, size, link, information, alignment, entry size.
    EXPECT_EQ(section(1), (std::vector<std::uint32_t>{1, 1, 6, 0x0800'2000, 84, 9, 0, 0, 4, 0}));
    EXPECT_EQ(section(2), (std::vector<std::uint32_t>{7, 3, 0, 0, 93, 17, 0, 0, 1, 0}));
}

TEST(Writers, RefuseAnImageWithoutAnAddress) {
    const auto image = parse_binary(Data{1, 2, 3});
    EXPECT_THROW(static_cast<void>(write_image(image, ImageFormat::intel_hex)), ImageError);
    EXPECT_EQ(write_image(image, ImageFormat::binary), image.bytes);
}

TEST(PartFrom, TakesTheApplicationOutOfAMergedFile) {
    Image merged{.format = ImageFormat::intel_hex, .bytes = Data(0x2040, 0xFF), .base = 0x0800'0000, .suffix = {}};
    const Data vectors{0x00, 0x50, 0x00, 0x20, 0x11, 0x20, 0x00, 0x08};
    std::ranges::copy(vectors, merged.bytes.begin() + 0x2000);
    const auto part = part_from(merged, 0x0800'2000);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->base, 0x0800'2000U);
    EXPECT_EQ(part->bytes.size(), 0x40U);
    EXPECT_FALSE(part_from(merged, 0x0800'1000));
    EXPECT_FALSE(part_from(merged, 0x0800'0000));
    EXPECT_FALSE(part_from(merged, 0x0800'3000));
    const auto complaint =
        check_runnable(merged, {.flash_start = 0x0800'2000, .flash_length = 0x1'0000, .ram_length = 0x5000});
    ASSERT_TRUE(complaint);
    EXPECT_NE(complaint->find("more than an application"), std::string::npos) << *complaint;
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
    const auto image = parse_dfu(with_dfu_suffix(bytes, suffix));
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
    expect_complaint(image_of(0xFFFF'FFFF, 0xFFFF'FFFF), "is blank");
    expect_complaint(image_of(0xFFFF'FFFC, 0x0800'2101), "not in RAM");
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

TEST(LoadImage, NamesTheFileThatIsMissing) {
    const auto folder = std::filesystem::path(testing::TempDir());
    EXPECT_THROW(static_cast<void>(load_image(folder / "absent.bin")), ImageError);
    EXPECT_THROW(static_cast<void>(load_image(folder)), ImageError);
}

TEST(LoadImage, GoesByContentAndDoubtsOnlyBytesThatCouldBeAnything) {
    const auto folder = std::filesystem::path(testing::TempDir());
    const auto text_called_bin = folder / "text_called_bin.bin";
    std::ofstream(text_called_bin) << hex_record(0, 0, {1, 2, 3, 4}) << end_record;
    EXPECT_EQ(load_image(text_called_bin).format, ImageFormat::intel_hex);
    std::filesystem::remove(text_called_bin);

    const auto noise_called_hex = folder / "noise_called_hex.HEX";
    std::ofstream(noise_called_hex, std::ios::binary) << "\x01\x02\x03\x04 and more";
    try {
        static_cast<void>(load_image(noise_called_hex));
        ADD_FAILURE() << "noise passed as .hex";
    } catch (const ImageError& error) {
        EXPECT_NE(std::string(error.what()).find("noise_called_hex.HEX: the name says Intel HEX"), std::string::npos)
            << error.what();
    }
    std::filesystem::remove(noise_called_hex);
}

}  // namespace
}  // namespace flasher::test
