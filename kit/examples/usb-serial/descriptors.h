/* SPDX-License-Identifier: ISC */
/* Numbers that the descriptors announce and the program keeps to. */
#ifndef USB_SERIAL_DESCRIPTORS_H
#define USB_SERIAL_DESCRIPTORS_H

enum { cdc_interface = 0, data_interface = 1, dfu_interface = 2, interface_count = 3 };
enum { data_endpoint = 1, notification_endpoint = 2, notification_size = 8 };

#endif
