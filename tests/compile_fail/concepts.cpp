// SPDX-License-Identifier: ISC
// The seams of the firmware: what is not a flash memory, not a USB driver, not a store of images is refused by name.
#include "dfu/interface.hpp"
#include "dfu/update.hpp"
#include "drivers/usb_fs.hpp"
#include "usb/control.hpp"

struct Complete {
    static constexpr std::uint16_t blank = 0xFFFF;
    static const std::uint8_t* at(std::uint32_t);
    static void erase_page(std::uint32_t);
    static void program(std::uint32_t, std::uint16_t);
    static bool met_protection();
    static bool read_protected();
    static bool is_locked();
    static std::uint32_t application_end();
    static std::uint32_t end_of_array(std::uint32_t);
    static void signal();
};

struct WithoutErase {
    static constexpr std::uint16_t blank = 0xFFFF;
    static const std::uint8_t* at(std::uint32_t);
    static void program(std::uint32_t, std::uint16_t);
    static bool met_protection();
    static bool read_protected();
    static bool is_locked();
    static std::uint32_t application_end();
    static std::uint32_t end_of_array(std::uint32_t);
    static void signal();
};

inline constexpr dfu::Placement place{.page = 1024,
                                      .transfer_size = 1024,
                                      .application_base = 0x0800'2000,
                                      .ram_base = 0x2000'0000,
                                      .ram_end = 0x2000'5000,
                                      .high_memory = false,
                                      .record = 0,
                                      .bootloader_base = 0x0800'0000};

using Right = dfu::Update<Complete, place>;
#ifdef FLASH_WITHOUT_ERASE
using Wrong = dfu::Update<WithoutErase, place>;
#endif

// --- the control endpoint's driver ---------------------------------------------------------------------------------
struct Function {
    template <class Control>
    void setup(const usb::Setup&, Control&) {}
    void status_done() {}
    void host_went_on() {}
    void bus_reset() {}
};
struct OneBuffer : drivers::UsbFs {
    static void swap_receive_buffers() = delete;
};
template class usb::ControlEndpoint<drivers::UsbFs, Function>;
#ifdef DRIVER_WITH_ONE_BUFFER
template class usb::ControlEndpoint<OneBuffer, Function>;
#endif

// --- what keeps the image ------------------------------------------------------------------------------------------
struct Forgetful : Right {
    dfu::Status commit() = delete;
};
template class dfu::Interface<Right, dfu::Attributes{true, true, true}, 1024>;
#ifdef STORE_WITHOUT_COMMIT
template class dfu::Interface<Forgetful, dfu::Attributes{true, true, true}, 1024>;
#endif
