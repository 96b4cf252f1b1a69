// SPDX-License-Identifier: ISC
// Time, power cuts, and what is remembered of pins and lines.
#include "sim/script/bench.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sim::script {

Bench::Bench(Machine& the_machine, UsbHost& the_host, std::filesystem::path the_folder, Time limit)
    : machine(the_machine), host(the_host), folder(std::move(the_folder)), limit_(limit) {
    machine.on_usart([this](int number, std::uint8_t byte) { received[number] += static_cast<char>(byte); });
}

Bench::~Bench() {
    machine.on_usart({});
}

void Bench::on_pin_change(Pin pin, std::function<void(Time, Level)> callback) {
    machine.on_pin_change(pin, [alive = std::weak_ptr(alive_), callback = std::move(callback)](Time at, Level level) {
        if (!alive.expired()) callback(at, level);
    });
}

void Bench::require_standing_board() const {
    if (in_callback_) throw Failure("a function that is called back from a run cannot do this: the board is running");
}

HostTransport& Bench::enumerated() {
    require_standing_board();
    if (!device) throw Failure("no device has been enumerated; call usb.attach() first");
    return *device;
}

void Bench::advance_to(Time when) {
    require_standing_board();
    if (when > limit_)
        throw Failure(
            fmt::format("the script would run past {} s of virtual time; --limit allows more", seconds(limit_)));
    host.advance_to(when);
}

bool Bench::wait(Time span, const std::function<bool()>& done) {
    constexpr Time step{20'000'000};
    const Time end = now() + span;
    while (!done()) {
        if (now() >= end) return false;
        advance_to(std::min(end, now() + step));
    }
    return true;
}

Time Bench::last_change(Pin pin) {
    const auto [entry, is_new] = changes_.try_emplace(pin, now());
    if (is_new) on_pin_change(pin, [this, pin](Time at, Level) { changes_[pin] = at; });
    return entry->second;
}

}  // namespace sim::script
