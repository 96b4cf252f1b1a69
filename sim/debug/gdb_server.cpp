// SPDX-License-Identifier: ISC
// The conversation: who owes whom an answer.
#include "sim/debug/gdb_server.hpp"

#include <utility>

namespace sim::debug {

using namespace std::chrono_literals;

GdbServer::GdbServer(Machine& machine) : machine_(machine), debugger_(machine) {
    machine_.on_halt([this] { serve_halted(); });
}

GdbServer::~GdbServer() {
    machine_.on_halt({});
    if (stream_) debugger_.detach();
}

void GdbServer::connect(std::unique_ptr<ByteStream> stream) {
    stream_ = std::move(stream);
    session_ = std::make_unique<GdbSession>(machine_, debugger_);
    reader_ = {};
    last_frame_.clear();
    owed_.clear();
    owes_stop_ = false;
    debugger_.attach();
    debugger_.catch_faults(true);
    debugger_.halt();
}

void GdbServer::disconnect() {
    if (!stream_) return;
    stream_.reset();
    session_.reset();
    debugger_.detach();
}

void GdbServer::receive() {
    std::array<std::uint8_t, 4096> room{};
    const auto count = stream_->read(room);
    if (!count) return disconnect();
    reader_.feed(std::span(room).first(*count));
}

void GdbServer::send(std::string_view payload) {
    last_frame_ = gdb_frame(payload);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(last_frame_.data());
    if (!stream_->write({bytes, last_frame_.size()})) disconnect();
}

void GdbServer::poll() {
    if (!stream_ || machine_.halted()) return;  // of a halted core the next run takes care
    receive();
    while (const auto event = stream_ ? reader_.next() : std::nullopt) {
        // While the core runs gdb has nothing to say but Ctrl-C.
        if (event->kind == GdbEvent::Kind::interrupt) debugger_.halt();
    }
}

void GdbServer::crash(const std::string& report) {
    if (!stream_) return;
    session_->note_crash();
    send("O" + to_hex({reinterpret_cast<const std::uint8_t*>(report.data()), report.size()}));
    if (stream_) debugger_.halt();
}

std::optional<GdbEvent> GdbServer::wait_for_event() {
    while (stream_) {
        if (auto event = reader_.next()) return event;
        if (stop_ != nullptr && *stop_ != 0) return std::nullopt;
        stream_->wait(100ms);
        receive();
    }
    return std::nullopt;
}

void GdbServer::serve_halted() {
    if (!stream_) return debugger_.resume();
    if (!owed_.empty()) {
        debugger_.catch_reset(false);
        static_cast<void>(debugger_.take_cause());
        send(std::exchange(owed_, {}));
    } else if (std::exchange(owes_stop_, false)) {
        send(session_->stop_reply());
    }
    while (const auto event = wait_for_event()) {
        if (!answer(*event)) return;
    }
    disconnect();
}

/// True: the core stays halted.
bool GdbServer::answer(const GdbEvent& event) {
    const auto say = [this](const char* sign) {
        const auto byte = static_cast<std::uint8_t>(*sign);
        if (session_->acknowledges() && !stream_->write({&byte, 1})) disconnect();
    };
    switch (event.kind) {
        case GdbEvent::Kind::interrupt:
            return true;  // it is halted
        case GdbEvent::Kind::damaged:
            say("-");
            return stream_ != nullptr;
        case GdbEvent::Kind::resend: {
            const auto* const bytes = reinterpret_cast<const std::uint8_t*>(last_frame_.data());
            if (!stream_->write({bytes, last_frame_.size()})) disconnect();
            return stream_ != nullptr;
        }
        case GdbEvent::Kind::packet:
            say("+");
            return stream_ != nullptr && act(session_->handle(event.payload));
    }
    return true;
}

bool GdbServer::act(const GdbReply& reply) {
    switch (reply.then) {
        case GdbReply::Then::stay:
            send(reply.text);
            return stream_ != nullptr;
        case GdbReply::Then::run:
            owes_stop_ = true;
            return false;
        case GdbReply::Then::reset:
            owed_ = reply.text.empty() ? "OK" : reply.text;
            debugger_.catch_reset(true);
            machine_.request_reset();
            return false;
        case GdbReply::Then::detach:
            send(reply.text);
            disconnect();
            return false;
        case GdbReply::Then::kill:
            if (!reply.text.empty()) send(reply.text);
            killed_ = true;
            disconnect();
            return false;
    }
    return true;
}

}  // namespace sim::debug
