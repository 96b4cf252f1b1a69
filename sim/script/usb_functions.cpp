// SPDX-License-Identifier: ISC
// The host's side of USB: a device as Linux enumerates it, and single transfers.
#include <fmt/format.h>

#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

constexpr Time patience{5'000'000'000'000};

std::string text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::vector<std::uint8_t> bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

int attach(Call& call, Bench& bench) {
    bench.require_standing_board();
    const Time limit = call.time_or(1, patience);
    bench.device.reset();
    const bool came = bench.wait(limit, [&] {
        const auto& state = bench.host.state();
        return bench.host.port_state() != PortState::disconnected &&
               bench.now() - state.attached_since >= bench.host.timing().debounce;
    });
    if (!came) throw Failure(fmt::format("no USB device attached within {}", script::text_of(limit)));
    bench.device.emplace(bench.host, enumerate(bench.host));
    const EnumeratedDevice& found = bench.device->device();
    return call.answer_table({{"vendor", std::int64_t{found.device.idVendor}},
                              {"product_id", std::int64_t{found.device.idProduct}},
                              {"release", std::int64_t{found.device.bcdDevice}},
                              {"product", found.product},
                              {"serial", found.serial_number},
                              {"device_descriptor", text_of(found.device_descriptor)},
                              {"configuration_descriptor", text_of(found.configuration_descriptor)}});
}

/// bmRequestType, bRequest, wValue, wIndex from the first four arguments.
flasher::SetupPacket setup_of(const Call& call) {
    return {.bmRequestType = static_cast<std::uint8_t>(call.integer(1, 0, 0xff)),
            .bRequest = static_cast<std::uint8_t>(call.integer(2, 0, 0xff)),
            .wValue = static_cast<std::uint16_t>(call.integer(3, 0, 0xffff)),
            .wIndex = static_cast<std::uint16_t>(call.integer(4, 0, 0xffff))};
}

struct Ended {
    TransferResult result;
    std::string data;
};

/// The fifth argument is a length, or data for the device.
Ended control(Call& call, Bench& bench, bool to_host) {
    static_cast<void>(bench.enumerated());
    flasher::SetupPacket setup = setup_of(call);
    if (((setup.bmRequestType & 0x80) != 0) != to_host)
        throw Failure(fmt::format("bmRequestType 0x{:02x} says the data go {}", setup.bmRequestType,
                                  to_host ? "to the device: use usb.control_out" : "to the host: use usb.control_in"));
    if (to_host) {
        std::vector<std::uint8_t> room(static_cast<std::size_t>(call.integer(5, 0, 0xffff)));
        setup.wLength = static_cast<std::uint16_t>(room.size());
        const auto result = bench.host.control_in(setup, room);
        return {result, text_of(std::span(room).first(result.length))};
    }
    const auto data = bytes_of(call.text_or(5, ""));
    if (data.size() > 0xffff) throw Failure("a control transfer carries 65535 bytes at most");
    setup.wLength = static_cast<std::uint16_t>(data.size());
    return {bench.host.control_out(setup, data), {}};
}

void require(const TransferResult& result, const Bench& bench, const std::string& what) {
    if (!result.ok())
        throw Failure(fmt::format("{} failed: {} (at {})", what, result.detail, script::text_of(bench.now())));
}

int expect_stall(Call& call, Bench& bench) {
    const bool to_host = (call.integer(1, 0, 0xff) & 0x80) != 0;
    const auto ended = control(call, bench, to_host);
    if (ended.result.end == TransferEnd::stall) return call.nothing();
    throw Failure(fmt::format("the device was to refuse this request, and {} (at {})",
                              ended.result.ok() ? "took it" : ended.result.detail, script::text_of(bench.now())));
}

void add_control(Lua& lua, Bench& bench) {
    lua.add("usb.control_in", [&bench](Call& call) {
        const auto ended = control(call, bench, true);
        require(ended.result, bench, "the control transfer");
        return call.answer(ended.data);
    });
    lua.add("usb.control_out", [&bench](Call& call) {
        require(control(call, bench, false).result, bench, "the control transfer");
        return call.nothing();
    });
    lua.add("usb.expect_stall", [&bench](Call& call) { return expect_stall(call, bench); });
}

/// The toggles of each endpoint live as long as the enumeration.
Pipe& pipe_of(Bench& bench, std::uint8_t endpoint) {
    static_cast<void>(bench.enumerated());
    const auto [entry, is_new] = bench.pipes.try_emplace(endpoint, Pipe{.endpoint = endpoint});
    return entry->second;
}

void add_data(Lua& lua, Bench& bench) {
    lua.add("usb.bulk_out", [&bench](Call& call) {
        Pipe& pipe = pipe_of(bench, static_cast<std::uint8_t>(call.integer(1, 0x01, 0x0f)));
        require(bench.host.bulk_out(pipe, bytes_of(call.text(2))), bench, "the bulk transfer");
        return call.nothing();
    });
    lua.add("usb.bulk_in", [&bench](Call& call) {
        Pipe& pipe = pipe_of(bench, static_cast<std::uint8_t>(call.integer(1, 0x81, 0x8f)));
        std::vector<std::uint8_t> room(static_cast<std::size_t>(call.integer(2, 1, 1 << 20)));
        const auto result = bench.host.bulk_in(pipe, room);
        require(result, bench, "the bulk transfer");
        return call.answer(text_of(std::span(room).first(result.length)));
    });
    lua.add("usb.interrupt_in", [&bench](Call& call) {
        Pipe& pipe = pipe_of(bench, static_cast<std::uint8_t>(call.integer(1, 0x81, 0x8f)));
        std::vector<std::uint8_t> room(static_cast<std::size_t>(call.integer(2, 1, 64)));
        const auto interval = call.has(3) ? call.integer(3, 1, 255) : 1;
        const auto result = bench.host.interrupt_in(pipe, room, static_cast<unsigned>(interval));
        require(result, bench, "the interrupt transfer");
        return call.answer(text_of(std::span(room).first(result.length)));
    });
}

}  // namespace

void add_usb_functions(Lua& lua, Bench& bench) {
    lua.add("usb.attach", [&bench](Call& call) {
        bench.pipes.clear();
        return attach(call, bench);
    });
    lua.add("usb.attached",
            [&bench](Call& call) { return call.answer_truth(bench.host.port_state() != PortState::disconnected); });
    lua.add("usb.expect_gone", [&bench](Call& call) {
        const Time limit = call.time_or(1, patience);
        const auto before = bench.host.state().disconnections;
        const bool left = bench.wait(limit, [&] {
            return bench.host.port_state() == PortState::disconnected || bench.host.state().disconnections != before;
        });
        if (!left) throw Failure(fmt::format("the USB device was to leave, and stayed for {}", script::text_of(limit)));
        bench.device.reset();
        return call.nothing();
    });
    lua.add("usb.reset", [&bench](Call& call) {
        bench.pipes.clear();
        if (bench.enumerated().bus_reset() != flasher::Outcome::ok)
            throw Failure("the device did not come back after a bus reset, or came back as another one");
        return call.nothing();
    });
    lua.add("usb.suspend", [&bench](Call& call) {
        static_cast<void>(bench.enumerated());
        bench.host.suspend();
        return call.nothing();
    });
    lua.add("usb.resume", [&bench](Call& call) {
        static_cast<void>(bench.enumerated());
        bench.host.resume();
        return call.nothing();
    });
    add_control(lua, bench);
    add_data(lua, bench);
}

}  // namespace sim::script
