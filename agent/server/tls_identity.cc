// SPDX-License-Identifier: Apache-2.0
#include "agent/server/tls_identity.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {
namespace {

constexpr absl::string_view kEnd = "-----END CERTIFICATE-----\n";

// Before the CA itself, which has the same name and key: OpenSSL takes the
// first that fits, and for who trusts the CA neither is looked at.
std::string AfterLeaf(const std::string& chain, const std::string& link) {
  const size_t end = chain.find(std::string(kEnd));
  if (link.empty() || end == std::string::npos) return chain;
  const absl::string_view view = chain;
  const size_t leaf = end + kEnd.size();
  return absl::StrCat(view.substr(0, leaf), link, view.substr(leaf));
}

}  // namespace

void TlsIdentity::Set(TlsMaterial material) {
  MutexLock lock(&mu_);
  own_ = std::make_shared<const TlsMaterial>(std::move(material));
  Compose();
}

void TlsIdentity::SetLink(CaLink link) {
  MutexLock lock(&mu_);
  if (link == link_) return;
  link_ = std::move(link);
  Compose();
}

void TlsIdentity::Clear() {
  MutexLock lock(&mu_);
  own_ = nullptr;
  link_ = CaLink();
  Compose();
}

void TlsIdentity::Compose() {
  ++generation_;
  current_ = nullptr;
  if (own_ == nullptr) return;
  TlsMaterial material;
  material.chain_pem = AfterLeaf(own_->chain_pem, link_.cross_certificate_pem);
  material.key_pem = SecretString(std::string(own_->key_pem.Reveal()));
  material.roots_pem = own_->roots_pem;
  material.retired_pem = link_.retired_pem;
  material.generation = generation_;
  current_ = std::make_shared<const TlsMaterial>(std::move(material));
}

}  // namespace microovn::agent
