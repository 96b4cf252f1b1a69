// SPDX-License-Identifier: ISC
// What is measured: one function a table.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/figure.hpp"

namespace bench {

/// Where the binaries are.
struct Binaries {
    std::filesystem::path firmware;        ///< dapboot-<target>.elf of every target and variant.
    std::filesystem::path option_builds;   ///< One folder an option, each with a dapboot.elf.
    std::filesystem::path promise_builds;  ///< One folder a promise (promises.hpp) that is not kept, likewise.
};

/// A build of the Blue Pill's bootloader with other options than the default.
struct OptionBuild {
    std::string name;  ///< Of its folder, and in its figure's key.
    std::string title;
    std::string defs;  ///< As DEFS= takes them.
};
[[nodiscard]] const std::vector<OptionBuild>& option_builds();

/// Flash and RAM of every target and variant, with the deepest stack that a session reached.
[[nodiscard]] Section measure_sizes(const Binaries& binaries);
/// What each option adds to, or takes from, the default Blue Pill build.
[[nodiscard]] Section measure_options(const Binaries& binaries);
/// What the default build would save without each promise.
[[nodiscard]] Section measure_promises(const Binaries& binaries);
/// Downloads and uploads in virtual time.
[[nodiscard]] Section measure_transfers(const Binaries& binaries);
/// From reset to application, and from reset to USB.
[[nodiscard]] Section measure_starts(const Binaries& binaries);
/// Speed of the virtual board itself; processor time and wall time of this machine.
[[nodiscard]] Section measure_speed(const Binaries& binaries);

}  // namespace bench
