// SPDX-License-Identifier: ISC
// Stands in for the command serve where CivetWeb was not there when this was built, and says so.
#include <CLI/CLI.hpp>

#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"

namespace sim::commands {

void add_serve(CLI::App& app) {
    auto* command = app.add_subcommand("serve", "not in this build: libcivetweb-dev was missing");
    command->allow_extras();
    command->callback([] {
        throw UsageError(
            "this build cannot serve: install libcivetweb-dev, then configure and build anew");
    });
}

}  // namespace sim::commands
