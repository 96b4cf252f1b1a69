// SPDX-License-Identifier: ISC
// dapboot-sim: the virtual board as a program. Chooses a command, and turns failures into sentences and exit codes.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/descriptors.hpp"
#include "flasher/device_info.hpp"
#include "flasher/dfu_error.hpp"
#include "flasher/image.hpp"
#include "flasher/session.hpp"
#include "flasher/terminal/nearest.hpp"
#include "sim/board/machine.hpp"
#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/terminal.hpp"
#include "sim/script/lua.hpp"
#include "sim/usb/enumeration.hpp"

namespace {

using sim::commands::ExitCode;

int fail(ExitCode code, const char* what) {
    std::fflush(stdout);
    fmt::print(stderr, "{} {}\n", sim::commands::painted_error("dapboot-sim:"), what);
    return static_cast<int>(code);
}

int usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    std::vector<std::string> commands;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(command->get_name());
    const auto complaint = flasher::terminal::unknown_command(argc > 1 ? argv[1] : "", commands);
    if (!complaint.empty()) return fail(ExitCode::usage, complaint.c_str());
    const bool asked_for_help = error.get_exit_code() == 0;
    app.exit(error);
    return asked_for_help ? 0 : static_cast<int>(ExitCode::usage);
}

int run(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return static_cast<int>(ExitCode::success);
    } catch (const CLI::ParseError& error) {
        return usage(app, error, argc, argv);
    } catch (const sim::script::ScriptError& error) {
        using Kind = sim::script::ScriptError::Kind;
        const bool by_firmware = error.kind() == Kind::firmware;
        return fail(error.kind() == Kind::syntax ? ExitCode::file
                    : by_firmware                ? ExitCode::firmware
                                                 : ExitCode::behaviour,
                    error.what());
    } catch (const sim::commands::UsageError& error) {
        return fail(ExitCode::usage, error.what());
    } catch (const flasher::ImageError& error) {
        return fail(ExitCode::file, error.what());
    } catch (const sim::MachineError& error) {
        return fail(ExitCode::firmware, error.what());
    } catch (const sim::EnumerationError& error) {
        return fail(ExitCode::usb, error.what());
    } catch (const flasher::DescriptorError& error) {
        return fail(ExitCode::usb, error.what());
    } catch (const flasher::DeviceInfoError& error) {
        return fail(ExitCode::usb, error.what());
    } catch (const flasher::RefusedImage& error) {
        return fail(ExitCode::file, error.what());
    } catch (const flasher::TargetError& error) {
        return fail(ExitCode::behaviour, error.what());
    } catch (const flasher::VerifyError& error) {
        return fail(ExitCode::behaviour, error.what());
    } catch (const flasher::DfuError& error) {
        return fail(ExitCode::dfu, error.what());
    } catch (const sim::commands::BehaviourError& error) {
        return fail(ExitCode::behaviour, error.what());
    } catch (const std::invalid_argument& error) {
        return fail(ExitCode::usage, error.what());
    } catch (const std::exception& error) {
        return fail(ExitCode::file, error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A virtual STM32F103 board that runs unmodified firmware, with a USB host at its port."};
    app.set_version_flag("--version", "dapboot-sim " DAPBOOT_VERSION);
    app.footer(sim::commands::exit_code_help);
    app.require_subcommand(1);
    sim::commands::add_demo(app);
    sim::commands::add_run(app);
    sim::commands::add_lsusb(app);
    sim::commands::add_download(app);
    sim::commands::add_serve(app);
    sim::commands::add_gdb(app);
    return run(app, argc, argv);
}
