// SPDX-License-Identifier: Apache-2.0
// Whether this program runs out of MicroOVN's own snap.
#ifndef MICROOVN_SUPERVISOR_SERVICE_OWN_SNAP_H_
#define MICROOVN_SUPERVISOR_SERVICE_OWN_SNAP_H_

#include <string>

namespace microovn::supervisor {

// The directory of the snap's files, $SNAP; empty outside of it.
// Any snap sets SNAP for the shells that it starts, an editor's terminal for
// one. The instance's name tells whether it is ours; a parallel installation
// is called microovn_KEY.
std::string OwnSnap();

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_OWN_SNAP_H_
