// SPDX-License-Identifier: ISC
// Carries out requests.
#include "sim/serve/page/board_socket.hpp"

#include <fmt/format.h>

namespace sim::serve::page {
namespace {

std::string_view word_for(TransferEnd end) {
    switch (end) {
        case TransferEnd::ok:
            return "ok";
        case TransferEnd::stall:
            return "stall";
        case TransferEnd::timeout:
            return "timeout";
        case TransferEnd::gone:
        case TransferEnd::no_response:
            return "gone";
        default:
            return "failed";
    }
}

constexpr std::uint8_t to_host = 0x80;

}  // namespace

std::string BoardSocket::handle(std::string_view message) {
    BoardRequest request;
    try {
        request = parse_request(message);
        return carry_out(request);
    } catch (const RequestError& error) {
        return answer_text(request.id, "failed", {}, error.what());
    }
}

void BoardSocket::note(const BoardState& state) {
    present_ = state.device ? state.device->attachment : 0;
}

std::string BoardSocket::carry_out(const BoardRequest& request) {
    if (request.action == "press-reset" || request.action == "boot1" || request.action == "power") return act(request);
    if (request.action.starts_with("serial-") || request.action.starts_with("probe-")) return adapt(request);
    if (request.action == "close") {
        release();
        return answer_text(request.id, "ok");
    }
    const unsigned present = present_;
    if (request.action == "open") {
        if (present == 0) return answer_text(request.id, "gone");
        const void* nobody = nullptr;
        const bool taken = shared_.holder.compare_exchange_strong(nobody, this) || nobody == this;
        if (!taken) return answer_text(request.id, "busy", {}, "another page uses this board");
        opened_ = present;
        return answer_text(request.id, "ok");
    }
    if (opened_ == 0 || shared_.holder != this) return answer_text(request.id, "busy", {}, "the device is not open");
    return transfer(request, opened_);
}

std::string BoardSocket::act(const BoardRequest& request) {
    if (request.action == "press-reset") {
        shared_.board.press_reset();
    } else {
        if (!request.value) throw RequestError("\"value\" is missing");
        if (request.action == "boot1")
            shared_.board.set_button(*request.value);
        else
            shared_.board.set_power(*request.value);
    }
    return answer_text(request.id, "ok");
}

std::string BoardSocket::transfer(const BoardRequest& request, unsigned attachment) {
    const auto [result, data] = carried_out(request, attachment);
    return answer_text(request.id, word_for(result.end), data, result.detail);
}

Answer BoardSocket::carried_out(const BoardRequest& request, unsigned attachment) {
    if (request.action == "bus-reset") return shared_.board.bus_reset(attachment);
    const bool in = request.action == "control-in";
    if (!in && request.action != "control-out")
        throw RequestError(fmt::format("there is no request \"{}\"", request.action));
    if (!request.setup) throw RequestError("\"setup\" is missing");
    auto setup = *request.setup;
    if (((setup.bmRequestType & to_host) != 0) != in) throw RequestError("bmRequestType has the other direction");
    setup.wLength = in ? request.length : static_cast<std::uint16_t>(request.data.size());
    return in ? shared_.board.control_in(attachment, setup)
              : shared_.board.control_out(attachment, setup, request.data);
}

std::string BoardSocket::adapt(const BoardRequest& request) {
    if (!shared_.adapters) throw RequestError("this board has no adapters");
    if (request.action.ends_with("-close")) {
        release_adapters();
        return answer_text(request.id, "ok");
    }
    if (request.action.ends_with("-open")) {
        const void* nobody = nullptr;
        const bool taken = shared_.adapter_holder.compare_exchange_strong(nobody, this) || nobody == this;
        if (!taken) return answer_text(request.id, "busy", {}, "another page uses this board's adapters");
    } else if (shared_.adapter_holder != this) {
        return answer_text(request.id, "busy", {}, "the adapter is not open");
    }
    return adapted(request, *shared_.adapters);
}

std::string BoardSocket::adapted(const BoardRequest& request, Adapters& adapters) {
    if (request.action == "probe-open") return answer_text(request.id, "ok");
    if (request.action == "serial-open") {
        if (request.baud == 0) throw RequestError("\"baud\" is missing");
        adapters.open_serial(request.baud, [this](const Adapters::Bytes& bytes) {
            if (send_) send_(serial_text(bytes));
        });
        return answer_text(request.id, "ok");
    }
    if (request.action == "serial-write") {
        if (adapters.write_serial(request.data)) return answer_text(request.id, "ok");
        return answer_text(request.id, "failed", {}, "more is waiting to be sent than the adapter can hold");
    }
    if (request.action == "probe-send") {
        adapters.send_to_probe(request.data);
        return answer_text(request.id, "ok");
    }
    if (request.action != "probe-receive")
        throw RequestError(fmt::format("there is no request \"{}\"", request.action));
    const auto given = adapters.receive_from_probe(request.length);
    return given ? answer_text(request.id, "ok", *given) : answer_text(request.id, "timeout");
}

void BoardSocket::release_adapters() {
    // Closed first: the line must not call a socket that somebody else's replaces.
    if (!shared_.adapters || shared_.adapter_holder != this) return;
    shared_.adapters->close_serial();
    shared_.adapters->close_probe();
    shared_.adapter_holder = nullptr;
}

void BoardSocket::release() {
    const void* self = this;
    shared_.holder.compare_exchange_strong(self, nullptr);
    opened_ = 0;
}

}  // namespace sim::serve::page
