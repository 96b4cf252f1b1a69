// SPDX-License-Identifier: ISC
// Flash and RAM of the bootloaders: what the linker placed, and how deep the stack went.
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/build_size.hpp"
#include "bench/measures.hpp"
#include "bench/scenario.hpp"
#include "flasher/device_info.hpp"

namespace bench {
namespace {

/// What stands behind the board in a file's name, in the table's order.
constexpr std::array<std::string_view, 4> variants{"", "-high", "-high-128", "-high-256"};

constexpr std::uint32_t paint = 0xA5C3'96E1;

/// Bytes of stack that one session takes at most: by what it leaves of painted RAM, and by the
/// stack pointer itself, which also sees what was reserved and not written.
std::uint32_t depth_of(const ScenarioOptions& options, const BuildSize& size, const Bytes& before,
                       const std::function<void(Scenario&)>& session) {
    Scenario scenario(options);
    auto& machine = scenario.machine();
    if (!before.empty()) scenario.install(before);
    scenario.power_on_in_dfu([&] { machine.paint_ram(paint); });
    session(scenario);
    const auto deepest = machine.deepest_ram_write(size.ram_end());
    if (deepest >= size.stack_top())
        throw std::runtime_error(
            fmt::format("{}: the painted stack was never used", options.firmware.filename().string()));
    return size.stack_top() - std::min(deepest, machine.lowest_stack_pointer());
}

/// The deepest of several sessions: everything read, a refused image, upload, an update, and the
/// same image once more.
std::uint32_t stack_depth(const ScenarioOptions& options, const BuildSize& size) {
    const Bytes image = random_application(7'777, options.application_base, 1);
    const Bytes other = random_application(5'000, options.application_base, 2);
    const auto refused = [](Scenario& scenario) {
        try {
            scenario.client().download(Bytes(2'048, 0x55));
        } catch (const flasher::DfuError&) {
            return;
        }
        throw std::runtime_error("an image without a vector table was taken");
    };
    const auto curious = [&](Scenario& scenario) {
        static_cast<void>(flasher::read_device_info(scenario.transport()));
        refused(scenario);
        static_cast<void>(scenario.client().upload(1U << 20));
        scenario.download(image);
        scenario.reset_into_dfu();
        scenario.download(image);
    };
    // A probe cannot install what a high-memory bootloader would have to rearrange.
    const Bytes before = options.high_memory ? Bytes{} : other;
    return depth_of(options, size, before, curious);
}

struct Build {
    BuildSize size;
    std::uint32_t stack = 0;
};

Build measure(const sim::Board& board, bool high_memory, const std::filesystem::path& file) {
    Build build{.size = size_of_build(file)};
    build.stack = stack_depth({.board = board.id,
                               .firmware = file,
                               .application_base = flash_base + (high_memory ? 0U : 0x2000U),
                               .high_memory = high_memory},
                              build.size);
    return build;
}

/// Why BLUEPILL is not as small as one could wish.
std::string about_the_stretch(const BuildSize& size) {
    constexpr std::uint32_t stretch = 2560;
    if (size.flash <= stretch) return {};
    return fmt::format(
        " Of BLUEPILL's {} bytes, {} are descriptors, texts and tables that hosts and the core "
        "read. {} bytes would be welcome and are not reached: what could still go is something "
        "that is promised, as the next tables show.",
        size.flash, size.constants, stretch);
}

}  // namespace

Section measure_sizes(const Binaries& binaries) {
    Section section{.title = "Size",
                    .text =
                        "Bytes of flash, from the linker. RAM: variables, and the deepest "
                        "stack of a session with every descriptor, a refused image, an upload "
                        "and a download, on a painted stack.",
                    .figures = {},
                    .table =
                        "| target | standard | HIGH | HIGH_128 | HIGH_256 | RAM: variables + "
                        "stack |\n|---|---:|---:|---:|---:|---:|\n"};
    for (const auto& board : sim::boards()) {
        std::string row;
        std::uint32_t variables = 0, stack = 0;
        for (const auto& variant : variants) {
            const std::string name = board.id + std::string(variant);
            const auto file = binaries.firmware / fmt::format("dapboot-{}.elf", name);
            if (!std::filesystem::exists(file)) {
                row += " |";
                continue;
            }
            const auto build = measure(board, !variant.empty(), file);
            row += fmt::format(" {} |", build.size.flash);
            variables = std::max(variables, build.size.ram);
            stack = std::max(stack, build.stack);
            if (name == "bluepill") section.text += about_the_stretch(build.size);
            section.figures.push_back({.key = "size." + name,
                                       .title = "flash of " + name,
                                       .value = static_cast<double>(build.size.flash),
                                       .unit = "bytes",
                                       .note = ""});
            section.figures.push_back({.key = "ram." + name,
                                       .title = "RAM of " + name,
                                       .value = static_cast<double>(build.size.ram + build.stack),
                                       .unit = "bytes",
                                       .note = fmt::format("{} variables, {} stack", build.size.ram, build.stack)});
        }
        if (variables == 0)
            throw std::runtime_error(
                fmt::format("there is no bootloader for the board {} in {}", board.id, binaries.firmware.string()));
        std::string target = board.id;
        std::ranges::transform(target, target.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        section.table += fmt::format("| `{}` |{} {} + {} |\n", target, row, variables, stack);
    }
    return section;
}

}  // namespace bench
