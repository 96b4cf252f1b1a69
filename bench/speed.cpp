// SPDX-License-Identifier: ISC
// How fast the virtual board is on this machine. The only figures here that another machine changes.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "bench/measures.hpp"
#include "bench/scenario.hpp"

namespace bench {
namespace {

constexpr std::size_t image_size = 56 * 1024;
constexpr int runs = 5;

/// Processor time of this thread, in seconds: what other programs do does not count.
double processor_seconds() {
    timespec now{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        throw std::runtime_error("the system has no processor time of a thread");
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Flashing {
    double virtual_seconds = 0;
    double processor_seconds = 0;
    double instructions = 0;
};

Flashing flash_full_chip(const ScenarioOptions& options, const Bytes& before, const Bytes& after) {
    Scenario scenario(options);
    scenario.install(before);
    scenario.power_on_in_dfu();
    const auto instructions = scenario.machine().counters().instructions;
    const double begin = processor_seconds();
    const auto time = scenario.download(after);
    return {.virtual_seconds = sim::seconds(time),
            .processor_seconds = processor_seconds() - begin,
            .instructions = static_cast<double>(scenario.machine().counters().instructions - instructions)};
}

/// Wall time in seconds in which `boards` boards are powered, enumerated and flashed, one thread
/// each.
double flash_at_once(unsigned boards, const ScenarioOptions& options, const Bytes& before, const Bytes& after) {
    std::mutex mutex;
    std::exception_ptr failure;
    const auto begin = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        threads.reserve(boards);
        for (unsigned i = 0; i < boards; ++i)
            threads.emplace_back([&] {
                try {
                    flash_full_chip(options, before, after);
                } catch (...) {
                    const std::scoped_lock lock(mutex);
                    failure = std::current_exception();
                }
            });
    }
    if (failure) std::rethrow_exception(failure);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Section measure_speed(const Binaries& binaries) {
    const ScenarioOptions options{.firmware = binaries.firmware / "dapboot-bluepill.elf"};
    const Bytes image = random_application(image_size, options.application_base, 1);
    const Bytes other = random_application(image_size, options.application_base, 2);

    Flashing best;
    for (int run = 0; run < runs; ++run) {
        const auto now = flash_full_chip(options, other, image);
        if (run == 0 || now.processor_seconds < best.processor_seconds) best = now;
    }
    const double one = flash_at_once(1, options, other, image);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());

    Section section{.title = "The virtual board on this machine",
                    .text = fmt::format("Best of {} downloads of 56 KiB onto a full chip, in processor time. "
                                        "These figures, and only these, depend on the machine: {} cores here.",
                                        runs, cores),
                    .figures = {},
                    .table = {}};
    section.figures.push_back({.key = "sim.real_time",
                               .title = "virtual time by processor time, flashing",
                               .value = best.virtual_seconds / best.processor_seconds,
                               .unit = "x real time",
                               .note = "",
                               .decimals = 1});
    section.figures.push_back({.key = "sim.mips",
                               .title = "instructions executed, flashing",
                               .value = best.instructions / best.processor_seconds / 1e6,
                               .unit = "million/s",
                               .note = "waiting loops are skipped, not executed",
                               .decimals = 1});
    for (const unsigned boards : {4U, 16U})
        section.figures.push_back({.key = fmt::format("sim.boards.{}", boards),
                                   .title = fmt::format("{} boards flashed at once, by one board", boards),
                                   .value = flash_at_once(boards, options, other, image) / one,
                                   .unit = "x wall time",
                                   .note = fmt::format("{:.1f} would be {} cores without loss",
                                                       std::max(1.0, static_cast<double>(boards) / cores), cores),
                                   .decimals = 2});
    return section;
}

}  // namespace bench
