// SPDX-License-Identifier: Apache-2.0
// ovn.env, which shells source: nothing is accepted that cannot be written
// back safely.
#include "base/testing/fuzz_target.h"
#include "supervisor/launch/env_file.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  supervisor::EnvFile file;
  file.initial_nb = "10.0.0.1";
  file.initial_sb = "[fd00::1]";
  file.nb_connect = "ssl:10.0.0.1:6641,ssl:[fd00::2]:6641";
  file.local_ip = "10.0.0.1";
  return {*supervisor::RenderEnvFile(file),
          *supervisor::RenderEnvFile(supervisor::EnvFile()),
          "export OVN_LOCAL_IP=10.0.0.1\n\n# comment\nOTHER=x y\n"};
}

void FuzzOne(absl::string_view input) {
  const auto file = supervisor::ParseEnvFile(input);
  if (!file.ok()) return;
  const auto text = supervisor::RenderEnvFile(*file);
  FuzzCheck(text.ok(), "what is read can be written");
  FuzzCheck(text->find_first_of("$`\\;|&'<>") == std::string::npos,
            "no shell finds anything to do in it");
  const auto again = supervisor::ParseEnvFile(*text);
  FuzzCheck(again.ok() && *again == *file, "a file says the same again");
}

}  // namespace microovn
