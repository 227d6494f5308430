// SPDX-License-Identifier: Apache-2.0
// microovnd(8), from the table of its flags. Pure.
#ifndef MICROOVN_AGENT_MAN_PAGE_H_
#define MICROOVN_AGENT_MAN_PAGE_H_

#include <string>

namespace microovn::agent {

std::string ManPage();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MAN_PAGE_H_
