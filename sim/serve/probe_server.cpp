// SPDX-License-Identifier: ISC
// The descriptors of an ST-Link V2, its control endpoint, and its bulk endpoints.
#include "sim/serve/probe_server.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "flasher/bytes.hpp"

namespace sim::serve {
namespace {

using usbip::Direction;
using usbip::TransferStatus;

constexpr std::uint16_t vendor = 0x0483, product = 0x3748;
constexpr std::uint8_t to_probe = 2, from_probe = 1, trace = 3;
constexpr std::size_t most_waiting = 64;

constexpr std::array<std::uint8_t, 18> device_descriptor{18,   1,    0x00, 0x02, 0,    0, 0, 64, 0x83,
                                                         0x04, 0x48, 0x37, 0x00, 0x01, 1, 2, 3,  1};
constexpr std::array<std::uint8_t, 39> configuration_descriptor{
    9, 2, 39,   0, 1,  1,    0,    0x80, 50,  // 100 mA
    9, 4, 0,    0, 3,  0xff, 0xff, 0xff, 4,   // vendor specific
    7, 5, 0x81, 2, 64, 0,    0,               // answers
    7, 5, 0x02, 2, 64, 0,    0,               // commands
    7, 5, 0x83, 2, 64, 0,    0};              // trace, silent here
constexpr std::array<std::string_view, 4> strings{"STMicroelectronics", "STM32 STLink", "37FF71064E4E343642191243",
                                                  "ST Link"};

usbip::Bytes string_descriptor(std::uint8_t index) {
    if (index == 0) return {4, 3, 0x09, 0x04};
    usbip::Bytes bytes{0, 3};
    if (index > strings.size()) return {};
    for (const char c : strings[index - 1U]) {
        bytes.push_back(static_cast<std::uint8_t>(c));
        bytes.push_back(0);
    }
    bytes[0] = static_cast<std::uint8_t>(bytes.size());
    return bytes;
}

/// What a standard request reads (USB 2.0 9.4); nothing where it is stalled.
std::optional<usbip::Bytes> read_by(const std::array<std::uint8_t, 8>& setup, std::uint8_t configuration) {
    const std::uint8_t type = setup[0], request = setup[1], kind = setup[3], index = setup[2];
    constexpr std::uint8_t get_status = 0, get_descriptor = 6, get_configuration = 8, get_interface = 10;
    if (request == get_status && (type & 0x60) == 0) return usbip::Bytes{0, 0};
    if (type == 0x81 && request == get_interface) return usbip::Bytes{0};
    if (type == 0x80 && request == get_configuration) return usbip::Bytes{configuration};
    if (type != 0x80 || request != get_descriptor) return std::nullopt;
    if (kind == 1) return usbip::Bytes(device_descriptor.begin(), device_descriptor.end());
    if (kind == 2 && index == 0) return usbip::Bytes(configuration_descriptor.begin(), configuration_descriptor.end());
    if (kind == 3) {
        auto text = string_descriptor(index);
        if (!text.empty()) return text;
    }
    return std::nullopt;
}

usbip::DeviceFacts facts(std::uint8_t configuration) {
    return {.bus_id = ProbeServer::bus_id,
            .bus = 2,
            .device = 2,
            .idVendor = vendor,
            .idProduct = product,
            .bcdDevice = 0x0100,
            .bConfigurationValue = configuration,
            .bNumConfigurations = 1,
            .interfaces = {{.bInterfaceClass = 0xff, .bInterfaceSubClass = 0xff, .bInterfaceProtocol = 0xff}}};
}

}  // namespace

ProbeServer::ProbeServer(ServedBoard& board, const usbip::Endpoint& endpoint, Log log)
    : board_(board),
      log_(std::move(log)),
      listener_(endpoint),
      probe_(board.machine(), {.let_pass = [this](Time span) { board_.let_pass(span); },
                               .hold_reset = [this](bool low) { board_.hold_reset(low); },
                               .log = [this](const std::string& what) { log_("ST-Link: " + what); }}) {}

void ProbeServer::add_to(std::vector<pollfd>& polled) const {
    polled.push_back({.fd = listener_.descriptor(), .events = POLLIN, .revents = 0});
    if (!client_) return;
    const int events = POLLIN | (client_->wants_to_write() ? POLLOUT : 0);
    polled.push_back({.fd = client_->descriptor(), .events = static_cast<short>(events), .revents = 0});
}

void ProbeServer::serve() {
    while (auto accepted = listener_.accept()) {
        // Listing what is there takes a connection of its own, which ends with the answer.
        if (client_ && client_->import) {
            log_(fmt::format("ST-Link: in use, {} refused", accepted->peer));
            continue;
        }
        client_ = std::make_unique<usbip::Connection>(std::move(*accepted), false, WallClock::now());
    }
    if (!client_) return;
    client_->flush();
    const auto bytes = client_->read();
    if (client_->peer_ended()) return end("released");
    if (client_->closing()) return;
    try {
        client_->reader.feed(bytes);
        while (client_ && !client_->closing()) {
            const auto message = client_->reader.next();
            if (!message) break;
            handle(*message);
        }
    } catch (const usbip::ProtocolError& error) {
        end(error.what());
    }
}

void ProbeServer::end(const std::string& why) {
    if (client_ && client_->import) {
        log_(fmt::format("ST-Link: {}", why));
        probe_.forget();
    }
    waiting_.clear();
    configuration_ = 0;
    client_.reset();
}

void ProbeServer::handle(const usbip::Message& message) {
    if (const auto* command = std::get_if<usbip::Submit>(&message)) return submit(*command);
    if (const auto* unlink = std::get_if<usbip::Unlink>(&message)) {
        const auto removed =
            std::erase_if(waiting_, [&](const usbip::Submit& one) { return one.sequence == unlink->target; });
        return client_->send(
            usbip::unlink_answer(unlink->sequence, removed != 0 ? TransferStatus::unlinked : TransferStatus::ok));
    }
    if (const auto* request = std::get_if<usbip::ImportRequest>(&message)) {
        if (request->bus_id != bus_id) {
            client_->send(usbip::import_refusal(usbip::ImportStatus::no_such_device));
            return client_->close(WallClock::now());
        }
        client_->import = {.board = 0, .attachment = 0, .control_idle_since = {}};
        client_->reader.imported(facts(0).number());
        client_->send(usbip::import_answer(facts(configuration_)));
        return log_(fmt::format("ST-Link: imported by {}", client_->peer()));
    }
    const std::array one{facts(configuration_)};
    client_->send(usbip::list_answer(one));
}

void ProbeServer::reply(const usbip::Submit& submit, TransferStatus status, std::span<const std::uint8_t> data) {
    const bool in = submit.direction == Direction::in;
    const auto length = static_cast<std::uint32_t>(in ? data.size() : submit.data.size());
    client_->send(usbip::submit_answer(submit.sequence, status, status == TransferStatus::ok ? length : 0, data));
}

void ProbeServer::submit(const usbip::Submit& submit) {
    if (!client_->import) return;
    if (submit.endpoint == 0) return control(submit);
    const bool in = submit.direction == Direction::in;
    if (in ? submit.endpoint != from_probe && submit.endpoint != trace : submit.endpoint != to_probe)
        return reply(submit, TransferStatus::fault);
    if (in) {
        if (waiting_.size() == most_waiting) return end("dropped, it has too many transfers pending");
        waiting_.push_back(submit);
    } else {
        probe_.take(submit.data);
        reply(submit, TransferStatus::ok);
    }
    answer_waiting();
}

void ProbeServer::answer_waiting() {
    for (auto one = waiting_.begin(); one != waiting_.end();) {
        const auto given = one->endpoint == from_probe ? probe_.give(one->length) : std::nullopt;
        if (!given) {
            ++one;
            continue;
        }
        reply(*one, TransferStatus::ok, *given);
        one = waiting_.erase(one);
    }
}

void ProbeServer::control(const usbip::Submit& submit) {
    constexpr std::uint8_t set_configuration = 9, set_interface = 11, clear_feature = 1;
    const auto& setup = submit.setup;
    if (submit.direction == Direction::in) {
        auto data = read_by(setup, configuration_);
        if (!data) return reply(submit, TransferStatus::stall);
        data->resize(std::min<std::size_t>(data->size(), submit.length));
        return reply(submit, TransferStatus::ok, *data);
    }
    if (setup[0] == 0 && setup[1] == set_configuration && setup[2] <= 1) {
        configuration_ = setup[2];
        probe_.forget();
        return reply(submit, TransferStatus::ok);
    }
    const bool halt_cleared = setup[0] == 2 && setup[1] == clear_feature;
    const bool same_interface = setup[0] == 1 && setup[1] == set_interface && setup[2] == 0;
    reply(submit, halt_cleared || same_interface ? TransferStatus::ok : TransferStatus::stall);
}

}  // namespace sim::serve
