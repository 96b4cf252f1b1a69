// SPDX-License-Identifier: ISC
// dapboot list: what is attached.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/commands/commands.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/terminal/terminal.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;

struct Options {
    Selection selection;
    bool json = false;
};

/// What a bootloader says of itself beyond its descriptors; nothing of it can fail the list.
struct Details {
    std::optional<Target> target;
    std::string state;
    std::string note;  ///< Why no image can be sent to it, or not without more.
};

Details details_of(Board& board) {
    Details details;
    try {
        details.target = choose_target(board.info, {});
        details.state = name_of(DfuClient(*board.transport, details.target->interface).get_state());
        measure(*details.target, board.info, *board.transport);
    } catch (const std::runtime_error& error) {
        details.note = error.what();
    }
    return details;
}

void print_for_people(Board& board, const Details& details) {
    print_board(board, details.target);
    const std::string blank(8, ' ');
    if (!details.state.empty())
        fmt::print("{}ready, {}\n", blank, details.state);
    else if (!is_bootloader(board.info))
        fmt::print("{}an application runs; flash --runtime asks it for its bootloader\n", blank);
    if (!details.note.empty() && is_bootloader(board.info))
        fmt::print("{}{} {}\n", blank, terminal::painted(Paint::bad, "note:"), details.note);
}

void list(const Options& options) {
    const auto bus = open_bus(options.selection);
    auto [bootloaders, applications, problems] = open_boards(*bus, options.selection);
    Json json = Json::array();
    for (auto* group : {&bootloaders, &applications})
        for (auto& board : *group) {
            const auto details = is_bootloader(board.info) ? details_of(board) : Details{};
            if (!options.json) {
                print_for_people(board, details);
                continue;
            }
            auto entry = json_of(board);
            if (details.target) entry.update(json_of(*details.target));
            if (!details.state.empty()) entry["state"] = details.state;
            if (!details.note.empty()) entry["note"] = details.note;
            json.push_back(std::move(entry));
        }
    for (const auto& problem : problems) {
        if (!options.json) {
            fmt::print("{:<6}  {:04x}:{:04x}\n        {} {}\n", problem.attached.location, problem.attached.idVendor,
                       problem.attached.idProduct, terminal::painted(Paint::bad, "not usable:"), problem.sentence);
            continue;
        }
        json.push_back({{"location", problem.attached.location},
                        {"vendor_id", fmt::format("{:04x}", problem.attached.idVendor)},
                        {"product_id", fmt::format("{:04x}", problem.attached.idProduct)},
                        {"error", problem.sentence}});
    }
    if (options.json) {
        fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
    } else if (bootloaders.empty() && applications.empty() && problems.empty()) {
        fmt::print("{}.\n", nothing_found(*bus, options.selection));
    }
}

}  // namespace

void add_list(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("list", "what is attached, and what can be done with it");
    command->add_flag("--json", options->json, "for machines");
    add_selection(*command, options->selection);
    command->callback([options] { list(*options); });
}

}  // namespace flasher::commands
