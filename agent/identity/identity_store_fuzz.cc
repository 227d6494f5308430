// SPDX-License-Identifier: Apache-2.0
// identity.json as a disk may give it back.
#include <string>
#include <vector>

#include "agent/identity/identity_store.h"
#include "base/file/file.h"
#include "base/testing/fuzz_target.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"

namespace microovn {
namespace {

struct Place {
  TempDir directory;
  std::string state = directory.File("state");
  std::string file = state + "/identity.json";
  agent::IdentityStore store{state};

  Place() {
    FuzzCheck(MakeDirectories(state, 0700).ok(), "there is room for a state");
  }
};

Place& There() {
  static auto* const place = new Place;
  return *place;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  internal::node::v1::NodeIdentity identity;
  identity.set_cluster_id(std::string(32, 'c'));
  identity.set_member_id(std::string(32, 'a'));
  identity.set_name("node1");
  identity.set_address("10.0.0.1:6686");
  Place& place = There();
  FuzzCheck(place.store.Save(identity).ok(), "an identity can be kept");
  return {*ReadFile(place.file, 1 << 20)};
}

void FuzzOne(absl::string_view input) {
  Place& place = There();
  FuzzCheck(WriteFile(place.file, std::string(input), 0600).ok(),
            "the file can be written");
  auto identity = place.store.Load();
  // Never "no member" for what cannot be read.
  FuzzCheck(!identity.ok() || identity->has_value(), "a file is a membership");
  if (!identity.ok()) return;
  FuzzCheck(!agent::AddressOf(**identity).host.empty(), "an address is one");
  FuzzCheck(place.store.Save(**identity).ok(), "what is read can be kept");
  const auto again = place.store.Load();
  FuzzCheck(again.ok() && again->has_value(), "what is kept can be read");
  // Saving says in which format.
  identity->value().set_format((*again)->format());
  FuzzCheck((*again)->SerializeAsString() == (*identity)->SerializeAsString(),
            "an identity says the same again");
}

}  // namespace microovn
