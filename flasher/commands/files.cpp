// SPDX-License-Identifier: ISC
// dapboot info and convert: image files, no device.
#include <array>
#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/base_estimate.hpp"
#include "flasher/checksum.hpp"
#include "flasher/commands/commands.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/commands/image_options.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/installer.hpp"
#include "flasher/terminal/terminal.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;

// --- info ----------------------------------------------------------------------------------------

struct Layout {
    const char* name;
    std::uint32_t base;
};
/// Where the project's bootloaders have their applications (docs/memory.svg).
constexpr std::array layouts{Layout{"standard", 0x0800'2000}, Layout{"high-memory", 0x0800'0000}};
/// The largest STM32F103.
constexpr std::uint32_t largest_flash = 1U << 20, largest_ram = 96 * 1024;

struct Judgement {
    const char* layout;
    std::optional<std::string> complaint;
};

std::vector<Judgement> judge(const Image& image) {
    std::vector<Judgement> judgements;
    judgements.reserve(std::size(layouts));
    for (const auto& layout : layouts)
        judgements.push_back({layout.name, check_runnable(image, {.flash_start = layout.base,
                                                                  .flash_length = largest_flash,
                                                                  .ram_length = largest_ram})});
    return judgements;
}

std::string ids_text(const DfuSuffix& suffix) {
    const auto one = [](std::uint16_t id) { return id == 0xFFFF ? "any" : fmt::format("{:04x}", id); };
    return fmt::format("{}:{}", one(suffix.idVendor), one(suffix.idProduct));
}

std::string base_text(const Image& image, const std::vector<BaseScore>& scores) {
    if (image.base) return fmt::format("{:#010x}, says the file", *image.base);
    if (const auto base = estimate_base(image.bytes)) {
        const auto lead = scores.size() > 1
                              ? fmt::format("{} points, the next one {}", scores[0].score, scores[1].score)
                              : "the only one that its reset vector leaves";
        return fmt::format("{:#010x}, going by where its pointers lead ({})", *base, lead);
    }
    if (scores.empty()) return "unknown: its second word is not an address in flash";
    if (const auto vectors = image.vectors(); vectors && vectors->initial_stack == blank_word)
        return "unknown: the vector table is blank but for the reset vector";
    return "unknown: several fit equally well";
}

void print_info(const std::filesystem::path& file, const Image& image) {
    using terminal::print_fact;
    const auto scores = score_bases(image.bytes);
    fmt::print("{}\n", terminal::painted(Paint::bold, file.filename().string()));
    print_fact("format", name_of(image.format));
    print_fact("size", fmt::format("{} bytes, CRC-32 {:08x}", image.bytes.size(), crc32(image.bytes)));
    print_fact("base", base_text(image, scores));
    if (const auto vectors = image.vectors()) {
        const auto stack = vectors->initial_stack;
        print_fact("initial stack", stack == blank_word ? "blank" : fmt::format("{:#010x}", stack));
        print_fact("reset vector", fmt::format("{:#010x}", vectors->reset));
    }
    if (image.suffix)
        print_fact(
            "DFU suffix",
            fmt::format("for {}, release {}", ids_text(*image.suffix),
                        image.suffix->bcdDevice == 0xFFFF ? "any" : fmt::format("{:04x}", image.suffix->bcdDevice)));
    if (const auto bootloader = bootloader_in(image)) print_fact("installs", describe(*bootloader));
    for (const auto& [layout, complaint] : judge(image)) {
        print_fact(layout, complaint ? fmt::format("{} {}", terminal::painted(Paint::bad, "no:"), *complaint)
                                     : terminal::painted(Paint::good, "runs at this layout's base"));
    }
}

void print_info_json(const Image& image) {
    Json json{{"format", name_of(image.format)},
              {"bytes", image.bytes.size()},
              {"crc32", fmt::format("{:08x}", crc32(image.bytes))}};
    if (image.base) json["base"] = fmt::format("{:#010x}", *image.base);
    if (const auto base = estimate_base(image.bytes)) json["estimated_base"] = fmt::format("{:#010x}", *base);
    for (const auto& [base, score] : score_bases(image.bytes))
        json["scores"].push_back({{"base", fmt::format("{:#010x}", base)}, {"score", score}});
    if (const auto vectors = image.vectors()) {
        json["initial_stack"] = fmt::format("{:#010x}", vectors->initial_stack);
        json["reset"] = fmt::format("{:#010x}", vectors->reset);
    }
    if (image.suffix) json["dfu_suffix"] = ids_text(*image.suffix);
    if (const auto bootloader = bootloader_in(image)) json["installs"] = describe(*bootloader);
    for (const auto& [layout, complaint] : judge(image))
        json["layouts"][layout] = complaint ? Json{{"runs", false}, {"why", *complaint}} : Json{{"runs", true}};
    fmt::print("{}\n", json.dump(2));
}

// --- convert -------------------------------------------------------------------------------------

struct ConvertOptions {
    std::filesystem::path in, out;
    std::string format, base, ids;
    bool overwrite = false;
};

DfuSuffix suffix_for(const std::string& ids) {
    DfuSuffix suffix;
    if (ids.empty()) return suffix;
    const char* const last = ids.data() + ids.size();
    const auto vendor = std::from_chars(ids.data(), last, suffix.idVendor, 16);
    if (vendor.ec == std::errc{} && vendor.ptr != last && *vendor.ptr == ':') {
        const auto product = std::from_chars(vendor.ptr + 1, last, suffix.idProduct, 16);
        if (product.ec == std::errc{} && product.ptr == last) return suffix;
    }
    throw std::invalid_argument(fmt::format("'{}' is not a pair of ids; write it as 1209:db42", ids));
}

void convert(const ConvertOptions& options) {
    auto image = load_image(options.in);
    auto format = format_of_extension(options.out);
    if (!options.format.empty()) format = parse_format(options.format);
    if (!format)
        throw CommandError(ExitCode::usage, fmt::format("the name {} does not tell a format; add --format hex",
                                                        options.out.filename().string()));
    if (!options.base.empty()) {
        const auto base = parse_address(options.base);
        if (image.base && *image.base != base)
            throw CommandError(ExitCode::file,
                               fmt::format("{} is linked for {:#010x}, and moving it does not relink it; leave --base "
                                           "out",
                                           options.in.string(), *image.base));
        image.base = base;
    } else if (!image.base) {
        image.base = estimate_base(image.bytes);
    }
    if (!options.ids.empty()) image.suffix = suffix_for(options.ids);
    write_file(options.out, write_image(image, *format), options.overwrite);
    auto written = image;
    written.format = *format;
    fmt::print("{}  {}\n", terminal::painted(Paint::bold, options.out.filename().string()), describe(written));
}

}  // namespace

void add_info(CLI::App& app) {
    struct Options {
        std::filesystem::path file;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("info", "what an image file is, and where it can run");
    command->add_option("file", options->file, ".bin .hex .srec .elf .uf2 or .dfu")->required()->type_name("FILE");
    command->add_flag("--json", options->json, "for machines");
    command->callback([options] {
        const auto image = load_image(options->file);
        if (options->json)
            print_info_json(image);
        else
            print_info(options->file, image);
    });
}

void add_convert(CLI::App& app) {
    auto options = std::make_shared<ConvertOptions>();
    auto* command = app.add_subcommand("convert", "write an image file in another format");
    command->add_option("in", options->in, "the image")->required()->type_name("IN");
    command->add_option("out", options->out, "its extension chooses the format")->required()->type_name("OUT");
    command->add_option("--format", options->format, "bin, hex, srec, elf, uf2 or dfu")->type_name("F");
    command->add_option("--base", options->base, "address of a plain binary, where its pointers do not tell it")
        ->type_name("ADDRESS");
    command->add_option("--for", options->ids, "USB ids for the suffix of a .dfu; default: any device")
        ->type_name("VID:PID");
    command->add_flag("--overwrite", options->overwrite, "replace a file that is there already");
    command->callback([options] { convert(*options); });
}

}  // namespace flasher::commands
