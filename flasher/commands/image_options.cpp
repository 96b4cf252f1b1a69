// SPDX-License-Identifier: ISC
// Images on the command line.
#include "flasher/commands/image_options.hpp"

#include <array>
#include <charconv>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/base_estimate.hpp"
#include "flasher/commands/exit_codes.hpp"

namespace flasher::commands {

void add_image_options(CLI::App& command, ImageOptions& options) {
    command.add_option("--base", options.base, "address of the application's flash, where the device does not tell it")
        ->type_name("ADDRESS");
    command.add_option("--alt", options.alternate, "alternate setting, where there are several")->type_name("N");
    command.add_flag("--application-part", options.application_part,
                     "of a file with bootloader and application, the application only");
}

TargetOptions target_options(const ImageOptions& options) {
    TargetOptions target{.alternate = options.alternate, .base = {}, .flash_end = {}};
    if (!options.base.empty()) target.base = parse_address(options.base);
    return target;
}

std::uint32_t parse_address(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const auto digits = hex ? text.substr(2) : text;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        throw std::invalid_argument(fmt::format("'{}' is not an address; write it as 0x08002000", text));
    return value;
}

ImageFormat parse_format(std::string_view text) {
    const auto format = format_of_extension(std::filesystem::path("x." + std::string(text)));
    if (!format)
        throw std::invalid_argument(
            fmt::format("'{}' is not an image format; there are bin, hex, srec, elf, uf2 and dfu", text));
    return *format;
}

std::string describe(const Image& image) {
    auto text = fmt::format("{}, {} bytes", name_of(image.format), image.bytes.size());
    if (image.base) return text + fmt::format(" at {:#010x}", *image.base);
    if (const auto base = estimate_base(image.bytes)) text += fmt::format(", probably for {:#010x}", *base);
    return text;
}

void write_file(const std::filesystem::path& file, Bytes bytes, bool overwrite) {
    std::error_code ignored;
    if (!overwrite && std::filesystem::exists(file, ignored))
        throw CommandError(ExitCode::file,
                           fmt::format("{}: is there already; name another file, or add --overwrite", file.string()));
    auto part = file;
    part += ".part";
    {
        std::ofstream stream(part, std::ios::binary);
        stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        if (!stream.flush())
            throw CommandError(ExitCode::file,
                               fmt::format("{}: cannot be written; may you, and is there room?", file.string()));
    }
    std::error_code error;
    std::filesystem::rename(part, file, error);
    if (error) throw CommandError(ExitCode::file, fmt::format("{}: {}", file.string(), error.message()));
}

}  // namespace flasher::commands
