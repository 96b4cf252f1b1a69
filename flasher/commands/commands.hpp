// SPDX-License-Identifier: ISC
// The subcommands of dapboot. Each adds itself with its options; the callback runs it and throws on failure.
#pragma once

namespace CLI {
class App;
}

namespace flasher::commands {

void add_list(CLI::App& app);
void add_flash(CLI::App& app);
void add_read(CLI::App& app);
void add_verify(CLI::App& app);
void add_reset(CLI::App& app);
void add_info(CLI::App& app);
void add_convert(CLI::App& app);
void add_doctor(CLI::App& app);
void add_selftest(CLI::App& app);

}  // namespace flasher::commands
