// SPDX-License-Identifier: ISC
#include "bench/promises.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "bench/build_size.hpp"
#include "bench/measures.hpp"

namespace bench {

std::span<const Promise> promises() {
    static const std::vector<Promise> list{
        {.name = "quiet-bus",
         .title = "waits until the host is done before it leaves, and blinks after an error",
         .edits = {{"src/main.cpp", R"(        if (control.poll()) {
            drivers::start_timer(quiet_time);
        } else if (drivers::time_is_over()) {
            bus_is_quiet();
        })",
                    R"(        control.poll();
        if (control.function().interface().leaving()) leave();)"}}},
        {.name = "image-size",
         .title = "an upload after a download ends where the image ended",
         .edits = {{"src/dfu/interface.hpp", "image_size_ != 0 ? image_size_ : update_.size()", "update_.size()"}}},
        {.name = "lost-handshake",
         .title = "a request takes effect although the host's handshake was lost",
         .edits = {{"src/usb/control.hpp", "        const auto last = std::bit_cast<std::uint64_t>(setup_);\n", ""},
                   {"src/usb/control.hpp",
                    "        if (stage_ == Stage::status_in && std::bit_cast<std::uint64_t>(setup_) != last) "
                    "function_.host_went_on();\n",
                    ""}}},
        {.name = "chapter9",
         .title = "what is not there is stalled: interfaces, endpoints, addresses above 127",
         .edits = {{"src/usb/device.hpp", "if ((setup.wIndex & ~endpoint_direction) != 0) return;", ""},
                   {"src/usb/device.hpp", "if (setup.wValue >= address_is_new) return;", ""},
                   {"src/usb/device.hpp", "configuration_ == 0 || setup.wIndex != 0", "false"}}},
        {.name = "own-stack",
         .title = "word 0 of page 0 is the application's own stack",
         .high_memory = true,
         .edits = {{"src/chip/vectors.cpp", "config::high_memory ? entry : reset", "reset"},
                   {"src/chip/vectors.cpp", "[[gnu::naked, gnu::used]]", "[[gnu::naked]]"},
                   {"src/chip/high_memory.ld", "EXTERN(entry)", ""},
                   {"src/chip/high_memory.ld", "LONG(entry | 1)", "LONG(reset | 1)"}}},
        {.name = "reserved-vectors",
         .title = "reserved vectors that are the same are taken, zero or not",
         .high_memory = true,
         .edits = {{"src/dfu/update.hpp", "if (hidden != vector(place.reset_vector() + 1)) return false;",
                    "if (hidden != 0) return false;"},
                   {"src/dfu/update.hpp", "            offset += 4;", "            return 0;"}}},
        {.name = "read-protection",
         .title = "an update that read protection would let fail half-way is refused",
         .high_memory = true,
         .edits = {{"src/dfu/update.hpp", "if (Flash::read_protected()) return Status::errWRITE;", ""}}},
        {.name = "capability",
         .title = "tells hosts where applications go",
         .edits = {{"src/usb/descriptors.hpp", "out.append16(5 + 24 + 28 + 32).append(3);",
                    "out.append16(5 + 24 + 28).append(2);"},
                   {"src/usb/descriptors.hpp",
                    "out.append(Bytes<4>(32, descriptor_type::DEVICE_CAPABILITY, PLATFORM, 0)).append(dapboot_uuid);",
                    "static_cast<void>(dapboot_uuid), static_cast<void>(id);"},
                   {"src/usb/descriptors.hpp",
                    "out.append16(0x0100).append(id.high_memory).append(id.page_size);  // docs/capability.md", ""},
                   {"src/usb/descriptors.hpp", "return out.append32(id.application_base).append32(id.application_end);",
                    "return out;"}}},
        {.name = "late-busy",
         .title = "BSY that shows late is waited for",
         .edits = {{"src/drivers/flash.hpp", "static_cast<void>(chip::flash->SR.read());", ""}}},
        {.name = "hidden-lock",
         .title = "a lock that is not shown is opened, too",
         .edits = {{"src/drivers/flash.hpp", "        chip::flash->KEYR = chip::flash_key1;",
                    "        if (!is_locked()) return;\n        chip::flash->KEYR = chip::flash_key1;"}}},
        {.name = "mistrust",
         .title = "after a cut, cells are not trusted",
         .edits = {{"src/dfu/update.hpp", "mistrust_ = update_is_open() ? Work::one_erase : 0;", "mistrust_ = 0;"},
                   {"src/dfu/update.hpp", "erases = mistrust_;", "erases = 0;"}}},
        {.name = "slow-crystal",
         .title = "a slow crystal is waited for",
         .edits = {{"src/drivers/clock.hpp", "turns = 131'072", "turns = 2'000"}}},
        {.name = "end-of-flash",
         .title = "flash that is not there is an error, not a reset",
         .edits = {{"src/dfu/update.hpp", "Flash::end_of_array(Flash::application_end())",
                    "Flash::application_end()"}}},
        {.name = "led",
         .title = "the LED flickers while flash is written, and blinks after an error",
         .edits =
             {{"src/boot/application_flash.hpp",
               "        if constexpr (config::board.led.fitted) drivers::toggle_or_write(config::board.led.pin, true, "
               "{});\n",
               ""},
              {"src/boot/bootloader.hpp", "    if constexpr (board.led.fitted) {\n        const bool blinks",
               "    if constexpr (false) {\n        const bool blinks"}}},
        {.name = "upload-protected",
         .title = "a read-protected chip is not read",
         .edits = {{"src/dfu/interface.hpp", "if (!Update::may_be_read()) return fail(Status::errVENDOR);", ""}}},
    };
    return list;
}

void take_out(const Promise& promise, const std::filesystem::path& tree) {
    for (const auto& edit : promise.edits) {
        const auto file = tree / edit.file;
        std::ifstream in(file, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto at = text.find(edit.kept);
        if (at == std::string::npos || text.find(edit.kept, at + 1) != std::string::npos)
            throw std::runtime_error(fmt::format("{}: what keeps the promise '{}' stands there {}: {}", file.string(),
                                                 promise.name, at == std::string::npos ? "no more" : "twice",
                                                 edit.kept));
        text.replace(at, edit.kept.size(), edit.broken);
        in.close();
        std::ofstream out(file, std::ios::binary);
        out << text;
        out.close();
        if (!out) throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
    }
}

Section measure_promises(const Binaries& binaries) {
    Section section{.title = "Size of each promise",
                    .text =
                        "What the same source would save without the lines that keep it. Not in here is what has no "
                        "lines of its own: blocks of any length, and that manifestation is over when the host hears "
                        "of it.",
                    .figures = {},
                    .table = "| promise | layout | bytes |\n|---|---|---:|\n"};
    for (const auto& promise : promises()) {
        const auto with = size_of_build(binaries.firmware /
                                        (promise.high_memory ? "dapboot-bluepill-high.elf" : "dapboot-bluepill.elf"));
        const auto without = size_of_build(binaries.promise_builds / promise.name / "dapboot.elf");
        const int cost = static_cast<int>(with.flash) - static_cast<int>(without.flash);
        section.figures.push_back({.key = fmt::format("promise.{}", promise.name),
                                   .title = std::string(promise.title),
                                   .value = static_cast<double>(cost),
                                   .unit = "bytes",
                                   .note = std::string(promise.target())});
        section.table +=
            fmt::format("| {} | {} | {} |\n", promise.title, promise.high_memory ? "high memory" : "both", cost);
    }
    return section;
}

}  // namespace bench
