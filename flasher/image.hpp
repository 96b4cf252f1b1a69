// SPDX-License-Identifier: ISC
// A firmware image out of a .bin, Intel HEX, S-record, ELF, UF2 or DFU file, flat and ready to be sent; and back.
//
// Parsers take untrusted bytes: whatever they are, the result is an Image or an ImageError, in time and memory
// proportional to the file and `largest_image`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "flasher/bytes.hpp"

namespace flasher {

/// The file is not what it claims to be, or cannot be an image. what() is a sentence that says what
/// and where.
class ImageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class ImageFormat { binary, intel_hex, s_record, elf, uf2, dfu };

/// Such as "Intel HEX".
[[nodiscard]] std::string_view name_of(ImageFormat format);

/// The format that a file name's extension stands for: .bin, .hex .ihex .ihx, .srec .s19 .s28 .s37 .mot, .elf .axf
/// .out, .uf2, .dfu, in either case; nothing for any other.
[[nodiscard]] std::optional<ImageFormat> format_of_extension(const std::filesystem::path& file);

/// First two words of a Cortex-M vector table (ARMv7-M architecture reference manual, section
/// B1.5.3).
struct Vectors {
    std::uint32_t initial_stack = 0;
    std::uint32_t reset = 0;  ///< Bit 0 set: Thumb.

    bool operator==(const Vectors&) const = default;
};

/// For whom a DFU suffix says that a file is; 0xFFFF means anybody (DFU 1.1 appendix B).
struct DfuSuffix {
    std::uint16_t idVendor = 0xFFFF;
    std::uint16_t idProduct = 0xFFFF;
    std::uint16_t bcdDevice = 0xFFFF;
    std::uint16_t bcdDFU = 0x0100;

    [[nodiscard]] bool matches(std::uint16_t vendor, std::uint16_t product) const {
        return (idVendor == 0xFFFF || idVendor == vendor) && (idProduct == 0xFFFF || idProduct == product);
    }
    bool operator==(const DfuSuffix&) const = default;
};

/// Bytes to send, gaps of the source filled with 0xFF (blank flash), suffix stripped.
struct Image {
    ImageFormat format = ImageFormat::binary;
    std::vector<std::uint8_t> bytes;    ///< Never empty.
    std::optional<std::uint32_t> base;  ///< Address of bytes[0]; plain binaries and DFU files do not know it.
    std::optional<DfuSuffix> suffix;    ///< When the file ended in a valid one.

    /// The first two words; nothing when there are fewer than 8 bytes.
    [[nodiscard]] std::optional<Vectors> vectors() const;
};

/// A span of flash wider than this, gaps included, is not an image for a microcontroller: 16 MiB.
inline constexpr std::size_t largest_image = 16U << 20;

/// Reads a file. The content decides what it is; the name matters only where the content could be anything: a plain
/// binary called .hex is refused. Throws ImageError, also when the file cannot be read.
[[nodiscard]] Image load_image(const std::filesystem::path& file);

/// Recognises ELF and UF2 by their magic, a DFU suffix by its signature, Intel HEX and S-records by their first record,
/// and refuses by name what is known not to be an image (foreign_content()); anything else is a plain binary. Throws
/// ImageError.
[[nodiscard]] Image parse_image(Bytes file);

/// The named parsers. Each throws ImageError.
[[nodiscard]] Image parse_binary(Bytes file);
[[nodiscard]] Image parse_intel_hex(Bytes file);
[[nodiscard]] Image parse_s_record(Bytes file);
[[nodiscard]] Image parse_elf(Bytes file);
[[nodiscard]] Image parse_uf2(Bytes file);
[[nodiscard]] Image parse_dfu(Bytes file);

/// Whether the first record of the text is one of Intel HEX, or an S-record.
[[nodiscard]] bool is_intel_hex(Bytes file);
[[nodiscard]] bool is_s_record(Bytes file);

/// Whether the last 16 bytes carry the suffix signature "UFD" (the CRC may still be wrong).
[[nodiscard]] bool has_dfu_suffix(Bytes file);

/// What a file is that is certainly no image, such as "a gzip archive", and what to do with it instead.
struct Foreign {
    std::string what;
    std::string next_step;
};
[[nodiscard]] std::optional<Foreign> foreign_content(Bytes file);

/// `bytes` with a DFU suffix for `suffix` behind them (DFU 1.1 appendix B).
[[nodiscard]] std::vector<std::uint8_t> with_dfu_suffix(Bytes bytes, const DfuSuffix& suffix);

/// The image as a file of `format`, as objcopy or srec_cat would write it. Formats with addresses need image.base.
/// A DFU file gets image.suffix, or one for anybody. Throws ImageError.
[[nodiscard]] std::vector<std::uint8_t> write_image(const Image& image, ImageFormat format);

/// The writers by name; what is written is read back equal by the parser of the same format.
[[nodiscard]] std::vector<std::uint8_t> write_intel_hex(Bytes image, std::uint32_t base);
[[nodiscard]] std::vector<std::uint8_t> write_s_record(Bytes image, std::uint32_t base);
[[nodiscard]] std::vector<std::uint8_t> write_elf(Bytes image, std::uint32_t base);
/// With the family id of the STM32F1, 0x5EE21072.
[[nodiscard]] std::vector<std::uint8_t> write_uf2(Bytes image, std::uint32_t base);

/// Where an application may run, for check_runnable().
struct Region {
    std::uint32_t flash_start = 0;   ///< Where the device puts byte 0 of the image.
    std::uint32_t flash_length = 0;  ///< Bytes available there.
    std::uint32_t ram_length = 0;    ///< From 0x20000000.

    bool operator==(const Region&) const = default;
};

/// Nothing when the image can run in `region`, else a sentence that says why not and what to do.
[[nodiscard]] std::optional<std::string> check_runnable(const Image& image, const Region& region);

/// Of an image that begins below `flash_start` (a bootloader and an application in one file), the part from there on,
/// when that part begins with an application's vectors; nothing otherwise.
[[nodiscard]] std::optional<Image> part_from(const Image& image, std::uint32_t flash_start);

}  // namespace flasher
