// SPDX-License-Identifier: ISC
// What people choose by mistake, by its first bytes.
#include <algorithm>
#include <array>

#include "flasher/image.hpp"

namespace flasher {
namespace {

using namespace std::string_view_literals;

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    const char* what;
    const char* next_step;
};

constexpr const char* unpack = "unpack it and choose the firmware in it";
constexpr const char* choose = "choose the .bin, .hex or .elf file that the build wrote";

constexpr std::array magics{
    Magic{0, "\x1F\x8B"sv, "a gzip archive", unpack},
    Magic{0, "PK\x03\x04"sv, "a ZIP archive", unpack},
    Magic{0, "PK\x05\x06"sv, "an empty ZIP archive", "get it again"},
    Magic{0,
          "\xFD"
          "7zXZ\0"sv,
          "an xz archive", unpack},
    Magic{0, "BZh"sv, "a bzip2 archive", unpack},
    Magic{0, "\x28\xB5\x2F\xFD"sv, "a zstd archive", unpack},
    Magic{0, "7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive", unpack},
    Magic{0, "Rar!\x1A\x07"sv, "a RAR archive", unpack},
    Magic{257, "ustar"sv, "a tar archive", unpack},
    Magic{0, "!<arch>\n"sv, "a library of object files", "link it into a program first"},
    Magic{0, "MZ"sv, "a Windows program", choose},
    Magic{0, "\xCF\xFA\xED\xFE"sv, "a macOS program", choose},
    Magic{0, "%PDF-"sv, "a PDF document", choose},
    Magic{0, "\x89PNG"sv, "a picture (PNG)", choose},
    Magic{0, "\xFF\xD8\xFF"sv, "a picture (JPEG)", choose},
    Magic{0, "version https://git-lfs"sv, "a pointer of Git LFS, not the file itself", "run git lfs pull"},
    Magic{0, "\xFF\xFE"sv, "UTF-16 text", "save it as plain text (ASCII or UTF-8), or get the original"},
    Magic{0, "\xFE\xFF"sv, "UTF-16 text", "save it as plain text (ASCII or UTF-8), or get the original"},
};

std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_text(Bytes file) {
    return std::ranges::all_of(file, [](std::uint8_t c) {
        return (c >= ' ' && c != 0x7F) || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0x1A;
    });
}

bool is_html(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start == std::string_view::npos) return false;
    std::string head(text.substr(start, 16));
    std::ranges::transform(head, head.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::ranges::any_of(std::array{"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv},
                               [&](auto one) { return head.starts_with(one); });
}

}  // namespace

std::optional<Foreign> foreign_content(Bytes file) {
    const auto text = text_of(file);
    for (const auto& one : magics)
        if (text.size() > one.offset && text.substr(one.offset).starts_with(one.bytes))
            return Foreign{.what = one.what, .next_step = one.next_step};
    if (is_html(text))
        return Foreign{.what = "a web page (HTML)",
                       .next_step = "download the file itself, not the page that tells of it"};
    if (file.empty()) return std::nullopt;
    if (std::ranges::all_of(file, [](std::uint8_t c) { return c == 0xFF; }))
        return Foreign{.what = "blank: every byte is 0xFF", .next_step = choose};
    if (std::ranges::all_of(file, [](std::uint8_t c) { return c == 0; }))
        return Foreign{.what = "empty of content: every byte is 0", .next_step = choose};
    if (is_text(file)) return Foreign{.what = "text, but neither Intel HEX nor S-records", .next_step = choose};
    return std::nullopt;
}

}  // namespace flasher
