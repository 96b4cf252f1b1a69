// SPDX-License-Identifier: ISC
// Files that claim to be firmware: whatever they hold, the parsers give an image or say why not.
#include <string_view>

#include "flasher/base_estimate.hpp"
#include "flasher/image.hpp"
#include "tests/fuzz/require.hpp"

namespace {

template <class Parser>
void parse(Parser parser, flasher::Bytes file) {
    try {
        const flasher::Image image = parser(file);
        require(!image.bytes.empty(), "an image is never empty");
        require(image.bytes.size() <= flasher::largest_image, "an image has its limit");
        require(image.vectors().has_value() == (image.bytes.size() >= 8), "vectors are eight bytes");
        (void)flasher::check_runnable(image, {0x0800'2000, 0xE000, 0x5000});
        require(flasher::estimate_base(image.bytes).value_or(0) % 1024 == 0, "an estimate is a page");
        if (image.base) (void)flasher::check_runnable(image, {*image.base, 0x2'0000, 0x5000});
    } catch (const flasher::ImageError& error) {
        require(error.what()[0] != '\0', "an error says what");
    }
}

/// What has been given a suffix is read back without it; but a DfuSe container is refused.
void round_trip(flasher::Bytes file) {
    if (file.empty() || file.size() > 4096) return;
    const std::string_view text{reinterpret_cast<const char*>(file.data()), file.size()};
    if (text.starts_with("DfuSe")) return;
    const flasher::DfuSuffix suffix{.idVendor = file[0], .idProduct = 0xDB42};
    const auto with = flasher::with_dfu_suffix(file, suffix);
    require(flasher::has_dfu_suffix(with), "a suffix is recognised");
    const flasher::Image image = flasher::parse_dfu(with);
    require(image.bytes == std::vector<std::uint8_t>(file.begin(), file.end()), "nothing is lost");
    require(image.suffix == suffix, "the suffix is what was written");
}

/// What is written is read back, whatever the bytes and wherever they lie.
void written_and_read(flasher::Bytes file) {
    if (file.size() < 5 || file.size() > 4096) return;
    const flasher::Image image{.format = flasher::ImageFormat::binary,
                               .bytes = {file.begin() + 4, file.end()},
                               .base = flasher::u32_at(file, 0) % 0xF000'0000,
                               .suffix = {}};
    const auto check = [&](flasher::ImageFormat format, auto parser) {
        const flasher::Image back = parser(flasher::write_image(image, format));
        require(back.bytes == image.bytes && back.base == image.base, "a written image is read back");
    };
    check(flasher::ImageFormat::intel_hex, flasher::parse_intel_hex);
    check(flasher::ImageFormat::s_record, flasher::parse_s_record);
    check(flasher::ImageFormat::uf2, flasher::parse_uf2);
    check(flasher::ImageFormat::elf, flasher::parse_elf);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const flasher::Bytes file{data, size};
    parse(flasher::parse_image, file);
    parse(flasher::parse_binary, file);
    parse(flasher::parse_intel_hex, file);
    parse(flasher::parse_elf, file);
    parse(flasher::parse_dfu, file);
    parse(flasher::parse_s_record, file);
    parse(flasher::parse_uf2, file);
    written_and_read(file);
    round_trip(file);
    return 0;
}
