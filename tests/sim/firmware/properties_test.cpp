// SPDX-License-Identifier: ISC
// Every property on the real binary, on a virtual board: each layout, each size of page.
#include "tests/support/properties.hpp"

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::properties::Property;

class VirtualBoard : public property_test::Device {
  public:
    explicit VirtualBoard(const char* name) : bench_(target(name), watchful()) {
        bench_.install(make_application(bench_.target, 3000, 1));
        bench_.enter_dfu();
    }

    [[nodiscard]] flasher::properties::Subject subject() override {
        return {
            .transport = *bench_.transport,
            .application_base = bench_.target.application,
            .application_end = bench_.target.application_end,
            .page_size = bench_.target.page,
            .initial_stack = 0x2000'0000 + bench_.board.chip.ram_bytes,
            .record = bench_.target.high_memory ? bench_.target.record() : bench_.target.application,
            .high_memory = bench_.target.high_memory,
            .enter_dfu = [this] { return enter_dfu(); },
            .now = [this] { return std::chrono::duration_cast<std::chrono::microseconds>(bench_.host.now()); },
            .touches = [this] { return touches(); },
        };
    }
    void expect_in_order() override {
        EXPECT_EQ(faults_, std::vector<std::string>{});
        EXPECT_TRUE(bench_.watch.trespasses().empty());
        EXPECT_TRUE(bench_.bootloader_is_whole());
        EXPECT_EQ(bench_.machine.counters().complaints, 0U);
    }

  private:
    MachineOptions watchful() {
        MachineOptions options;
        options.log = [this](const std::string& sentence) { faults_.push_back(sentence); };
        return options;
    }
    /// As an application asks for it.
    bool enter_dfu() {
        bench_.machine.set_backup_register(bench_.target.command_register, bench_.target.command);
        bench_.machine.reset();
        bench_.host.advance(60 * millisecond);  // until it has left the bus and come back
        return bench_.transport->reopen(std::chrono::seconds(5));
    }
    std::vector<flasher::properties::Touch> touches() {
        std::vector<flasher::properties::Touch> list;
        const auto& operations = bench_.watch.operations();
        for (; seen_ < operations.size(); ++seen_)
            list.push_back({.erase = operations[seen_].kind == FlashOperation::Kind::erase_page,
                            .address = operations[seen_].address});
        return list;
    }

    std::vector<std::string> faults_;
    Bench bench_;
    std::size_t seen_ = 0;
};

class PropertiesOfBinary : public testing::TestWithParam<std::tuple<const char*, Property>> {};

TEST_P(PropertiesOfBinary, Holds) {
    VirtualBoard device(std::get<0>(GetParam()));
    property_test::run(std::get<1>(GetParam()), device);
}

INSTANTIATE_TEST_SUITE_P(VirtualBoard, PropertiesOfBinary,
                         testing::Combine(testing::Values("bluepill", "bluepill-high", "bttskrminie3v2",
                                                          "bttskrminie3v2-high-256"),
                                          testing::ValuesIn(flasher::properties::all())),
                         [](const auto& named) {
                             return identifier(std::get<0>(named.param)) + "_" +
                                    std::string(std::get<1>(named.param).name);
                         });

}  // namespace
}  // namespace sim::test
