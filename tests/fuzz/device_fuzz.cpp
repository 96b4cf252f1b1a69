// SPDX-License-Identifier: ISC
// Any events on the bus, any flash faults, any power cuts: the input is their script.
//
// At every moment: no touch outside of what an update may touch (the fakes see to that), and an application that would
// be started is one that was delivered whole. In the end: the endpoint answers, and a download works.

#include "tests/fuzz/require.hpp"
#include "tests/unit/firmware/test_device.hpp"

namespace {

using namespace firmware_test;

/// An update that remembers what the host has delivered.
template <class Update>
class Observed : public Update {
  public:
    static inline Image delivered;

    void restart() {
        delivered.clear();
        Update::restart();
    }
    std::uint8_t* room() { return room_ = Update::room(); }
    dfu::Status accept(std::uint32_t length) {
        delivered.insert(delivered.end(), room_, room_ + length);
        return Update::accept(length);
    }
    dfu::Status commit() {
        // From here on it may be this one that a power cut leaves, or still the one before.
        candidate_ = delivered;
        const dfu::Status status = Update::commit();
        if (status == dfu::Status::OK) whole_ = candidate_;
        return status;
    }
    static bool holds_what_was_delivered() {
        const auto installed = [](const Image& image) {
            return !image.empty() && uploaded<Update>(image.size(), 128) == image;
        };
        if (!Update::application_is_whole()) return true;
        if (installed(candidate_)) whole_ = candidate_;
        return installed(whole_);
    }
    static void forget() {
        delivered.clear();
        whole_.clear();
        candidate_.clear();
    }

  private:
    static inline Image whole_, candidate_;
    std::uint8_t* room_ = nullptr;
};

template <dfu::Placement Place>
struct ObservedLayout {
    static constexpr dfu::Placement place = Place;
    using Update = Observed<dfu::Update<FakeFlash, Place>>;
};

/// The input, byte by byte; past its end there are zeroes.
class Script {
  public:
    Script(const std::uint8_t* data, std::size_t size) : at_{data}, end_{data + size} {}
    [[nodiscard]] bool ended() const { return at_ == end_; }
    std::uint8_t byte() { return ended() ? std::uint8_t{0} : *at_++; }
    std::uint16_t half_word() {
        const std::uint8_t low = byte();
        return static_cast<std::uint16_t>(low | byte() << 8);
    }

  private:
    const std::uint8_t *at_, *end_;
};

template <class L, dfu::Attributes attributes>
class Session {
  public:
    using Dut = TestDevice<L, attributes>;
    using Update = typename L::Update;
    static constexpr std::uint32_t page = L::place.page;

    void run(Script script, bool installed) {
        Update::forget();
        if (installed) {
            require(dut_.download(make_image(L::place, 5 * page, 1)) == Status::OK, "first install");
            dut_.start();
        }
        while (!script.ended()) {
            try {
                step(script);
            } catch (const PowerCut&) {
                check();
                dut_.start();
            }
            check();
            if (dut_.leaves()) dut_.start();
        }
        recover();
    }

  private:
    void check() {
        const std::size_t operations = dut_.flash.operations().size();
        if (std::exchange(operations_, operations) == operations) return;
        require(Update::holds_what_was_delivered(), "half an application would start");
    }

    void step(Script& script) {
        switch (script.byte() % 16) {
            case 0:
                (void)dut_.endpoint.setup(any_setup(script));
                break;
            case 1:
                (void)dut_.endpoint.setup(dfu_setup(script));
                break;
            case 2: {
                const std::uint8_t length = script.byte();
                (void)dut_.endpoint.out(Image(length % 65, script.byte()), length >= 128);
                break;
            }
            case 3:
                (void)dut_.endpoint.in(script.byte() % 4 != 0);
                break;
            case 4:
                dut_.endpoint.bus_reset();
                break;
            case 5:
                plan_event(script);
                break;
            case 6:
                send_block(script);
                break;
            case 7:
                (void)dut_.status();
                break;
            case 8:
                (void)dut_.upload(script.byte(), static_cast<std::uint16_t>(script.byte() * 2));
                break;
            case 9:
                (void)dut_.request(static_cast<Request>(script.byte() % 8));
                break;
            case 10:
                (void)dut_.download(an_image(script));
                break;
            case 11:
                dut_.start();
                break;
            case 12:
                dut_.flash.cut = Cut{dut_.flash.operations().size() + script.half_word() % 2000,
                                     static_cast<Cut::Moment>(script.byte() % 3), script.byte()};
                break;
            case 13:
                break_flash(script);
                break;
            case 14:
                mend_flash();
                break;
            default:
                break;
        }
        dut_.poll();
    }

    static std::array<std::uint8_t, 8> any_setup(Script& script) {
        std::array<std::uint8_t, 8> bytes{};
        for (auto& byte : bytes)
            byte = script.byte();
        return bytes;
    }
    static std::array<std::uint8_t, 8> dfu_setup(Script& script) {
        const std::uint8_t request = script.byte(), number = script.byte(), length = script.byte();
        const bool to_host = request % 8 == 2 || request % 8 == 3 || request % 8 == 5;
        const unsigned bytes = length * 2U;
        return {static_cast<std::uint8_t>(to_host ? 0xA1 : 0x21),
                static_cast<std::uint8_t>(request % 8),
                number,
                0,
                0,
                0,
                static_cast<std::uint8_t>(bytes),
                static_cast<std::uint8_t>(bytes >> 8)};
    }
    static Image an_image(Script& script) {
        const std::uint8_t seed = script.byte();
        return make_image(L::place, 36 + script.half_word() % (15 * page), seed % 8);
    }

    /// Something that happens between the firmware's read of EPnR and its write.
    void plan_event(Script& script) {
        const std::uint8_t kind = script.byte(), length = script.byte();
        const auto setup = dfu_setup(script);
        dut_.endpoint.after_read = [this, kind, length, setup] {
            if (kind % 4 == 0) (void)dut_.endpoint.setup(setup);
            if (kind % 4 == 1) (void)dut_.endpoint.out(Image(length % 65, kind), length >= 128);
            if (kind % 4 == 2) (void)dut_.endpoint.in();
            if (kind % 4 == 3) dut_.endpoint.bus_reset();
        };
    }

    /// A whole DFU_DNLOAD, mostly the one that comes next.
    void send_block(Script& script) {
        const std::uint8_t kind = script.byte();
        const std::size_t length = script.half_word() % (Dut::block + 2U);
        if (kind % 8 == 0) next_ = kind / 8;
        Image data = make_image(L::place, std::max<std::size_t>(length, 36), kind);
        data.resize(length);
        if (dut_.dnload(next_, data) != Result::ok) {
            next_ = 0;
            return;
        }
        ++next_;
        if (kind % 2 == 0) (void)dut_.settle();
    }

    void break_flash(Script& script) {
        const std::uint32_t address = L::place.application_base + script.half_word() % (8 * page) / 2 * 2;
        const auto bits = static_cast<std::uint16_t>(1U << script.byte() % 16);
        switch (script.byte() % 5) {
            case 0:
                dut_.flash.stuck_at_zero[address] = bits;
                break;
            case 1:
                dut_.flash.stuck_at_one[address] = bits;
                break;
            case 2:
                dut_.flash.protected_pages.insert(address / page * page);
                break;
            case 3:
                dut_.flash.keys_refused = true;
                break;
            default:
                dut_.flash.ignores_zeroes = true;
        }
    }
    void mend_flash() {
        dut_.flash.stuck_at_zero.clear();
        dut_.flash.stuck_at_one.clear();
        dut_.flash.protected_pages.clear();
        dut_.flash.keys_refused = false;
        dut_.flash.ignores_zeroes = false;
    }

    void recover() {
        dut_.endpoint.after_read = nullptr;
        dut_.flash.cut.reset();
        mend_flash();
        dut_.reset();
        if (dut_.leaves()) dut_.start();
        const Transfer device = dut_.bus.in({0x80, 6, 0x0100, 0, 18});
        require(device.result == Result::ok && device.data.size() == 18, "GET_DESCRIPTOR");

        const auto reply = dut_.status();
        require(reply.has_value() && reply->state == State::dfuIDLE, "dfuIDLE after a reset");
        const Image image = make_image(L::place, 6 * page + 11, 9);
        require(dut_.download(image) == Status::OK, "a download");
        require(Update::application_is_whole(), "the application runs");
        require(dut_.installed(image.size()) == image, "the application is what was sent");
        require(dut_.leaves() == attributes.will_detach, "leaving");
    }

    Dut dut_;
    std::uint16_t next_ = 0;
    std::size_t operations_ = 0;
};

constexpr auto standard = standard_placement(128, 256);
constexpr auto high = high_placement(128, 256);

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Script script{data + 1, size - 1};
    const bool installed = (data[0] & 4) != 0;
    switch (data[0] & 3) {
        case 0:
            Session<ObservedLayout<standard>, detaching>{}.run(script, installed);
            break;
        case 1:
            Session<ObservedLayout<standard>, tolerant>{}.run(script, installed);
            break;
        case 2:
            Session<ObservedLayout<high>, detaching>{}.run(script, installed);
            break;
        default:
            Session<ObservedLayout<high>, tolerant>{}.run(script, installed);
    }
    return 0;
}
