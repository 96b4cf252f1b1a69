// SPDX-License-Identifier: ISC
// DFU as the flasher speaks it, to the device that usb.attach() found.
#include <fmt/format.h>

#include "flasher/session.hpp"
#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

/// The device's DFU interface, ready for requests.
struct Dfu {
    explicit Dfu(Bench& bench)
        : transport(bench.enumerated()),
          info(flasher::read_device_info(transport)),
          client(transport, interface(info)) {}
    static const flasher::InterfaceDescriptor& interface(const flasher::DeviceInfo& info) {
        for (const auto& one : info.configuration.interfaces)
            if (one.is_dfu() && one.functional) return one;
        throw Failure("the device has no DFU interface");
    }
    HostTransport& transport;
    flasher::DeviceInfo info;
    flasher::DfuClient client;
};

flasher::FlashReport download(Call& call, Bench& bench) {
    Dfu dfu(bench);
    flasher::FlashOptions options;
    options.target.flash_end = 0x0800'0000 + bench.machine.variant().flash_bytes;
    options.verify = false;
    options.force = call.truth(2);
    return flasher::flash(dfu.transport, dfu.info, flasher::load_image(bench.folder / call.text(1)), options);
}

}  // namespace

void add_dfu_functions(Lua& lua, Bench& bench) {
    lua.add("dfu.download", [&bench](Call& call) {
        const Time start = bench.now();
        const auto report = download(call, bench);
        return call.answer_table({{"bytes", static_cast<std::int64_t>(report.bytes)},
                                  {"time", seconds(bench.now() - start)},
                                  {"base", std::int64_t{report.target.base.value_or(0)}}});
    });
    lua.add("dfu.try_download", [&bench](Call& call) {
        try {
            static_cast<void>(download(call, bench));
            return call.answer_truth(true);
        } catch (const flasher::DfuError&) {
            return call.answer_truth(false);
        }
    });
    lua.add("dfu.upload", [&bench](Call& call) {
        Dfu dfu(bench);
        const auto bytes = dfu.client.upload(static_cast<std::size_t>(call.integer(1, 1, 1 << 20)));
        return call.answer(std::string(bytes.begin(), bytes.end()));
    });
    lua.add("dfu.status", [&bench](Call& call) {
        const auto report = Dfu(bench).client.get_status();
        return call.answer_table({{"status", std::int64_t{static_cast<std::uint8_t>(report.status)}},
                                  {"state", std::int64_t{static_cast<std::uint8_t>(report.state)}}});
    });
    lua.add("dfu.leave", [&bench](Call& call) {
        Dfu(bench).client.leave();
        return call.nothing();
    });
    lua.add("dfu.detach", [&bench](Call& call) {
        Dfu(bench).client.enter_dfu();
        return call.nothing();
    });
}

}  // namespace sim::script
