// SPDX-License-Identifier: ISC
// dapboot doctor: why a board cannot be used, and what to do.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/commands/commands.hpp"
#include "flasher/commands/devices.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/commands/image_options.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/terminal/terminal.hpp"
#include "flasher/terminal/wrapped.hpp"
#include "flasher/usb/usb_bus.hpp"
#include "flasher/version.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;
namespace fs = std::filesystem;

constexpr const char* rule_name = "70-dapboot.rules";
constexpr const char* rule_folder = "/etc/udev/rules.d";

struct Options {
    bool json = false, print_rule = false, install_rule = false;
    std::string root;  ///< Before rule_folder, for packagers and tests.
    Selection selection;
};

struct Finding {
    bool good = true;
    std::string what;
    std::string next_step;  ///< Empty when there is nothing to do.
};

/// Nothing is wrong with what has something to do under it: it gets no tick either.
std::string mark(const Finding& finding) {
    if (!finding.good) return terminal::painted(Paint::bad, terminal::cross());
    return finding.next_step.empty() ? terminal::painted(Paint::good, terminal::tick()) : "-";
}

std::string quoted_path(const fs::path& path) {
    return path.string();
}

/// The rule file that names 1209:db42, if any.
std::optional<fs::path> installed_rule(const std::string& root) {
    for (const char* folder : {rule_folder, "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
                               "/lib/udev/rules.d"}) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(root + folder, error)) {
            std::ifstream file(entry.path());
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            if (entry.path().extension() == ".rules" && text.find("1209") != std::string::npos &&
                text.find("db42") != std::string::npos)
                return entry.path();
        }
    }
    return std::nullopt;
}

std::vector<Finding> look_at_system(const std::string& root) {
    std::vector<Finding> findings;
    findings.push_back({true, fmt::format("dapboot {}, libusb {}", version_text, libusb_version()), ""});
#ifdef __linux__
    std::error_code error;
    if (!fs::exists(root + "/dev/bus/usb", error))
        findings.push_back(
            {false, "this system shows no USB (/dev/bus/usb is missing)",
             "in a container, start it with --device /dev/bus/usb; in WSL, attach the device with usbipd"});
    if (const auto rule = installed_rule(root))
        findings.push_back({true, fmt::format("udev rule for 1209:db42: {}", quoted_path(*rule)), ""});
    else
        findings.push_back({false, "no udev rule lets people without root use 1209:db42",
                            "sudo dapboot doctor --install-rule, then plug the board in again"});
#else
    static_cast<void>(root);
#endif
    return findings;
}

Finding finding_of(const UsbDiagnosis& diagnosis) {
    const auto& device = diagnosis.device;
    const auto who = fmt::format("{:04x}:{:04x} at {}{}", device.idVendor, device.idProduct, device.location,
                                 diagnosis.node.empty() ? "" : fmt::format(" ({})", diagnosis.node));
    if (!diagnosis.problem) return {true, fmt::format("{} can be used", who), ""};
    switch (*diagnosis.problem) {
        case BusError::Kind::denied:
            return {false, diagnosis.sentence,
                    "with the rule installed, plug the board in again; on Windows the bootloader brings its driver by "
                    "itself: unplug it, remove other drivers for it in the Device Manager, plug it in again"};
        case BusError::Kind::busy:
            return {false, diagnosis.sentence, "end the other program; a browser tab counts, too"};
        case BusError::Kind::absent:
            return {false, diagnosis.sentence, "plug it in again, with another cable if that repeats"};
        case BusError::Kind::broken:
            break;
    }
    return {false, diagnosis.sentence, "plug it in again, or at another port"};
}

void install_rule(const std::string& root) {
    const fs::path file = root + rule_folder + "/" + rule_name;
    const std::string_view rule = udev_rule;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    write_file(file, {reinterpret_cast<const std::uint8_t*>(rule.data()), rule.size()}, true);
    fmt::print("wrote {}\nplug the board in again (or: udevadm control --reload && udevadm trigger)\n", file.string());
}

Finding nothing_attached() {
    return {true, "no device with a DFU interface is attached",
            "set BOOT1 to 1 (or hold the board's button) and press reset; try another cable: many carry power only"};
}

std::vector<Finding> look_at_usb(const std::string& root) {
    auto findings = look_at_system(root);
    try {
        const auto diagnoses = diagnose_usb();
        for (const auto& one : diagnoses)
            findings.push_back(finding_of(one));
        if (diagnoses.empty()) findings.push_back(nothing_attached());
    } catch (const BusError& error) {
        findings.push_back({false, error.what(), "is there USB on this machine?"});
    }
    return findings;
}

std::vector<Finding> look_at_server(const Selection& selection) {
    std::vector<Finding> findings{{true, fmt::format("dapboot {}", version_text), ""}};
    try {
        const auto bus = open_bus(selection);
        auto boards = open_boards(*bus, selection);
        findings.push_back({true, fmt::format("{} answers", bus->name()), ""});
        for (const auto* kind : {&boards.bootloaders, &boards.applications})
            for (const auto& one : *kind)
                findings.push_back({true,
                                    fmt::format("{:04x}:{:04x} at {} can be used", one.attached.idVendor,
                                                one.attached.idProduct, one.attached.location),
                                    ""});
        for (const auto& one : boards.problems)
            findings.push_back(
                {false, one.sentence, "end the other program, or detach the device where it is attached"});
        if (boards.bootloaders.empty() && boards.applications.empty() && boards.problems.empty())
            findings.push_back(nothing_attached());
    } catch (const BusError& error) {
        findings.push_back(
            {false, error.what(), "dapboot-sim serve with --usbip is such a server, and so is usbipd of Linux"});
    }
    return findings;
}

void doctor(const Options& options) {
    if (options.print_rule) return fmt::print("{}", udev_rule);
    if (options.install_rule) return install_rule(options.root);
    const auto findings =
        options.selection.usbip.empty() ? look_at_usb(options.root) : look_at_server(options.selection);
    bool good = true;
    Json json = Json::array();
    for (const auto& one : findings) {
        good = good && one.good;
        json.push_back({{"ok", one.good}, {"what", one.what}, {"next_step", one.next_step}});
        if (options.json) continue;
        fmt::print("{} {}\n", mark(one), terminal::wrapped(one.what, terminal::Stream::output, 2, 4));
        if (!one.next_step.empty())
            fmt::print("    {}\n", terminal::wrapped(one.next_step, terminal::Stream::output, 4, 4));
    }
    if (options.json) fmt::print("{}\n", json.dump(2));
    if (!good) throw CommandError(ExitCode::denied, "something is in the way; what to do is written under it");
}

}  // namespace

void add_doctor(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("doctor", "why a board cannot be used, and what to do");
    command->add_flag("--json", options->json, "for machines");
    command->add_flag("--udev-rule", options->print_rule,
                      "print the rule that lets people without root use the boards");
    command->add_flag("--install-rule", options->install_rule,
                      fmt::format("write it to {}/{} (needs root)", rule_folder, rule_name));
    command->add_option("--root", options->root, "another root folder of the system, for packagers")
        ->type_name("FOLDER");
    add_usbip(*command, options->selection);
    command->callback([options] { doctor(*options); });
}

}  // namespace flasher::commands
