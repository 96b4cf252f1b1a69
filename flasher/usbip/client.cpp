// SPDX-License-Identifier: ISC
// A transport over a TCP connection that has imported a device.
//
// The server enumerates, and sees no resets of the port; what stands for one is the first thing that a hub's driver
// asks after it (see bus_reset()). A device that leaves the bus takes the connection with it.
#include "flasher/usbip/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "flasher/platform/platform.hpp"
#include "flasher/usbip/answers.hpp"

namespace flasher::usbip {
namespace {

using platform::Connection;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds connect_limit{5'000}, answer_limit{5'000};
constexpr milliseconds between_attempts{20};
/// A hub keeps a device quiet for 10 ms and 50 ms more; servers know a reset by that silence.
constexpr milliseconds reset_silence{70};

milliseconds left(Clock::time_point end) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - Clock::now()));
}

/// A connection with the answers that come out of it.
class Link {
  public:
    explicit Link(const ServerAddress& server) : connection_(server.host, server.port, connect_limit) {}

    [[nodiscard]] bool send(const Bytes& bytes) { return !ended_ && connection_.send(bytes); }

    /// What `read` finds in the stream, within `limit`; nothing when the time is over or the server has ended.
    template <class Read>
    auto await(milliseconds limit, Read read) -> decltype(read(std::declval<AnswerReader&>())) {
        const auto end = Clock::now() + limit;
        for (;;) {
            if (auto found = read(reader_)) return found;
            if (ended_ || !listen(left(end))) return std::nullopt;
        }
    }

    /// Takes in what comes within `limit`. False when nothing did.
    bool listen(milliseconds limit) {
        if (ended_) return false;
        std::size_t count = 0;
        const auto arrival = connection_.receive(room_, count, limit);
        if (arrival == Connection::Arrival::bytes) reader_.feed(std::span(room_).first(count));
        ended_ = arrival == Connection::Arrival::ended;
        return arrival == Connection::Arrival::bytes;
    }

    [[nodiscard]] bool ended() const { return ended_; }

  private:
    Connection connection_;
    AnswerReader reader_;
    std::array<std::uint8_t, 4096> room_{};
    bool ended_ = false;
};

[[noreturn]] void fail_to_import(ImportStatus status, const std::string& bus_id) {
    if (status == ImportStatus::busy)
        throw BusError(BusError::Kind::busy, fmt::format("the device at {} is in use by another client", bus_id));
    throw BusError(BusError::Kind::absent, fmt::format("there is no device at {} at the moment", bus_id));
}

/// An imported device.
struct Imported {
    std::unique_ptr<Link> link;
    DeviceFacts device;
};

Imported import(const ServerAddress& server, const std::string& bus_id) {
    auto link = std::make_unique<Link>(server);
    if (link->send(import_request(bus_id)))
        if (auto answer = link->await(answer_limit, [](AnswerReader& reader) { return reader.import(); })) {
            if (!answer->device) fail_to_import(answer->status, bus_id);
            return {.link = std::move(link), .device = std::move(*answer->device)};
        }
    throw BusError(BusError::Kind::broken, fmt::format("the USB/IP server at {} does not answer", server.text()));
}

BusError not_understood(const ServerAddress& server, const ProtocolError& error) {
    return {BusError::Kind::broken,
            fmt::format("the server at {} does not speak USB/IP: {}", server.text(), error.what())};
}

/// Throws BusError.
std::vector<DeviceFacts> devices_of(const ServerAddress& server) {
    try {
        Link link(server);
        if (link.send(list_request()))
            if (auto list = link.await(answer_limit, [](AnswerReader& reader) { return reader.list(); })) return *list;
    } catch (const platform::ConnectionError& error) {
        throw BusError(BusError::Kind::broken, fmt::format("{}; is the server running?", error.what()));
    } catch (const ProtocolError& error) {
        throw not_understood(server, error);
    }
    throw BusError(BusError::Kind::broken, fmt::format("the USB/IP server at {} does not answer", server.text()));
}

class UsbipTransport : public Transport {
  public:
    UsbipTransport(ServerAddress server, std::string bus_id)
        : server_(std::move(server)), bus_id_(std::move(bus_id)), imported_(import(server_, bus_id_)) {
        remember_device(any_time);
    }

    TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) override {
        const auto answer = transfer(setup, Direction::in, {});
        if (!answer) return {.outcome = silence()};
        const auto length = std::min(answer->data.size(), data.size());
        std::copy_n(answer->data.begin(), length, data.begin());
        return {.outcome = outcome_of(answer->status), .length = length};
    }

    TransferResult control_out(const SetupPacket& setup, std::span<const std::uint8_t> data) override {
        const auto answer = transfer(setup, Direction::out, data);
        if (!answer) return {.outcome = silence()};
        return {.outcome = outcome_of(answer->status), .length = answer->length};
    }

    void sleep(milliseconds duration) override { std::this_thread::sleep_for(duration); }

    Outcome bus_reset() override {
        if (!is_connected()) return Outcome::gone;
        std::this_thread::sleep_for(reset_silence);
        const auto before = device_descriptor_;
        if (!remember_device(after_reset)) return Outcome::gone;
        if (device_descriptor_ != before) {
            returned_ = true;
            return Outcome::gone;
        }
        return configure();
    }

    bool wait_until_gone(milliseconds limit) override {
        const auto end = Clock::now() + limit;
        while (is_connected() && Clock::now() < end)
            imported_.link->listen(left(end));
        if (!is_connected()) imported_.link.reset();
        return !imported_.link;
    }

    bool reopen(milliseconds limit) override {
        if (std::exchange(returned_, false)) return configure() == Outcome::ok;
        const auto end = Clock::now() + limit;
        if (!wait_until_gone(limit)) return false;
        while (Clock::now() < end) {
            try {
                if (is_lent()) {
                    imported_ = import(server_, bus_id_);
                    return remember_device(any_time);
                }
            } catch (const BusError& error) {
                if (error.kind() == BusError::Kind::broken) throw;
            }
            std::this_thread::sleep_for(between_attempts);
        }
        return false;
    }

  private:
    static constexpr std::uint16_t any_time = 18, after_reset = 64;

    static Outcome outcome_of(TransferStatus status) {
        switch (status) {
            case TransferStatus::ok:
            case TransferStatus::short_read:
                return Outcome::ok;
            case TransferStatus::stall:
                return Outcome::stall;
            case TransferStatus::gone:
                return Outcome::gone;
            case TransferStatus::unlinked:
                return Outcome::timeout;
            default:
                return Outcome::fault;
        }
    }

    /// Whether the server has a device at the place. Asked before an import, which servers log when they refuse it.
    [[nodiscard]] bool is_lent() const {
        const auto devices = devices_of(server_);
        return std::ranges::find(devices, bus_id_, &DeviceFacts::bus_id) != devices.end();
    }

    [[nodiscard]] bool is_connected() const { return imported_.link && !imported_.link->ended(); }

    /// What no answer means.
    [[nodiscard]] Outcome silence() const { return is_connected() ? Outcome::timeout : Outcome::gone; }

    std::optional<SubmitAnswer> transfer(const SetupPacket& setup, Direction direction,
                                         std::span<const std::uint8_t> data) {
        if (!is_connected()) return std::nullopt;
        Submit submit{.sequence = ++sequence_,
                      .direction = direction,
                      .endpoint = 0,
                      .flags = 0,
                      .length = setup.wLength,
                      .interval = 0,
                      .setup = {},
                      .data = {data.begin(), data.end()}};
        std::size_t at = 0;
        for (const unsigned value : {unsigned{setup.bmRequestType}, unsigned{setup.bRequest}})
            submit.setup[at++] = static_cast<std::uint8_t>(value);
        for (const unsigned value : {setup.wValue, setup.wIndex, setup.wLength}) {
            submit.setup[at++] = static_cast<std::uint8_t>(value);
            submit.setup[at++] = static_cast<std::uint8_t>(value >> 8);
        }
        if (!imported_.link->send(submit_command(submit, imported_.device.number()))) {
            wait_until_gone(milliseconds(0));
            return std::nullopt;
        }
        auto answer = await_answer(submit.sequence, direction, answer_limit);
        return answer ? answer : unlink(submit.sequence, direction);
    }

    std::optional<SubmitAnswer> await_answer(std::uint32_t sequence, Direction direction, milliseconds limit) {
        return imported_.link->await(limit, [&](AnswerReader& reader) -> std::optional<SubmitAnswer> {
            while (auto one = reader.command(direction))
                if (auto* submit = std::get_if<SubmitAnswer>(&*one); submit != nullptr && submit->sequence == sequence)
                    return std::move(*submit);
            return std::nullopt;
        });
    }

    /// Takes back a transfer that nobody answered; it may still be answered meanwhile.
    std::optional<SubmitAnswer> unlink(std::uint32_t target, Direction direction) {
        if (!is_connected()) return std::nullopt;
        const Unlink command{.sequence = ++sequence_, .target = target};
        if (!imported_.link->send(unlink_command(command, imported_.device.number()))) return std::nullopt;
        std::optional<SubmitAnswer> late;
        static_cast<void>(imported_.link->await(answer_limit, [&](AnswerReader& reader) -> std::optional<UnlinkAnswer> {
            while (auto one = reader.command(direction)) {
                if (auto* submit = std::get_if<SubmitAnswer>(&*one); submit != nullptr && submit->sequence == target)
                    late = std::move(*submit);
                if (auto* unlinked = std::get_if<UnlinkAnswer>(&*one)) return *unlinked;
            }
            return std::nullopt;
        }));
        return late;
    }

    /// Reads the device descriptor. A hub's driver asks for 64 bytes of it, first of all and after a reset only.
    bool remember_device(std::uint16_t length) {
        std::array<std::uint8_t, 64> data{};
        const auto got =
            control_in({.bmRequestType = 0x80, .bRequest = 6, .wValue = 0x0100, .wIndex = 0, .wLength = length}, data);
        device_descriptor_.assign(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(got.length));
        return got.ok();
    }

    Outcome configure() {
        return control_out({.bmRequestType = 0, .bRequest = 9, .wValue = 1, .wIndex = 0, .wLength = 0}, {}).outcome;
    }

    ServerAddress server_;
    std::string bus_id_;
    Imported imported_;
    std::uint32_t sequence_ = 0;
    std::vector<std::uint8_t> device_descriptor_;
    bool returned_ = false;  ///< After a reset another device answers on the same connection.
};

class UsbipBus : public Bus {
  public:
    explicit UsbipBus(ServerAddress server) : server_(std::move(server)) {}

    std::vector<Attached> list() override {
        std::vector<Attached> found;
        for (const auto& one : devices_of(server_))
            for (const auto& interface : one.interfaces)
                if (interface.bInterfaceClass == 0xFE && interface.bInterfaceSubClass == 1) {
                    found.push_back({.location = one.bus_id,
                                     .idVendor = one.idVendor,
                                     .idProduct = one.idProduct,
                                     .dfu_mode = interface.bInterfaceProtocol == 2,
                                     .address = one.device});
                    break;
                }
        // "1-10" behind "1-9".
        std::ranges::sort(found, [](const auto& a, const auto& b) {
            return std::pair(a.location.size(), a.location) < std::pair(b.location.size(), b.location);
        });
        return found;
    }

    std::unique_ptr<Transport> open(const std::string& location) override {
        try {
            return std::make_unique<UsbipTransport>(server_, location);
        } catch (const platform::ConnectionError& error) {
            throw BusError(BusError::Kind::broken, error.what());
        } catch (const ProtocolError& error) {
            throw not_understood(server_, error);
        }
    }

    [[nodiscard]] std::string name() const override { return fmt::format("the USB/IP server at {}", server_.text()); }

  private:
    ServerAddress server_;
};

}  // namespace

ServerAddress ServerAddress::parse(std::string_view text) {
    const auto fail = [&] {
        return std::invalid_argument(
            fmt::format("'{}' is not the address of a USB/IP server; write it as localhost:{}", text, usual_port));
    };
    auto host = text;
    std::optional<std::string_view> digits;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) throw fail();
        host = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':')) throw fail();
        if (!rest.empty()) digits = rest.substr(1);
    } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        digits = text.substr(colon + 1);
    }
    ServerAddress server{.host = host.empty() ? "localhost" : std::string(host), .port = usual_port};
    if (text.empty()) throw fail();
    if (digits) {
        const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), server.port);
        if (error != std::errc{} || end != digits->data() + digits->size() || server.port == 0) throw fail();
    }
    return server;
}

std::string ServerAddress::text() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::unique_ptr<Bus> open_server(const ServerAddress& server) {
    return std::make_unique<UsbipBus>(server);
}

}  // namespace flasher::usbip
