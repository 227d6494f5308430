// SPDX-License-Identifier: Apache-2.0
// What this machine says of itself, for the defaults that `init` offers.
// Thread-safe.
#ifndef MICROOVN_CTL_NODE_FACTS_H_
#define MICROOVN_CTL_NODE_FACTS_H_

#include <string>

namespace microovn::ctl {

// Empty when the system does not say.
std::string HostName();

// The first global address of an interface that is up, with the API's port;
// empty when there is none.
std::string DefaultListenAddress();

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_NODE_FACTS_H_
