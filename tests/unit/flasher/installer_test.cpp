// SPDX-License-Identifier: ISC
// What an installer image tells of the bootloader that it brings (docs/capability.md), and whether that is here
// already.
#include "flasher/installer.hpp"

#include "tests/unit/flasher/files.hpp"

namespace flasher::test {
namespace {

/// Four vectors, UUID {c2f4b6d1-7e39-4a58-9d06-31e8a5b7f02c}, version 2.1.9, high memory, pages of 2 KiB, 0x08000000.
const Data installer{0x00, 0x50, 0,    0x20, 0x01, 0x20, 0,    0x08, 0,    0,    0,    0,    0,    0,
                     0,    0,    0xD1, 0xB6, 0xF4, 0xC2, 0x39, 0x7E, 0x58, 0x4A, 0x9D, 0x06, 0x31, 0xE8,
                     0xA5, 0xB7, 0xF0, 0x2C, 0x19, 0x02, 1,    2,    0,    0,    0,    0x08};

TEST(Installer, TellsWhatItBrings) {
    const auto brings = bootloader_in(parse_binary(installer));
    ASSERT_TRUE(brings);
    EXPECT_EQ(brings->bcdDevice, 0x0219);
    EXPECT_EQ(brings->layout, DapbootCapability::Layout::high_memory);
    EXPECT_EQ(brings->page_size, 2048U);
    EXPECT_EQ(brings->application_base, 0x0800'0000U);
    EXPECT_EQ(describe(*brings), "dapboot 2.1.9, high-memory layout, applications from 0x08000000");
    auto standard = *brings;
    standard.bcdDevice = 0x1234;
    standard.layout = DapbootCapability::Layout::standard;
    EXPECT_EQ(describe(standard), "dapboot 12.3.4, standard layout, applications from 0x08000000");
}

TEST(Installer, IsNoOtherImage) {
    auto cut = installer;
    cut.pop_back();
    EXPECT_FALSE(bootloader_in(parse_binary(cut)));
    for (std::size_t i = 16; i < 32; ++i) {
        auto other = installer;
        other[i] ^= 1;
        EXPECT_FALSE(bootloader_in(parse_binary(other))) << i;
    }
}

TEST(Installer, ABootloaderIsHereWhenAllOfItIs) {
    const auto brings = *bootloader_in(parse_binary(installer));
    DeviceInfo here;
    EXPECT_FALSE(has_bootloader(here, brings)) << "it tells nothing";
    here.device.bcdDevice = 0x0219;
    here.dapboot = DapbootCapability{.bcdCapability = 0x0100,
                                     .layout = DapbootCapability::Layout::high_memory,
                                     .page_size = 2048,
                                     .application_base = 0x0800'0000,
                                     .application_end = 0x0803'F000};
    EXPECT_TRUE(has_bootloader(here, brings));
    const auto other = [&](auto change) {
        auto changed = here;
        change(changed);
        return has_bootloader(changed, brings);
    };
    EXPECT_FALSE(other([](auto& info) { info.device.bcdDevice = 0x0210; }));
    EXPECT_FALSE(other([](auto& info) { info.dapboot->layout = DapbootCapability::Layout::standard; }));
    EXPECT_FALSE(other([](auto& info) { info.dapboot->page_size = 1024; }));
    EXPECT_FALSE(other([](auto& info) { info.dapboot->application_base = 0x0800'2000; }));
}

}  // namespace
}  // namespace flasher::test
