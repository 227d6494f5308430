// SPDX-License-Identifier: Apache-2.0
#include "agent/state/testing/admission.h"

#include "agent/state/values/admission_statement.h"
#include "agent/state/values/token_key.h"
#include "glog/logging.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"

namespace microovn::agent {
namespace {

// Its 32 bytes are the name, over and over.
pki::PrivateKey KeyFor(absl::string_view name) {
  std::string seed(32, '.');
  for (size_t i = 0; i < seed.size() && !name.empty(); ++i) {
    seed[i] = name[i % name.size()];
  }
  auto key = pki::PrivateKey::FromEd25519Seed(seed, pki::KeyAccess::Granted());
  CHECK(key.ok()) << key.status();
  return *std::move(key);
}

}  // namespace

std::string TestTokenKey(absl::string_view name) {
  return RawTokenKey(KeyFor(name).public_key());
}

void SignAdmission(internal::state::v1::AdmitMember& body,
                   absl::string_view name, const std::string& cluster_id,
                   pki::StatementForm form) {
  auto signature =
      pki::SignJoinStatement(KeyFor(name), StatementOf(cluster_id, body), form);
  CHECK(signature.ok()) << signature.status();
  body.set_signature(*std::move(signature));
}

}  // namespace microovn::agent
