// SPDX-License-Identifier: ISC
// Something at a served board's pins through which a tool elsewhere reaches it: a serial line, a debug port. Served
// between the board's frames, by the loop that runs them.
#pragma once

#include <vector>

#include <poll.h>

namespace sim::serve {

class Attachment {
  public:
    virtual ~Attachment() = default;
    /// What there is to wait for.
    virtual void add_to(std::vector<pollfd>& polled) const = 0;
    /// Takes what has come and sends what there is. Never blocks.
    virtual void serve() = 0;
};

}  // namespace sim::serve
