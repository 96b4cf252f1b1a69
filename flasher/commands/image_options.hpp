// SPDX-License-Identifier: ISC
// What commands about images share: where an image belongs, and how it is described.
#pragma once

#include <optional>
#include <string>

#include "flasher/image.hpp"
#include "flasher/target.hpp"

namespace CLI {
class App;
}

namespace flasher::commands {

struct ImageOptions {
    std::optional<unsigned> alternate;
    std::string base;               ///< A number.
    bool application_part = false;  ///< Of a file that holds a bootloader, too.
};
/// Adds --alt, --base and --application-part.
void add_image_options(CLI::App& command, ImageOptions& options);
/// Throws std::invalid_argument.
[[nodiscard]] TargetOptions target_options(const ImageOptions& options);

/// "0x08002000" or "134225920". Throws std::invalid_argument.
[[nodiscard]] std::uint32_t parse_address(std::string_view text);
/// "bin", "hex", "srec", "elf", "uf2", "dfu". Throws std::invalid_argument.
[[nodiscard]] ImageFormat parse_format(std::string_view text);

/// "Intel HEX, 500 bytes at 0x08002000".
[[nodiscard]] std::string describe(const Image& image);

/// Writes a file whole or not at all. Throws CommandError when it is there and `overwrite` is not given.
void write_file(const std::filesystem::path& file, Bytes bytes, bool overwrite);

}  // namespace flasher::commands
