// SPDX-License-Identifier: ISC
// The server's round: sockets, then boards.
#include "sim/serve/usbip/server.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "sim/serve/usbip/translation.hpp"

namespace sim::serve::usbip {
namespace {

constexpr std::size_t most_connections = 64;
/// A client that has imported nothing by then is disconnected.
constexpr auto patience = std::chrono::seconds(10);
/// What a client may have pending: more than any driver queues, less than hurts.
constexpr std::size_t most_transfers = 1024, most_transfer_bytes = 32U << 20;
constexpr std::size_t most_queued_answers = 32U << 20;
constexpr std::size_t longest_line = 200;
/// Frames of one board before it is the turn of the sockets and of the other boards.
constexpr int frames_in_a_row = 4;

/// A root hub's reset keeps endpoint 0 idle for 60 ms at least; requests of programs come closer.
constexpr auto reset_silence = std::chrono::milliseconds(50);
/// GET_DESCRIPTOR of 64 bytes of the device descriptor.
constexpr std::array<std::uint8_t, 8> first_look{0x80, 6, 0, 1, 0, 0, 64, 0};

timespec timespec_of(WallClock::duration span) {
    const auto nanoseconds =
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(span).count());
    return {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
}

}  // namespace

Server::Server(const ServerOptions& options, Boards& boards, Log log)
    : options_(options), boards_(boards), log_(std::move(log)), usbip_(options.usbip) {
    if (options.console) console_.emplace(*options.console);
    pacers_.resize(boards.size());
}

Server::~Server() = default;

std::uint16_t Server::usbip_port() const {
    return usbip_.port();
}

std::uint16_t Server::console_port() const {
    return console_ ? console_->port() : std::uint16_t{0};
}

void Server::run(const volatile std::sig_atomic_t& stop) {
    while (stop == 0)
        serve_once();
}

void Server::serve_once() {
    wait();
    accept_from(usbip_, false);
    if (console_) accept_from(*console_, true);
    for (auto& connection : connections_)
        serve(connection);
    for (Attachment* const attachment : attachments_)
        attachment->serve();
    for (std::size_t i = 0; i < boards_.size(); ++i)
        run_board(i);
    connections_.remove_if([now = WallClock::now()](const Connection& connection) { return connection.over(now); });
}

// --- sockets -------------------------------------------------------------------------------------

void Server::wait() {
    std::vector<pollfd> polled{{.fd = usbip_.descriptor(), .events = POLLIN, .revents = 0}};
    if (console_) polled.push_back({.fd = console_->descriptor(), .events = POLLIN, .revents = 0});
    for (const auto& connection : connections_) {
        const int events = POLLIN | (connection.wants_to_write() ? POLLOUT : 0);
        polled.push_back({.fd = connection.descriptor(), .events = static_cast<short>(events), .revents = 0});
    }
    for (const Attachment* const attachment : attachments_)
        attachment->add_to(polled);
    const auto limit = timespec_of(time_to_next_frame());
    // A signal ends the wait early; the round does no harm then.
    static_cast<void>(::ppoll(polled.data(), polled.size(), &limit, nullptr));
}

WallClock::duration Server::time_to_next_frame() const {
    if (options_.fast || pacers_.empty()) return {};
    return std::ranges::min_element(pacers_, {}, &Pacer::due)->due() - WallClock::now();
}

void Server::accept_from(const Listener& listener, bool console) {
    while (auto accepted = listener.accept()) {
        if (connections_.size() >= most_connections) {
            log_(fmt::format("{}: refused, {} connections are open", accepted->peer, most_connections));
            continue;
        }
        connections_.emplace_back(std::move(*accepted), console, WallClock::now());
    }
}

void Server::serve(Connection& connection) {
    connection.flush();
    const auto bytes = connection.read();
    if (connection.peer_ended()) return end(connection, "");
    if (connection.closing()) return;
    if (connection.console()) return read_lines(connection, bytes);
    try {
        connection.reader.feed(bytes);
        while (auto message = connection.reader.next())
            handle(connection, std::move(*message));
    } catch (const ProtocolError& error) {
        return end(connection, fmt::format("dropped, it does not speak USB/IP: {}", error.what()));
    }
    if (!connection.import && WallClock::now() - connection.opened_at() > patience)
        end(connection, "dropped, it asked for nothing");
}

void Server::read_lines(Connection& connection, std::span<const std::uint8_t> bytes) {
    for (const auto byte : bytes) {
        connection.line += static_cast<char>(byte);
        if (byte == '\n') {
            const auto answer = carry_out(std::exchange(connection.line, {}), boards_);
            connection.send({reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size()});
        }
        if (connection.line.size() > longest_line) return end(connection, "dropped, its console line is too long");
    }
}

void Server::handle(Connection& connection, Message message) {
    if (connection.closing()) return;
    if (auto* wanted = std::get_if<Submit>(&message)) return submit(connection, std::move(*wanted));
    if (const auto* unlink = std::get_if<Unlink>(&message)) {
        const bool pending = connection.import && boards_[connection.import->board]->unlink(unlink->target);
        return connection.send(
            unlink_answer(unlink->sequence, pending ? TransferStatus::unlinked : TransferStatus::ok));
    }
    if (const auto* request = std::get_if<ImportRequest>(&message)) return import(connection, *request);
    std::vector<DeviceFacts> devices;
    for (const auto& board : boards_)
        if (auto facts = facts_of(*board)) devices.push_back(std::move(*facts));
    connection.send(list_answer(devices));
}

void Server::import(Connection& connection, const ImportRequest& request) {
    const auto found = std::ranges::find(boards_, request.bus_id, &ServedBoard::bus_id);
    const auto device = found == boards_.end() ? std::nullopt : facts_of(**found);
    if (!device) {
        connection.send(import_refusal(ImportStatus::no_such_device));
        return end(connection, fmt::format("no device {}", request.bus_id));
    }
    const auto index = static_cast<std::size_t>(found - boards_.begin());
    if (importer_of(index) != nullptr) {
        connection.send(import_refusal(ImportStatus::busy));
        return end(connection, fmt::format("device {} is in use", request.bus_id));
    }
    connection.import = {.board = index, .attachment = (*found)->attachment(), .control_idle_since = {}};
    connection.reader.imported(device->number());
    connection.send(import_answer(*device));
    log_(fmt::format("{}: imported by {}", request.bus_id, connection.peer()));
}

void Server::submit(Connection& connection, Submit submit) {
    if (!connection.import) return;
    ServedBoard& board = *boards_[connection.import->board];
    const auto& port = board.port();
    if (port.pending() >= most_transfers || port.pending_bytes() + submit.data.size() > most_transfer_bytes)
        return end(connection, "dropped, it has too many transfers pending");
    if (submit.endpoint == 0) {
        // A client's own hub resets its port without telling us (clients keep SET_ADDRESS to themselves, too). What
        // does arrive is the first request that Linux makes afterwards.
        const auto now = WallClock::now();
        const bool silence = !port.control_pending() && now - connection.import->control_idle_since >= reset_silence;
        if (silence && submit.setup == first_look && (submit.flags & Submit::short_not_ok) == 0)
            board.request_port_reset();
        connection.import->control_idle_since = now;
    }
    const auto sequence = submit.sequence;
    if (auto request = request_of(std::move(submit)))
        board.submit(std::move(*request));
    else
        connection.send(submit_answer(sequence, TransferStatus::fault, 0, {}));
}

void Server::end(Connection& connection, const std::string& why) {
    if (!why.empty()) log_(fmt::format("{}: {}", connection.peer(), why));
    if (const auto import = std::exchange(connection.import, std::nullopt)) {
        boards_[import->board]->abandon();
        log_(fmt::format("{}: released by {}", boards_[import->board]->bus_id(), connection.peer()));
    }
    connection.close(WallClock::now());
}

// --- boards --------------------------------------------------------------------------------------

void Server::run_board(std::size_t index) {
    ServedBoard& board = *boards_[index];
    Pacer& pacer = pacers_[index];
    for (int i = 0; i < frames_in_a_row; ++i) {
        if (!options_.fast && WallClock::now() < pacer.due()) return;
        const Time before = board.now();
        const auto completions = board.run_frame();
        pacer.passed(board.now() - before);
        deliver(index, completions);
    }
}

void Server::deliver(std::size_t index, const std::vector<Completion>& completions) {
    Connection* connection = importer_of(index);
    if (connection == nullptr || !connection->import) return;
    for (const auto& one : completions)
        connection->send(
            submit_answer(one.id, status_of(one.result.end), static_cast<std::uint32_t>(one.result.length), one.data));
    if (connection->queued() > most_queued_answers) return end(*connection, "dropped, it does not read its answers");
    const ServedBoard& board = *boards_[index];
    const bool same = board.device() && board.attachment() == connection->import->attachment;
    if (!same) end(*connection, fmt::format("device {} has left", board.bus_id()));
}

Connection* Server::importer_of(std::size_t board) {
    const auto found = std::ranges::find_if(connections_, [&](const Connection& connection) {
        return connection.import && connection.import->board == board;
    });
    return found == connections_.end() ? nullptr : &*found;
}

}  // namespace sim::serve::usbip
