// SPDX-License-Identifier: ISC
// A firmware image out of a .bin, Intel HEX, ELF or DFU file, flat and ready to be sent.
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

enum class ImageFormat { binary, intel_hex, elf, dfu };

/// Such as "Intel HEX".
[[nodiscard]] std::string_view name_of(ImageFormat format);

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
    std::optional<std::uint32_t> base;  ///< Address of bytes[0]; only Intel HEX and ELF know it.
    std::optional<DfuSuffix> suffix;    ///< When the file ended in a valid one.

    /// The first two words; nothing when there are fewer than 8 bytes.
    [[nodiscard]] std::optional<Vectors> vectors() const;
};

/// A span of flash wider than this, gaps included, is no image for a microcontroller: 16 MiB.
inline constexpr std::size_t largest_image = 16U << 20;

/// Reads a file; its name's extension (.bin .hex .ihex .elf .dfu) only serves to name
/// contradictions, the content decides. Throws ImageError, also when the file cannot be read.
[[nodiscard]] Image load_image(const std::filesystem::path& file);

/// Recognises ELF by its magic, a DFU suffix by signature, Intel HEX by its first record; anything
/// else is a plain binary. Throws ImageError.
[[nodiscard]] Image parse_image(Bytes file);

/// The named parsers. Each throws ImageError.
[[nodiscard]] Image parse_binary(Bytes file);
[[nodiscard]] Image parse_intel_hex(Bytes file);
[[nodiscard]] Image parse_elf(Bytes file);
[[nodiscard]] Image parse_dfu(Bytes file);

/// Whether the last 16 bytes carry the suffix signature "UFD" (the CRC may still be wrong).
[[nodiscard]] bool has_dfu_suffix(Bytes file);

/// `bytes` with a DFU suffix for `suffix` behind them (DFU 1.1 appendix B).
[[nodiscard]] std::vector<std::uint8_t> with_dfu_suffix(Bytes bytes, const DfuSuffix& suffix);

/// Where an application may run, for check_runnable().
struct Region {
    std::uint32_t flash_start = 0;   ///< Where the device puts byte 0 of the image.
    std::uint32_t flash_length = 0;  ///< Bytes available there.
    std::uint32_t ram_length = 0;    ///< From 0x20000000.
};

/// Nothing when the image can run in `region`, else a sentence that says why not and what to do.
[[nodiscard]] std::optional<std::string> check_runnable(const Image& image, const Region& region);

}  // namespace flasher
