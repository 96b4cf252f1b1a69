// SPDX-License-Identifier: ISC
// dapboot without a board: image files, help, mistakes on the command line.
#include <fstream>
#include <string>

#include "tests/flasher/program.hpp"
#include "tests/support/paths.hpp"

namespace flasher::test {
namespace {

using Json = nlohmann::json;

std::string firmware(const std::string& name) {
    return "'" + (test_paths::firmware() / name).string() + "'";
}

TEST(DapbootFiles, InfoTellsFormatBaseAndLayout) {
    const Folder folder;
    const auto elf = folder.run("info " + firmware("blinky-bluepill.elf"));
    EXPECT_EQ(elf.code, 0) << elf.err;
    expect_has(elf.out, "ELF");
    expect_has(elf.out, "0x08002000, says the file");
    expect_has(elf.out, "high-memory      no: the image is linked for 0x08002000");

    const auto bin = folder.run("info --json " + firmware("dapboot-bluepill-high.bin"));
    EXPECT_EQ(bin.code, 0) << bin.err;
    const auto json = Json::parse(bin.out);
    EXPECT_EQ(json["layouts"]["standard"]["runs"], false);
    EXPECT_EQ(json["layouts"]["high-memory"]["runs"], false);
    EXPECT_FALSE(json.contains("base"));
    // Its first page says next to nothing, and the rest enough or too little: but never that it is for another address.
    EXPECT_EQ(json.value("estimated_base", "0x08000000"), "0x08000000");

    const auto standard = Json::parse(folder.run("info --json " + firmware("dapboot-bluepill.bin")).out);
    EXPECT_EQ(standard["estimated_base"], "0x08000000");
    EXPECT_FALSE(standard.contains("base"));
}

TEST(DapbootFiles, InfoSaysWhatAnAllButBlankVectorTableDoesNotTell) {
    const Folder folder;
    std::string image(64, '\xFF');
    image.replace(4, 4, {'\x21', '\xF4', '\x00', '\x08'});
    while (image.size() < 4096)
        image += "pG";  // BX LR wherever the reset vector may lead
    std::ofstream(folder.path() / "blank.bin", std::ios::binary) << image;
    const auto run = folder.run("info blank.bin");
    EXPECT_EQ(run.code, 0) << run.err;
    expect_has(run.out, "base             unknown: the vector table is blank but for the reset vector");
}

// Its first page is blank but for the reset vector, until an application comes.
TEST(DapbootFiles, InfoKnowsABootloaderThatWaitsForItsApplication) {
    const Folder folder;
    const auto run = folder.run("info " + firmware("dapboot-bluepill-high.bin"));
    EXPECT_EQ(run.code, 0) << run.err;
    expect_has(run.out, "initial stack    blank");
    for (const auto* layout : {"standard         ", "high-memory      "})
        expect_has(run.out,
                   layout + std::string("no: the image's first word, the initial stack pointer, is blank, as in a "
                                        "high-memory bootloader that has no application yet; choose"));
}

TEST(DapbootFiles, ConvertsFromAnyToAny) {
    const Folder folder;
    const auto original = content_of(test_paths::firmware() / "blinky-bluepill.bin");
    std::string from = firmware("blinky-bluepill.elf");
    for (const std::string to : {"a.hex", "b.srec", "c.uf2", "d.elf", "e.dfu", "f.bin"}) {
        const auto run = folder.run("convert " + from + " " + to + " --for 1209:db42");
        ASSERT_EQ(run.code, 0) << run.err;
        from = to;
        // A .dfu knows no base; it is estimated for the next one.
    }
    EXPECT_EQ(content_of(folder.path() / "f.bin"), original);
    EXPECT_EQ(std::system(("dfu-suffix -c '" + (folder.path() / "e.dfu").string() + "' | grep -q 0x1209").c_str()), 0);

    const auto again = folder.run("convert " + from + " f.bin");
    EXPECT_EQ(again.code, 2);
    expect_has(again.err, "f.bin: is there already");
    EXPECT_EQ(folder.run("convert e.dfu moved.hex --base 0x08004000").code, 0);
    const auto moved = folder.run("convert a.hex moved.hex --base 0x08004000 --overwrite");
    EXPECT_EQ(moved.code, 2);
    expect_has(moved.err, "does not relink it");
}

TEST(DapbootFiles, MistakesEndWithOneSentenceAndTheirExitCode) {
    const Folder folder;
    const auto expect = [&](const std::string& arguments, int code, const std::string& words) {
        const auto run = folder.run(arguments);
        EXPECT_EQ(run.code, code) << arguments << "\n" << run.out << run.err;
        expect_has(run.err, words);
        EXPECT_TRUE(run.err.starts_with("dapboot: ")) << run.err;
        EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    };
    expect("", 1, "subcommand");
    expect("flsh", 1, "there is no command 'flsh', did you mean 'flash'?; choose one of: list flash ");
    expect("frobnicate", 1, "there is no command 'frobnicate'; choose one of: list flash ");
    expect("flash", 1, "file is required; see dapboot flash --help");
    expect("flash --serail 1 x.bin", 1, "--serail");
    expect("flash nowhere.hex", 2, "nowhere.hex: there is no such file");
    expect("info .", 2, "is a folder");
    expect("convert " + firmware("blinky-bluepill.elf") + " x.xyz", 1, "add --format");
    expect("convert " + firmware("blinky-bluepill.elf") + " x.bin --format xyz", 1, "not an image format");
    expect("list --device 1209", 1, "write it as 1209:db42");
    expect("list --usbip 127.0.0.1:99999", 1, "not the address of a USB/IP server");
    expect("list --usbip 127.0.0.1:1", 4, "is the server running?");
    expect("flash --count 3 " + firmware("blinky-bluepill.elf"), 1, "go with --repeat only");
    expect("flash --base 0xZZ --usbip 127.0.0.1:1 " + firmware("blinky-bluepill.elf"), 4, "127.0.0.1:1");
}

TEST(DapbootFiles, VersionTellsVersionAndBuild) {
    const Folder folder;
    const auto run = folder.run("--version");
    EXPECT_EQ(run.code, 0);
    EXPECT_TRUE(run.out.starts_with("dapboot 2.")) << run.out;
    expect_has(run.out, "(build ");
    expect_has(run.out, "libusb 1.");
}

TEST(DapbootFiles, TheDoctorInstallsTheRuleThatItMisses) {
    const Folder folder;
    const auto root = " --root '" + folder.path().string() + "'";
    std::filesystem::create_directories(folder.path() / "dev/bus/usb");
    const auto before = folder.run("doctor" + root);
    EXPECT_EQ(before.code, 3);
    expect_has(before.out, "no udev rule");
    const auto install = folder.run("doctor --install-rule" + root);
    EXPECT_EQ(install.code, 0) << install.err;
    EXPECT_EQ(content_of(folder.path() / "etc/udev/rules.d/70-dapboot.rules"), folder.run("doctor --udev-rule").out);
    const auto after = folder.run("doctor" + root);
    expect_has(after.out, "udev rule for 1209:db42: ");
}

}  // namespace
}  // namespace flasher::test
