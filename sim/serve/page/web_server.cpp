// SPDX-License-Identifier: ISC
// CivetWeb around the boards: GET /boards, a WebSocket for each, files for the rest.
//
// Any page in the browser may try to open a socket to this computer; browsers do not keep one from another's, they only
// say where the page came from. So only pages that this server has served may open a socket.
#include "sim/serve/page/web_server.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

#include <civetweb.h>
#include <fmt/format.h>

namespace sim::serve::page {
namespace {

/// One WebSocket: the connection, and what it does with its board.
struct Line {
    Line(mg_connection* connection, SharedBoard& shared_board)
        : wire(connection),
          shared(shared_board),
          socket(shared_board, [this](const std::string& text) { send(text); }) {}

    void send(const std::string& text) { mg_websocket_write(wire, MG_WEBSOCKET_OPCODE_TEXT, text.data(), text.size()); }

    mg_connection* wire;
    SharedBoard& shared;
    BoardSocket socket;
    int watch = 0;
};

/// "localhost:8080" or "127.0.0.1": names that no other computer's page can have.
bool names_this_computer(std::string_view host) {
    if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.back() != ']')
        host = host.substr(0, colon);
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool comes_from_here(const mg_connection* connection) {
    const char* host = mg_get_header(connection, "Host");
    if (host == nullptr || !names_this_computer(host)) return false;
    const char* origin = mg_get_header(connection, "Origin");
    return origin == nullptr || std::string_view(origin) == fmt::format("http://{}", host);
}

int refuse_stranger(const mg_connection* connection, void* /*board*/) {
    return comes_from_here(connection) ? 0 : 1;
}

void begin(mg_connection* connection, void* board) {
    auto* line = new Line(connection, *static_cast<SharedBoard*>(board));
    mg_set_user_connection_data(connection, line);
    line->watch = line->shared.board.watch([line](const BoardState& state) {
        line->socket.note(state);
        line->send(state_text(line->shared.name, state));
    });
}

int receive(mg_connection* connection, int bits, char* data, std::size_t size, void* /*board*/) {
    auto* line = static_cast<Line*>(mg_get_user_connection_data(connection));
    if (line == nullptr) return 0;
    const int opcode = bits & 0x0F;
    if (opcode == MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE) return 0;
    if (opcode == MG_WEBSOCKET_OPCODE_TEXT) line->send(line->socket.handle({data, size}));
    return 1;
}

void end(const mg_connection* connection, void* /*board*/) {
    auto* line = static_cast<Line*>(mg_get_user_connection_data(connection));
    if (line == nullptr) return;
    line->shared.board.unwatch(line->watch);
    delete line;
}

int list_boards(mg_connection* connection, void* text) {
    const auto& list = *static_cast<const std::string*>(text);
    if (!comes_from_here(connection)) {
        mg_send_http_error(connection, 403, "%s", "only pages served from here may ask");
        return 403;
    }
    mg_send_http_ok(connection, "application/json", static_cast<long long>(list.size()));
    mg_write(connection, list.data(), list.size());
    return 200;
}

}  // namespace

struct WebServer::Impl {
    std::string list;
    mg_context* context = nullptr;
};

WebServer::WebServer(const std::filesystem::path& page, int port, std::vector<std::unique_ptr<SharedBoard>>& boards)
    : impl_(std::make_unique<Impl>()) {
    std::vector<ListedBoard> listed;
    listed.reserve(boards.size());
    for (const auto& board : boards)
        listed.push_back({.name = board->name, .adapters = board->adapters.has_value()});
    impl_->list = list_text(listed);

    const std::string folder = page.string();
    const std::string address = fmt::format("127.0.0.1:{}", port);
    const char* options[] = {"document_root",
                             folder.c_str(),
                             "listening_ports",
                             address.c_str(),
                             "num_threads",
                             "32",
                             "tcp_nodelay",
                             "1",
                             "enable_directory_listing",
                             "no",
                             "static_file_max_age",
                             "0",
                             "websocket_timeout_ms",
                             "3600000",
                             "enable_websocket_ping_pong",
                             "yes",
                             "extra_mime_types",
                             ".webmanifest=application/manifest+json",
                             "additional_header",
                             "X-Content-Type-Options: nosniff",
                             nullptr};
    mg_init_library(0);
    const mg_callbacks callbacks{};
    impl_->context = mg_start(&callbacks, nullptr, options);
    if (impl_->context == nullptr)
        throw std::runtime_error(fmt::format(
            "cannot listen on {}: the port is in use; choose another with --port, or 0 for a free one", address));
    mg_set_request_handler(impl_->context, "/boards$", list_boards, &impl_->list);
    for (std::size_t i = 0; i < boards.size(); ++i)
        mg_set_websocket_handler(impl_->context, fmt::format("/board/{}$", i).c_str(), refuse_stranger, begin, receive,
                                 end, boards[i].get());
}

WebServer::~WebServer() {
    mg_stop(impl_->context);
    mg_exit_library();
}

int WebServer::port() const {
    mg_server_port ports[4] = {};
    const int count = mg_get_server_ports(impl_->context, 4, ports);
    return count > 0 ? ports[0].port : 0;
}

}  // namespace sim::serve::page
