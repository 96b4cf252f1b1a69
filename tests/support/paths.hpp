// SPDX-License-Identifier: ISC
// Where tests find files. The folders are known to paths.cpp alone, so that all other objects are the same in every
// clone, and a compiler cache serves them.
#pragma once

#include <filesystem>
#include <string_view>

namespace test_paths {

/// A bootloader or an example as it was built, such as dapboot-bluepill.elf.
[[nodiscard]] std::filesystem::path firmware(std::string_view file = {});
/// A file of the source tree, named from its top.
[[nodiscard]] std::filesystem::path source(std::string_view file = {});
/// A program or a file of the host's build tree, named from its top, such as sim/dapboot-sim.
[[nodiscard]] std::filesystem::path built(std::string_view file = {});

}  // namespace test_paths
