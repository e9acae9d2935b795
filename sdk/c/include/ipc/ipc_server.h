/* The seed's include path: a core that was written against it compiles as it is. SPDX-License-Identifier: Apache-2.0 */
#ifndef OMNISIGHT_IPC_SERVER_H
#define OMNISIGHT_IPC_SERVER_H

#include "../omnisight.h"

#endif
