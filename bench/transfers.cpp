// SPDX-License-Identifier: ISC
// What an update costs: 56 KiB that nothing can compress, on a chip that is blank, full of something else, or holds the
// same.
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "bench/measures.hpp"
#include "bench/scenario.hpp"

namespace bench {
namespace {

constexpr std::size_t image_size = 56 * 1024;
constexpr std::size_t page = 1024;
constexpr std::size_t page_count = image_size / page;
constexpr double pages = page_count;
constexpr double blocks = image_size / 2048.0;
/// Full-speed control transfers move at most so many packets of 64 bytes a frame (USB 2.0 table
/// 5-2).
constexpr double packets_per_frame = 19;

/// Seconds that flash and bus need, whatever the software. A host that hears of nothing between two frames needs whole
/// ones for each block.
double limit(double erases, double half_words, const ScenarioOptions& options) {
    const double payload_frames = image_size / 64.0 / packets_per_frame;
    const double seconds = erases * sim::seconds(options.flash_timing.erase) +
                           half_words * sim::seconds(options.flash_timing.program) + payload_frames * 1e-3;
    const bool whole_frames =
        options.host == sim::HostProfile::next_frame || options.host == sim::HostProfile::frame_list;
    return whole_frames ? blocks * std::ceil(seconds * 1e3 / blocks) * 1e-3 : seconds;
}

struct Download {
    double seconds = 0;
    std::uint64_t flash_operations = 0;
    std::uint64_t naks = 0;
    double start_pause = 0;  ///< From there to the application, seconds.
};

Download download(const ScenarioOptions& options, const Bytes& before, const Bytes& after) {
    Scenario scenario(options);
    if (!before.empty()) scenario.install(before);
    scenario.power_on_in_dfu();
    const auto operations = scenario.machine().counters().flash_operations;
    const auto naks = scenario.host().counters().naks;
    const auto time = scenario.download(after);
    return {.seconds = sim::seconds(time),
            .flash_operations = scenario.machine().counters().flash_operations - operations,
            .naks = scenario.host().counters().naks - naks,
            .start_pause = sim::seconds(scenario.start_pause())};
}

Figure ratio(const std::string& key, const std::string& title, const Download& download, double least) {
    return {.key = key,
            .title = title,
            .value = download.seconds / least,
            .unit = "x limit",
            .note = fmt::format("{:.3f} s, limit {:.3f} s", download.seconds, least),
            .decimals = 3};
}

Figure duration(const std::string& key, const std::string& title, const Download& download) {
    return {.key = key,
            .title = title,
            .value = download.seconds,
            .unit = "s",
            .note = fmt::format("{} flash operations", download.flash_operations),
            .decimals = 3};
}

Figure upload_rate(const std::string& key, const std::string& title, const ScenarioOptions& options,
                   const Bytes& image) {
    Scenario scenario(options);
    scenario.install(image);
    scenario.power_on_in_dfu();
    const double seconds = sim::seconds(scenario.upload(image.size()));
    return {.key = key,
            .title = title,
            .value = static_cast<double>(image.size()) / 1000.0 / seconds,
            .unit = "KB/s",
            .note = fmt::format("{:.3f} s", seconds)};
}

}  // namespace

Section measure_transfers(const Binaries& binaries) {
    ScenarioOptions typical{.firmware = binaries.firmware / "dapboot-bluepill.elf"};
    ScenarioOptions slowest = typical;
    slowest.flash_timing = sim::maximum_flash;
    const Bytes image = random_application(image_size, typical.application_base, 1);
    const Bytes other = random_application(image_size, typical.application_base, 2);
    Bytes one_page_differs = image;
    one_page_differs[image_size / 2 + 1] ^= 0x55;

    Section section{.title = "Updates of 56 KiB",
                    .text =
                        "BLUEPILL, virtual time from the first request of the session to the answer that "
                        "the update is complete. The limit is what flash and bus need by themselves: erases x "
                        "20 ms + half-words x 52.5 us (40 ms and 70 us at the datasheet's maximum) + the "
                        "payload at 19 packets of 64 bytes a frame; and whole frames for each block, where the host "
                        "hears of nothing in between. A flash driver in RAM, which could answer "
                        "while a page is erased, is not used: it could save no more than what is above 1. Where "
                        "transfers start with a frame, a block of 2 KiB takes three frames of the host's, so 28 "
                        "blocks take 84 ms with any device.",
                    .figures = {},
                    .table = {}};
    const auto download_ratio = [&](const std::string& key, const std::string& title, const ScenarioOptions& options,
                                    const Bytes& before) {
        const double erases = before.empty() ? 0 : pages;
        section.figures.push_back(
            ratio(key, title, download(options, before, image), limit(erases, image_size / 2.0, options)));
    };
    download_ratio("download.blank.typical", "first download, chip blank", typical, {});
    download_ratio("download.full.typical", "first download, chip full", typical, other);
    download_ratio("download.blank.maximum", "first download, chip blank, slowest flash", slowest, {});
    download_ratio("download.full.maximum", "first download, chip full, slowest flash", slowest, other);

    ScenarioOptions small_blocks = typical;
    small_blocks.firmware = binaries.option_builds / "blocks-1k" / "dapboot.elf";
    download_ratio("download.blank.small_blocks", "the same with blocks of 1 KiB in place of 2", small_blocks, {});

    const auto same = download(typical, image, image);
    section.figures.push_back({.key = "download.start",
                               .title = "from there to the application's first instruction",
                               .value = same.start_pause,
                               .unit = "s",
                               .note = "a host may still ask, or read back: the device leaves when it no longer does",
                               .decimals = 3});
    section.figures.push_back(duration("download.identical", "the same image again", same));
    section.figures.push_back({.key = "download.identical.operations",
                               .title = "flash operations of the same image again",
                               .value = static_cast<double>(same.flash_operations),
                               .unit = "",
                               .note = ""});
    section.figures.push_back(
        duration("download.one_page", "one page of 56 changed", download(typical, one_page_differs, image)));

    section.figures.push_back(upload_rate("upload", "upload", typical, image));

    // Hosts differ in when they start, and in when they try again what was answered with NAK.
    for (const auto& [host, key, name] :
         {std::tuple{sim::HostProfile::gap, "gap", "30 us after a NAK"},
          std::tuple{sim::HostProfile::next_frame, "next_frame", "a try each frame"},
          std::tuple{sim::HostProfile::frame_list, "frame_list", "transfers start with a frame"}}) {
        ScenarioOptions options = typical;
        options.host = host;
        const auto titled = [&](const char* title) { return fmt::format("{}, {}", title, name); };
        const auto keyed = [&](const char* figure) { return fmt::format("{}.{}", figure, key); };
        download_ratio(keyed("download.blank"), titled("first download, chip blank"), options, {});
        download_ratio(keyed("download.full"), titled("first download, chip full"), options, other);
        section.figures.push_back(
            duration(keyed("download.identical"), titled("the same image again"), download(options, image, image)));
        section.figures.push_back(upload_rate(keyed("upload"), titled("upload"), options, image));
    }
    return section;
}

}  // namespace bench
