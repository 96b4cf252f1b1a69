// SPDX-License-Identifier: ISC
// The subcommands of dapboot-sim. Each adds itself with its options; the callback runs it and throws on failure.
#pragma once

namespace CLI {
class App;
}

namespace sim::commands {

void add_demo(CLI::App& app);
void add_run(CLI::App& app);
void add_lsusb(CLI::App& app);
void add_download(CLI::App& app);
void add_serve(CLI::App& app);
void add_gdb(CLI::App& app);

}  // namespace sim::commands
