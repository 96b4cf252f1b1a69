// SPDX-License-Identifier: ISC
// A USB/IP server that says anything at all, in pieces of any size: answers, or an error that says what is wrong, the
// same ones whatever the pieces were.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "flasher/usbip/answers.hpp"

namespace {

using namespace flasher::usbip;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

/// What the reader made of the stream, as text. `first` says what the client waits for at the beginning.
class Session {
  public:
    Session(unsigned first, Direction direction) : first_(first), direction_(direction) {}

    void feed(std::span<const std::uint8_t> bytes) {
        if (ended_) return;
        reader_.feed(bytes);
        try {
            while (step()) {
            }
        } catch (const ProtocolError& error) {
            require(error.what()[0] != '\0', "an error says what");
            ended_ = true;
            text_ += std::string("error ") + error.what();
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    bool step() {
        if (first_ == 0) return take_list();
        if (first_ == 1) return take_import();
        return take_command();
    }

    bool take_list() {
        const auto list = reader_.list();
        if (!list) return false;
        for (const auto& device : *list) {
            require(!device.bus_id.empty() && device.bus_id.size() < 32, "a bus id fits its field");
            text_ += "device " + device.bus_id + " with " + std::to_string(device.interfaces.size()) + "\n";
        }
        text_ += "list\n";
        return true;
    }

    bool take_import() {
        const auto answer = reader_.import();
        if (!answer) return false;
        require((answer->status == ImportStatus::ok) == answer->device.has_value(), "a device comes with ok alone");
        text_ += "import " + std::to_string(static_cast<unsigned>(answer->status)) + "\n";
        first_ = 2;
        return true;
    }

    bool take_command() {
        const auto answer = reader_.command(direction_);
        if (!answer) return false;
        if (const auto* submit = std::get_if<SubmitAnswer>(&*answer)) {
            require(submit->length <= longest_transfer, "an answer has a limit");
            require(submit->data.size() == (direction_ == Direction::in ? submit->length : 0), "data as announced");
            text_ += "submit " + std::to_string(submit->sequence) + " " + std::to_string(submit->length) + "\n";
        } else {
            text_ += "unlink " + std::to_string(std::get<UnlinkAnswer>(*answer).sequence) + "\n";
        }
        return true;
    }

    AnswerReader reader_;
    unsigned first_;
    Direction direction_;
    bool ended_ = false;
    std::string text_;
};

}  // namespace

// The first byte chooses what is waited for, the second how long the pieces are; the rest is the server.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto first = data[0] % 3U;
    const auto direction = data[0] >= 0x80 ? Direction::in : Direction::out;
    const std::size_t piece = 1U + data[1];
    const std::span stream(data + 2, size - 2);
    Session whole(first, direction), pieces(first, direction);
    whole.feed(stream);
    for (std::size_t at = 0; at < stream.size(); at += piece)
        pieces.feed(stream.subspan(at, std::min(piece, stream.size() - at)));
    require(whole.text() == pieces.text(), "pieces make no difference");
    return 0;
}
