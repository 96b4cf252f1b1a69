// SPDX-License-Identifier: ISC
// Messages of the socket: what is read, what is refused, what is written.
#include "sim/serve/page/board_request.hpp"

#include <string>

#include <gtest/gtest.h>

namespace {

using sim::serve::page::parse_request;
using sim::serve::page::RequestError;

TEST(BoardRequest, ReadsEveryField) {
    const auto request = parse_request(
        R"( { "id" : 7, "do":"control-out","setup":[33,1,2,65535], "data":"00ff10" , "value":true,"length":64,"baud":115200} )");
    EXPECT_EQ(request.id, 7u);
    EXPECT_EQ(request.action, "control-out");
    EXPECT_EQ(request.setup, (flasher::SetupPacket{33, 1, 2, 65535, 0}));
    EXPECT_EQ(request.data, (std::vector<std::uint8_t>{0x00, 0xFF, 0x10}));
    EXPECT_EQ(request.value, true);
    EXPECT_EQ(request.length, 64u);
    EXPECT_EQ(request.baud, 115'200u);
}

TEST(BoardRequest, RefusesWhatIsNoRequest) {
    for (const char* text : {
             "",
             "{",
             "}",
             "[]",
             "null",
             "{}",
             "{\"id\":1",
             "{\"id\":1}}",
             "{\"id\":-1}",
             "{\"id\":1.5}",
             "{\"id\":4294967296}",
             "{\"id\":99999999999999999999999}",
             "{\"id\":\"1\"}",
             "{\"id\":1,}",
             "{\"what\":1}",
             "{\"do\":open}",
             "{\"do\":\"op",
             "{\"value\":1}",
             "{\"value\":tru}",
             "{\"data\":\"0\"}",
             "{\"data\":\"0g\"}",
             "{\"data\":\"FF\"}",
             "{\"length\":65536}",
             "{\"baud\":4294967296}",
             "{\"setup\":[1,2,3]}",
             "{\"setup\":[1,2,3,4,5]}",
             "{\"setup\":[256,0,0,0]}",
             "{\"setup\":[0,0,65536,0]}",
             "{\"setup\":[]}",
             "{\"setup\":1}",
             "{\"id\":1}{\"id\":2}",
             "{\"id\":{\"id\":1}}",
             "{\"do\":\"\xff\"}",
         })
        EXPECT_THROW((void)parse_request(text), RequestError) << text;
}

TEST(BoardRequest, SurvivesEveryCutAndEveryChangedByte) {
    const std::string whole = R"({"id":7,"do":"control-in","setup":[161,3,0,0],"length":6,"value":false})";
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        EXPECT_THROW((void)parse_request(whole.substr(0, at)), RequestError);
        for (int value = 0; value < 256; ++value) {
            std::string changed = whole;
            changed[at] = static_cast<char>(value);
            try {
                (void)parse_request(changed);
            } catch (const RequestError&) {
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, whole.size() * 200);
}

TEST(BoardRequest, DataIsNoLongerThanAControlTransfer) {
    const std::string digits(2 * 0x10000, '0');
    EXPECT_THROW((void)parse_request("{\"data\":\"" + digits + "\"}"), RequestError);
    EXPECT_EQ(parse_request("{\"data\":\"" + digits.substr(2) + "\"}").data.size(), 0xFFFFu);
}

TEST(BoardRequest, WritesAnswersAndStates) {
    EXPECT_EQ(sim::serve::page::answer_text(3, "ok", {0x00, 0xAB}),
              R"({"id":3,"result":"ok","data":"00ab","detail":""})");
    EXPECT_EQ(sim::serve::page::serial_text({0x79}), R"({"event":"serial","data":"79"})");
    const std::vector<sim::serve::page::ListedBoard> boards{{.name = "A"}, {.name = "B", .adapters = true}};
    EXPECT_EQ(sim::serve::page::list_text(boards), R"([{"name":"A","socket":"/board/0","adapters":false},)"
                                                   R"({"name":"B","socket":"/board/1","adapters":true}])");
    sim::serve::page::BoardState state;
    state.powered = true;
    state.time = sim::Time{1'250'000'000'000};
    EXPECT_EQ(sim::serve::page::state_text("Board", state),
              R"({"event":"board","name":"Board","powered":true,"boot1":false,"led":false,"time":1.25,)"
              R"("device":null,"halted":""})");
    EXPECT_NE(sim::serve::page::state_text("\xff", state).find("\xEF\xBF\xBD"), std::string::npos)
        << "what is not UTF-8 is replaced";
    state.device = sim::serve::page::AttachedDevice{2, 0x1209, 0xDB42, "a \"quoted\\ name\n", "1"};
    EXPECT_NE(sim::serve::page::state_text("Board", state)
                  .find(R"("attachment":2,"vendorId":4617,"productId":56130,"product":"a \"quoted\\ name\n")"),
              std::string::npos);
}

}  // namespace
