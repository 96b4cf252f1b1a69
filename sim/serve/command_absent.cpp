// SPDX-License-Identifier: ISC
// Stands in for serve --page where CivetWeb was not there when this was built, and says so.
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/serve.hpp"

namespace sim::commands {

void serve_page(const ServeOptions&) {
    throw UsageError(
        "this build cannot serve the page: install libcivetweb-dev, then configure and build anew");
}

}  // namespace sim::commands
