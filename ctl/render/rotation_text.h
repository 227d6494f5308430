// SPDX-License-Identifier: Apache-2.0
// What came of a new CA, in MicroOVN's words to the letter: scripts look for
// them. Pure.
#ifndef MICROOVN_CTL_RENDER_ROTATION_TEXT_H_
#define MICROOVN_CTL_RENDER_ROTATION_TEXT_H_

#include <string>

#include "microovn/v1/certificate.pb.h"

namespace microovn::ctl {

std::string RotationText(const v1::RotateAuthorityResult& result);

// For a CA that was refused.
std::string NothingIssuedText();

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_ROTATION_TEXT_H_
