// SPDX-License-Identifier: ISC
// The GDB remote protocol: what is answered to gdb, and to whoever only pretends to be one.
#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/debug/gdb_server.hpp"
#include "tests/sim/debug/counting.hpp"

namespace sim::test {
namespace {

using namespace debug;
using testing::HasSubstr;
using testing::StartsWith;
using Then = GdbReply::Then;

constexpr Time microsecond{1'000'000};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// --- packets -------------------------------------------------------------------------------------

std::vector<GdbEvent> events_of(std::string_view text) {
    GdbPacketReader reader;
    reader.feed(bytes_of(text));
    std::vector<GdbEvent> all;
    while (auto event = reader.next())
        all.push_back(*event);
    return all;
}

TEST(GdbPacket, NeedsItsChecksum) {
    EXPECT_EQ(events_of("$g#67").at(0).payload, "g");
    EXPECT_EQ(events_of("$g#68").at(0).kind, GdbEvent::Kind::damaged);
    EXPECT_EQ(events_of("$g#zz").at(0).kind, GdbEvent::Kind::damaged);
    EXPECT_EQ(events_of("+$m0,4#fd-\x03").size(), 3u);
    EXPECT_EQ(events_of("$m0$g#67").at(0).payload, "g") << "the cut one is forgotten";
}

TEST(GdbPacket, HasALargestSize) {
    const std::string longest(GdbPacketReader::largest_packet, 'a');
    EXPECT_EQ(events_of(gdb_frame(longest)).at(0).payload, longest);
    EXPECT_EQ(events_of(gdb_frame(longest + "a")).at(0).kind, GdbEvent::Kind::damaged);
}

RC_GTEST_PROP(GdbPacket, ComesBackAsItWas, (const std::string& payload)) {
    const auto events = events_of("noise" + gdb_frame(payload) + "+");
    RC_ASSERT(events.size() == 1u);
    RC_ASSERT(events[0].payload == payload);
}

// --- a session -----------------------------------------------------------------------------------

class Gdb : public testing::Test {
  protected:
    Gdb() {
        load_counting(machine);
        machine.power_on();
        debugger.attach();
        debugger.halt();
        static_cast<void>(debugger.take_cause());
    }
    std::string ask(std::string_view packet) { return session.handle(packet).text; }
    /// Runs until the core halts again, and gives the stop reply.
    std::string go(std::string_view packet) {
        EXPECT_EQ(session.handle(packet).then, Then::run);
        machine.run_for(100 * microsecond);
        EXPECT_TRUE(machine.halted());
        return session.stop_reply();
    }

    Machine machine;
    Debugger debugger{machine};
    GdbSession session{machine, debugger};
};

TEST_F(Gdb, DescribesItself) {
    EXPECT_THAT(ask("qSupported:multiprocess+"), HasSubstr("qXfer:features:read+"));
    EXPECT_THAT(ask("qXfer:features:read:target.xml:0,4000"), StartsWith("l<?xml"));
    EXPECT_THAT(ask("qXfer:memory-map:read::0,4000"), HasSubstr("start=\"0x8000000\" length=\"0x10000\""));
    EXPECT_EQ(ask("qXfer:features:read:target.xml:0,5"), "m<?xml");
    EXPECT_EQ(ask("qXfer:features:read:target.xml:ffff,5"), "l");
    EXPECT_EQ(ask("qXfer:features:read:other.xml:0,5"), "");
}

TEST_F(Gdb, ReadsAndWritesRegisters) {
    EXPECT_EQ(ask("pf"), "00010008");
    EXPECT_EQ(ask("P0=78563412"), "OK");
    const std::string all = ask("g");
    EXPECT_EQ(all.size(), 2 * (19 * 4 + 4u));
    EXPECT_THAT(all, StartsWith("78563412"));
    EXPECT_EQ(ask("G" + all), "OK");
    EXPECT_EQ(ask("g"), all);
    EXPECT_EQ(ask("P13=01"), "OK");
    EXPECT_EQ(ask("p13"), "01") << "PRIMASK";
    for (const char* wrong : {"p17", "p", "px", "P0=123", "P0", "P17=00", "G00", "Gzz"})
        EXPECT_THAT(ask(wrong), StartsWith("E")) << wrong;
}

TEST_F(Gdb, ReadsAndWritesMemory) {
    EXPECT_EQ(ask("m8000000,4"), "00100020");
    EXPECT_EQ(ask("M20000001,3:aabbcc"), "OK");
    EXPECT_EQ(ask("m20000001,3"), "aabbcc");
    EXPECT_EQ(ask(std::string("X20000000,2:") + "\x01\x02"), "OK");
    EXPECT_EQ(ask("m20000000,2"), "0102");
    EXPECT_EQ(ask("me0042000,4"), "10640320") << "DBGMCU_IDCODE";
    for (const char* wrong : {"m60000000,4", "m", "m0", "m0,", "M20000000,2:aa", "M20000000,1:zz", "M8000000,2:0000",
                              "m123456789,4", "m0,4x"})
        EXPECT_THAT(ask(wrong), StartsWith("E")) << wrong;
}

TEST_F(Gdb, StopsAtBreakpointsAndWatchpoints) {
    EXPECT_EQ(ask("Z1,800010a,2"), "OK");
    EXPECT_EQ(go("c"), "T05hwbreak:;");
    EXPECT_EQ(ask("pf"), "0a010008");
    EXPECT_EQ(ask("z1,800010a,2"), "OK");
    EXPECT_EQ(ask("Z2,20000004,4"), "OK");
    EXPECT_EQ(go("vCont;c"), "T05watch:20000004;");
    EXPECT_EQ(ask("z2,20000004,4"), "OK");
    EXPECT_EQ(ask("Z3,20000008,4"), "OK");
    EXPECT_EQ(go("c"), "T05rwatch:20000008;");
    for (int more = 0; more < 3; ++more)
        EXPECT_EQ(ask("Z4,20000010,4"), "OK");
    EXPECT_THAT(ask("Z4,20000010,4"), StartsWith("E")) << "four comparators";
    EXPECT_THAT(ask("Z2,20000000,10000"), StartsWith("E")) << "larger than a mask";
}

TEST_F(Gdb, BreaksInRamByAnInstruction) {
    EXPECT_EQ(ask("M20000400,6:00bf00bffee7"), "OK");  // nop; nop; b .
    EXPECT_EQ(ask("Z0,20000402,2"), "OK");
    EXPECT_EQ(go("c20000400"), "T05swbreak:;");
    EXPECT_EQ(ask("pf"), "02040020");
    EXPECT_EQ(ask("z0,20000402,2"), "OK");
    EXPECT_EQ(ask("m20000400,6"), "00bf00bffee7");
}

TEST_F(Gdb, Steps) {
    EXPECT_EQ(go("s"), "T05");
    EXPECT_EQ(ask("pf"), "02010008");
}

TEST_F(Gdb, LoadsFlash) {
    EXPECT_EQ(ask("vFlashErase:8001000,400"), "OK");
    EXPECT_EQ(ask(std::string("vFlashWrite:8001000:") + "ab"), "OK");
    EXPECT_EQ(ask("vFlashDone"), "OK");
    EXPECT_EQ(machine.flash()[0x1000], 'a');
    for (const char* wrong : {"vFlashErase:8001000", "vFlashErase:7000000,400", "vFlashErase:800fc00,800",
                              "vFlashErase:0,ffffffff", "vFlashWrite:20000000:a", "vFlashWrite:"})
        EXPECT_THAT(ask(wrong), StartsWith("E")) << wrong;
}

TEST_F(Gdb, SaysThatTheProgramFaulted) {
    debugger.catch_faults(true);
    EXPECT_EQ(go("c10000000"), "T0b");
    EXPECT_EQ(ask("pf"), "80010008");
}

TEST_F(Gdb, ObeysTheMonitor) {
    const auto monitor = [&](std::string_view command) { return session.handle("qRcmd," + to_hex(bytes_of(command))); };
    EXPECT_EQ(monitor("reset").then, Then::reset);
    EXPECT_EQ(monitor("halt").text, "OK");
    const auto unknown = from_hex(monitor("frobnicate").text);
    EXPECT_THAT(std::string(unknown->begin(), unknown->end()), HasSubstr("monitor reset"));
    EXPECT_EQ(session.handle("qRcmd,7").text, "E01");
}

// Packets that begin as real ones do and go on as they like: always answered, never with more than was asked, and the
// machine still runs.
RC_GTEST_PROP(GdbSession, SurvivesWhateverIsAsked, ()) {
    Machine machine;
    load_counting(machine);
    machine.power_on();
    Debugger debugger(machine);
    debugger.attach();
    debugger.halt();
    GdbSession session(machine, debugger);
    const auto begin = rc::gen::elementOf(std::vector<std::string>{"m",
                                                                   "M",
                                                                   "X",
                                                                   "g",
                                                                   "G",
                                                                   "p",
                                                                   "P",
                                                                   "Z0,",
                                                                   "Z1,",
                                                                   "Z2,",
                                                                   "z1,",
                                                                   "c",
                                                                   "s",
                                                                   "vCont;",
                                                                   "vFlashErase:",
                                                                   "vFlashWrite:",
                                                                   "qRcmd,",
                                                                   "qXfer:features:read:target.xml:",
                                                                   "qXfer:memory-map:read::",
                                                                   "m2000",
                                                                   "X2000",
                                                                   "?"});
    const auto number = rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t value) {
        return "0123456789abcdef"[value % 16] + std::string(1, ",:=;$\x00zf"[value / 16 % 8]);
    });
    const auto packets = *rc::gen::container<std::vector<std::string>>(rc::gen::map(
        rc::gen::pair(begin, rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                                            rc::gen::map(rc::gen::container<std::vector<std::string>>(number),
                                                         [](const std::vector<std::string>& parts) {
                                                             std::string all;
                                                             for (const auto& part : parts)
                                                                 all += part;
                                                             return all;
                                                         }))),
        [](const std::pair<std::string, std::string>& parts) { return parts.first + parts.second; }));
    for (const std::string& packet : packets) {
        const GdbReply reply = session.handle(packet);
        RC_ASSERT(reply.text.size() <= GdbPacketReader::largest_packet + 1);
        if (!machine.halted()) debugger.halt();
    }
    debugger.resume();
    try {
        machine.run_for(10 * microsecond);
    } catch (const MachineError&) {  // it was made to run nonsense
    }
}

// --- the server ----------------------------------------------------------------------------------

/// What gdb sends, given beforehand; what it gets, kept.
struct Script {
    std::deque<std::string> sends;
    std::string got;
};

class ScriptedStream : public ByteStream {
  public:
    explicit ScriptedStream(Script& script) : script_(script) {}
    std::optional<std::size_t> read(std::span<std::uint8_t> room) override {
        if (script_.sends.empty()) return std::nullopt;
        const std::string text = script_.sends.front();
        script_.sends.pop_front();
        std::copy(text.begin(), text.end(), room.begin());
        return text.size();
    }
    bool write(std::span<const std::uint8_t> bytes) override {
        script_.got.append(bytes.begin(), bytes.end());
        return true;
    }
    void wait(std::chrono::milliseconds) override {}

  private:
    Script& script_;
};

TEST(GdbServer, HoldsTimeWhileHaltedAndLetsGoWhenGdbLeaves) {
    Machine machine;
    load_counting(machine);
    machine.power_on();
    GdbServer server(machine);
    Script script;
    script.sends = {gdb_frame("?"),
                    "",
                    gdb_frame("Z1,8000108,2"),
                    gdb_frame("c"),
                    "",
                    gdb_frame("z1,8000108,2"),
                    gdb_frame("qRcmd,7265736574"),
                    gdb_frame("pf"),
                    gdb_frame("D")};
    server.connect(std::make_unique<ScriptedStream>(script));
    machine.run_for(100 * microsecond);
    EXPECT_EQ(script.got, "+" + gdb_frame("T05") + "+" + gdb_frame("OK") + "+" + gdb_frame("T05hwbreak:;") + "+" +
                              gdb_frame("OK") + "+" + gdb_frame("OK") + "+" + gdb_frame("00010008") + "+" +
                              gdb_frame("OK"));
    EXPECT_FALSE(server.connected());
    EXPECT_FALSE(machine.halted());
    EXPECT_GT(machine.core_register(0), 10u) << "it runs on";
}

TEST(GdbServer, StopsARunningProgramAtCtrlC) {
    Machine machine;
    load_counting(machine);
    machine.power_on();
    GdbServer server(machine);
    Script script;
    script.sends = {gdb_frame("c"), "", "", "\x03", "", gdb_frame("k")};
    server.connect(std::make_unique<ScriptedStream>(script));
    for (int step = 0; step < 10 && !server.killed(); ++step) {
        server.poll();
        machine.run_for(10 * microsecond);
    }
    EXPECT_TRUE(server.killed());
    EXPECT_THAT(script.got, HasSubstr("$T05#"));
}

}  // namespace
}  // namespace sim::test
