// SPDX-License-Identifier: ISC
// Files that claim to be firmware: whatever they hold, the parsers give an image or say why not.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "flasher/image.hpp"

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

template <class Parser>
void parse(Parser parser, flasher::Bytes file) {
    try {
        const flasher::Image image = parser(file);
        require(!image.bytes.empty(), "an image is never empty");
        require(image.bytes.size() <= flasher::largest_image, "an image has its limit");
        require(image.vectors().has_value() == (image.bytes.size() >= 8), "vectors are eight bytes");
        (void)flasher::check_runnable(image, {0x0800'2000, 0xE000, 0x5000});
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const flasher::Bytes file{data, size};
    parse(flasher::parse_image, file);
    parse(flasher::parse_binary, file);
    parse(flasher::parse_intel_hex, file);
    parse(flasher::parse_elf, file);
    parse(flasher::parse_dfu, file);
    round_trip(file);
    return 0;
}
