// SPDX-License-Identifier: ISC
// Packets of serial wire debug.
#include "sim/debug/swd.hpp"

#include <bit>

namespace sim::debug {
namespace {

constexpr unsigned reset_length = 50;
constexpr unsigned sequence_bits = 16;
constexpr std::uint32_t jtag_to_swd = 0xe79e, swd_to_jtag = 0xe73c;  // the lowest bit first (RM0008 31.3.1)

// A request, the lowest bit first: start, APnDP, RnW, A[3:2], parity, stop, park.
constexpr unsigned request_bits = 8, acknowledge_bits = 3, data_bits = 33;
constexpr std::uint8_t access_port = 0x02, reads = 0x04, parity = 0x20, stop = 0x40, park = 0x80;
constexpr std::uint8_t covered_by_parity = 0x1e;
constexpr std::uint32_t identification = 0x0, abort = 0x0, control_status = 0x4, result_buffer = 0xc;
constexpr std::uint32_t clear_sticky_error = 1u << 2, jtag_sticky_error = 1u << 5;

bool odd(std::uint32_t value) {
    return std::popcount(value) % 2 != 0;
}
std::uint32_t address_of(std::uint8_t request) {
    return (request >> 1) & 0xcU;
}

}  // namespace

bool Swd::clock(std::optional<bool> host) {
    if (!machine_.powered() || !machine_.swd_connected()) {
        phase_ = Phase::silent;
        selected_ = false;
        port_.reset();
        return host.value_or(true);
    }
    const bool drives = phase_ == Phase::acknowledge || phase_ == Phase::read;
    const bool level = drives ? driven_bit() : host.value_or(true);
    if (!drives) watch_for_sequences(level);
    step(level);
    return level;
}

bool Swd::driven_bit() const {
    return (bits_ >> count_ & 1) != 0;
}

void Swd::watch_for_sequences(bool level) {
    if (sequence_length_ != 0 || (ones_ >= reset_length && !level)) {
        sequence_ |= std::uint32_t{level} << sequence_length_;
        if (++sequence_length_ == sequence_bits) {
            if (sequence_ == jtag_to_swd) selected_ = true;
            if (sequence_ == swd_to_jtag) selected_ = false;
            sequence_ = sequence_length_ = 0;
        }
    }
    ones_ = level ? ones_ + 1 : 0;
    if (ones_ < reset_length) return;
    sequence_ = sequence_length_ = 0;
    identified_ = false;
    phase_ = selected_ ? Phase::idle : Phase::silent;
    count_ = 0;
}

void Swd::step(bool level) {
    const auto next = [this](Phase phase) {
        phase_ = phase;
        count_ = 0;
        bits_ = 0;
    };
    const auto gather = [&](unsigned wanted) {
        bits_ |= std::uint64_t{level} << count_;
        return ++count_ == wanted;
    };
    switch (phase_) {
        case Phase::silent:
            return;
        case Phase::idle:
            if (!level || ones_ >= reset_length) return;
            next(Phase::request);
            gather(request_bits);
            return;
        case Phase::request:
            if (gather(request_bits)) take_request();
            return;
        case Phase::turn_to_target:
            acknowledgement_ = answer();
            next(Phase::acknowledge);
            bits_ = static_cast<std::uint64_t>(acknowledgement_);
            return;
        case Phase::acknowledge:
            if (++count_ < acknowledge_bits) return;
            if (acknowledgement_ != Acknowledgement::ok) return next(Phase::turn_to_host);
            if ((request_ & reads) == 0) return next(Phase::turn_to_write);
            next(Phase::read);
            return read_port();
        case Phase::read:
            if (++count_ == data_bits) next(Phase::turn_to_host);
            return;
        case Phase::turn_to_host:
            return next(Phase::idle);
        case Phase::turn_to_write:
            return next(Phase::write);
        case Phase::write:
            if (!gather(data_bits)) return;
            if (odd(static_cast<std::uint32_t>(bits_)) != ((bits_ >> 32) != 0)) return next(Phase::silent);
            write_port();
            return next(Phase::idle);
    }
}

void Swd::take_request() {
    request_ = static_cast<std::uint8_t>(bits_);
    const bool whole =
        (request_ & (stop | park)) == park && odd(request_ & covered_by_parity) == ((request_ & parity) != 0);
    const bool identifies = (request_ & (access_port | reads)) == reads && address_of(request_) == identification;
    identified_ = identified_ || (whole && identifies);
    bits_ = 0;
    count_ = 0;
    phase_ = whole && identified_ ? Phase::turn_to_target : Phase::silent;
}

/// While an error is sticky, only what tells of it or clears it is done (ADIv5.2 B4.2.4).
Acknowledgement Swd::answer() {
    const std::uint32_t address = address_of(request_);
    const bool is_read = (request_ & reads) != 0;
    const bool heals = is_read ? address == identification || address == control_status : address == abort;
    const bool of_port = (request_ & access_port) == 0;
    return !port_.failed() || (of_port && heals) ? Acknowledgement::ok : Acknowledgement::fault;
}

void Swd::read_port() {
    const std::uint32_t address = address_of(request_);
    std::uint32_t value = 0;
    if ((request_ & access_port) != 0) {
        value = posted_;  // what is asked for comes with the next read
        posted_ = port_.read_access_port(address);
    } else if (address == identification) {
        value = swd_idcode;
    } else {
        value = address == result_buffer ? posted_ : port_.read(address);
    }
    bits_ = std::uint64_t{value} | std::uint64_t{odd(value)} << 32;
}

void Swd::write_port() {
    const std::uint32_t address = address_of(request_);
    const auto value = static_cast<std::uint32_t>(bits_);
    if ((request_ & access_port) != 0) return port_.write_access_port(address, value);
    if (address != abort) return port_.write(address, value & ~(address == control_status ? jtag_sticky_error : 0));
    if ((value & clear_sticky_error) != 0) port_.clear_error();
}

}  // namespace sim::debug
