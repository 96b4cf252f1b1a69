// SPDX-License-Identifier: ISC
// A board, a host, a session.
#include "bench/scenario.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

namespace bench {
namespace {

const sim::Board& board_named(const std::string& id) {
    const auto* board = sim::find_board(id);
    if (board == nullptr) throw std::runtime_error(fmt::format("the virtual board '{}' does not exist", id));
    return *board;
}

void put_word(Bytes& bytes, std::size_t at, std::uint32_t word) {
    for (unsigned i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
}

}  // namespace

Bytes random_application(std::size_t size, std::uint32_t address, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(1 + random() % 254);
    // The reserved vectors of PM0056 table 16 stay zero: high-memory layouts need them.
    std::fill_n(bytes.begin() + 7 * 4, 4 * 4, std::uint8_t{0});
    put_word(bytes, 0, 0x2000'1000);
    put_word(bytes, 4, entry_of(address) | 1);
    put_word(bytes, entry_of(address) - address, 0xE7FE'E7FE);  // b .
    return bytes;
}

Scenario::Scenario(const ScenarioOptions& options)
    : options_(options),
      board_(board_named(options.board)),
      machine_(board_.chip, board_.wiring, {.lenient = false, .flash_timing = options.flash_timing, .log = {}}) {
    machine_.load(options.firmware);
}

void Scenario::install(const Bytes& application) {
    machine_.load_bytes(options_.application_base, application);
}

void Scenario::power_on_in_dfu(const std::function<void()>& prepare) {
    machine_.power_on();
    if (prepare) prepare();
    reset_into_dfu();
}

void Scenario::reset_into_dfu() {
    // One of the two is asked by every board there is.
    machine_.set_backup_register(1, 0x4F42);
    machine_.set_backup_register(10, 1);
    machine_.reset();
    host_ = std::make_unique<sim::UsbHost>(machine_.usb(), machine_, sim::HostTiming{}.with(options_.host));
    transport_ = std::make_unique<sim::HostTransport>(*host_);
    const auto interfaces =
        flasher::dfu_interfaces(flasher::parse_configuration(transport_->device().configuration_descriptor));
    const auto dfu = std::ranges::find_if(interfaces, [](const auto& one) { return one.functional.has_value(); });
    if (dfu == interfaces.end()) throw std::runtime_error("the device that came up has no DFU interface");
    flasher::DfuOptions options;
    options.leave_pause = {};  // download() takes the time until the update is complete
    client_ = std::make_unique<flasher::DfuClient>(*transport_, *dfu, options);
}

sim::Time Scenario::download(const Bytes& application) {
    std::optional<sim::Time> started;
    machine_.on_execute(entry_of(options_.application_base), [&](sim::Time at) {
        if (!started) started = at;
    });
    const sim::Time begin = host_->now();
    const auto ending = client_->download(application);
    const sim::Time complete = host_->now();
    if (ending == flasher::Ending::idle) client_->leave();
    host_->advance(500 * sim::millisecond);
    machine_.clear_on_execute();

    if (!holds(application)) throw std::runtime_error("flash does not hold what was downloaded");
    if (!started) throw std::runtime_error("the application did not start after its download");
    start_pause_ = *started - complete;
    return complete - begin;
}

sim::Time Scenario::upload(std::size_t size) {
    const sim::Time begin = host_->now();
    const auto image = client_->upload(size);
    const sim::Time time = host_->now() - begin;
    if (image.size() != size || !holds(image)) throw std::runtime_error("the upload is not what flash holds");
    return time;
}

bool Scenario::holds(const Bytes& image) {
    // High-memory layouts keep words of their own among the vectors.
    const std::size_t first = options_.high_memory ? 0x100 : 0;
    const auto there = machine_.flash().subspan(options_.application_base - flash_base);
    return std::equal(image.begin() + static_cast<std::ptrdiff_t>(first), image.end(),
                      there.begin() + static_cast<std::ptrdiff_t>(first));
}

}  // namespace bench
