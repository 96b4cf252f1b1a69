// SPDX-License-Identifier: ISC
// What the two ways to serve virtual boards share: the command line.
#pragma once

#include <filesystem>
#include <string>

#include "sim/commands/session.hpp"

namespace sim::commands {

struct ServeOptions {
    BoardOptions board;
    unsigned boards = 1;
    std::filesystem::path page;  ///< Of the browser.
    int port = 8073;
    bool blank = false;   ///< For the browser: one more board, blank, with adapters.
    std::string usbip;    ///< ADDRESS:PORT; empty: the browser is served.
    std::string console;  ///< ADDRESS:PORT; empty: none.
    bool fast = false;
    std::string serial;       ///< PATH or ADDRESS:PORT; empty: none.
    bool auto_reset = false;  ///< Of the serial adapter.
    std::string jtag;         ///< ADDRESS:PORT; empty: none.
    std::string stlink;       ///< ADDRESS:PORT; empty: none.
    [[nodiscard]] bool attached() const { return !serial.empty() || !jtag.empty() || !stlink.empty(); }
};

/// To the browser, with the page that flashes them, until Ctrl-C.
void serve_page(const ServeOptions& options);
/// To any Linux, as USB devices, until Ctrl-C.
void serve_usbip(const ServeOptions& options);

}  // namespace sim::commands
