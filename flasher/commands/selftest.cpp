// SPDX-License-Identifier: ISC
// dapboot selftest: the properties that the project's own tests examine, on whatever board is attached.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/checksum.hpp"
#include "flasher/commands/commands.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/commands/image_options.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/platform/platform.hpp"
#include "flasher/properties/property.hpp"
#include "flasher/terminal/terminal.hpp"
#include "flasher/usb/usb_bus.hpp"
#include "flasher/version.hpp"

namespace flasher::commands {
namespace {

using std::chrono::milliseconds;
using terminal::Paint;
using Clock = std::chrono::steady_clock;

struct Options {
    Selection selection;
    std::filesystem::path report = "dapboot-selftest";
    std::string only;
    bool yes = false, button_held = false, json = false, list = false;
};

/// The smallest RAM of an STM32F103 that the bootloader runs on holds it.
constexpr std::uint32_t stack_of_test_images = 0x2000'1000;
/// Between the moment in which something happens on the bus and the one in which this process has seen it.
constexpr milliseconds slack{60};
constexpr milliseconds leave_limit{5'000}, return_limit{20'000};

constexpr const char* gone_sentence = "the device has left, and did not come back into its bootloader";

enum class Verdict { holds, broken, not_run };

struct Finding {
    const properties::Property* property;
    Verdict verdict = Verdict::not_run;
    std::string sentence;
    double seconds = 0;
};

std::string_view name_of(Verdict verdict) {
    return verdict == Verdict::holds ? "holds" : verdict == Verdict::broken ? "BROKEN" : "not run";
}

// --- before and after ----------------------------------------------------------------------------

std::uint32_t end_of(const Region& flash) {
    return flash.flash_start + flash.flash_length;
}

/// What the board holds, so that it can be put back; empty when no application that can run is there.
struct Backup {
    std::vector<std::uint8_t> image;
};

/// The flash that is examined, an application's.
Region examined_flash(const Target& target) {
    const auto region = target.region();
    if (!region || !target.room)
        throw CommandError(ExitCode::no_device,
                           "the device does not tell where its application lies, so it cannot be examined");
    return *region;
}

Backup read_backup(Board& board, const Target& target, const Region& flash) {
    Backup backup{.image = read(*board.transport, target, flash.flash_length, {})};
    while (!backup.image.empty() && backup.image.back() == 0xFF)
        backup.image.pop_back();
    Image image{.format = ImageFormat::binary, .bytes = backup.image, .base = target.base, .suffix = {}};
    if (backup.image.empty() || check_runnable(image, flash)) backup.image.clear();
    return backup;
}

/// A sentence about what became of it.
std::string restore(Board& board, const Target& target, const Backup& backup) {
    if (backup.image.empty()) return "there was no application before; the last test image stays";
    DfuClient client(*board.transport, target.interface);
    static_cast<void>(client.download(backup.image));
    return fmt::format("the application that was there before is back ({} bytes, CRC-32 {:08x})", backup.image.size(),
                       crc32(backup.image));
}

void ask(const Options& options, const Board& board, const Target& target, const Region& flash, const Backup& backup) {
    if (!options.json) {
        print_board(board, target);
        fmt::print("\nThe application's flash, {:#010x} to {:#010x}, is overwritten several times. {}\n",
                   flash.flash_start, end_of(flash),
                   backup.image.empty() ? "There is no application that runs, so nothing is lost."
                                        : fmt::format("The {} bytes that are there were read, and are written back at "
                                                      "the end.",
                                                      backup.image.size()));
        fmt::print("The bootloader itself is never written. Do not unplug the board meanwhile.\n");
        if (!options.button_held)
            fmt::print(
                "Properties that restart the board are left out: set BOOT1 to 1 (or hold the button) for the "
                "whole\ntest and say --button-held to run them, too.\n");
    }
    if (options.yes) return;
    if (!platform::is_terminal_input())
        throw CommandError(ExitCode::usage, "nobody is there to be asked; add --yes if the board may be overwritten");
    fmt::print("Go on? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes")
        throw CommandError(ExitCode::interrupted, "nothing was changed on the board");
}

// --- the test ------------------------------------------------------------------------------------

properties::Subject subject_of(Board& board, const Region& flash, const Options& options) {
    properties::Subject subject{.transport = *board.transport,
                                .application_base = flash.flash_start,
                                .application_end = end_of(flash),
                                .page_size = board.info.dapboot ? board.info.dapboot->page_size : 1024,
                                .initial_stack = stack_of_test_images,
                                .record = flash.flash_start,
                                .high_memory = layout_of(board.info).starts_with("high"),
                                .unfiltered = !options.selection.usbip.empty(),
                                .longest_data_stage = options.selection.usbip.empty() ? usb_longest_data_stage : 0xFFFF,
                                .slack = slack};
    subject.now = [] { return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()); };
    if (options.button_held)
        subject.enter_dfu = [&board] {
            static_cast<void>(board.transport->wait_until_gone(leave_limit));
            return board.transport->reopen(return_limit) && is_bootloader(read_device_info(*board.transport));
        };
    return subject;
}

/// Why a property cannot be shown here.
std::string reason_for(properties::Needs missing) {
    using properties::Needs;
    if (properties::has(missing, Needs::watch))
        return "counts what is erased and programmed, which no request tells; the virtual board's own tests do";
    if (properties::has(missing, Needs::unfiltered))
        return "asks interfaces or endpoints that are not there, which this system answers itself; over --usbip the "
               "device "
               "is asked";
    if (properties::has(missing, Needs::reentry)) return "restarts the board; hold BOOT1 at 1 and say --button-held";
    return "needs a clock";
}

Finding examine(const properties::Property& property, const properties::Subject& subject) {
    Finding finding{.property = &property, .verdict = Verdict::not_run, .sentence = {}, .seconds = 0};
    if (const auto missing = properties::missing(property, subject); missing != properties::Needs::nothing) {
        finding.sentence = reason_for(missing);
        return finding;
    }
    // The one before may have ended in a download, after which the device leaves by itself.
    if (subject.transport.wait_until_gone(milliseconds(0)) && !(subject.enter_dfu && subject.enter_dfu())) {
        finding.sentence = gone_sentence;
        return finding;
    }
    const auto start = Clock::now();
    const auto result = properties::run(property, subject);
    finding.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    finding.verdict = !result.shown ? Verdict::not_run : result.holds ? Verdict::holds : Verdict::broken;
    finding.sentence = result.sentence;
    return finding;
}

std::string line_of(const Finding& finding) {
    const auto time = finding.verdict == Verdict::not_run ? "" : fmt::format("{:.1f} s", finding.seconds);
    return fmt::format("{:<8} {:<44} {:>8}  {}", name_of(finding.verdict), finding.property->name, time,
                       finding.property->section);
}

void print_finding(const Options& options, const Finding& finding) {
    if (options.json) {
        print_event({{"event", "property"},
                     {"name", finding.property->name},
                     {"section", finding.property->section},
                     {"result", name_of(finding.verdict)},
                     {"seconds", finding.seconds},
                     {"message", finding.sentence}});
        return;
    }
    const auto paint = finding.verdict == Verdict::holds    ? Paint::good
                       : finding.verdict == Verdict::broken ? Paint::bad
                                                            : Paint::dim;
    fmt::print("  {}\n", terminal::painted(paint, line_of(finding)));
    if (!finding.sentence.empty()) fmt::print("           {}\n", terminal::painted(paint, finding.sentence));
    std::fflush(stdout);
}

// --- the report ----------------------------------------------------------------------------------

struct Counts {
    std::size_t holds = 0, broken = 0, not_run = 0;
};

Counts count(const std::vector<Finding>& findings) {
    Counts counts;
    for (const auto& one : findings)
        ++(one.verdict == Verdict::holds    ? counts.holds
           : one.verdict == Verdict::broken ? counts.broken
                                            : counts.not_run);
    return counts;
}

std::string summary_of(const Counts& counts) {
    return fmt::format("{} properties hold, {} are broken, {} were not run", counts.holds, counts.broken,
                       counts.not_run);
}

std::string text_report(const Board& board, const Target& target, const Region& flash,
                        const std::vector<Finding>& findings, const std::string& restored, const std::string& bus) {
    const auto& info = board.info;
    std::string text = "dapboot selftest\n\n";
    const auto fact = [&](const char* name, const std::string& value) {
        text += fmt::format("{:<14} {}\n", name, value);
    };
    fact("time", platform::timestamp());
    fact("dapboot", fmt::format("{} ({})", version_text, build_text));
    fact("device", fmt::format("{:04x}:{:04x} {}, {}", info.device.idVendor, info.device.idProduct, info.product,
                               version_of(info)));
    fact("serial", info.serial_number);
    fact("over", bus);
    fact("application", fmt::format("{:#010x} to {:#010x}, known from {}; {}", flash.flash_start, end_of(flash),
                                    flasher::name_of(target.room_from), layout_of(info)));
    fact("result", summary_of(count(findings)));
    fact("afterwards", restored);
    text += '\n';
    for (const auto& one : findings) {
        text += line_of(one) + "\n";
        if (!one.sentence.empty()) text += "         " + one.sentence + "\n";
    }
    return text;
}

Json json_report(const Board& board, const Target& target, const std::vector<Finding>& findings,
                 const std::string& restored, const std::string& bus) {
    const auto counts = count(findings);
    Json json{{"time", platform::timestamp()}, {"program", version_text},
              {"build", build_text},           {"bus", bus},
              {"device", json_of(board)},      {"target", json_of(target)},
              {"holds", counts.holds},         {"broken", counts.broken},
              {"not_run", counts.not_run},     {"afterwards", restored},
              {"properties", Json::array()}};
    for (const auto& one : findings)
        json["properties"].push_back({{"name", one.property->name},
                                      {"section", one.property->section},
                                      {"result", name_of(one.verdict)},
                                      {"seconds", one.seconds},
                                      {"message", one.sentence}});
    return json;
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    write_file(file, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, true);
}

void print_list() {
    for (const auto& one : properties::all())
        fmt::print("{:<44} {}\n", one.name, one.section);
}

bool chosen(const Options& options, const properties::Property& property) {
    return options.only.empty() || property.name.find(options.only) != std::string_view::npos;
}

void selftest(const Options& options) {
    if (options.list) return print_list();
    const auto bus = open_bus(options.selection);
    auto board = choose_board(*bus, options.selection, false, false);
    auto target = choose_target(board.info, {});
    measure(target, board.info, *board.transport);
    const Region flash = examined_flash(target);
    const auto backup = read_backup(board, target, flash);
    ask(options, board, target, flash, backup);
    platform::catch_interrupts();

    std::vector<Finding> findings;
    std::string restored;
    try {
        const auto subject = subject_of(board, flash, options);
        for (const auto& property : properties::all()) {
            if (!chosen(options, property)) continue;
            if (platform::interrupted()) break;
            const bool gone = !findings.empty() && findings.back().sentence == gone_sentence;
            findings.push_back(gone ? findings.back() : examine(property, subject));
            findings.back().property = &property;
            print_finding(options, findings.back());
        }
        static_cast<void>(subject.transport.wait_until_gone(milliseconds(0)) && subject.enter_dfu &&
                          subject.enter_dfu());
        restored = restore(board, target, backup);
    } catch (...) {
        restored = fmt::format("NOT restored: {}", current_failure().sentence);
        while (restored.ends_with('.'))
            restored.pop_back();
    }
    if (findings.empty() && !platform::interrupted())
        throw CommandError(ExitCode::usage,
                           fmt::format("no property is called like '{}'; --list names them", options.only));

    auto text_file = options.report, json_file = options.report;
    text_file += ".txt", json_file += ".json";
    write_text(text_file, text_report(board, target, flash, findings, restored, bus->name()));
    const auto report = json_report(board, target, findings, restored, bus->name());
    write_text(json_file, report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    const auto counts = count(findings);
    if (options.json)
        print_event({{"event", "summary"},
                     {"holds", counts.holds},
                     {"broken", counts.broken},
                     {"not_run", counts.not_run},
                     {"afterwards", restored}});
    else
        fmt::print("\n{}; {}.\nReport: {} and {}\n", summary_of(counts), restored, text_file.string(),
                   json_file.string());
    if (platform::interrupted()) throw CommandError(ExitCode::interrupted, "interrupted: not all properties were run");
    if (!findings.empty() && findings.back().sentence == gone_sentence)
        throw CommandError(ExitCode::behaviour, fmt::format("{}; not all properties were run", gone_sentence));
    if (counts.broken != 0 || restored.starts_with("NOT"))
        throw CommandError(ExitCode::behaviour,
                           "the board does not do what this bootloader does; the report says where");
}

}  // namespace

void add_selftest(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("selftest", "run the project's own proofs on a board, and write a report");
    command->add_flag("--yes", options->yes, "do not ask before the board is overwritten");
    command->add_flag("--button-held", options->button_held,
                      "BOOT1 stays at 1, so that the board always comes back: run what restarts it, too");
    command->add_option("--only", options->only, "those whose name has this in it")->type_name("NAME");
    command->add_flag("--list", options->list, "name the properties, and what they follow");
    command->add_option("--report", options->report, "files of the report, .txt and .json behind it")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--json", options->json, "an event on each line, for machines");
    add_selection(*command, options->selection);
    command->callback([options] { selftest(*options); });
}

}  // namespace flasher::commands
