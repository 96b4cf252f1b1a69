// SPDX-License-Identifier: ISC
// Declarations, and a line for each change.
#include "sim/board/waveform.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sim {
namespace {

constexpr std::string_view recorded_ports = "ABCD";  // further ones reach no pin of a part with 64 pins or fewer
constexpr unsigned pins_of_a_port = 16;

/// PIDs as a bus analyser shows them (USB 2.0 table 8-1, with their check bits).
std::uint32_t pid(Token token) {
    return token == Token::setup ? 0x2d : token == Token::out ? 0xe1 : 0x69;
}
std::uint32_t pid(Handshake handshake) {
    switch (handshake) {
        case Handshake::ack:
            return 0xd2;
        case Handshake::nak:
            return 0x5a;
        case Handshake::stall:
            return 0x1e;
        case Handshake::none:
            break;
    }
    return 0;
}

/// Short names of variables: any printable characters (18.2.3.8).
std::string code_of(std::size_t number) {
    constexpr std::size_t first = 33, count = 94;
    std::string code;
    do {
        code += static_cast<char>(first + number % count);
        number /= count;
    } while (number != 0);
    return code;
}

std::int64_t nanoseconds(Time at) {
    return at.count() / 1000;
}

}  // namespace

Waveform::Waveform(Machine& machine, const FlashTiming& flash_timing, std::ostream& out)
    : machine_(machine), port_(machine.usb()), flash_timing_(flash_timing), out_(out) {
    out_ << "$comment dapboot-sim: a virtual " << machine.variant().name << " $end\n$timescale 1 ns $end\n";
    declare_all();
    out_ << "$enddefinitions $end\n#" << nanoseconds(machine.now()) << "\n$dumpvars\n";
    stamp_ = nanoseconds(machine.now());
    for (Signal& signal : signals_)
        write(signal, 0, machine.now());
    out_ << "$end\n";
    for (const auto& [pin, signal] : pins_) {
        set(signal, machine.pin_level(pin) == Level::high ? 1 : 0);
        machine.on_pin_change(pin, [this, number = signal](Time at, Level level) {
            look();
            set(number, level == Level::high ? 1 : 0, at);
            set(led_, machine_.led_lit() ? 1 : 0, at);
        });
    }
    machine.on_exception([this](Time at, int number, bool entered) { on_exception(at, number, entered); });
    machine.set_flash_observer(this);
}

Waveform::~Waveform() {
    machine_.on_exception({});
    machine_.set_flash_observer(nullptr);
    const Time end = flash_done_ == never ? machine_.now() : std::max(flash_done_, machine_.now());
    set(busy_, 0, end);
    out_ << '#' << std::max(stamp_, nanoseconds(end)) << '\n';
    out_.flush();
}

std::size_t Waveform::declare(const std::string& name, unsigned bits) {
    const std::string range = bits > 1 ? fmt::format(" [{}:0]", bits - 1) : "";
    signals_.push_back({.code = code_of(signals_.size()), .bits = bits, .value = 0});
    out_ << fmt::format("$var {} {} {} {}{} $end\n", bits > 1 ? "reg" : "wire", bits, signals_.back().code, name,
                        range);
    return signals_.size() - 1;
}

void Waveform::declare_all() {
    const auto scope = [this](const std::string& name) { out_ << "$scope module " << name << " $end\n"; };
    const auto leave = [this] { out_ << "$upscope $end\n"; };
    scope("board");
    power_ = declare("power");
    resets_ = declare("resets", 32);
    led_ = declare("led");
    for (const char port : recorded_ports) {
        scope(fmt::format("port_{:c}", port - 'A' + 'a'));
        for (std::uint8_t number = 0; number < pins_of_a_port; ++number)
            pins_[Pin{port, number}] = declare(fmt::format("P{}{}", port, number));
        leave();
    }
    scope("usb");
    attached_ = declare("attached");
    bus_reset_ = declare("bus_reset");
    resume_ = declare("resume");
    frame_ = declare("frame", 11);
    token_ = declare("token", 8);
    address_ = declare("address", 7);
    endpoint_ = declare("endpoint", 4);
    handshake_ = declare("handshake", 8);
    length_ = declare("length", 11);
    leave();
    scope("flash");
    busy_ = declare("busy");
    operation_ = declare("operation", 3);
    flash_address_ = declare("address", 32);
    flash_value_ = declare("value", 16);
    leave();
    scope("core");
    exception_ = declare("exception", 9);
    leave();
    leave();
}

void Waveform::set(std::size_t signal, std::uint32_t value, Time at) {
    if (flash_done_ <= at) {
        const Time done = std::exchange(flash_done_, never);
        write(signals_[busy_], 0, done);
    }
    if (signals_[signal].value != value) write(signals_[signal], value, at);
}

void Waveform::write(Signal& signal, std::uint32_t value, Time at) {
    signal.value = value;
    if (nanoseconds(at) > stamp_) {
        stamp_ = nanoseconds(at);
        out_ << '#' << stamp_ << '\n';
    }
    if (signal.bits == 1)
        out_ << value << signal.code << '\n';
    else
        out_ << fmt::format("b{:b} {}\n", value, signal.code);
}

void Waveform::look() {
    set(power_, machine_.powered() ? 1 : 0);
    set(resets_, static_cast<std::uint32_t>(machine_.counters().resets));
    if (machine_.powered()) return;
    flash_done_ = std::min(flash_done_, machine_.now());  // an operation ends with the power
    set(exception_, 0);
    exceptions_.clear();
}

void Waveform::on_exception(Time at, int number, bool entered) {
    if (number == 0)
        exceptions_.clear();
    else if (entered)
        exceptions_.push_back(number);
    else
        std::erase(exceptions_, number);
    set(exception_, exceptions_.empty() ? 0 : static_cast<std::uint32_t>(exceptions_.back()), at);
}

// --- bus ---

bool Waveform::attached() const {
    const bool is = port_.attached();
    // A host only asks; that an answer is written down changes nothing for it.
    auto& self = const_cast<Waveform&>(*this);
    self.look();
    self.set(attached_, is ? 1 : 0);
    return is;
}

void Waveform::begin_reset() {
    set(bus_reset_, 1);
    port_.begin_reset();
}

void Waveform::end_reset() {
    set(bus_reset_, 0);
    port_.end_reset();
}

void Waveform::sof(std::uint16_t frame) {
    set(frame_, frame);
    port_.sof(frame);
}

void Waveform::begin_resume() {
    set(resume_, 1);
    port_.begin_resume();
}

void Waveform::end_resume() {
    set(resume_, 0);
    port_.end_resume();
}

void Waveform::begin_transaction(Token token, std::uint8_t address, std::uint8_t endpoint) {
    set(token_, pid(token));
    set(address_, address & 0x7fU);
    set(endpoint_, endpoint & 0xfU);
    port_.begin_transaction(token, address, endpoint);
}

void Waveform::end_transaction() {
    set(token_, 0);
    set(handshake_, 0);
    port_.end_transaction();
}

void Waveform::note_handshake(Handshake handshake, std::size_t bytes) {
    set(handshake_, pid(handshake));
    set(length_, static_cast<std::uint32_t>(bytes));
}

Handshake Waveform::setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                          bool data1) {
    const Handshake answer = port_.setup(address, endpoint, bytes, data1);
    note_handshake(answer, bytes.size());
    return answer;
}

Handshake Waveform::out(std::uint8_t address, std::uint8_t endpoint, bool data1, std::span<const std::uint8_t> bytes) {
    const Handshake answer = port_.out(address, endpoint, data1, bytes);
    note_handshake(answer, bytes.size());
    return answer;
}

InAnswer Waveform::in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges) {
    InAnswer answer = port_.in(address, endpoint, host_acknowledges);
    note_handshake(answer.handshake, answer.bytes.size());
    return answer;
}

// --- flash ---

PowerCut Waveform::before(const FlashOperation& operation) {
    using Kind = FlashOperation::Kind;
    set(operation_, static_cast<std::uint32_t>(operation.kind) + 1, operation.at);
    set(flash_address_, operation.address, operation.at);
    set(flash_value_, operation.value, operation.at);
    set(busy_, 1, operation.at);
    const bool programs = operation.kind == Kind::program || operation.kind == Kind::program_option;
    const Time length = programs                             ? flash_timing_.program
                        : operation.kind == Kind::mass_erase ? flash_timing_.mass_erase
                                                             : flash_timing_.erase;
    flash_done_ = operation.at + length;
    return next_ != nullptr ? next_->before(operation) : PowerCut{};
}

void Waveform::after(const FlashOperation& operation) {
    if (next_ != nullptr) next_->after(operation);
}

}  // namespace sim
