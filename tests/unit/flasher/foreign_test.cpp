// SPDX-License-Identifier: ISC
// What people choose by mistake is named, and nothing else is taken for it.
#include "tests/unit/flasher/files.hpp"

namespace flasher::test {
namespace {

TEST(Foreign, IsNamed) {
    expect_refused(text("\x1F\x8B\x08 and so on"), "this is a gzip archive; unpack it");
    expect_refused(text("PK\x03\x04"), "ZIP archive");
    expect_refused(text("\n <!doctype HTML>"), "web page");
    expect_refused(text(std::string("\xFF\xFE:\0001\0", 6)), "UTF-16 text");
    expect_refused(text("just words\n"), "neither Intel HEX nor S-records");
    expect_refused(Data(100, 0xFF), "blank");
    expect_refused(with_dfu_suffix(text("\x1F\x8B\x08 and so on"), {}), "this is a gzip archive");
    EXPECT_FALSE(foreign_content(Data{0, 0x50, 0, 0x20, 1, 0x20, 0, 8}));
}

TEST(Foreign, IsKnownByItsFirstBytesAndByAllOfThem) {
    using namespace std::string_view_literals;
    struct Known {
        std::size_t offset;
        std::string_view bytes, what;
    };
    // As file(1) and the formats' own specifications have them.
    for (const auto& [offset, bytes, what] : {Known{0, "\x1F\x8B"sv, "gzip"},
                                              {0, "PK\3\4"sv, "a ZIP archive"},
                                              {0, "PK\5\6"sv, "an empty ZIP archive"},
                                              {0, "\xFD\x37zXZ\0"sv, "xz"},
                                              {0, "BZh"sv, "bzip2"},
                                              {0, "\x28\xB5\x2F\xFD"sv, "zstd"},
                                              {0, "7z\xBC\xAF\x27\x1C"sv, "7-Zip"},
                                              {0, "Rar!\x1A\x07"sv, "RAR"},
                                              {257, "ustar"sv, "tar"},
                                              {0, "!<arch>\n"sv, "library"},
                                              {0, "MZ"sv, "Windows program"},
                                              {0, "\xCF\xFA\xED\xFE"sv, "macOS program"},
                                              {0, "%PDF-"sv, "PDF"},
                                              {0, "\x89PNG"sv, "PNG"},
                                              {0, "\xFF\xD8\xFF"sv, "JPEG"},
                                              {0, "version https://git-lfs"sv, "Git LFS"},
                                              {0, "\xFF\xFE"sv, "UTF-16"},
                                              {0, "\xFE\xFF"sv, "UTF-16"}}) {
        SCOPED_TRACE(what);
        // Before it and behind it, what is neither text nor blank.
        Data file(offset, 0x01);
        file.insert(file.end(), bytes.begin(), bytes.end());
        const auto found = foreign_content(file);
        ASSERT_TRUE(found) << "nothing has to follow";
        EXPECT_NE(std::string_view(found->what).find(what), std::string_view::npos) << found->what;
        EXPECT_TRUE(foreign_content(file + Data{0x01}));
        auto shifted = file;
        shifted.insert(shifted.begin(), 0x01);
        EXPECT_FALSE(foreign_content(shifted + Data(8, 0x01))) << "elsewhere it is a coincidence";
        auto changed = file + Data(8, 0x01);
        changed[offset + bytes.size() - 1] ^= 0x40;
        EXPECT_FALSE(foreign_content(changed));
    }
}

TEST(Foreign, AWebPageIsOneHoweverItBegins) {
    for (const char* page : {"<!DOCTYPE html>", "<!doctype HTML PUBLIC", "<HTML>", "<html lang=en>", "<HEAD>", "<body>",
                             "\xEF\xBB\xBF\r\n\t <BODY>"})
        expect_refused(text(page), "web page");
    expect_refused(text("<hr>"), "text, but neither");
    expect_refused(text("words <html>"), "text, but neither");
}

}  // namespace
}  // namespace flasher::test
