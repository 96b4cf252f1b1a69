// SPDX-License-Identifier: ISC
// Runs a script on a bench: docs/scripting.md is its manual.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sim/script/bench.hpp"
#include "sim/script/lua.hpp"

namespace sim::script {

/// `files` are names that the script finds in the table `files`. Throws ScriptError, which names the line, and
/// flasher::ImageError when the script cannot be read.
void run_script(const std::filesystem::path& script, Bench& bench,
                const std::map<std::string, std::filesystem::path>& files = {}, const Limits& limits = {});

}  // namespace sim::script
