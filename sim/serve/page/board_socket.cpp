// SPDX-License-Identifier: ISC
// From a request's words to a board's deeds.
#include "sim/serve/page/board_socket.hpp"

#include <fmt/format.h>

namespace sim::serve {
namespace {

std::string_view word_for(flasher::Outcome outcome) {
    switch (outcome) {
        case flasher::Outcome::ok:
            return "ok";
        case flasher::Outcome::stall:
            return "stall";
        case flasher::Outcome::timeout:
            return "timeout";
        case flasher::Outcome::gone:
            return "gone";
        case flasher::Outcome::fault:
            break;
    }
    return "failed";
}

constexpr std::uint32_t to_host = 0x80;

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
    if (request.action == "close") {
        give_back();
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
    if (request.action == "bus-reset") {
        const auto done = shared_.board.bus_reset(attachment);
        return answer_text(request.id, word_for(done.outcome), {}, done.detail);
    }
    const bool in = request.action == "control-in";
    if (!in && request.action != "control-out")
        throw RequestError(fmt::format("there is nothing called {}", json_string(request.action)));
    if (request.setup_fields != 4) throw RequestError("\"setup\" is missing");
    if (((request.setup[0] & to_host) != 0) != in) throw RequestError("bmRequestType has the other direction");
    const flasher::SetupPacket setup{.bmRequestType = static_cast<std::uint8_t>(request.setup[0]),
                                     .bRequest = static_cast<std::uint8_t>(request.setup[1]),
                                     .wValue = static_cast<std::uint16_t>(request.setup[2]),
                                     .wIndex = static_cast<std::uint16_t>(request.setup[3]),
                                     .wLength = static_cast<std::uint16_t>(in ? request.length : request.data.size())};
    const auto done =
        in ? shared_.board.control_in(attachment, setup) : shared_.board.control_out(attachment, setup, request.data);
    return answer_text(request.id, word_for(done.outcome), done.data, done.detail);
}

void BoardSocket::give_back() {
    const void* self = this;
    shared_.holder.compare_exchange_strong(self, nullptr);
    opened_ = 0;
}

}  // namespace sim::serve
