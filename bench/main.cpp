// SPDX-License-Identifier: ISC
// dapboot-bench: measures, reports, and defends what has been reached. bench/run builds what it needs and calls it.
//
// Exit codes: 0 all within their budgets, 1 a figure is beyond its budget, 2 it could not be measured or written, 64
// and above wrong usage (CLI11).
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/budgets.hpp"
#include "bench/measures.hpp"
#include "bench/promises.hpp"
#include "bench/report.hpp"

namespace bench {
namespace {

struct Options {
    Binaries binaries;
    std::filesystem::path output = ".";
    std::filesystem::path readme;
    long long page_bytes = -1;
    double sweep_seconds = -1;
    double sweep_processor_seconds = 0;
    bool list_options = false;
    bool list_promises = false;
    std::string without;
    std::filesystem::path sources;
};

/// How the host of these measurements behaves: it must not flatter.
constexpr std::string_view assumptions =
    "The host behaves as dfu-util 0.11 on Linux: a control transfer starts 50 us after the one before has ended; the "
    "packets of a transfer follow each other as closely as USB 2.0 allows, at their full price in bits, stuffed bits "
    "included; a NAK costs its packets and is tried again at once, where no other host is named; bwPollTimeout is "
    "slept to the millisecond. Not counted: dfu-util's own pause of a second after the download, when the device has "
    "left already, and enumeration. Flash times are the datasheet's, cycles of the core are counted with the wait "
    "states of its flash.\n\n";

Section measure_others(const Options& options) {
    Section section{.title = "Elsewhere", .text = "What other parts of the tree measure.", .figures = {}, .table = {}};
    section.figures.push_back({.key = "page",
                               .title = "web page, gzipped",
                               .value = static_cast<double>(options.page_bytes) / 1000,
                               .unit = "KB",
                               .note = options.page_bytes < 0 ? "not built here" : "",
                               .decimals = 1,
                               .measured = options.page_bytes >= 0});
    const std::string sweep_note =
        options.sweep_seconds < 0
            ? "not run here"
            : fmt::format("wall time, with {:.1f} of {} cores", options.sweep_processor_seconds / options.sweep_seconds,
                          std::thread::hardware_concurrency());
    section.figures.push_back({.key = "sweep",
                               .title = "power cuts at every flash operation, all scenarios",
                               .value = options.sweep_seconds,
                               .unit = "s",
                               .note = sweep_note,
                               .decimals = 0,
                               .measured = options.sweep_seconds >= 0});
    return section;
}

void write_file(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
}

int run(const Options& options) {
    if (options.list_options) {
        for (const auto& build : option_builds())
            fmt::print("{}\t{}\n", build.name, build.defs);
        return 0;
    }
    if (options.list_promises) {
        for (const auto& promise : promises())
            fmt::print("{}\t{}\n", promise.name, promise.target());
        return 0;
    }
    if (!options.without.empty()) {
        const auto found = std::ranges::find(promises(), options.without, &Promise::name);
        if (found == promises().end()) throw std::runtime_error("there is no promise " + options.without);
        take_out(*found, options.sources);
        return 0;
    }
    const std::vector<Section> sections{measure_sizes(options.binaries),
                                        measure_options(options.binaries),
                                        measure_promises(options.binaries),
                                        measure_transfers(options.binaries),
                                        measure_starts(options.binaries),
                                        measure_speed(options.binaries),
                                        measure_others(options)};
    const std::string markdown = as_markdown(sections, budgets()) + std::string(assumptions);
    fmt::print("{}", markdown);
    std::fflush(stdout);
    write_file(options.output / "bench.md", markdown);
    write_file(options.output / "bench.json", as_json(sections));
    if (!options.readme.empty()) rewrite_block(options.readme, markdown);

    const auto found = breaches(sections, budgets());
    for (const auto& breach : found)
        fmt::print(stderr, "bench: {}.\n", breach);
    if (found.empty()) return 0;
    fmt::print(
        stderr,
        "bench: {} figures fall behind bench/budgets.cpp. Find what made them worse; a budget is raised only with a "
        "reason in its commit.\n",
        found.size());
    return 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    bench::Options options;
    CLI::App app{"Measures the bootloader, the update and the virtual board, and checks budgets."};
    app.add_option("--firmware", options.binaries.firmware, "folder of dapboot-<target>.elf");
    app.add_option("--option-builds", options.binaries.option_builds,
                   "folder with one folder for each of --list-options, which holds dapboot.elf");
    app.add_option("--promise-builds", options.binaries.promise_builds,
                   "folder with one folder for each of --list-promises, which holds dapboot.elf");
    app.add_option("--output", options.output, "where bench.md and bench.json go")->capture_default_str();
    app.add_option("--readme", options.readme, "file whose bench block is rewritten");
    app.add_option("--page-bytes", options.page_bytes, "gzipped size of the built web page");
    app.add_option("--sweep-seconds", options.sweep_seconds, "wall time of the power-cut sweep");
    app.add_option("--sweep-processor-seconds", options.sweep_processor_seconds,
                   "processor time of the sweep, on all cores together");
    app.add_flag("--list-options", options.list_options, "print name and DEFS of each option, and measure nothing");
    app.add_flag("--list-promises", options.list_promises, "print name and TARGET of each promise, and measure nothing");
    auto* const without = app.add_option("--without", options.without, "take the lines out that keep this promise");
    without->needs(app.add_option("--sources", options.sources, "copy of the tree that --without changes"));
    CLI11_PARSE(app, argc, argv);
    try {
        return bench::run(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench: {}\n", error.what());
        return 2;
    }
}
