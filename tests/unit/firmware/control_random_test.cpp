// SPDX-License-Identifier: ISC
// The control endpoint after any sequence of events.
#include <rapidcheck/gtest.h>

#include "tests/unit/firmware/control_fixture.hpp"

namespace firmware_test {
namespace {

RC_GTEST_FIXTURE_PROP(ControlTest, AnyEventsThenATransfer, ()) {
    const auto steps = *rc::gen::container<std::vector<std::pair<int, std::uint16_t>>>(
        rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange<std::uint16_t>(0, 300)));
    for (const auto& [kind, number] : steps) {
        const auto size = static_cast<std::size_t>(number % 65);
        switch (kind) {
            case 0:
                (void)bus.send_setup(ask(number, static_cast<std::uint16_t>(number / 2 + 40)));
                break;
            case 1:
                (void)bus.send_setup(give(number));
                break;
            case 2:
                (void)bus.send_setup(just);
                break;
            case 3:
                (void)bus.send_setup(unknown);
                break;
            case 4:
                (void)endpoint.in(number % 2 == 0);
                break;
            case 5:
                (void)endpoint.out(Endpoint0::Packet(size), number % 2 == 0);
                break;
            case 6:
                endpoint.bus_reset();
                break;
            case 7:
                endpoint.after_read = [this, size] { (void)endpoint.out(Endpoint0::Packet(size), true); };
                break;
            case 8:
                endpoint.after_read = [this] { (void)endpoint.setup({0xC0, Script::send, 100, 0, 0, 0, 100, 0}); };
                break;
            default:
                control.poll();
        }
    }
    endpoint.after_read = nullptr;
    control.poll();
    control.poll();
    const Transfer transfer = bus.in(ask(200, 255));
    RC_ASSERT(transfer.result == Result::ok);
    RC_ASSERT(transfer.data == source(200));
}

}  // namespace
}  // namespace firmware_test
