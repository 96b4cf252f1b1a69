// SPDX-License-Identifier: ISC
// Image parsers against files that binutils, srecord and dfu-util made: the judges are programs nobody here wrote.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "flasher/image.hpp"

namespace flasher::test {
namespace {

namespace fs = std::filesystem;

class ImageToolsTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) /
                  ("image_tools_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        fs::create_directories(folder_);
        // Vectors, then code and constants behind a gap, and initialised data whose load address is in flash.
        std::ofstream(folder_ / "a.s") << ".syntax unified\n.cpu cortex-m3\n.thumb\n"
                                          ".section .vectors,\"a\"\n.word 0x20005000\n.word start + 1\n"
                                          ".section .text,\"ax\"\n.global start\nstart: b start\n.space 301, 0x5A\n"
                                          ".section .data,\"aw\"\n.word 0x11223344\n"
                                          ".section .bss,\"aw\",%nobits\n.space 4096\n";
        std::ofstream(folder_ / "a.ld")
            << "SECTIONS { .vectors 0x08002000 : { *(.vectors) } .text 0x08002100 : { *(.text) }\n"
               " .data 0x20000000 : AT(LOADADDR(.text) + SIZEOF(.text) + 3) { *(.data) } .bss : { "
               "*(.bss) } }\n";
        run("arm-none-eabi-as -o a.o a.s");
        run("arm-none-eabi-ld -T a.ld -e 0x08002101 -o a.elf a.o 2>ld.log");
        run("arm-none-eabi-objcopy -O binary --gap-fill 0xFF a.elf a.bin");
    }
    void TearDown() override { fs::remove_all(folder_); }

    void run(const std::string& command) const {
        ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && " + command).c_str()), 0) << command;
    }
    [[nodiscard]] fs::path file(const char* name) const { return folder_ / name; }
    [[nodiscard]] std::vector<std::uint8_t> expected() const {
        std::ifstream stream(folder_ / "a.bin", std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

  private:
    fs::path folder_;
};

TEST_F(ImageToolsTest, ElfEqualsObjcopy) {
    const auto image = load_image(file("a.elf"));
    EXPECT_EQ(image.base, 0x0800'2000U);
    EXPECT_EQ(image.bytes, expected());
    EXPECT_EQ(image.vectors(), (Vectors{.initial_stack = 0x2000'5000, .reset = 0x0800'2101}));
}

TEST_F(ImageToolsTest, ElfWithoutSectionHeadersLoadsItsSegments) {
    run("arm-none-eabi-ld -n -T a.ld -e 0x08002101 -o n.elf a.o 2>ld.log");
    const auto whole = load_image(file("n.elf"));
    std::fstream elf(file("n.elf"), std::ios::in | std::ios::out | std::ios::binary);
    elf.seekp(32).write("\0\0\0\0", 4);  // e_shoff
    elf.close();
    const auto image = load_image(file("n.elf"));
    EXPECT_EQ(image.base, whole.base);
    // Inside a segment the linker filled the gap itself, with zeroes.
    auto filled = expected();
    std::fill(filled.begin() + 8, filled.begin() + 0x100, std::uint8_t{0});
    EXPECT_EQ(image.bytes, filled);
}

TEST_F(ImageToolsTest, HexOfObjcopyAndOfSrecordEqualTheBinary) {
    run("arm-none-eabi-objcopy -O ihex --gap-fill 0xFF a.elf a.hex");
    run("srec_cat a.bin -binary -offset 0x08002000 -o b.hex -intel");
    run("srec_cat a.bin -binary -offset 0x00002000 -o c.hex -intel -address-length=3 "
        "-line-length=60");
    EXPECT_EQ(load_image(file("a.hex")).bytes, expected());
    EXPECT_EQ(load_image(file("a.hex")).base, 0x0800'2000U);
    EXPECT_EQ(load_image(file("b.hex")).bytes, expected());
    EXPECT_EQ(load_image(file("b.hex")).base, 0x0800'2000U);
    EXPECT_EQ(load_image(file("c.hex")).bytes, expected());
}

TEST_F(ImageToolsTest, SuffixOfDfuUtilIsStripped) {
    run("cp a.bin a.dfu && dfu-suffix -v 1209 -p db42 -d 0102 -a a.dfu >suffix.log 2>&1");
    const auto image = load_image(file("a.dfu"));
    EXPECT_EQ(image.bytes, expected());
    EXPECT_EQ(image.suffix,
              (DfuSuffix{.idVendor = 0x1209, .idProduct = 0xDB42, .bcdDevice = 0x0102, .bcdDFU = 0x0100}));
}

TEST_F(ImageToolsTest, DfuUtilAcceptsOurSuffix) {
    const auto bytes = with_dfu_suffix(expected(), {.idVendor = 0x1209, .idProduct = 0xDB42});
    std::ofstream(file("ours.dfu"), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    run("dfu-suffix -c ours.dfu >check.log 2>&1 && grep -q 'Vendor ID:.*0x1209' check.log");
}

TEST_F(ImageToolsTest, SRecordsOfObjcopyAndOfSrecordEqualTheBinary) {
    run("arm-none-eabi-objcopy -O srec --gap-fill 0xFF a.elf a.srec");
    run("srec_cat a.bin -binary -offset 0x2000 -o b.s19 -motorola -address-length=2");
    run("srec_cat a.bin -binary -offset 0x2000 -o c.s28 -motorola -address-length=3 -line-length=78");
    EXPECT_EQ(load_image(file("a.srec")).bytes, expected());
    EXPECT_EQ(load_image(file("a.srec")).base, 0x0800'2000U);
    EXPECT_EQ(load_image(file("b.s19")).bytes, expected());
    EXPECT_EQ(load_image(file("b.s19")).base, 0x2000U);
    EXPECT_EQ(load_image(file("c.s28")).bytes, expected());
}

TEST_F(ImageToolsTest, KeilsVirtualAddressesCountWherePhysicalOnesAreMissing) {
    run("arm-none-eabi-ld -r -b binary -o data.o a.bin");
    std::ofstream(file("k.ld")) << "SECTIONS { ER_IROM1 0x08002000 : { *(.data) } }";
    run("arm-none-eabi-ld -n -T k.ld -e 0x08002101 -o k.axf data.o 2>ld.log");
    std::fstream elf(file("k.axf"), std::ios::in | std::ios::out | std::ios::binary);
    elf.seekp(52 + 12).write("\0\0\0\0", 4);  // p_paddr of the only program header
    elf.close();
    const auto image = load_image(file("k.axf"));
    EXPECT_EQ(image.base, 0x0800'2000U);
    EXPECT_EQ(image.bytes, expected());
}

TEST_F(ImageToolsTest, ToolsReadWhatIsWritten) {
    const auto write = [&](const char* name, ImageFormat format) {
        const auto bytes = write_image(load_image(file("a.elf")), format);
        std::ofstream(file(name), std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    write("w.hex", ImageFormat::intel_hex);
    run("arm-none-eabi-objcopy -I ihex -O binary w.hex w.hex.bin && cmp w.hex.bin a.bin");
    run("srec_cat w.hex -intel -offset -0x08002000 -o w2.bin -binary && cmp w2.bin a.bin");
    write("w.srec", ImageFormat::s_record);
    run("arm-none-eabi-objcopy -I srec -O binary w.srec w.srec.bin && cmp w.srec.bin a.bin");
    run("srec_cat w.srec -motorola -offset -0x08002000 -o w3.bin -binary && cmp w3.bin a.bin");
    write("w.elf", ImageFormat::elf);
    run("arm-none-eabi-objcopy -O binary w.elf w.elf.bin && cmp w.elf.bin a.bin");
    run("arm-none-eabi-readelf -hlS w.elf >w.txt 2>&1 && ! grep -i warning w.txt && grep -q 'Entry.*0x8002101' w.txt");
    write("w.uf2", ImageFormat::uf2);
    run("file w.uf2 >w.uf2.txt && grep -q 'UF2 firmware image, family ST STM32F1.*address 0x8002000' w.uf2.txt");
    write("w.dfu", ImageFormat::dfu);
    run("dfu-suffix -c w.dfu >check.log 2>&1");
}

TEST_F(ImageToolsTest, TruncatedElfIsRefusedWhereverItIsCut) {
    std::ifstream stream(file("a.elf"), std::ios::binary);
    const std::vector<std::uint8_t> whole{std::istreambuf_iterator<char>(stream), {}};
    for (std::size_t size = 4; size < whole.size(); size += 97)
        EXPECT_THROW(static_cast<void>(parse_image(Bytes(whole).first(size))), ImageError) << size;
}

TEST_F(ImageToolsTest, ObjectFilesAndForeignMachinesAreRefused) {
    EXPECT_THROW(static_cast<void>(parse_image([&] {
                     std::ifstream stream(file("a.o"), std::ios::binary);
                     return std::vector<std::uint8_t>{std::istreambuf_iterator<char>(stream), {}};
                 }())),
                 ImageError);
    EXPECT_THROW(static_cast<void>(load_image("/proc/self/exe")), ImageError);
}

}  // namespace
}  // namespace flasher::test
