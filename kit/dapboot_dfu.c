/* SPDX-License-Identifier: ISC */
/* The DFU interface in run-time mode; dapboot_dfu.h tells how to use it. C99. */
#include "dapboot_dfu.h"

#include "dapboot.h"

/* DFU 1.1 table 3.2; in appIDLE and appDETACH (A.2) a device knows three of the requests. */
enum { DFU_DETACH = 0, DFU_GETSTATUS = 3, DFU_GETSTATE = 5 };
enum { class_interface_out = 0x21, class_interface_in = 0xA1 };
enum { patience_ms = 20 };

static enum { staying, asked, leaving } intent;
static uint32_t left_at;

enum dapboot_dfu_answer dapboot_dfu_request(uint8_t bmRequestType, uint8_t bRequest, const uint8_t** data,
                                            uint16_t* length) {
    /* bStatus OK, bwPollTimeout 0, bState appIDLE or appDETACH, iString 0 */
    static const uint8_t idle[6] = {0, 0, 0, 0, 0, 0}, detach[6] = {0, 0, 0, 0, 1, 0};
    const uint8_t* const status = intent == staying ? idle : detach;
    if (bmRequestType == class_interface_out && bRequest == DFU_DETACH) {
        if (intent == staying) intent = asked;
        return DAPBOOT_DFU_LEAVE;
    }
    if (bmRequestType == class_interface_in && bRequest == DFU_GETSTATUS) {
        *data = status;
        *length = 6;
        return DAPBOOT_DFU_DATA;
    }
    if (bmRequestType == class_interface_in && bRequest == DFU_GETSTATE) {
        *data = &status[4];
        *length = 1;
        return DAPBOOT_DFU_DATA;
    }
    return DAPBOOT_DFU_STALL;
}

void dapboot_dfu_poll(uint32_t milliseconds) {
    if (intent == asked) {
        left_at = milliseconds;
        intent = leaving;
    } else if (intent == leaving && milliseconds - left_at >= patience_ms) {
        dapboot_enter();
    }
}

#if defined(DAPBOOT_DFU_TINYUSB)
/* TinyUSB has a driver of its own for the interface (CFG_TUD_DFU_RUNTIME 1, TUD_DFU_RT_DESCRIPTOR) and calls this on
 * DETACH. */
void tud_dfu_runtime_reboot_to_dfu_cb(void);
void tud_dfu_runtime_reboot_to_dfu_cb(void) {
    const uint8_t* data;
    uint16_t length;
    (void)dapboot_dfu_request(class_interface_out, DFU_DETACH, &data, &length);
}

#elif defined(DAPBOOT_DFU_LIBOPENCM3)
/* From the callback of usbd_register_set_config_callback():
 *     usbd_register_control_callback(dev, USB_REQ_TYPE_CLASS | USB_REQ_TYPE_INTERFACE,
 *                                    USB_REQ_TYPE_TYPE | USB_REQ_TYPE_RECIPIENT, dapboot_dfu_control);
 * DAPBOOT_DFU_INTERFACE is the interface's number. */
#include <libopencm3/usb/usbd.h>

enum usbd_request_return_codes dapboot_dfu_control(usbd_device* device, struct usb_setup_data* request,
                                                   uint8_t** buffer, uint16_t* length,
                                                   usbd_control_complete_callback* complete);
enum usbd_request_return_codes dapboot_dfu_control(usbd_device* device, struct usb_setup_data* request,
                                                   uint8_t** buffer, uint16_t* length,
                                                   usbd_control_complete_callback* complete) {
    const uint8_t* data = 0;
    uint16_t available = 0;
    (void)device;
    (void)complete;
    if (request->wIndex != DAPBOOT_DFU_INTERFACE) return USBD_REQ_NEXT_CALLBACK;
    switch (dapboot_dfu_request(request->bmRequestType, request->bRequest, &data, &available)) {
        case DAPBOOT_DFU_LEAVE:
            return USBD_REQ_HANDLED;
        case DAPBOOT_DFU_DATA:
            *buffer = (uint8_t*)(uintptr_t)data;
            if (available < *length) *length = available;
            return USBD_REQ_HANDLED;
        default:
            return USBD_REQ_NOTSUPP;
    }
}

#elif defined(DAPBOOT_DFU_ST)
/* At the top of the Setup function of the class that you have (USBD_CDC_Setup and its like):
 *     if (LOBYTE(req->wIndex) == MY_DFU_INTERFACE && (req->bmRequest & USB_REQ_TYPE_MASK) == USB_REQ_TYPE_CLASS)
 *         return dapboot_dfu_setup(pdev, req); */
#include "usbd_ctlreq.h"
#include "usbd_def.h"
#include "usbd_ioreq.h"

uint8_t dapboot_dfu_setup(USBD_HandleTypeDef* pdev, USBD_SetupReqTypedef* req);
uint8_t dapboot_dfu_setup(USBD_HandleTypeDef* pdev, USBD_SetupReqTypedef* req) {
    const uint8_t* data = 0;
    uint16_t length = 0;
    switch (dapboot_dfu_request(req->bmRequest, req->bRequest, &data, &length)) {
        case DAPBOOT_DFU_LEAVE:
            return USBD_OK; /* the library acknowledges a request without data itself */
        case DAPBOOT_DFU_DATA:
            USBD_CtlSendData(pdev, (uint8_t*)(uintptr_t)data, length < req->wLength ? length : req->wLength);
            return USBD_OK;
        default:
            USBD_CtlError(pdev, req);
            return USBD_FAIL;
    }
}
#endif
